package dev.holdfast.engine.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua script: runs in Redis as one step that nobody sees half of. {@code digest} is what Redis knows it by. */
record Script(String name, String lua, String digest) {
    static Script of(String name, String lua) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            var digest = HexFormat.of().formatHex(sha1.digest(lua.getBytes(StandardCharsets.UTF_8)));
            return new Script(name, lua, digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
