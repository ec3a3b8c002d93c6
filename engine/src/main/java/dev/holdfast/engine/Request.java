package dev.holdfast.engine;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Commands handed in together and the answer that is due for them. Answered on the lane's thread only. */
final class Request<O extends Outcome> {
    final List<? extends Command<O>> commands;
    final long[] hashes;
    final CompletableFuture<List<O>> answer = new CompletableFuture<>();

    private final @Nullable Outcome[] outcomes;
    private @Nullable EngineFailure failure;
    private int open;

    /** Hashes on the caller's thread: the lane has enough to do. */
    Request(List<? extends Command<O>> commands) {
        this.commands = List.copyOf(commands);
        hashes = new long[this.commands.size()];
        Arrays.setAll(hashes, i -> RequestHash.of(this.commands.get(i)));
        outcomes = new @Nullable Outcome[hashes.length];
        open = hashes.length;
    }

    void answer(int index, Outcome outcome) {
        outcomes[index] = outcome;
        close();
    }

    void fail(EngineFailure why) {
        failure = why;
        close();
    }

    @SuppressWarnings("unchecked") // a Command<O> is decided to an O
    private void close() {
        if (--open > 0) {
            return;
        }
        if (failure == null) {
            answer.complete((List<O>) (List<?>) List.of(outcomes));
        } else {
            answer.completeExceptionally(failure);
        }
    }
}
