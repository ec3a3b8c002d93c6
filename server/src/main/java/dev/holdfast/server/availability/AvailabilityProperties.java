package dev.holdfast.server.availability;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much is kept in memory.
 *
 * @param skus SKUs whose numbers are kept; about 300 bytes each
 */
@ConfigurationProperties("holdfast.cache.availability")
public record AvailabilityProperties(@DefaultValue("100000") int skus) {}
