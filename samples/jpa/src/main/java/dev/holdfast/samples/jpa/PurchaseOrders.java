package dev.holdfast.samples.jpa;

import dev.holdfast.samples.jpa.PurchaseOrder.State;
import java.util.List;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.transaction.annotation.Transactional;

interface PurchaseOrders extends JpaRepository<PurchaseOrder, String> {
    List<PurchaseOrder> findTop100ByStateOrderByNumber(State state);

    @Transactional
    @Modifying(flushAutomatically = true, clearAutomatically = true)
    @Query("""
            update PurchaseOrder o set o.state = :to, o.version = o.version + 1
            where o.number = :number and o.state = :from
            """)
    int move(String number, State from, State to);
}
