package dev.holdfast.engine;

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

        long hash() {
            return request.hashes[index];
        }
    }

    final List<? extends Command<O>> commands;
    final long[] hashes;
    final CompletableFuture<List<O>> answer = new CompletableFuture<>();

    private @Nullable Outcome[] outcomes;
    private @Nullable EngineFailure failure;

    /** Hashes on the caller's thread: the workers have enough to do. */
    Request(List<? extends Command<O>> commands) {
        this.commands = List.copyOf(commands);
        hashes = new long[this.commands.size()];
        Arrays.setAll(hashes, i -> RequestHash.of(this.commands.get(i)));
        outcomes = new @Nullable Outcome[hashes.length];
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
