package dev.holdfast.server.venue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Maps as they are stored: a tenth of their size as JSON. */
final class Gzip {
    private Gzip() {}

    static byte[] compress(byte[] bytes) {
        var out = new ByteArrayOutputStream(bytes.length / 8);
        try (var gzip = new GZIPOutputStream(out, 64 * 1024)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written", e);
        }
        return out.toByteArray();
    }

    static byte[] decompress(byte[] compressed) {
        try (var gzip = new GZIPInputStream(new ByteArrayInputStream(compressed), 64 * 1024)) {
            return gzip.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("a map is stored that cannot be read", e);
        }
    }
}
