package dev.holdfast.server.catalog;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The cache of single products.
 *
 * @param ttl how old an answer may get; at least a second
 * @param size of what is kept in memory
 */
@ConfigurationProperties("holdfast.cache.products")
public record ProductCacheProperties(
        @DefaultValue("30s") Duration ttl,
        @DefaultValue("64MB") DataSize size) {}
