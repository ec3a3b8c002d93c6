package dev.holdfast.local;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/** The log of a server, for error messages. */
final class Logs {
    private static final int TAIL_BYTES = 2_000; // some 15 lines: what led to the end of a server

    private Logs() {}

    /** The end of the newest file in a log directory; empty if there is none. */
    static String tail(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return "";
        }
        Optional<Path> newest;
        try (var files = Files.list(directory)) {
            newest = files.max(Comparator.comparingLong(file -> file.toFile().lastModified()));
        }
        return newest.isPresent() ? tailOf(newest.get()) : "";
    }

    /** Empty if there is no file. */
    static String lastLine(Path file) throws IOException {
        return Files.exists(file) ? tailOf(file).lines().reduce("", (_, line) -> line) : "";
    }

    private static String tailOf(Path file) throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            byte[] end = new byte[(int) Math.min(TAIL_BYTES, log.length())];
            log.seek(log.length() - end.length);
            log.readFully(end);
            return new String(end, StandardCharsets.UTF_8);
        }
    }
}
