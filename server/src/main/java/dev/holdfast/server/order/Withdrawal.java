package dev.holdfast.server.order;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import java.util.List;
import java.util.stream.IntStream;
import org.springframework.stereotype.Component;

/**
 * Makes sure that nobody carries out any more what stock has refused. Each key of the intent is used up with a command that does nothing:
 * confirming the order's hold, which is confirmed. One of the two commands has the key, and the engine says which. What of a return is
 * carried out by then leaves the shelf again.
 */
@Component
class Withdrawal {
    private final StockEngine engine;

    Withdrawal(StockEngine engine) {
        this.engine = engine;
    }

    /**
     * False: somebody has carried it out, all of it.
     *
     * @param outcomes of its commands; not all are {@link Outcome.Moved}
     */
    boolean isOff(Order order, Intent intent, List<Outcome.Stock> outcomes) {
        List<Command<Outcome.Stock>> commands = intent.commands(order);
        List<Integer> done = IntStream.range(0, commands.size())
                .filter(i -> outcomes.get(i) instanceof Outcome.Moved || !isUsedUp(order, intent.key(i)))
                .boxed()
                .toList();
        if (done.size() == commands.size()) {
            return false;
        }
        done.forEach(i -> undo(order, intent.undoKey(i), commands.get(i)));
        return true;
    }

    /** By the command that does nothing, now or before. */
    private boolean isUsedUp(Order order, IdempotencyKey key) {
        return switch (engine.execute(new ConfirmHold(key, order.holdId()))) {
            case Outcome.Changed _ -> true;
            case Outcome.KeyReused _ -> false;
            // Without a hold nothing ships; a return could still be carried out by who is at it at this moment.
            case Outcome.UnknownHold _ -> true;
            case Outcome.Ended ended when ended.hold().state() != Hold.State.CONFIRMED -> true; // nor without units
            case Outcome.Ended ended ->
                throw new IllegalStateException("the hold of order " + order.id() + " takes no key: " + ended);
            case Outcome.NotHeld part -> throw new IllegalStateException("asked for the whole, not a part: " + part);
            case Outcome.NotDue early -> throw new IllegalStateException("only an expiry can be early: " + early);
        };
    }

    private void undo(Order order, IdempotencyKey key, Command<Outcome.Stock> command) {
        if (!(command instanceof Return back)) {
            throw new IllegalStateException("only a return is several commands: " + command);
        }
        var leave =
                new Adjust(key, back.stock(), -back.quantity().units(), "order " + order.id() + ": not returned", null);
        if (!(engine.execute(leave) instanceof Outcome.Moved)) {
            throw new IllegalStateException(
                    "what came back of order " + order.id() + " is promised to others by now: " + back);
        }
    }
}
