package dev.holdfast.storm;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sends a request until it is answered, always with the same key: after "later" (429, 503, still running) and after a
 * lost connection, when nobody knows whether it arrived. Gives up at a deadline, counted from the first sending.
 */
final class Caller {

    /** What became of a request in the end. */
    sealed interface Reply {

        /** For a sample of what went wrong. */
        String brief();

        /**
         * The server has spoken.
         *
         * @param uncertain an earlier sending of it may have arrived, its answer did not
         */
        record Answered(Answer answer, boolean uncertain) implements Reply {
            @Override
            public String brief() {
                return answer.brief() + " " + answer.excerpt();
            }
        }

        /**
         * It never did, until the deadline.
         *
         * @param why what the last sending met
         */
        record Unanswered(String why) implements Reply {
            @Override
            public String brief() {
                return why;
            }
        }
    }

    private static final long PAUSE_FIRST_MILLIS = 20;
    private static final long PAUSE_MAX_MILLIS = 1_000;
    private static final long RETRY_AFTER_MAX_MILLIS = 5_000; // a server that asks for more is asked sooner

    private final Connections connections;
    private final Duration timeout;
    private final Tally tally;

    Caller(Connections connections, Duration timeout, Tally tally) {
        this.connections = connections;
        this.timeout = timeout;
        this.tally = tally;
    }

    Reply call(Request request) {
        long deadlineNanos = 0;
        boolean uncertain = false;
        for (int attempt = 0; ; attempt++) {
            // Everybody together: 10,000 buyers who each wait out a dead server on 128 connections would take hours.
            if (connections.failingFor().compareTo(timeout) > 0) {
                return new Reply.Unanswered("the server has answered nobody for %,d s".formatted(timeout.toSeconds()));
            }
            String why;
            long pauseMillis = Math.min(PAUSE_MAX_MILLIS, PAUSE_FIRST_MILLIS << Math.min(attempt, 10));
            try {
                var answer = connections.exchange(request);
                if (!later(answer)) {
                    return new Reply.Answered(answer, uncertain);
                }
                // Only "overloaded" and "too many" say that nothing was done; a gateway or a lost database may not
                // know.
                uncertain |= answer.status() >= 500 && !answer.code().equals("overloaded");
                why = answer.brief();
                var wish = answer.retryAfter();
                if (wish != null) {
                    pauseMillis = Math.clamp(wish.toMillis(), pauseMillis, RETRY_AFTER_MAX_MILLIS);
                }
            } catch (ConnectException e) {
                why = "no connection: " + e.getMessage();
            } catch (IOException e) {
                uncertain = true;
                why = "no answer: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Reply.Unanswered("interrupted");
            }
            // The clock starts when the first sending failed: waiting for a free connection is not the server's doing.
            deadlineNanos = attempt == 0 ? System.nanoTime() + timeout.toNanos() : deadlineNanos;
            if (System.nanoTime() - deadlineNanos >= 0) {
                return new Reply.Unanswered(why);
            }
            tally.retry();
            pause(pauseMillis);
        }
    }

    /** Sends it once and loses the answer on purpose. */
    void loseAnswer(Request request) {
        try {
            connections.sendAndHangUp(request);
        } catch (IOException e) {
            tally.retry(); // lost even earlier than meant; the buyer asks again anyway
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean later(Answer answer) {
        return switch (answer.status()) {
            case 429, 502, 504 -> true;
            case 503 -> answer.body().path("retryable").asBoolean(true);
            case 409 -> answer.code().equals("idempotency-in-progress");
            default -> false;
        };
    }

    /** Up to a quarter longer than asked, so that those turned away together do not come back together. */
    private static void pause(long millis) {
        try {
            Thread.sleep(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
