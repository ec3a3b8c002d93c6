package dev.holdfast.storm;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that every kind of storm has. */
final class CommonOptions {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h)?");

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL[,URL...]",
            split = ",",
            description = "the server, or several on one database (default: http://127.0.0.1:8080)")
    private List<URI> urls = List.of(URI.create("http://127.0.0.1:8080"));

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "how long one request is repeated, with the same key, before it counts as an error; long "
                    + "enough for a restart of server or database (default: 60s)")
    private Duration timeout = Duration.ofMinutes(1);

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "how long to wait for the server to be ready (default: 10s)")
    private Duration readyWait = Duration.ofSeconds(10);

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "decides who does what; printed, so that a run can be made again (default: random)")
    private @Nullable Long seed;

    @Option(names = "--json", description = "print one JSON object instead of the screen")
    private boolean json;

    @Option(names = "--check-options", hidden = true, description = "only say whether the options are right")
    private boolean checkOptions;

    /** @throws ParameterException if one is none of ours */
    List<URI> urls() {
        for (URI url : urls) {
            if (!"http".equals(url.getScheme()) || url.getHost() == null) {
                throw new ParameterException(spec.commandLine(), "--url looks like http://127.0.0.1:8080, not " + url);
            }
        }
        return urls;
    }

    Duration timeout() {
        return timeout;
    }

    Duration readyWait() {
        return readyWait;
    }

    long seed() {
        return seed == null ? new SecureRandom().nextInt(1, 1_000_000_000) : seed;
    }

    boolean json() {
        return json;
    }

    boolean checkOptions() {
        return checkOptions;
    }

    /** Milliseconds and chance, in letters and digits: two runs started together still differ. */
    static String runId() {
        return Long.toString(System.currentTimeMillis(), 36)
                + Integer.toString(new SecureRandom().nextInt(36 * 36, 36 * 36 * 36), 36);
    }

    static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            var parts = DURATION.matcher(value);
            if (!parts.matches()) {
                throw new CommandLine.TypeConversionException("'" + value + "' is not a time such as 600s or 10m");
            }
            long count = Long.parseLong(parts.group(1));
            return switch (parts.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                case null, default -> Duration.ofSeconds(count);
            };
        }
    }
}
