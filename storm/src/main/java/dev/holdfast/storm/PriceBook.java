package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Every price that was ever written, and when it was replaced at the latest; judges what pages show.
 *
 * <p>The arithmetic. A version is the truth from some instant after its write was sent until some instant before the next
 * write's acknowledgement had come back. An answer to a request sent at {@code s} that says {@code Age: a} was the truth at
 * some instant from {@code s - a} on: the copy may have been taken when the request was sent, and not later than its answer.
 * So it is older than it says if the next version was acknowledged before {@code s - a}. {@code Age} counts whole seconds:
 * {@code Age: 3} is anything below 4. Without it the answer claims to be no copy, and {@code a} is nothing at all.
 */
final class PriceBook {

    /** @param ackedMicros when the answer to its write had come; nobody sees the version before as the newest from then on */
    private record Write(long version, Map<String, Long> pricesMinor, long ackedMicros) {}

    /** One product; guarded by itself, but for {@code editing}, which who changes it holds from its write to its answer. */
    private static final class Entry {
        final ReentrantLock editing = new ReentrantLock();
        final List<Write> writes = new ArrayList<>();
        /** Sent and not answered, or never to be. */
        @Nullable
        Map<String, Long> pending;
        /** The version that somebody saw of it; 0: nobody. */
        long pendingSeenAs;
    }

    /** An edit that may begin: the version to name in {@code If-Match}, and the prices it says. */
    record Base(long version, Map<String, Long> pricesMinor) {}

    static final long STALE_MICROS_MAX = 3_600_000_000L; // an hour; more is recorded as an hour

    private final Map<String, Entry> entries = new HashMap<>();
    private final Findings notWritten = new Findings();
    private final Findings olderThanStated = new Findings();
    private final Findings olderThanTtl = new Findings();
    private final Histogram staleMicros = new ConcurrentHistogram(STALE_MICROS_MAX, 3);

    /** @param versions that the products were given when they were put on sale */
    PriceBook(Assortment assortment, long[] versions) {
        for (int i = 0; i < versions.length; i++) {
            var item = assortment.items().get(i);
            var entry = new Entry();
            entry.writes.add(new Write(versions[i], item.pricesMinor(), Long.MIN_VALUE));
            entries.put(item.id().toString(), entry);
        }
    }

    /** Whether a product is one of this run. */
    boolean knows(String id) {
        return entries.containsKey(id);
    }

    /** Null if somebody else is changing it, or nobody knows what it says now. Else call {@link #end} in the end. */
    @Nullable
    Base begin(String id) {
        var entry = entry(id);
        if (!entry.editing.tryLock()) {
            return null;
        }
        synchronized (entry) {
            if (entry.pending == null) {
                var newest = entry.writes.getLast();
                return new Base(newest.version, newest.pricesMinor);
            }
        }
        entry.editing.unlock();
        return null;
    }

    void end(String id) {
        entry(id).editing.unlock();
    }

    /** Before it is sent: from then on it may be seen. */
    void sent(String id, Map<String, Long> pricesMinor) {
        var entry = entry(id);
        synchronized (entry) {
            entry.pending = pricesMinor;
            entry.pendingSeenAs = 0;
        }
    }

    /** Not written, for sure. */
    void refused(String id) {
        var entry = entry(id);
        synchronized (entry) {
            entry.pending = null;
        }
    }

    void acknowledged(String id, long version, long ackedMicros) {
        var entry = entry(id);
        synchronized (entry) {
            if (entry.pending == null) {
                throw new IllegalStateException("nothing was sent for " + id);
            }
            if (entry.pendingSeenAs != 0 && entry.pendingSeenAs != version) {
                notWritten.add("product %s was shown as version %d before it was acknowledged as %d"
                        .formatted(id, entry.pendingSeenAs, version));
            }
            entry.writes.add(new Write(version, entry.pending, ackedMicros));
            entry.pending = null;
        }
    }

    /**
     * Holds a product that was shown against what was written.
     *
     * @param where it was shown, for people
     * @param sentMicros when it was asked for
     */
    void judge(ProductSeen seen, String where, long sentMicros, Answer.Copy copy) {
        var entry = entry(seen.id());
        Write shown;
        Write next;
        synchronized (entry) {
            int at = entry.writes.size() - 1;
            while (at >= 0 && entry.writes.get(at).version != seen.version()) {
                at--;
            }
            if (at < 0) {
                unacknowledged(seen, entry, where);
                return;
            }
            shown = entry.writes.get(at);
            next = at + 1 < entry.writes.size() ? entry.writes.get(at + 1) : null;
        }
        if (!shown.pricesMinor.equals(seen.pricesMinor())) {
            notWritten.add("%s: product %s version %d shows %s, written was %s"
                    .formatted(where, seen.id(), seen.version(), seen.pricesMinor(), shown.pricesMinor));
        }
        long stale = next == null ? 0 : Math.max(0, sentMicros - next.ackedMicros);
        staleMicros.recordValue(Math.min(STALE_MICROS_MAX, stale));
        age(seen, where, stale, copy);
    }

    private void unacknowledged(ProductSeen seen, Entry entry, String where) {
        boolean isNew = seen.version() > entry.writes.getLast().version;
        if (isNew && seen.pricesMinor().equals(entry.pending)) {
            entry.pendingSeenAs = seen.version();
            staleMicros.recordValue(0);
        } else {
            notWritten.add("%s: product %s version %d with %s was never written"
                    .formatted(where, seen.id(), seen.version(), seen.pricesMinor()));
        }
    }

    private void age(ProductSeen seen, String where, long stale, Answer.Copy copy) {
        if (stale >= ageMicrosMax(copy)) {
            olderThanStated.add("%s: product %s version %d was replaced %,d ms before, its age says %s"
                    .formatted(
                            where,
                            seen.id(),
                            seen.version(),
                            stale / 1_000,
                            copy.ageSeconds() == null ? "nothing" : copy.ageSeconds() + " s"));
        }
        if (copy.maxAgeSeconds() != null && stale > copy.maxAgeSeconds() * 1_000_000) {
            olderThanTtl.add("%s: product %s version %d was replaced %,d ms before, its max-age is %d s"
                    .formatted(where, seen.id(), seen.version(), stale / 1_000, copy.maxAgeSeconds()));
        }
    }

    /** What is this old, or older, is older than it says; without an age that is the least that can be told apart. */
    private static long ageMicrosMax(Answer.Copy copy) {
        return copy.ageSeconds() == null ? 1 : (copy.ageSeconds() + 1) * 1_000_000;
    }

    /** Something about a list or a page that is not what was written. */
    void notWritten(String what) {
        notWritten.add(what);
    }

    Latency staleness() {
        return Latency.of(staleMicros);
    }

    List<Check> checks() {
        return List.of(
                notWritten.named("pages and lists show what was written, and all of it", ""),
                olderThanStated.named("no price is older than its page says (Age)", ""),
                olderThanTtl.named("no price is older than its page may be (max-age)", ""));
    }

    private Entry entry(String id) {
        var entry = entries.get(id);
        if (entry == null) {
            throw new IllegalArgumentException("no product of this run: " + id);
        }
        return entry;
    }
}
