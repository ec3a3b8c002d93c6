package dev.holdfast.storm;

import java.util.ArrayList;
import java.util.List;

/** The lines of a screen, at most 100 columns wide, and what all screens have in common. */
final class Lines {

    private static final int SAMPLE_WIDTH = 92;

    private final List<String> lines = new ArrayList<>();

    List<String> all() {
        return lines;
    }

    void add(String line) {
        lines.add(line.stripTrailing());
    }

    void row(String name, long count, String aside) {
        add("  %-12s%,10d   %s".formatted(name, count, aside));
    }

    /** Some of what went wrong, below a row that counts it. */
    void mishaps(List<Tally.Mishap> mishaps) {
        for (var mishap : mishaps.stream().limit(Check.SAMPLES_MAX).toList()) {
            sample("%,d × %s: %s".formatted(mishap.count(), mishap.kind(), mishap.sample()));
        }
    }

    void latencyHead() {
        add("  %-12s%10s%11s%11s%11s".formatted("ms", "count", "p50", "p99", "max"));
    }

    void latency(String name, Latency latency) {
        if (latency.count() == 0) {
            add("  %-12s%10d%11s%11s%11s".formatted(name, 0, "–", "–", "–"));
        } else {
            add("  %-12s%,10d%,11.1f%,11.1f%,11.1f"
                    .formatted(name, latency.count(), latency.p50Millis(), latency.p99Millis(), latency.maxMillis()));
        }
    }

    void check(Check check) {
        var aside = check.ok()
                ? check.note()
                : check.violations() == 1 ? "1 violation" : "%,d violations".formatted(check.violations());
        add("  %s %s%s".formatted(check.ok() ? "✓" : "✗", check.name(), aside.isEmpty() ? "" : " (" + aside + ")"));
        check.samples().forEach(this::sample);
    }

    private void sample(String text) {
        var line = text.replaceAll("\\s+", " ");
        add("      %s".formatted(line.length() <= SAMPLE_WIDTH ? line : line.substring(0, SAMPLE_WIDTH - 1) + "…"));
    }
}
