package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.Entry;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.ticketing.Performances.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** In whatever order and however often gates report, the same comes of it. */
final class EntriesTest {
    private static final Instant EVENING = Instant.parse("2027-01-31T18:30:00Z");

    private final Ticket ticket = Ticket.issued(
            1,
            UUID.randomUUID(),
            1,
            new Place(UUID.randomUUID(), "A-1", "stalls", "Stalls", "A", "1"),
            "Ada",
            new Money(4_500, "EUR"),
            EVENING.minusSeconds(3_600));

    private static Entry entry(int second, String gate) {
        return new Entry(EVENING.plusSeconds(second), gate);
    }

    private static String said(CheckIns.Answer answer) {
        return switch (answer) {
            case CheckIns.In(var _, var entry, var others, var _) ->
                "in at " + entry.gate() + ", others " + others.size();
            case CheckIns.Refused(var problem) -> problem.code().code();
        };
    }

    @Test
    void theOrderOfReportsChangesNothing() {
        List<Entry> all = List.of(entry(3, "c"), entry(1, "b"), entry(1, "a"), entry(2, "a"), entry(1, "a"));
        var random = new Random(1);
        for (int i = 0; i < 50; i++) {
            List<Entry> reported = new ArrayList<>(all);
            Collections.shuffle(reported, random);
            var entries = new Entries(ticket, List.of());
            reported.forEach(entry -> entries.add(1, entry));

            assertThat(entries.news()).hasSize(4);
            assertThat(entries.changed()).isEqualTo(ticket.admitted(entry(1, "a")));
            assertThat(said(entries.answer(entry(1, "a")))).isEqualTo("in at a, others 3");
            assertThat(said(entries.answer(entry(1, "b")))).isEqualTo("already-admitted");
            assertThat(said(entries.answer(entry(3, "c")))).isEqualTo("already-admitted");
        }
    }

    @Test
    void whatIsKnownIsNoNews() {
        var first = new Entries(ticket, List.of());
        first.add(1, entry(1, "a"));

        var again = new Entries(ticket.admitted(entry(1, "a")), first.news());
        again.add(1, entry(1, "a"));

        assertThat(again.news()).isEmpty();
        assertThat(again.changed()).isNull();
        assertThat(said(again.answer(entry(1, "a")))).isEqualTo("in at a, others 0");
    }

    /** Whoever came in with the old code was in, and the ticket is still its new holder's. */
    @Test
    void anOldCodeIsKeptAndAdmitsNobody() {
        Ticket reissued = ticket.reissued("Bob", 1);
        var entries = new Entries(reissued, List.of());
        entries.add(1, entry(1, "a"));
        assertThat(entries.news()).hasSize(1);
        assertThat(entries.changed()).isNull();
        assertThat(said(entries.answer(entry(1, "a")))).isEqualTo("ticket-void");

        entries.add(2, entry(2, "b"));

        assertThat(entries.changed()).isEqualTo(reissued.admitted(entry(2, "b")));
        assertThat(said(entries.answer(entry(2, "b")))).isEqualTo("in at b, others 1");
    }

    @Test
    void aVoidTicketStaysVoid() {
        for (Ticket worthless : List.of(ticket.voided(), ticket.leaving())) {
            var entries = new Entries(worthless, List.of());
            entries.add(1, entry(1, "a"));

            assertThat(entries.news()).hasSize(1);
            assertThat(entries.changed()).isNull();
            assertThat(said(entries.answer(entry(1, "a")))).isEqualTo("ticket-void");
        }
    }
}
