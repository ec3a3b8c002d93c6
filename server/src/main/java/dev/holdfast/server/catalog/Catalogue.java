package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Caller;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.catalog.Content.SkuContent;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people do to products, a transaction each. Who writes at the same time as somebody else is decided again, on what that
 * one left behind: then his version is an old one, or his SKU is taken.
 */
@Component
class Catalogue {
    /**
     * One product of many.
     *
     * @param lifecycle null: as it is, DRAFT where it is new
     * @param expectedVersion null: whatever it is
     */
    record Upsert(
            UUID id,
            @Nullable Lifecycle lifecycle,
            @Nullable Long expectedVersion,
            Content content) {}

    /** What one transaction changes: for the caches of all nodes, for {@link ForSale}, and for the audit. */
    private static final class Touched {
        final Set<UUID> ids = new HashSet<>();
        boolean isForSale;
        final List<Audit.Change> changes = new ArrayList<>();

        void change(
                String action,
                Product product,
                Map<String, ? extends @Nullable Object> before,
                Map<String, ? extends @Nullable Object> after) {
            ids.add(product.id());
            changes.add(new Audit.Change(action, "product/" + product.id(), before, after));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Catalogue.class);

    /** Each try but the last lost against a commit of somebody else: four in a row are no coincidence. */
    private static final int TRIES = 5;

    /** Versions of a product that are known to have changed which fields. Of older ones every field counts as changed. */
    private static final int CHANGES_KEPT = 100;

    private final Products products;
    private final JdbcTemplate database;
    private final TransactionTemplate transaction;
    private final ForSale forSale;
    private final EditCounter edits;
    private final Audit audit;
    private final Clock clock;

    Catalogue(
            Products products,
            JdbcTemplate database,
            TransactionTemplate transaction,
            ForSale forSale,
            EditCounter edits,
            Audit audit,
            Clock clock) {
        this.products = products;
        this.database = database;
        this.transaction = transaction;
        this.forSale = forSale;
        this.edits = edits;
        this.audit = audit;
        this.clock = clock;
    }

    /** @param hash of the request if its key may come again; null if it has none */
    Edit create(UUID id, @Nullable Long hash, Content content, Caller caller) {
        return write(caller, touched -> {
            Product known = products.withSkus(id).orElse(null);
            if (known != null) {
                return hash != null && known.wasCreatedBy(hash)
                        ? new Edit.Replayed(ProductView.of(known))
                        : new Edit.KeyReused();
            }
            var taken = taken(id, content);
            if (!taken.isEmpty()) {
                return new Edit.SkuTaken(taken);
            }
            var product = products.saveAndFlush(new Product(id, hash, Lifecycle.DRAFT, content, now()));
            created(product, touched);
            return new Edit.Saved(ProductView.of(product), true);
        });
    }

    Edit replace(UUID id, @Nullable Long expectedVersion, Content content, Caller caller) {
        return edit(id, expectedVersion, caller, (product, touched) -> {
            var taken = taken(id, content);
            return taken.isEmpty() ? saved(product, product.lifecycle(), content, touched) : new Edit.SkuTaken(taken);
        });
    }

    /** Again: the same answer again. */
    Edit become(UUID id, @Nullable Long expectedVersion, Lifecycle next, Caller caller) {
        return write(caller, touched -> {
            Product product = products.withSkus(id).orElse(null);
            if (product != null && product.lifecycle() == next) {
                return new Edit.Saved(ProductView.of(product), false); // of whatever version: it may be his own doing
            }
            return edit(
                    product,
                    expectedVersion,
                    known -> known.lifecycle().mayBecome(next)
                            ? saved(known, next, known.content(), touched)
                            : new Edit.Illegal(known.lifecycle(), next.name()));
        });
    }

    /** Only a draft: whatever was for sale is named in orders. */
    Edit delete(UUID id, @Nullable Long expectedVersion, Caller caller) {
        return edit(id, expectedVersion, caller, (product, touched) -> {
            if (product.lifecycle() != Lifecycle.DRAFT) {
                return new Edit.Illegal(product.lifecycle(), "deleted");
            }
            products.delete(product);
            products.flush();
            touched.change("delete", product, product.fields(), Map.of());
            touched.isForSale = true;
            return new Edit.Deleted();
        });
    }

