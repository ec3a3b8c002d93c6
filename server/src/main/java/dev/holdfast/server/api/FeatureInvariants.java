package dev.holdfast.server.api;

import dev.holdfast.engine.Invariant;
import java.util.List;

/** What a feature has to add to the books that {@code /v1/invariants} checks. */
public interface FeatureInvariants {
    /** Checked now. */
    List<Invariant> invariants();
}
