package dev.holdfast.server.checkout;

import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

final class PaceTest {
    /** A provider repeats its own errors under a key, so a later try has another one; but only when no call can be on its way any more. */
    @Test
    void aNewKeyComesLongAfterTheCallBefore() {
        var longestCall = Duration.ofMinutes(1);
        var waited = Duration.ZERO;
        for (int tries = 0; tries < 50; tries++) {
            boolean isNewKey = tries > 0 && Pace.round(tries) > Pace.round(tries - 1);
            if (isNewKey) {
                assertThat(Pace.pause(tries - 1)).isGreaterThan(longestCall.multipliedBy(2));
                assertThat(Pace.isAlarming(tries)).isTrue();
            }
            if (Pace.round(tries) == 0) {
                waited = waited.plus(Pace.pause(tries));
            }
        }
        assertThat(waited).as("a provider may be down for a minute").isGreaterThan(Duration.ofMinutes(1));
        assertThat(Pace.round(49)).isEqualTo(29);
    }
}