    /** Each for itself, in this order. In one transaction unless they touch one another or somebody else's commit. */
    List<Edit> upsert(List<Upsert> upserts, Caller caller) {
        if (!touchOneAnother(upserts)) {
            try {
                return transacted(caller, touched -> together(upserts, touched));
            } catch (ConcurrencyFailureException | DataIntegrityViolationException e) {
                LOG.debug("one of the batch met somebody else's commit: one by one", e);
            }
        }
        return upserts.stream()
                .map(upsert -> write(
                        caller, touched -> together(List.of(upsert), touched).getFirst()))
                .toList();
    }

    private boolean touchOneAnother(List<Upsert> upserts) {
        Set<UUID> ids = new HashSet<>();
        Map<String, UUID> wanted = new HashMap<>();
        for (Upsert upsert : upserts) {
            boolean isNew = ids.add(upsert.id);
            for (SkuContent sku : upsert.content.skus()) {
                isNew &= wanted.put(sku.sku(), upsert.id) == null;
            }
            if (!isNew) {
                return true;
            }
        }
        Map<String, UUID> owners = owners(wanted.keySet());
        return owners.entrySet().stream()
                .anyMatch(owner ->
                        ids.contains(owner.getValue()) && !owner.getValue().equals(wanted.get(owner.getKey())));
    }

    private List<Edit> together(List<Upsert> upserts, Touched touched) {
        Map<UUID, Product> known = products
                .withSkus(upserts.stream().map(Upsert::id).toList())
                .stream()
                .collect(Collectors.toMap(Product::id, Function.identity()));
        Map<String, UUID> owners = owners(upserts.stream()
                .flatMap(upsert -> upsert.content.skus().stream())
                .map(SkuContent::sku)
                .toList());
        Instant now = now();
        Map<Product, Product.Change> changes = new LinkedHashMap<>();
        List<Product> created = new ArrayList<>();
        List<Supplier<Edit>> edits = new ArrayList<>(upserts.size());
        for (Upsert upsert : upserts) {
            Product product = known.get(upsert.id);
            Edit refusal = refusal(upsert, product, taken(upsert.id, upsert.content, owners));
            if (refusal != null) {
                edits.add(() -> refusal);
            } else if (product == null) {
                Lifecycle lifecycle = upsert.lifecycle == null ? Lifecycle.DRAFT : upsert.lifecycle;
                var added = new Product(upsert.id, null, lifecycle, upsert.content, now);
                created.add(added);
                edits.add(() -> new Edit.Saved(ProductView.of(added), true));
            } else {
                Lifecycle lifecycle = upsert.lifecycle == null ? product.lifecycle() : upsert.lifecycle;
                changes.put(product, product.write(lifecycle, upsert.content, now));
                edits.add(() -> new Edit.Saved(ProductView.of(product), false));
            }
        }
        products.saveAll(created);
        store(changes, touched);
        created.forEach(product -> created(product, touched));
        return edits.stream().map(Supplier::get).toList();
    }

    private @Nullable Edit refusal(Upsert upsert, @Nullable Product product, Map<String, UUID> taken) {
        if (product == null && upsert.expectedVersion != null) {
            return new Edit.Unknown();
        }
        Long expectedVersion = upsert.expectedVersion;
        if (product != null && expectedVersion != null && expectedVersion != product.version()) {
            return stale(product, expectedVersion);
        }
        if (!taken.isEmpty()) {
            return new Edit.SkuTaken(taken);
        }
        Lifecycle next = upsert.lifecycle;
        return product == null
                        || next == null
                        || product.lifecycle() == next
                        || product.lifecycle().mayBecome(next)
                ? null
                : new Edit.Illegal(product.lifecycle(), next.name());
    }

    private static void created(Product product, Touched touched) {
        touched.isForSale = true;
        touched.change("create", product, Map.of(), product.fields());
    }

    private Edit edit(
            UUID id, @Nullable Long expectedVersion, Caller caller, BiFunction<Product, Touched, Edit> change) {
        return write(
                caller,
                touched -> edit(
                        products.withSkus(id).orElse(null),
                        expectedVersion,
                        product -> change.apply(product, touched)));
    }

