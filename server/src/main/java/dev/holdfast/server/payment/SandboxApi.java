package dev.holdfast.server.payment;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** Where a buyer of the sandbox does what a payment requires; a real provider has a page of its own for it. */
@Controller
@ConditionalOnProperty(name = "holdfast.payment.provider", havingValue = "sandbox", matchIfMissing = true)
@RequestMapping(path = SandboxApi.PATH, produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Payments", description = "What providers call")
class SandboxApi {
    static final String PATH = "/v1/payments/sandbox";

    @Schema(name = "SandboxPayment")
    record PaymentView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID paymentId,

            @Schema(
                    description = "What it is by now",
                    example = "authorized",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String state) {}

    private final SandboxGateway sandbox;
    private final PaymentProperties properties;

    SandboxApi(SandboxGateway sandbox, PaymentProperties properties) {
        this.sandbox = sandbox;
        this.properties = properties;
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
        return switch (sandbox.authenticate(paymentId, properties.deadline())) {
            case Payment.Absent _ ->
                Answer.refused(
                        Problem.of(ErrorCode.UNKNOWN_PAYMENT, "The sandbox has no payment with the id " + paymentId));
            case PaymentOutcome is -> Answer.ok(new PaymentView(paymentId, GuardedGateway.nameOf(is)));
        };
    }
}
