package dev.holdfast.engine;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.StringJoiner;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.Oid;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/** Sets a statement's parameters one after the other, arrays in PostgreSQL's binary form. */
final class Parameters {
    private final PreparedStatement statement;
    private final PGConnection connection;
    private int index = 1;

    Parameters(PreparedStatement statement) throws SQLException {
        this.statement = statement;
        this.connection = statement.getConnection().unwrap(PGConnection.class);
    }

    Parameters time(Instant at) throws SQLException {
        statement.setObject(index++, at.atOffset(ZoneOffset.UTC));
        return this;
    }

    Parameters number(int value) throws SQLException {
        statement.setInt(index++, value);
        return this;
    }

    Parameters object(@Nullable Object value) throws SQLException {
        statement.setObject(index++, value);
        return this;
    }

    Parameters longs(long... values) throws SQLException {
        statement.setArray(index++, connection.createArrayOf("int8", values));
        return this;
    }

    Parameters ints(int[] values) throws SQLException {
        statement.setArray(index++, connection.createArrayOf("int4", values));
        return this;
    }

    Parameters shorts(short[] values) throws SQLException {
        statement.setArray(index++, connection.createArrayOf("int2", values));
        return this;
    }

    Parameters texts(@Nullable String[] values) throws SQLException {
        statement.setArray(index++, connection.createArrayOf("text", values));
        return this;
    }

    Parameters texts(Texts texts) throws SQLException {
        return texts(texts.values());
    }

    Parameters uuids(UUID... values) throws SQLException {
        statement.setObject(index++, new UuidArray(values));
        return this;
    }

    Parameters uuids(Collection<UUID> values) throws SQLException {
        return uuids(values.toArray(UUID[]::new));
    }

    /** A text column that is mostly empty: {@code unnest} fills up with nulls, so an empty array is a column of nulls. */
    static final class Texts {
        private final int size;
        private @Nullable String @Nullable [] values;

        Texts(int size) {
            this.size = size;
        }

        void set(int row, @Nullable String value) {
            if (value != null) {
                values = values == null ? new @Nullable String[size] : values;
                values[row] = value;
            }
        }

        private @Nullable String[] values() {
            return values == null ? new String[0] : values;
        }
    }

    /** A column of arrays, sent as one flat array and for each row the positions of its first and last element. */
    static final class Slices {
        final int[] first;
        final int[] last;
        private long[] flat;
        private int size;
        private int begin;

        Slices(int rows, int sizeExpected) {
            first = new int[rows];
            last = new int[rows];
            flat = new long[sizeExpected];
        }

        void add(long value) {
            if (size == flat.length) {
                flat = Arrays.copyOf(flat, 2 * size + 8);
            }
            flat[size++] = value;
        }

        void add(long value, long next) {
            add(value);
            add(next);
        }

        void end(int row) {
            first[row] = begin + 1;
            last[row] = size;
            begin = size;
        }

        long[] flat() {
            return Arrays.copyOf(flat, size);
        }
    }

    /** The driver sends a UUID[] as text; this sends 20 bytes an id instead of 37 and needs no parsing there. */
    static final class UuidArray extends PGobject implements PGBinaryObject {
        private static final int HEADER_BYTES = 20;
        private static final int ELEMENT_BYTES = 20;

        private final UUID[] ids;

        UuidArray(UUID[] ids) {
            setType("_uuid");
            this.ids = ids;
        }

        @Override
        public int lengthInBytes() {
            return HEADER_BYTES + ids.length * ELEMENT_BYTES;
        }

        @Override
        public void toBytes(byte[] bytes, int offset) {
            var buffer = ByteBuffer.wrap(bytes, offset, lengthInBytes());
            buffer.putInt(1)
                    .putInt(0)
                    .putInt(Oid.UUID)
                    .putInt(ids.length)
                    .putInt(1); // dimensions, nulls, type, size, base
            for (UUID id : ids) {
                buffer.putInt(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
            }
        }

        @Override
        public String getValue() {
            var text = new StringJoiner(",", "{", "}");
            for (UUID id : ids) {
                text.add(id.toString());
            }
            return text.toString();
        }

        @Override
        public void setByteValue(byte[] value, int offset) {
            throw new UnsupportedOperationException("only sent, never read");
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof UuidArray array && Arrays.equals(ids, array.ids);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(ids);
        }

        @Override
        public Object clone() throws CloneNotSupportedException {
            return super.clone();
        }
    }
}
