package dev.holdfast.local;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The local servers on the command line, for the launcher: a database and a Redis around another command. */
public final class Main {
    private static final String USAGE = """
            usage: exec [--data DIR] -- COMMAND [ARGUMENT…]   run a command with a PostgreSQL and a Redis of its own
                   stop [--data DIR]                          stop the PostgreSQL and Redis that a killed Holdfast left

            exec sets HOLDFAST_DATABASE_URL, _USER and _PASSWORD and HOLDFAST_REDIS_URL for the command and ends with its exit
            code. Both are temporary, or with --data those below DIR (stop: .holdfast). What is set already, the command gets as
            it is: HOLDFAST_REDIS_URL=none runs it without Redis. If Redis does not start, that is said and it stays unset.""";

    private static final int EXIT_FAILURE = 1;
    private static final int EXIT_USAGE = 2;
    private static final String DATABASE_URL = "HOLDFAST_DATABASE_URL";
    private static final String REDIS_URL = "HOLDFAST_REDIS_URL";

    /** As long as ./holdfast down gives a server to drain. */
    private static final Duration COMMAND_STOP_MAX = Duration.ofSeconds(30);

    private Main() {}

    public static void main(String[] arguments) {
        int exit;
        try {
            exit = run(List.of(arguments));
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            exit = EXIT_USAGE;
        } catch (IOException | RuntimeException e) {
            System.err.println("holdfast: " + e.getMessage() + (e.getCause() == null ? "" : " (" + e.getCause() + ")"));
            exit = EXIT_FAILURE;
        } catch (InterruptedException e) {
            exit = EXIT_FAILURE;
        }
        System.exit(exit);
    }

    private static int run(List<String> arguments) throws UsageException, IOException, InterruptedException {
        if (arguments.isEmpty()) {
            throw new UsageException("no command");
        }
        List<String> rest = arguments.subList(1, arguments.size());
        Path data = null;
        if (!rest.isEmpty() && rest.getFirst().equals("--data")) {
            if (rest.size() < 2) {
                throw new UsageException("--data needs a directory");
            }
            data = Path.of(rest.get(1));
            rest = rest.subList(2, rest.size());
        }
        return switch (arguments.getFirst()) {
            case "exec" -> exec(data, rest);
            case "stop" -> stop(data == null ? Path.of(".holdfast") : data, rest);
            default -> throw new UsageException("unknown command " + arguments.getFirst());
        };
    }

    private static int exec(@Nullable Path data, List<String> rest)
            throws UsageException, IOException, InterruptedException {
        if (rest.size() < 2 || !rest.getFirst().equals("--")) {
            throw new UsageException("exec needs -- and a command");
        }
        ProcessBuilder command = new ProcessBuilder(rest.subList(1, rest.size())).inheritIO();
        String databaseUrl = System.getenv(DATABASE_URL);
        CompletableFuture<Optional<LocalRedis>> redis = System.getenv(REDIS_URL) == null
                ? LocalRedis.inBackground(() -> redis(data), why -> System.err.println("holdfast: " + why))
                : CompletableFuture.completedFuture(Optional.empty());
        try (LocalPostgres postgres = databaseUrl == null || databaseUrl.isBlank() ? postgres(data) : null) {
            if (postgres != null) {
                command.environment().put(DATABASE_URL, postgres.jdbcUrl());
                command.environment().put("HOLDFAST_DATABASE_USER", postgres.user());
                command.environment().put("HOLDFAST_DATABASE_PASSWORD", postgres.password());
            }
            redis.join().ifPresent(server -> command.environment().put(REDIS_URL, server.url()));
            Process process = command.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, postgres, redis), "stop"));
            return process.waitFor();
        } finally {
            redis.join().ifPresent(LocalRedis::close);
        }
    }

    private static LocalPostgres postgres(@Nullable Path data) {
        return data == null ? LocalPostgres.startTemporaryWithoutHook() : LocalPostgres.start(data.resolve("postgres"));
    }

    private static LocalRedis redis(@Nullable Path data) {
        return data == null ? LocalRedis.startTemporaryWithoutHook() : LocalRedis.start(data.resolve("redis"));
    }

    /** On a signal: the command first, so that it can finish with its servers, then those. */
    private static void end(
            Process process, @Nullable LocalPostgres postgres, CompletableFuture<Optional<LocalRedis>> redis) {
        process.destroy();
        try {
            if (!process.waitFor(COMMAND_STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
        redis.join().ifPresent(LocalRedis::close);
        if (postgres != null) {
            postgres.close();
        }
    }

    private static int stop(Path data, List<String> rest) throws UsageException, IOException {
        if (!rest.isEmpty()) {
            throw new UsageException("unknown argument " + rest.getFirst());
        }
        if (LocalPostgres.stopOrphan(data.resolve("postgres"))) {
            System.out.println("Stopped the PostgreSQL that was left running in " + data);
        }
        if (LocalRedis.stopOrphan(data.resolve("redis"))) {
            System.out.println("Stopped the Redis that was left running in " + data);
        }
        return 0;
    }

    private static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }
}
