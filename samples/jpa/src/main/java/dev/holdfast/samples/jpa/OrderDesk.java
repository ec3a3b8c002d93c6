package dev.holdfast.samples.jpa;

import java.util.UUID;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The application's own transaction. */
@Service
class OrderDesk {
    private final PurchaseOrders orders;
    private final ApplicationEventPublisher events;

    OrderDesk(PurchaseOrders orders, ApplicationEventPublisher events) {
        this.orders = orders;
        this.events = events;
    }

    @Transactional
    public void accept(String number, UUID holdId) {
        if (orders.existsById(number)) {
            return; // a retry of what was done
        }
        orders.save(new PurchaseOrder(number, holdId)); // and whatever else belongs to an order
        events.publishEvent(new OrderAccepted(holdId));
    }
}
