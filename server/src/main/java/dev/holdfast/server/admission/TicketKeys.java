package dev.holdfast.server.admission;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The keys that codes are signed with. The first ticket makes the first one, on whichever node; all nodes have the same. */
@Component
@DependsOn(AdmissionSchema.NAME)
class TicketKeys {
    /** A key of ours. Its id and its public half are everybody's. */
    record Key(int id, KeyPair pair) {
        /** What RFC 8037 calls x: 32 bytes, which the X.509 form ends with. */
        byte[] x() {
            byte[] encoded = pair.getPublic().getEncoded();
            return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
        }
    }

    private static final String SELECT = "SELECT id, private_key, public_key FROM ticket_key";

    private final JdbcTemplate database;

    /** Keys never change, and few are ever made. */
    private final Map<Integer, Key> known = new ConcurrentHashMap<>();

    TicketKeys(JdbcTemplate database) {
        this.database = database;
    }

    /** The id of the one that new codes are signed with. */
    int current() {
        List<Key> current = read(" WHERE retired_at IS NULL");
        if (current.isEmpty()) {
            insert();
            current = read(" WHERE retired_at IS NULL");
        }
        return current.getFirst().id;
    }

    /** All of them, in the order of their ids. */
    List<Key> all() {
        return read(" ORDER BY id");
    }

    /** The code of a ticket. */
    String sign(TicketCode code) {
        Key key = find(code.keyId());
        if (key == null) {
            throw new IllegalStateException("ticket " + code.ticket() + " is signed with a key that is gone");
        }
        return code.signed(key.pair.getPrivate());
    }

    /** Null if there is none of this id. */
    @Nullable
    PublicKey publicKey(int id) {
        Key key = find(id);
        return key == null ? null : key.pair.getPublic();
    }

    private @Nullable Key find(int id) {
        Key key = known.get(id);
        return key == null ? read(" WHERE id = " + id).stream().findAny().orElse(null) : key;
    }

    /** Nothing if another node was faster. */
    private void insert() {
        KeyPair pair = newPair();
        database.update(
                "INSERT INTO ticket_key (id, created_at, private_key, public_key)"
                        + " SELECT coalesce(max(id) + 1, 0), clock_timestamp(), ?, ? FROM ticket_key ON CONFLICT DO NOTHING",
                pair.getPrivate().getEncoded(),
                pair.getPublic().getEncoded());
    }

    private List<Key> read(String condition) {
        List<Key> keys = database.query(SELECT + condition, TicketKeys::key);
        keys.forEach(key -> known.put(key.id, key));
        return keys;
    }

    private static Key key(ResultSet row, int number) throws SQLException {
        try {
            var factory = KeyFactory.getInstance(TicketCode.ALGORITHM);
            PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(row.getBytes("public_key")));
            PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(row.getBytes("private_key")));
            return new Key(row.getInt("id"), new KeyPair(publicKey, privateKey));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ticket_key has something that is no key", e);
        }
    }

    private static KeyPair newPair() {
        try {
            return KeyPairGenerator.getInstance(TicketCode.ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + TicketCode.ALGORITHM, e);
        }
    }
}
