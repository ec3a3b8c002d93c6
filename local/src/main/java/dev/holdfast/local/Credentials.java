package dev.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

/**
 * How to get in: port and password, in {@code holdfast.credentials} of the data directory, readable by its owner only.
 * A password, because "trust" on loopback would let every account of the machine in.
 */
record Credentials(int port, String password) {
    private static final String FILE = "holdfast.credentials";

    static Credentials fresh(int port) {
        byte[] random = new byte[24]; // 192 bits
        new SecureRandom().nextBytes(random);
        return new Credentials(port, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }

    static boolean exist(Path data) {
        return Files.exists(data.resolve(FILE));
    }

    static Credentials read(Path data) throws IOException {
        List<String> lines = Files.readAllLines(data.resolve(FILE));
        return new Credentials(Integer.parseInt(lines.get(0)), lines.get(1));
    }

    void write(Path data) throws IOException {
        Path fresh = Files.createTempFile(
                data, FILE, ".new", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, port + "\n" + password + "\n");
        Files.move(fresh, data.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    Credentials movedTo(int newPort) {
        return new Credentials(newPort, password);
    }

    /** The password stays out of logs. */
    @Override
    public String toString() {
        return "Credentials[port=" + port + "]";
    }
}
