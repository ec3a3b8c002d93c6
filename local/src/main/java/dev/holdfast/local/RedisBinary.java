package dev.holdfast.local;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The program of Redis: the machine's own if it is new enough, else the one on the class path, unpacked once into the user's cache. */
final class RedisBinary {
    private static final int MAJOR_MIN = 7; // what production is asked to have; an older one is no better than ours
    private static final Duration VERSION_MAX = Duration.ofSeconds(5);
    private static final List<String> NAMES = List.of("redis-server", "valkey-server");

    /** "Redis server v=7.0.15 sha=…", "Valkey server v=8.0.1 sha=…". */
    private static final Pattern VERSION = Pattern.compile(" v=(\\d+)\\.");

    /** By {@link Binaries#platform}. Of embedded-redis 1.4.4: Redis 6.2.6 to 6.2.11, whatever the names say. */
    private static final Map<String, Packed> PACKED = Map.of(
            "linux-x86_64",
            new Packed(
                    "redis-server-6.2.6-v5-linux-amd64",
                    9_701_528,
                    "1f716094e08a25faee2bc7626feb9e13464ed89018ac5c376c5e9cff06bdcf52"),
            "linux-arm_64",
            new Packed(
                    "redis-server-6.2.7-linux-arm64",
                    3_547_712,
                    "036a23aa65bfb31d2a048aa96c170b38c2fbd4f1de68ef0f9c3133dd4b1474cd"),
            "darwin-x86_64",
            new Packed(
                    "redis-server-6.2.6-v5-darwin-amd64",
                    5_635_808,
                    "7a4eb450d90a6ce9a2c651cfc4a0613b980a270c6426cbb6fa42d6c3beec9ce8"),
            "darwin-arm_64",
            new Packed(
                    "redis-server-6.2.6-v5-darwin-arm64",
                    1_829_888,
                    "c523aec5a9b6f565cff0271ef67f5c51fa83e1180e3e954ab5251b3cf6282b76"));

    private RedisBinary() {}

    private record Packed(String resource, long sizeBytes, String sha256) {}

    static Path choose() {
        return onPath(System.getenv("PATH")).orElseGet(() -> unpacked(Binaries.cache()));
    }

    /** The first Redis or Valkey of a search path that says it is new enough. */
    static Optional<Path> onPath(@Nullable String path) {
        if (path == null) {
            return Optional.empty();
        }
        List<Path> directories = Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(path)
                .filter(directory -> directory.startsWith("/"))
                .map(Path::of)
                .toList();
        return NAMES.stream()
                .flatMap(name -> directories.stream().map(directory -> directory.resolve(name)))
                .filter(Files::isExecutable)
                .filter(RedisBinary::isNewEnough)
                .findFirst();
    }

    private static boolean isNewEnough(Path program) {
        try {
            Processes.Result result =
                    Processes.run(Path.of("/"), List.of(program.toString(), "--version"), VERSION_MAX);
            Matcher version = VERSION.matcher(result.output());
            return result.ok() && version.find() && Integer.parseInt(version.group(1)) >= MAJOR_MIN;
        } catch (IllegalStateException | UncheckedIOException e) {
            return false; // hangs, or is for another kind of machine
        }
    }

    static Path unpacked(Path cache) {
        String platform = Binaries.platform(System.getProperty("os.name"), System.getProperty("os.arch"));
        Packed packed = PACKED.get(platform);
        if (packed == null) {
            throw new IllegalStateException("there is no Redis for " + platform + " in this build");
        }
        Path program = cache.resolve("redis-" + packed.sha256.substring(0, 12) + "-" + platform)
                .resolve("redis-server");
        try {
            if (!Files.exists(program) || Files.size(program) != packed.sizeBytes) {
                unpack(packed, program);
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Redis cannot be unpacked to " + program + "; XDG_CACHE_HOME chooses another place", e);
        }
    }

    /** Atomic: into a file of its own, then one rename. Of two processes at once the second replaces it by the same. */
    private static void unpack(Packed packed, Path program) throws IOException {
        Files.createDirectories(program.getParent());
        Path fresh = Files.createTempFile(program.getParent(), ".unpack-", "");
        try {
            try (InputStream in = RedisBinary.class.getResourceAsStream("/" + packed.resource)) {
                if (in == null) {
                    throw new IllegalStateException(packed.resource + " is missing from the class path");
                }
                byte[] bytes = in.readAllBytes();
                String sha256 = HexFormat.of().formatHex(sha256().digest(bytes));
                if (!sha256.equals(packed.sha256)) {
                    throw new IllegalStateException(
                            packed.resource + " is not the Redis that was checked: its SHA-256 is " + sha256 + ", not "
                                    + packed.sha256);
                }
                Files.write(fresh, bytes);
            }
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }
}
