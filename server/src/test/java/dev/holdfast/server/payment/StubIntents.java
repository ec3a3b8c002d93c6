package dev.holdfast.server.payment;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** PaymentIntents and refunds in memory, with the states, test tokens and errors that Stripe documents. */
final class StubIntents {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Map<String, String> DECLINES = Map.of(
            "pm_card_visa_chargeDeclined", "generic_decline",
            "pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds",
            "pm_card_chargeDeclinedExpiredCard", "expired_card");
    private static final String APPROVED = "pm_card_visa";
    private static final String TO_AUTHENTICATE = "pm_card_authenticationRequired";

    private final Map<String, ObjectNode> intents = new HashMap<>();

    static StubStripe.Reply error(
            int status, String type, String code, String message, @Nullable ObjectNode intent, String... more) {
        ObjectNode error = MAPPER.createObjectNode();
        error.put("type", type).put("code", code).put("message", message);
        error.put("doc_url", "https://stripe.com/docs/error-codes/" + code.replace('_', '-'));
        for (int i = 0; i < more.length; i += 2) {
            error.put(more[i], more[i + 1]);
        }
        if (intent != null) {
            error.set("payment_intent", intent);
        }
        ObjectNode body = MAPPER.createObjectNode();
        body.set("error", error);
        return new StubStripe.Reply(status, body.toString());
    }

    synchronized StubStripe.Reply reply(String step, String id, Map<String, String> form) {
        if (step.equals("create")) {
            return create(form);
        }
        String intentId = step.equals("refund") ? String.valueOf(form.get("payment_intent")) : id;
        ObjectNode intent = intents.get(intentId);
        if (intent == null) {
            return error(
                    404,
                    "invalid_request_error",
                    "resource_missing",
                    "No such payment_intent: '" + intentId + "'",
                    null);
        }
        return switch (step) {
            case "retrieve" -> ok(intent);
            case "confirm" -> confirm(intent);
            case "capture" -> capture(intent, Long.parseLong(String.valueOf(form.get("amount_to_capture"))));
            case "cancel" -> cancel(intent);
            case "refund" -> refund(intent, Long.parseLong(String.valueOf(form.get("amount"))));
            default -> throw new IllegalArgumentException(step);
        };
    }

    /** The buyer passes or fails 3-D Secure. */
    synchronized void authenticate(String id, boolean passes) {
        ObjectNode intent = Objects.requireNonNull(intents.get(id));
        intent.putNull("next_action");
        if (passes) {
            authorize(intent);
        } else {
            intent.put("status", "requires_payment_method");
            intent.set(
                    "last_payment_error",
                    MAPPER.createObjectNode()
                            .put("type", "invalid_request_error")
                            .put("code", "payment_intent_authentication_failure")
                            .put("message", "The provided PaymentMethod has failed authentication."));
        }
    }

    /** What Stripe is at for longer: some banks take minutes. */
    synchronized void set(String id, String status) {
        Objects.requireNonNull(intents.get(id)).put("status", status);
    }

    synchronized long count(String status) {
        return intents.values().stream().filter(intent -> is(intent, status)).count();
    }

    synchronized String onlyId() {
        return intents.keySet().iterator().next();
    }

    private StubStripe.Reply create(Map<String, String> form) {
        String method = String.valueOf(form.get("payment_method"));
        if (!method.equals(APPROVED) && !method.equals(TO_AUTHENTICATE) && !DECLINES.containsKey(method)) {
            return error(
                    400,
                    "invalid_request_error",
                    "resource_missing",
                    "No such PaymentMethod: '" + method + "'",
                    null,
                    "param",
                    "payment_method");
        }
        String id = "pi_" + UUID.randomUUID();
        ObjectNode intent = MAPPER.createObjectNode();
        intent.put("id", id).put("object", "payment_intent").put("status", "requires_confirmation");
        intent.put("amount", Long.parseLong(String.valueOf(form.get("amount"))));
        intent.put("amount_capturable", 0).put("amount_received", 0);
        intent.put("capture_method", String.valueOf(form.get("capture_method")));
        intent.put("client_secret", id + "_secret_stub").put("currency", String.valueOf(form.get("currency")));
        intent.put("payment_method", method).putNull("latest_charge").putNull("next_action");
        intent.putObject("metadata").put("holdfast_payment", String.valueOf(form.get("metadata[holdfast_payment]")));
        intents.put(id, intent);
        return ok(intent);
    }

