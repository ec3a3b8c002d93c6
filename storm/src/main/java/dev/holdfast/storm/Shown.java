package dev.holdfast.storm;

import java.util.List;

/** What one answer shows to who looks. */
record Shown(List<ProductSeen> products, List<StockSeen> stock) {}
