package dev.holdfast.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The directories of temporary servers, and what killed JVMs left of them. */
final class Temporaries {
    private static final String PREFIX = "holdfast-";
    /** A younger one may just be on its way to its lock. */
    private static final Duration LEFTOVER_AGE = Duration.ofMinutes(1);

    private Temporaries() {}

    /** @param kind what the server's data directory inside is to be called */
    static Path create(String kind) throws IOException {
        return Files.createTempDirectory(root(), PREFIX + kind + "-");
    }

    /** Stops and deletes the temporary servers whose owner is gone. */
    static void sweep() throws IOException {
        sweep(LocalPostgres.TEMPORARY, LocalPostgres::stopOrphan);
        sweep(LocalRedis.TEMPORARY, LocalRedis::stopOrphan);
    }

    /** Claims the data directory, refuses if somebody was faster, and stops what runs there. */
    private interface StopOrphan {
        boolean on(Path data) throws IOException;
    }

    private static void sweep(String kind, StopOrphan stop) throws IOException {
        String me = System.getProperty("user.name");
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(root(), PREFIX + kind + "-*")) {
            for (Path directory : directories) {
                try {
                    if (Files.getOwner(directory).getName().equals(me) && isOld(directory)) {
                        removeIfOrphaned(directory, kind, stop);
                    }
                } catch (IOException | IllegalStateException e) {
                    // Another process sweeps it, or it is not ours to delete: not our concern, we make a new one.
                }
            }
        }
    }

    private static boolean isOld(Path directory) throws IOException {
        return Files.getLastModifiedTime(directory)
                .toInstant()
                .isBefore(Instant.now().minus(LEFTOVER_AGE));
    }

    private static void removeIfOrphaned(Path directory, String kind, StopOrphan stop) throws IOException {
        Optional<FileClaim> claim = FileClaim.tryClaim(directory, kind + ".lock");
        if (claim.isEmpty()) {
            return;
        }
        claim.get().close();
        stop.on(directory.resolve(kind));
        Trees.delete(directory);
    }

    private static Path root() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }
}
