package dev.holdfast.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Holds over HTTP against an endpoint that does nothing. */
@Command(name = "http", description = "to come", mixinStandardHelpOptions = true)
final class HttpBench implements Callable<Integer> {
    @Override
    public Integer call() {
        return 0;
    }
}
