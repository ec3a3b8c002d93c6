package dev.holdfast.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Directory trees. */
final class Trees {
    private Trees() {}

    /** Deletes a tree, if there is one; files that vanish meanwhile are fine. */
    static void delete(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** The directory that a data directory is in. */
    static Path parentOf(Path directory) {
        Path parent = directory.toAbsolutePath().normalize().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(directory + " cannot be a data directory");
        }
        return parent;
    }

    /** The one name of a data directory, which need not exist; its parent has to. */
    static Path real(Path directory) throws IOException {
        return parentOf(directory).toRealPath().resolve(directory.getFileName());
    }

    /** Makes an account the owner of a whole tree (root may do that). */
    static void chown(Path root, int uid, int gid) throws IOException {
        try (var paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }
}
