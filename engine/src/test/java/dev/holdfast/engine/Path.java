package dev.holdfast.engine;

import io.micrometer.core.instrument.MeterRegistry;
import javax.sql.DataSource;

/** The ways to write, for contract tests that run against every one of them. */
enum Path {
    LANE(WritePath.LANE),
    ATOMIC(WritePath.ATOMIC),
    OPTIMISTIC(WritePath.OPTIMISTIC),
    PESSIMISTIC(WritePath.PESSIMISTIC);

    private final WritePath writePath;

    Path(WritePath writePath) {
        this.writePath = writePath;
    }

    StockEngine open(DataSource dataSource, StockEngine.Options options, MeterRegistry meters) {
        return StockEngine.open(dataSource, options.withWritePath(writePath), meters);
    }
}