    private static StubStripe.Reply confirm(ObjectNode intent) {
        if (!is(intent, "requires_confirmation")) {
            return unexpected(intent, "confirmed");
        }
        String method = intent.path("payment_method").asString();
        String decline = DECLINES.get(method);
        if (decline != null) {
            String code = decline.equals("expired_card") ? decline : "card_declined";
            intent.put("status", "requires_payment_method").putNull("payment_method");
            intent.set(
                    "last_payment_error",
                    MAPPER.createObjectNode()
                            .put("type", "card_error")
                            .put("code", code)
                            .put("decline_code", decline)
                            .put("message", "Your card was declined."));
            return error(402, "card_error", code, "Your card was declined.", intent, "decline_code", decline);
        }
        if (method.equals(TO_AUTHENTICATE)) {
            intent.put("status", "requires_action");
            intent.putObject("next_action").put("type", "use_stripe_sdk").putObject("use_stripe_sdk");
        } else {
            authorize(intent);
        }
        return ok(intent);
    }

    private static void authorize(ObjectNode intent) {
        intent.put("status", "requires_capture")
                .put("amount_capturable", intent.path("amount").longValue());
        intent.putObject("latest_charge")
                .put("id", "ch_" + intent.path("id").asString())
                .put("object", "charge")
                .put("amount_refunded", 0);
    }

    private static StubStripe.Reply capture(ObjectNode intent, long amount) {
        if (!is(intent, "requires_capture")) {
            return unexpected(intent, "captured");
        }
        if (amount > intent.path("amount_capturable").longValue()) {
            return error(
                    400,
                    "invalid_request_error",
                    "amount_too_large",
                    "The amount_to_capture is greater than the amount that can be captured.",
                    intent,
                    "param",
                    "amount_to_capture");
        }
        intent.put("status", "succeeded").put("amount_capturable", 0).put("amount_received", amount);
        return ok(intent);
    }

    private static StubStripe.Reply cancel(ObjectNode intent) {
        if (is(intent, "succeeded") || is(intent, "canceled") || is(intent, "processing")) {
            return unexpected(intent, "canceled");
        }
        intent.put("status", "canceled").put("amount_capturable", 0);
        return ok(intent);
    }

    private static StubStripe.Reply refund(ObjectNode intent, long amount) {
        if (!is(intent, "succeeded")) {
            return error(
                    400,
                    "invalid_request_error",
                    "payment_intent_unexpected_state",
                    "This PaymentIntent does not have a successful charge to refund.",
                    null);
        }
        ObjectNode charge = (ObjectNode) intent.path("latest_charge");
        long refunded = charge.path("amount_refunded").longValue() + amount;
        if (refunded > intent.path("amount_received").longValue()) {
            return error(
                    400,
                    "invalid_request_error",
                    "charge_already_refunded",
                    "Refund amount is greater than unrefunded amount on charge.",
                    null);
        }
        charge.put("amount_refunded", refunded);
        return ok(MAPPER.createObjectNode()
                .put("id", "re_" + refunded)
                .put("object", "refund")
                .put("amount", amount)
                .put("status", "succeeded"));
    }

    private static StubStripe.Reply unexpected(ObjectNode intent, String what) {
        return error(
                400,
                "invalid_request_error",
                "payment_intent_unexpected_state",
                "This PaymentIntent could not be " + what + " because it has a status of "
                        + intent.path("status").asString() + ".",
                intent);
    }

    private static boolean is(ObjectNode intent, String status) {
        return intent.path("status").asString().equals(status);
    }

    private static StubStripe.Reply ok(ObjectNode body) {
        return new StubStripe.Reply(200, body.toString());
    }
}
