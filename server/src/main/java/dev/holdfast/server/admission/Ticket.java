package dev.holdfast.server.admission;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.ticketing.Performances.Place;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The right of one person to one place. Every rule of tickets is here; pure: no I/O, no clock.
 *
 * @param version the number of its last change; the first is 1
 * @param generation of its code: each new one makes those before it worthless
 * @param keyId of the key that its code is signed with
 * @param unit 1, 2, … of those that an order has in one area; 1 of a seat
 * @param price what it was sold for
 * @param entry who let its holder in; null: nobody has
 * @param isLeaving whether it is being cancelled: nobody is let in with it any more
 */
record Ticket(
        UUID id,
        long version,
        State state,
        int generation,
        int keyId,
        UUID orderId,
        int unit,
        Place place,
        String holder,
        Money price,
        Instant issuedAt,
        @Nullable Entry entry,
        boolean isLeaving) {
    enum State {
        /** Good for one entry. */
        VALID,
        /** Its holder is inside, or was. */
        ADMITTED,
        /** Good for nothing: its place was cancelled or returned. */
        VOID
    }

    /** @param at when its holder came in, by the gate's clock if it was offline */
    record Entry(Instant at, String gate) {}

    static Ticket issued(int keyId, UUID orderId, int unit, Place place, String holder, Money price, Instant now) {
        return new Ticket(
                UUID.randomUUID(), // whoever guesses one sees its code
                1,
                State.VALID,
                1,
                keyId,
                orderId,
                unit,
                place,
                holder,
                price,
                now,
                null,
                false);
    }

    TicketCode code() {
        return new TicketCode(keyId, generation, id, place.event());
    }

    /** Whether it is for this seat, or for a place in this area. */
    boolean isFor(Place other) {
        return place.event().equals(other.event()) && place.label().equals(other.label());
    }

    /** Whether it may still be given to somebody else, or back. */
    boolean isFree() {
        return state == State.VALID && !isLeaving;
    }

    /** Whether somebody with this code may come in. */
    boolean admits(TicketCode code) {
        return isFree() && code.generation() == generation;
    }

    /** With a new code, the same holder's or another's. */
    Ticket reissued(String nowHolder, int nowKeyId) {
        return next(state, generation + 1, nowKeyId, nowHolder, entry, false);
    }

    /** The first entry counts: of one that becomes known later it may be an earlier one. */
    Ticket admitted(Entry first) {
        return next(State.ADMITTED, generation, keyId, holder, first, false);
    }

    Ticket leaving() {
        return next(state, generation, keyId, holder, entry, true);
    }

    /** Its order would not cancel it. */
    Ticket staying() {
        return next(state, generation, keyId, holder, entry, false);
    }

    Ticket voided() {
        return next(State.VOID, generation, keyId, holder, entry, false);
    }

    /** What changes with time, by name. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("state", state);
        fields.put("generation", generation);
        fields.put("holder", holder);
        fields.put("isLeaving", isLeaving);
        return fields;
    }

    private Ticket next(
            State nowState,
            int nowGeneration,
            int nowKeyId,
            String nowHolder,
            @Nullable Entry nowEntry,
            boolean nowLeaving) {
        return new Ticket(
                id,
                version + 1,
                nowState,
                nowGeneration,
                nowKeyId,
                orderId,
                unit,
                place,
                nowHolder,
                price,
                issuedAt,
                nowEntry,
                nowLeaving);
    }
}
