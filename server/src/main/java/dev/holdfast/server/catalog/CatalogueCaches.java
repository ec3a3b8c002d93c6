package dev.holdfast.server.catalog;

import dev.holdfast.engine.redis.Keys;
import dev.holdfast.server.cache.Changes;
import dev.holdfast.server.cache.ReadCache;
import dev.holdfast.server.redis.RedisLink;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;

/** The caches of products and of pages of them, and who tells them what changed. */
@Configuration(proxyBeanMethods = false)
class CatalogueCaches {
    /** Of the JSON in Redis: servers that write another one must not take it for theirs. */
    private static final int FORMAT = 2;

    /** Where this database's caches are in Redis; other databases may use the same. */
    record Place(@Nullable RedisLink redis, String prefix) {
        String keys(String cache) {
            return prefix + cache + "." + FORMAT + ":";
        }
    }

    @Bean
    static Place cachePlace(ObjectProvider<RedisLink> redis, DataSource database) {
        var link = redis.getIfAvailable();
        return new Place(link, link == null ? "" : Keys.of(database).spread("cache:"));
    }

    @Bean
    @DependsOn(CatalogueSchema.NAME)
    static Changes catalogueChanges(Place place, JdbcTemplate database, MeterRegistry meters) {
        long counted = Objects.requireNonNull(database.queryForObject("SELECT edits FROM catalogue_state", Long.class));
        return new Changes(place.prefix + "catalogue-changes", place.redis, counted, meters);
    }

    @Bean(destroyMethod = "close")
    static ReadCache<UUID, ProductJson> productCache(
            ProductCacheProperties properties,
            Products products,
            EditCounter edits,
            Changes changes,
            Place place,
            MeterRegistry meters,
            Clock clock) {
        var source = new ProductJson.FromDatabase(products, edits);
        var cache = new ReadCache<>(
                "products",
                properties.ttl(),
                properties.size(),
                source,
                changes,
                place.redis,
                place.keys("products"),
                meters,
                clock);
        changes.listen(new Changes.Listener() {
            @Override
            public void changed(long number, Collection<String> keys) {
                cache.forget(ids(keys), number);
            }

            @Override
            public void changed(long number) {
                cache.forgetAll(number);
            }

            @Override
            public void made(long number, Collection<String> keys) {
                cache.forgetCopies(ids(keys), number);
            }
        });
        return cache;
    }

    @Bean(destroyMethod = "close")
    static ReadCache<PageKey, ListPage> pageCache(
            PageCacheProperties properties,
            ProductSearch search,
            EditCounter edits,
            Changes changes,
            Place place,
            MeterRegistry meters,
            Clock clock) {
        var source = new ListPage.FromDatabase(search, edits);
        var cache = new ReadCache<>(
                "pages",
                properties.ttl(),
                properties.size(),
                source,
                changes,
                place.redis,
                place.keys("pages"),
                meters,
                clock);
        changes.listen(new Changes.Listener() {
            @Override
            public void changed(long number, Collection<String> keys) {
                cache.forgetAll(number);
            }

            @Override
            public void changed(long number) {
                cache.forgetAll(number);
            }
        });
        return cache;
    }

    /** A message may be a lie. */
    private static List<UUID> ids(Collection<String> keys) {
        List<UUID> ids = new ArrayList<>(keys.size());
        for (String key : keys) {
            try {
                ids.add(UUID.fromString(key));
            } catch (IllegalArgumentException e) {
                // none of ours
            }
        }
        return ids;
    }
}
