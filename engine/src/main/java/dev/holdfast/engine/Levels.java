package dev.holdfast.engine;

import java.time.Instant;
import java.util.List;

/**
 * The levels of some SKUs at one moment.
 *
 * @param levels in no order; unknown SKUs have none
 * @param asOf whatever was committed by then is in them; by the database's clock
 */
public record Levels(List<Level> levels, Instant asOf) {}
