package dev.holdfast.storm;

import org.HdrHistogram.Histogram;

/** Percentiles of one kind of waiting. */
record Latency(long count, double p50Millis, double p99Millis, double maxMillis) {

    static Latency of(Histogram micros) {
        return new Latency(
                micros.getTotalCount(),
                micros.getValueAtPercentile(50) / 1_000.0,
                micros.getValueAtPercentile(99) / 1_000.0,
                micros.getMaxValue() / 1_000.0);
    }
}