    private Edit edit(@Nullable Product product, @Nullable Long expectedVersion, Function<Product, Edit> change) {
        if (product == null) {
            return new Edit.Unknown();
        }
        return expectedVersion != null && expectedVersion != product.version()
                ? stale(product, expectedVersion)
                : change.apply(product);
    }

    private Edit write(Caller caller, Function<Touched, Edit> useCase) {
        for (int i = 1; ; i++) {
            try {
                return transacted(caller, useCase);
            } catch (ConcurrencyFailureException | DataIntegrityViolationException e) {
                if (i == TRIES) {
                    throw e;
                }
            }
        }
    }

    private <T> T transacted(Caller caller, Function<Touched, T> useCase) {
        var touched = new Touched();
        long[] number = new long[1];
        T answer = Objects.requireNonNull(transaction.execute(_ -> {
            T result = useCase.apply(touched);
            if (!touched.ids.isEmpty()) {
                audit.record(caller, now(), touched.changes);
                number[0] = edits.count(touched.isForSale);
            }
            return result;
        }));
        if (!touched.ids.isEmpty()) {
            edits.announce(number[0], touched.ids);
        }
        forSale.refresh();
        return answer;
    }

    private Edit saved(Product product, Lifecycle lifecycle, Content content, Touched touched) {
        store(Map.of(product, product.write(lifecycle, content, now())), touched);
        return new Edit.Saved(ProductView.of(product), false);
    }

    /** Writes what changed, and for whom it is news. */
    private void store(Map<Product, Product.Change> changes, Touched touched) {
        products.flush(); // the versions are known after it
        List<Object[]> rows = changes.entrySet().stream()
                .filter(change -> !change.getValue().fields().isEmpty())
                .map(change -> new Object[] {
                    change.getKey().id(),
                    change.getKey().version(),
                    String.join("\n", change.getValue().fields())
                })
                .toList();
        database.batchUpdate(
                "INSERT INTO product_change (product_id, version, fields) VALUES (?, ?, string_to_array(?, E'\\n'))",
                rows);
        database.batchUpdate(
                "DELETE FROM product_change WHERE product_id = ? AND version <= ? - " + CHANGES_KEPT,
                rows.stream().map(row -> new Object[] {row[0], row[1]}).toList());
        changes.forEach((product, change) -> {
            Set<String> fields = change.fields();
            if (!fields.isEmpty()) {
                touched.change("update", product, change.before(), change.after());
                touched.isForSale |= fields.contains("lifecycle") || fields.contains("skus");
            }
        });
    }

    private Edit stale(Product product, long expectedVersion) {
        Map<String, @Nullable Object> fields = product.fields();
        if (product.version() - expectedVersion > CHANGES_KEPT) { // all may have changed since
            return new Edit.Stale(
                    product.version(),
                    fields.entrySet().stream()
                            .map(field -> new Edit.Changed(field.getKey(), field.getValue()))
                            .toList());
        }
        List<Edit.Changed> changed = database.query(
                "SELECT DISTINCT f FROM product_change, unnest(fields) f WHERE product_id = ? AND version > ? ORDER BY f",
                (row, _) -> new Edit.Changed(row.getString(1), fields.get(row.getString(1))),
                product.id(),
                expectedVersion);
        return new Edit.Stale(product.version(), changed);
    }

    private Map<String, UUID> taken(UUID id, Content content) {
        return taken(
                id, content, owners(content.skus().stream().map(SkuContent::sku).toList()));
    }

    /** Which of its SKUs belong to others. */
    private static Map<String, UUID> taken(UUID id, Content content, Map<String, UUID> owners) {
        Map<String, UUID> taken = new LinkedHashMap<>();
        for (SkuContent sku : content.skus()) {
            UUID owner = owners.get(sku.sku());
            if (owner != null && !owner.equals(id)) {
                taken.put(sku.sku(), owner);
            }
        }
        return taken;
    }

    private Map<String, UUID> owners(Collection<String> skus) {
        Map<String, UUID> owners = new HashMap<>();
        database.query(
                "SELECT sku, product_id FROM product_sku WHERE sku = ANY (?)",
                statement -> statement.setArray(
                        1, statement.getConnection().createArrayOf("text", skus.toArray(String[]::new))),
                row -> {
                    owners.put(row.getString(1), row.getObject(2, UUID.class));
                });
        return owners;
    }

    /** To the microsecond, as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
