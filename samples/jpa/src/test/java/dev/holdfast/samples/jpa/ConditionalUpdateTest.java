package dev.holdfast.samples.jpa;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@ExtendWith(SampleContext.class)
final class ConditionalUpdateTest {
    private final Rush rush;
    private final StockItems items;
    private final ConditionalStock stock;
    private final UnversionedItems unversioned;
    private final TransactionTemplate transaction;

    ConditionalUpdateTest(
            Rush rush,
            StockItems items,
            ConditionalStock stock,
            UnversionedItems unversioned,
            TransactionTemplate transaction) {
        this.rush = rush;
        this.items = items;
        this.stock = stock;
        this.unversioned = unversioned;
        this.transaction = transaction;
    }

    @Test
    void everyBuyerGetsTheRightAnswerAtOnce() {
        items.save(new StockItem("conditional", 4));

        assertThat(rush.on("stock_item", "conditional", 6, () -> stock.take("conditional", 1)))
                .isEqualTo(Map.of("sold", 4, "refused", 2));

        assertThat(items.findById("conditional").orElseThrow().available()).isZero();
    }

    @Test
    void anUnknownSkuIsRefusedToo() {
        assertThat(stock.take("never seen", 1)).isFalse();
    }

    @Test
    void whatWasReadBeforeIsReadAgainAfterwards() {
        items.save(new StockItem("fresh", 5));

        transaction.executeWithoutResult(_ -> {
            assertThat(items.findById("fresh").orElseThrow().available()).isEqualTo(5);
            items.take("fresh", 2);
            assertThat(items.findById("fresh").orElseThrow().available()).isEqualTo(3);
        });
    }

    @Test
    void whatWasChangedBeforeIsWritten() {
        items.save(new StockItem("flushed", 5));
        unversioned.save(new UnversionedItem("pending", 5));

        transaction.executeWithoutResult(_ -> {
            unversioned.findById("pending").orElseThrow().take(5);
            items.take("flushed", 1);
        });

        assertThat(unversioned.findById("pending").orElseThrow().available()).isZero();
    }

    /** The trap: the entity in the persistence context knows nothing of the statement, and writes its own number over it. */
    @Test
    void withoutClearingWhatWasTakenIsGivenBack() {
        unversioned.save(new UnversionedItem("cached", 5));

        transaction.executeWithoutResult(_ -> {
            var item = unversioned.findById("cached").orElseThrow();
            assertThat(unversioned.takeAndKeepTheCache("cached", 2)).isEqualTo(1);
            assertThat(unversioned.findById("cached").orElseThrow().available()).isEqualTo(5); // there are 3
            item.take(1);
        });

        assertThat(unversioned.findById("cached").orElseThrow().available()).isEqualTo(4); // 3 were taken of 5
    }

    /** Clearing alone loses what is not written yet, if it is of a table that the statement does not touch. */
    @Test
    void withoutFlushingWhatWasSavedIsForgotten() {
        unversioned.save(new UnversionedItem("cleared", 5));
        items.save(new StockItem("unwritten", 5));

        transaction.executeWithoutResult(_ -> {
            items.findById("unwritten").orElseThrow().take(5);
            unversioned.takeAndForget("cleared", 1);
        });

        assertThat(items.findById("unwritten").orElseThrow().available()).isEqualTo(5); // silently
    }

    @Test
    void theStatementMovesTheVersionSoThatBothRecipesMayShareARow() {
        items.save(new StockItem("shared", 5));

        assertThatThrownBy(() -> transaction.executeWithoutResult(_ -> {
                    var item = items.findById("shared").orElseThrow();
                    somebodyElseTakes("shared");
                    item.take(1);
                }))
                .isInstanceOf(OptimisticLockingFailureException.class);

        assertThat(items.findById("shared").orElseThrow().available()).isEqualTo(4);
    }

    private void somebodyElseTakes(String sku) {
        var other = Thread.ofVirtual().start(() -> stock.take(sku, 1));
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
