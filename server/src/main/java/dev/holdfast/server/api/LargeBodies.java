package dev.holdfast.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** Bodies above what other calls take: those of batches. Few of them in memory at once. */
@Component
public final class LargeBodies {
    /** 1,000 holds of 100 lines of 160 bytes, or 1,000 products of 16 KB. */
    private static final int BYTES_MAX = 16 << 20;

    /** One with its tree and what is made of it is below 100 MB. */
    private static final int COUNT_MAX = 2;

    private static final long WAIT_SECONDS = 2;

    private final Semaphore free = new Semaphore(COUNT_MAX);

    /** Reads the body and answers; {@code overloaded} if it may be large and others are being read for too long. */
    public Answer read(HttpServletRequest request, Function<Body, Answer> call) throws InterruptedException {
        if (!Body.mayBeLarge(request)) {
            return call.apply(Body.read(request));
        }
        if (!free.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
            return Answer.refused(Problem.of(
                    ErrorCode.OVERLOADED, "Other batches of more than 1 MiB are being read; nothing was taken"));
        }
        try {
            return call.apply(Body.read(request, BYTES_MAX));
        } finally {
            free.release();
        }
    }
}
