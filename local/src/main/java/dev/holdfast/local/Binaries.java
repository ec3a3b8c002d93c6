package dev.holdfast.local;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** The programs of PostgreSQL: an archive on the class path, unpacked once per version into the user's cache. */
final class Binaries {
    private Binaries() {}

    /** The directory that holds {@code bin/postgres}; unpacks it if this version was never used on this machine. */
    static Path home() {
        String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
        Path home = cache().resolve("postgres-" + version() + "-" + platform);
        try {
            if (!Files.isDirectory(home)) {
                unpack("postgres-" + platform + ".txz", home);
            }
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "PostgreSQL cannot be unpacked to " + home + "; XDG_CACHE_HOME chooses another place", e);
        }
    }

    /** As the archives are named: {@code linux-x86_64}, {@code linux-arm_64}, {@code darwin-x86_64}, {@code darwin-arm_64}. */
    static String platform(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String system = os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "darwin" : "";
        String processor = switch (osArch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> "";
        };
        if (system.isEmpty() || processor.isEmpty()) {
            throw new IllegalStateException("There is no PostgreSQL for " + osName + " on " + osArch
                    + " in this build; set HOLDFAST_DATABASE_URL to a PostgreSQL of your own");
        }
        return system + "-" + processor;
    }

    /** Where this user keeps what is unpacked once. */
    static Path cache() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        if (xdg != null && !xdg.isBlank()) {
            return Path.of(xdg, "holdfast");
        }
        // HOME first: user.home comes from the password file and is wrong for accounts that borrow a home.
        String home = System.getenv("HOME");
        return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home, ".cache", "holdfast");
    }

    /** As {@code PG_VERSION} of a data directory says it: "18". */
    static String majorVersion() {
        String version = version();
        return version.substring(0, version.indexOf('.'));
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = resource("/dev/holdfast/local/postgres.properties")) {
            if (in == null) {
                throw new IllegalStateException("postgres.properties is missing from holdfast-local");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    private static @Nullable InputStream resource(String name) {
        return Binaries.class.getResourceAsStream(name);
    }

    /** Atomic: into a directory of its own, then one rename. Of two processes at once the second discards its copy. */
    private static void unpack(String archive, Path home) throws IOException {
        Files.createDirectories(home.getParent());
        Path fresh = Files.createTempDirectory(home.getParent(), ".unpack-");
        try {
            try (InputStream in = resource("/" + archive)) {
                if (in == null) {
                    throw new IllegalStateException("This build has no " + archive
                            + ": it was built on another kind of machine; build it here with ./mvnw package");
                }
                extract(in, fresh);
            }
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(home)) {
                throw e;
            }
        } finally {
            Trees.delete(fresh);
        }
    }

    private static void extract(InputStream archive, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("entry outside of the archive: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(path.getParent());
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(path.getParent());
                    Files.copy(tar, path);
                    Files.setPosixFilePermissions(path, permissions(entry.getMode()));
                }
            }
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.of(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE,
                PosixFilePermission.GROUP_READ,
                PosixFilePermission.OTHERS_READ);
        if ((mode & 0100) != 0) {
            permissions.add(PosixFilePermission.OWNER_EXECUTE);
            permissions.add(PosixFilePermission.GROUP_EXECUTE);
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        }
        return permissions;
    }
}
