package dev.holdfast.storm;

import java.io.PrintStream;
import java.util.function.Supplier;

/** Where a run writes: results to out, what goes on to err, so that {@code --json} can be piped. */
record Output(PrintStream out, PrintStream err, boolean terminal) {

    Progress progress(Supplier<String> line) {
        return new Progress(err, terminal, line);
    }
}
