package dev.holdfast.samples.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An order and the hold of its units. */
@Entity
class PurchaseOrder {
    /** ACCEPTED until it is known what became of the hold: CONFIRMED, or LAPSED if it had ended before. */
    enum State {
        ACCEPTED,
        CONFIRMED,
        LAPSED
    }

    @Id
    private String number;

    private UUID holdId;

    @Enumerated(EnumType.STRING)
    private State state = State.ACCEPTED;

    @Version
    private @Nullable Long version;

    @SuppressWarnings("NullAway.Init") // Hibernate's
    protected PurchaseOrder() {}

    PurchaseOrder(String number, UUID holdId) {
        this.number = number;
        this.holdId = holdId;
    }

    String number() {
        return number;
    }

    UUID holdId() {
        return holdId;
    }

    State state() {
        return state;
    }
}
