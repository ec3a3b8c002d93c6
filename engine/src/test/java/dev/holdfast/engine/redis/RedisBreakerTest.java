package dev.holdfast.engine.redis;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RedisBreakerTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10); // it may overflow at any time
    private final Breaker breaker = new Breaker(nanos::get);

    private void open() {
        assertThat(breaker.failed()).isFalse();
        assertThat(breaker.failed()).isFalse();
        assertThat(breaker.permits()).isTrue();
        assertThat(breaker.failed()).as("the third in a row").isTrue();
    }

    @Test
    void failuresInARowOpenIt() {
        open();
        assertThat(breaker.permits()).isFalse();
        assertThat(breaker.isOpen()).isTrue();
    }

    @Test
    void aSuccessBetweenThemDoesNot() {
        breaker.failed();
        breaker.failed();
        assertThat(breaker.succeeded()).isFalse();
        breaker.failed();
        breaker.failed();
        assertThat(breaker.permits()).isTrue();
    }

    @Test
    void oneASecondMayTry() {
        open();
        nanos.addAndGet(Breaker.PAUSE_NANOS - 1);
        assertThat(breaker.permits()).isFalse();
        nanos.addAndGet(1);
        assertThat(breaker.permits()).as("the probe").isTrue();
        assertThat(breaker.permits()).as("and no other").isFalse();
        assertThat(breaker.failed()).isFalse();
        nanos.addAndGet(Breaker.PAUSE_NANOS);
        assertThat(breaker.permits()).isTrue();
        assertThat(breaker.succeeded()).as("it is back").isTrue();
        assertThat(breaker.permits()).isTrue();
        assertThat(breaker.permits()).isTrue();
    }
}
