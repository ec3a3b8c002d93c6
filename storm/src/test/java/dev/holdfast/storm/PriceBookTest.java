package dev.holdfast.storm;

import dev.holdfast.storm.Answer.Copy;
import dev.holdfast.storm.Assortment.Item;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The arithmetic of staleness, to the microsecond: version 0 costs 10 until version 1, at 20, is acknowledged at 5 s. */
class PriceBookTest {

    private static final Item ITEM = new Item(new UUID(1, 1), "it", 0, "word", Map.of("a", 10L));
    private static final String ID = ITEM.id().toString();
    private static final long ACKED = 5_000_000;

    private final PriceBook book = new PriceBook(new Assortment(List.of(ITEM)), new long[] {0});

    @BeforeEach
    void replaced() {
        assertThat(book.begin(ID)).isEqualTo(new PriceBook.Base(0, Map.of("a", 10L)));
        book.sent(ID, Map.of("a", 20L));
        see(1, 20, ACKED, null, null); // it may be seen before its writer knows
        book.acknowledged(ID, 1, ACKED);
        book.end(ID);
    }

    @ParameterizedTest
    @CsvSource({
        // asked at µs, Age, max-age -> older than it says, older than it may be
        "5_000_000,   ,  , 0, 0", // the answer of the write may have come at the same instant
        "5_000_001,   ,  , 1, 0", // without an age it is no copy
        "5_999_999,  0,  , 0, 0", // Age: 0 is anything below a second
        "6_000_000,  0,  , 1, 0",
        "8_999_999,  3,  , 0, 0",
        "9_000_000,  3,  , 1, 0",
        "6_000_000,  9, 1, 0, 0", // max-age is meant exactly
        "6_000_001,  9, 1, 0, 1",
        "6_000_001,  0, 1, 1, 1"
    })
    void the_old_version_may_be_shown_so_long(
            String sent, @Nullable Long age, @Nullable Long maxAge, int tooOld, int expired) {
        see(0, 10, Long.parseLong(sent.replace("_", "")), age, maxAge);
        assertThat(violations()).containsExactly(0L, (long) tooOld, (long) expired);
    }

    @Test
    void the_newest_version_is_never_too_old() {
        see(1, 20, ACKED + 3_600_000_000L, null, 0L);
        assertThat(violations()).containsExactly(0L, 0L, 0L);
    }

    @Test
    void what_nobody_wrote_is_found() {
        see(0, 20, 0, null, null);
        see(1, 10, 0, null, null);
        see(2, 20, 0, null, null);
        assertThat(violations()).containsExactly(3L, 0L, 0L);
    }

    @Test
    void a_version_seen_before_its_acknowledgement_has_to_be_the_one() {
        assertThat(book.begin(ID)).isNotNull();
        book.sent(ID, Map.of("a", 30L));
        see(7, 30, ACKED, null, null);
        book.acknowledged(ID, 2, ACKED + 1);
        book.end(ID);
        assertThat(violations()).containsExactly(1L, 0L, 0L);
    }

    @Test
    void nobody_edits_what_may_have_been_written() {
        assertThat(book.begin(ID)).isNotNull();
        book.sent(ID, Map.of("a", 30L));
        book.end(ID); // its answer never came
        assertThat(book.begin(ID)).isNull();
        see(1, 20, ACKED + 9_000_000, null, null);
        see(2, 30, ACKED + 9_000_000, null, null);
        assertThat(violations()).containsExactly(0L, 0L, 0L);
    }

    private void see(long version, long price, long sentMicros, @Nullable Long age, @Nullable Long maxAge) {
        book.judge(
                new ProductSeen(ID, version, Map.of("a", price), Map.of()),
                "here",
                sentMicros,
                new Copy(null, age, maxAge));
    }

    /** Not written, older than stated, older than its max-age. */
    private List<Long> violations() {
        return book.checks().stream().map(Check::violations).toList();
    }
}
