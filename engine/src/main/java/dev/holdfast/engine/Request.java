package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Sell;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/** Commands handed in together and the answer that is due for them. Decided on one worker's thread. */
final class Request<O extends Outcome> {
    /** One command of a request. */
    record Ticket(Request<?> request, int index) {
        Command<?> command() {
            return request.commands.get(index);
        }

        @Nullable
        Actor actor() {
            return request.actor;
        }

        long hash() {
            return request.hashes[index];
        }
    }

    /**
     * Stocks that the commands of one transaction name, each command for itself and all its candidates: about 0.1 s of reading and
     * deciding while rows are locked. A command that names more, which none does, would be decided alone.
     */
    static final int STOCKS_MAX = 10_000;

    final List<? extends Command<O>> commands;
    final long[] hashes;
    final int stocks;
    final @Nullable Actor actor;
    final CompletableFuture<List<O>> answer = new CompletableFuture<>();

    private @Nullable Outcome[] outcomes;
    private @Nullable EngineFailure failure;

    /** Hashes on the caller's thread: the workers have enough to do. */
    Request(List<? extends Command<O>> commands, @Nullable Actor actor) {
        this.actor = actor;
        this.commands = List.copyOf(commands);
        hashes = new long[this.commands.size()];
        Arrays.setAll(hashes, i -> RequestHash.of(this.commands.get(i)));
        outcomes = new @Nullable Outcome[hashes.length];
        stocks = this.commands.stream().mapToInt(Request::stocks).sum();
    }

    /** One request for all of them, or several if they name too many stocks for one transaction; in their order. */
    static <O extends Outcome> List<Request<O>> of(List<? extends Command<O>> commands, @Nullable Actor actor) {
        var requests = new ArrayList<Request<O>>(1);
        int from = 0;
        int stocks = 0;
        for (int i = 0; i < commands.size(); i++) {
            int more = stocks(commands.get(i));
            if (i > from && stocks + more > STOCKS_MAX) {
                requests.add(new Request<>(commands.subList(from, i), actor));
                from = i;
                stocks = 0;
            }
            stocks += more;
        }
        requests.add(new Request<>(commands.subList(from, commands.size()), actor));
        return requests;
    }

    /** Those that it names; which a hold has is not known yet. */
    private static int stocks(Command<?> command) {
        return switch (command) {
            case PlaceHold place -> stocks(place.lines(), place.sourcing());
            case Sell sell -> stocks(sell.lines(), sell.sourcing());
            default -> 1;
        };
    }

    private static int stocks(List<Line> lines, @Nullable Sourcing sourcing) {
        return lines.size()
                + (sourcing == null
                        ? 0
                        : sourcing.wanted().size() * sourcing.candidates().size());
    }

    /** All their answers as one, in their order. */
    static <O extends Outcome> CompletableFuture<List<O>> answerOf(List<Request<O>> requests) {
        if (requests.size() == 1) {
            return requests.getFirst().answer;
        }
        return CompletableFuture.allOf(
                        requests.stream().map(request -> request.answer).toArray(CompletableFuture[]::new))
                .thenApply(_ -> requests.stream()
                        .flatMap(request -> request.answer.join().stream())
                        .toList());
    }

    void addTickets(List<Ticket> tickets) {
        for (int i = 0; i < hashes.length; i++) {
            tickets.add(new Ticket(this, i));
        }
    }

    void answer(int index, Outcome outcome) {
        outcomes[index] = outcome;
    }

    void answer(List<? extends Outcome> all) {
        outcomes = all.toArray(Outcome[]::new);
    }

    /** One command that fails, fails the whole request: it has one answer. */
    void fail(EngineFailure why) {
        failure = why;
    }

    /**
     * What was answered so far.
     *
     * @throws EngineFailure if a command failed
     */
    List<Outcome> outcomes() {
        if (failure != null) {
            throw failure;
        }
        return Arrays.stream(outcomes).map(outcome -> requireNonNull(outcome)).toList();
    }

    /** Tells the caller. */
    @SuppressWarnings("unchecked") // a Command<O> is decided to an O
    void complete() {
        if (failure == null) {
            answer.complete((List<O>) (List<?>) List.of(outcomes));
        } else {
            answer.completeExceptionally(failure);
        }
    }
}
