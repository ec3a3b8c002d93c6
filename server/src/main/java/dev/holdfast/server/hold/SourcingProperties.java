package dev.holdfast.server.hold;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where units come from when a request does not say.
 *
 * @param policy for lines without a location in requests without a sourcing
 * @param split whether units of one SKU may come from several locations; a request may say otherwise
 */
@ConfigurationProperties("holdfast.sourcing")
public record SourcingProperties(
        @DefaultValue("none") Policy policy,
        @DefaultValue("true") boolean split) {
    /** NONE: from main. */
    public enum Policy {
        NONE,
        PRIORITY,
        FEWEST_PARCELS
    }
}
