package dev.holdfast.server.catalog;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How strict the catalogue is.
 *
 * @param required whether a SKU has to be in the catalogue to be received, held or sold
 */
@ConfigurationProperties("holdfast.catalog")
public record CatalogProperties(@DefaultValue("false") boolean required) {}
