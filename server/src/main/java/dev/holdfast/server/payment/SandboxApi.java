package dev.holdfast.server.payment;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** Where a buyer of the sandbox does what a payment requires, and where its books are shown; a real provider has pages of its own for both. */
@Controller
@ConditionalOnProperty(name = "holdfast.payment.provider", havingValue = "sandbox", matchIfMissing = true)
@RequestMapping(path = SandboxApi.PATH, produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Payments", description = "What providers call")
class SandboxApi {
    static final String PATH = "/v1/payments/sandbox";

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "SandboxPayment")
    record PaymentView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID paymentId,

            @Schema(
                    description = "What it is by now",
                    example = "authorized",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String state,

            @Schema(description = "What was taken, if anything was") @Nullable
            Money captured,

            @Schema(description = "What of it was given back, if anything was") @Nullable
            Money refunded) {
        static PaymentView of(UUID id, PaymentOutcome is) {
            return switch (is) {
                case Payment.Captured(var captured) -> new PaymentView(id, GuardedGateway.nameOf(is), captured, null);
                case Payment.Refunded(var captured, var refunded) ->
                    new PaymentView(id, GuardedGateway.nameOf(is), captured, refunded);
                default -> new PaymentView(id, GuardedGateway.nameOf(is), null, null);
            };
        }
    }

    private final SandboxGateway sandbox;
    private final PaymentProperties properties;

    SandboxApi(SandboxGateway sandbox, PaymentProperties properties) {
        this.sandbox = sandbox;
        this.properties = properties;
    }

    @GetMapping("/{id}")
    @Operation(
            operationId = "getSandboxPayment",
            summary = "Look into the sandbox's books",
            description = "What it says of a payment: so whoever checks from outside knows what money was kept.")
    @Contract(
            answer = PaymentView.class,
            problems = {ErrorCode.UNKNOWN_PAYMENT})
    Answer get(@PathVariable String id, HttpServletRequest request) {
        UUID paymentId = Query.id(id);
        return answer(paymentId, Query.of(request).finish(() -> sandbox.find(paymentId, properties.deadline())));
    }

    @PostMapping("/{id}/authentication")
    @Operation(
            operationId = "authenticateSandboxPayment",
            summary = "Do what the buyer has to do",
            description = "A payment with the token `tok_requires_action` is authorized then. Again: nothing changes.")
    @Contract(
            answer = PaymentView.class,
            problems = {ErrorCode.UNKNOWN_PAYMENT})
    Answer authenticate(@PathVariable String id, HttpServletRequest request) {
        UUID paymentId = Query.id(id);
        Body.requireNone(request);
        return answer(paymentId, sandbox.authenticate(paymentId, properties.deadline()));
    }

    private static Answer answer(UUID paymentId, PaymentOutcome is) {
        return is instanceof Payment.Absent
                ? Answer.refused(
                        Problem.of(ErrorCode.UNKNOWN_PAYMENT, "The sandbox has no payment with the id " + paymentId))
                : Answer.ok(PaymentView.of(paymentId, is));
    }
}
