package dev.holdfast.storm;

import java.util.Map;

/**
 * A product as the server showed it, on a page of its own or in a list.
 *
 * @param pricesMinor by SKU
 * @param available by SKU; empty on a page of its own
 */
record ProductSeen(String id, long version, Map<String, Long> pricesMinor, Map<String, Long> available) {}
