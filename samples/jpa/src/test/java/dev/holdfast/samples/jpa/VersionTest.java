package dev.holdfast.samples.jpa;

import jakarta.persistence.EntityManager;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(SampleContext.class)
final class VersionTest {
    private static final int BUYERS = 6;

    private final Rush rush;
    private final UnversionedItems unversionedItems;
    private final UnversionedStock unversioned;
    private final StockItems items;
    private final VersionedStock versioned;
    private final RetriedStock retried;
    private final TransactionTemplate transaction;
    private final EntityManager context;
    private final JdbcTemplate jdbc;

    VersionTest(
            Rush rush,
            UnversionedItems unversionedItems,
            UnversionedStock unversioned,
            StockItems items,
            VersionedStock versioned,
            RetriedStock retried,
            TransactionTemplate transaction,
            EntityManager context,
            JdbcTemplate jdbc) {
        this.rush = rush;
        this.unversionedItems = unversionedItems;
        this.unversioned = unversioned;
        this.items = items;
        this.versioned = versioned;
        this.retried = retried;
        this.transaction = transaction;
        this.context = context;
        this.jdbc = jdbc;
    }

    @Test
    void withoutVersionTheLastUnitIsSoldToEverybody() {
        unversionedItems.save(new UnversionedItem("last", 1));

        assertThat(rush.on("unversioned_item", "last", BUYERS, () -> unversioned.take("last", 1)))
                .isEqualTo(Map.of("sold", BUYERS));

        // The row looks innocent: no negative number, nothing for a CHECK to refuse.
        assertThat(unversionedItems.findById("last").orElseThrow().available()).isZero();
    }

    @Test
    void theVersionLetsOneOfThemThrough() {
        items.save(new StockItem("last", 1));

        assertThat(rush.on("stock_item", "last", BUYERS, () -> versioned.take("last", 1)))
                .isEqualTo(Map.of("sold", 1, "ObjectOptimisticLockingFailureException", BUYERS - 1));

        assertThat(available("last")).isZero();
    }

    /** The version guards the row, not the units: who loses must try again, though there is enough for all. */
    @Test
    void theVersionRefusesWhoeverComesSecondEvenIfThereIsEnough() {
        items.save(new StockItem("plenty", 100));

        assertThat(rush.on("stock_item", "plenty", BUYERS, () -> versioned.take("plenty", 1)))
                .isEqualTo(Map.of("sold", 1, "ObjectOptimisticLockingFailureException", BUYERS - 1));

        assertThat(available("plenty")).isEqualTo(99);
    }

    @Test
    void triedAgainOutsideTheTransactionEverybodyGetsARightAnswer() {
        items.save(new StockItem("four", 4));

        assertThat(rush.on("stock_item", "four", BUYERS, () -> retried.take("four", 1)))
                .isEqualTo(Map.of("sold", 4, "refused", 2));

        assertThat(available("four")).isZero();
    }

    @Test
    void retriesAreBounded() {
        items.save(new StockItem("contested", 1));

        assertThatThrownBy(() -> retried.take("contested", 1)).isInstanceOf(OptimisticLockingFailureException.class);

        assertThat(jdbc.queryForObject("SELECT last_value FROM contested_tries", Integer.class))
                .isEqualTo(1 + 5);
        assertThat(available("contested")).isEqualTo(1);
    }

    @Test
    void aRetryThatWouldBeInsideATransactionIsRefused() {
        items.save(new StockItem("inside", 1));

        assertThatThrownBy(() -> transaction.execute(_ -> retried.take("inside", 1)))
                .isInstanceOf(IllegalTransactionStateException.class);

        assertThat(available("inside")).isEqualTo(1);
    }

    /** What a retry inside the transaction reads again is what it has read before. */
    @Test
    void insideTheTransactionARetryMeetsItsOwnStaleEntity() {
        items.save(new StockItem("stale", 10));

        assertThatThrownBy(() -> transaction.executeWithoutResult(_ -> {
                    var item = items.findById("stale").orElseThrow();
                    somebodyElseTakes("stale");
                    for (int tries = 0; tries < 3; tries++) {
                        assertThat(items.findById("stale")).containsSame(item); // not read again
                        item.take(1);
                        assertThatThrownBy(items::flush).isInstanceOf(OptimisticLockingFailureException.class);
                    }
                }))
                .isInstanceOf(UnexpectedRollbackException.class);

        assertThat(available("stale")).isEqualTo(9);
    }

    /** Even with the context cleared the second try is lost: the first failure has condemned the transaction. */
    @Test
    void insideTheTransactionARetryThatSucceedsIsRolledBack() {
        items.save(new StockItem("condemned", 10));

        assertThatThrownBy(() -> transaction.executeWithoutResult(_ -> {
                    items.findById("condemned").orElseThrow().take(1);
                    somebodyElseTakes("condemned");
                    assertThatThrownBy(items::flush).isInstanceOf(OptimisticLockingFailureException.class);
                    context.clear();
                    assertThat(items.findById("condemned").orElseThrow().take(1))
                            .isTrue();
                    items.flush(); // the database took it
                }))
                .isInstanceOf(UnexpectedRollbackException.class);

        assertThat(available("condemned")).isEqualTo(9); // and gave it back: only somebody else's unit is gone
    }

    private void somebodyElseTakes(String sku) {
        var other = Thread.ofVirtual().start(() -> versioned.take(sku, 1));
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private long available(String sku) {
        return items.findById(sku).orElseThrow().available();
    }
}
