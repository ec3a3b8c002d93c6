package dev.holdfast.server.checkout;

import java.time.Duration;

/** When something that failed is tried again: soon, as long as the provider may be back soon, and for ever after that. */
final class Pace {
    private static final Duration FIRST = Duration.ofMillis(250);

    private static final int DOUBLINGS_MAX = 5;

    /** 0.25 s, 0.5 s, … 8 s, and that 15 times: two minutes. Whoever has no answer by then will not have one at once. */
    private static final int SOON_MAX = 20;

    /** Longer than any call lives, with its deadline of a minute at most. */
    private static final Duration SELDOM = Duration.ofMinutes(5);

    private Pace() {}

    /** @param tries before */
    static Duration pause(int tries) {
        return tries < SOON_MAX ? FIRST.multipliedBy(1L << Math.min(tries, DOUBLINGS_MAX)) : SELDOM;
    }

    /**
     * Under which key a refund is tried: the first tries have one key, so that it is made once. Providers repeat an error of their own
     * under the same key, so each later try has its own. The one before it ended minutes ago, so to find nothing means that there is
     * nothing.
     */
    static int round(int tries) {
        return Math.max(0, tries - SOON_MAX);
    }

    /** Whether somebody has to look at it by now. */
    static boolean isAlarming(int tries) {
        return tries >= SOON_MAX;
    }
}
