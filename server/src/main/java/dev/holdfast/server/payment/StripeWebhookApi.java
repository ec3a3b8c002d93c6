package dev.holdfast.server.payment;

import com.stripe.exception.SignatureVerificationException;
import com.stripe.net.Webhook;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import dev.holdfast.server.api.Query;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.databind.JsonNode;

/**
 * Stripe's signed messages. Only a hint to look: what the payment is, Stripe is asked, so it matters neither what a message says
 * nor in which order they come. Messages about what is none of ours are taken and dropped: Stripe would repeat them for days.
 */
@Controller
@ConditionalOnProperty(name = "holdfast.payment.provider", havingValue = "stripe")
@Tag(name = "Payments", description = "What providers call")
class StripeWebhookApi {
    /** Stripe's are some kilobytes. */
    private static final int BYTES_MAX = 1 << 18;

    /** How old a message may be, so that one that was overheard is no good later. */
    private static final long TOLERANCE_SECONDS = Webhook.DEFAULT_TOLERANCE;

    private final PaymentEvents events;
    private final StripeIntents intents;
    private final String secret;
    private final Clock clock;

    StripeWebhookApi(PaymentEvents events, StripeIntents intents, PaymentProperties properties, Clock clock) {
        this.events = events;
        this.intents = intents;
        this.secret = properties.stripe().webhookSecret();
        this.clock = clock;
    }

    @PostMapping("/v1/payments/webhooks/stripe")
    @Operation(
            operationId = "receiveStripeEvent",
            summary = "Take a message of Stripe",
            description = "Signed by Stripe in `Stripe-Signature`. The same message again has no effect.")
    @Contract(
            status = 204,
            problems = {ErrorCode.INVALID_SIGNATURE, ErrorCode.BODY_TOO_LARGE})
    Answer receive(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(BYTES_MAX + 1);
        if (body.length > BYTES_MAX) {
            return Answer.refused(
                    Problem.of(ErrorCode.BODY_TOO_LARGE, "A message has at most " + BYTES_MAX + " bytes"));
        }
        if (!isSigned(new String(body, StandardCharsets.UTF_8), request.getHeader("Stripe-Signature"))) {
            events.count("refused");
            return Answer.refused(Problem.of(
                    ErrorCode.INVALID_SIGNATURE,
                    "Stripe-Signature does not belong to this body, this secret and the last " + TOLERANCE_SECONDS
                            + " s"));
        }
        JsonNode event = Json.read(body);
        Optional<UUID> payment = paymentOf(event.at("/data/object"));
        if (payment.isEmpty()) {
            events.count("foreign");
        } else {
            events.received("stripe:" + event.path("id").asString(), payment.get());
        }
        return Answer.noContent();
    }

    private boolean isSigned(String body, @Nullable String signature) {
        try {
            return signature != null
                    && Webhook.Signature.verifyHeader(body, signature, secret, TOLERANCE_SECONDS, clock);
        } catch (SignatureVerificationException e) {
            return false;
        }
    }

    /** An intent has our id with it; charges, refunds and disputes name their intent. */
    private Optional<UUID> paymentOf(JsonNode object) {
        String ours = object.at("/metadata/" + StripeGateway.METADATA).asString("");
        if (!ours.isEmpty()) {
            try {
                return Optional.of(Query.id(ours));
            } catch (ProblemException e) {
                return Optional.empty(); // somebody else's idea of our name
            }
        }
        String intentId = object.path("payment_intent").asString("");
        return intentId.isEmpty() ? Optional.empty() : intents.paymentOf(intentId);
    }
}
