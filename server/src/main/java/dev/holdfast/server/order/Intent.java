package dev.holdfast.server.order;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Quantity;
import dev.holdfast.server.api.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * An act on its way: what was asked, by whom, and what exactly will be done. Written to the order before stock is moved, so that whoever
 * finds it there can carry it out again, with the same keys and to the same end.
 *
 * @param id its own; the keys of its commands come from it
 * @param keyId of the request
 * @param requestHash of the request
 */
record Intent(UUID id, Act act, List<Part> parts, UUID keyId, long requestHash, Caller caller) {

    /** Whether it moves stock: then it has to be written before it is done. */
    boolean movesStock() {
        return switch (act) {
            case SHIP, CANCEL -> true;
            case RETURN -> parts.stream().anyMatch(Part::restock);
            case PAY, PACK, DELIVER, REFUND -> false;
        };
    }

    /** What it does to stock: one command that is carried out whole or not at all, or any number that are not refused. */
    List<Command<Outcome.Stock>> commands(Order order) {
        return switch (act) {
            case SHIP ->
                List.of(new Ship(
                        key(0), order.holdId(), parts.stream().map(Part::line).toList()));
            case CANCEL ->
                List.of(new Deallocate(
                        key(0), order.holdId(), parts.stream().map(Part::line).toList()));
            case RETURN -> returns(order);
            case PAY, PACK, DELIVER, REFUND -> List.of();
        };
    }

    private List<Command<Outcome.Stock>> returns(Order order) {
        List<Command<Outcome.Stock>> returns = new ArrayList<>(parts.size());
        for (Part part : parts) {
            if (part.restock()) {
                var key = key(returns.size());
                returns.add(new Return(key, part.stock(), Quantity.of(part.quantity()), "order " + order.id()));
            }
        }
        return returns;
    }

    /** Of what takes that command back. */
    IdempotencyKey undoKey(int index) {
        return IdempotencyKey.of("order", id + "/" + index + "/undo");
    }

    /** Of its first, second, … command. */
    IdempotencyKey key(int index) {
        return IdempotencyKey.of("order", id + "/" + index);
    }
}
