package dev.holdfast.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.springframework.stereotype.Component;

/** Bodies above what other calls take: those of batches and maps. Few of them in memory at once. */
@Component
public final class LargeBodies {
    /** 1,000 holds of 100 lines of 160 bytes, 1,000 products of 16 KB, or a map of 200,000 seats of 80 bytes. */
    private static final int BYTES_MAX = 16 << 20;

    /** One with its tree and what is made of it is below 100 MB, a map of 200,000 seats below 120. */
    private static final int COUNT_MAX = 2;

    private static final long WAIT_SECONDS = 2;

    private final Semaphore free = new Semaphore(COUNT_MAX);

    /** Reads the body and answers; {@code overloaded} if it may be large and others are being read for too long. */
    public Answer read(HttpServletRequest request, Function<Body, Answer> call) throws InterruptedException {
        return bounded(request, bytesMax -> call.apply(Body.read(request, bytesMax)));
    }

    /**
     * The same with a body of one of several media types, as bytes.
     *
     * @param call takes the type and the body
     */
    public Answer read(HttpServletRequest request, List<String> types, BiFunction<String, byte[], Answer> call)
            throws InterruptedException {
        String type = Body.requireType(request.getContentType(), types);
        Query.requireNone(request);
        return bounded(request, bytesMax -> call.apply(type, Body.bounded(request, bytesMax)));
    }

    private Answer bounded(HttpServletRequest request, IntFunction<Answer> call) throws InterruptedException {
        if (!Body.mayBeLarge(request)) {
            return call.apply(Body.BYTES_MAX);
        }
        if (!free.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
            return Answer.refused(Problem.of(
                    ErrorCode.OVERLOADED, "Other bodies of more than 1 MiB are being read; nothing was taken"));
        }
        try {
            return call.apply(BYTES_MAX);
        } finally {
            free.release();
        }
    }
}
