package dev.holdfast.server.payment;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds for every provider. */
abstract class GatewayContract {
    static final Duration LONG = Duration.ofSeconds(20);

    final UUID id = IdempotencyKey.randomUuidV7();

    abstract PaymentGateway gateway();

    /** The provider's token for a fate, named as the sandbox's. */
    abstract String token(String fate);

    /** What the buyer does. */
    abstract void act(Payment.RequiresAction action);

    static Money euros(long amountMinor) {
        return new Money(amountMinor, "EUR");
    }

    static IdempotencyKey newKey() {
        return IdempotencyKey.random();
    }

    Authorization authorization(String fate, long amountMinor) {
        return new Authorization(id, euros(amountMinor), token(fate));
    }

    PaymentOutcome authorize(String fate) {
        return gateway().authorize(authorization(fate, 1_000), LONG);
    }

    PaymentOutcome capture(long amountMinor) {
        return gateway().capture(id, euros(amountMinor), LONG);
    }

    PaymentOutcome cancel() {
        return gateway().cancel(id, LONG);
    }

    PaymentOutcome refund(long amountMinor, IdempotencyKey key) {
        return gateway().refund(id, euros(amountMinor), key, LONG);
    }

    PaymentOutcome find() {
        return gateway().find(id, LONG);
    }

    List<PaymentOutcome> authorizeAtOnce(int times) throws Exception {
        List<Callable<PaymentOutcome>> tries = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            tries.add(() -> authorize("approve"));
        }
        List<PaymentOutcome> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<PaymentOutcome> answer : threads.invokeAll(tries)) {
                answers.add(answer.get());
            }
        }
        return answers;
    }

    static void assertRefused(PaymentOutcome outcome, Payment is) {
        assertThat(outcome).isInstanceOfSatisfying(PaymentOutcome.Refused.class, refused -> {
            assertThat(refused.payment()).isEqualTo(is);
            assertThat(refused.why()).isNotBlank();
        });
    }

    @Test
    void authorizedCapturedAndFound() {
        assertThat(authorize("approve")).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(find()).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(capture(1_000)).isEqualTo(new Payment.Captured(euros(1_000)));
        assertThat(find()).isEqualTo(new Payment.Captured(euros(1_000)));
    }

    @Test
    void aDeclineHasItsReasonAndIsForGood() {
        assertThat(authorize("decline")).isEqualTo(new Payment.Declined(DeclineReason.DECLINED));
        assertThat(authorize("decline")).isEqualTo(new Payment.Declined(DeclineReason.DECLINED));
        assertThat(find()).isEqualTo(new Payment.Declined(DeclineReason.DECLINED));
        assertRefused(capture(1_000), new Payment.Declined(DeclineReason.DECLINED));
    }

    @Test
    void insufficientFunds() {
        assertThat(authorize("insufficient_funds")).isEqualTo(new Payment.Declined(DeclineReason.INSUFFICIENT_FUNDS));
        assertThat(find()).isEqualTo(new Payment.Declined(DeclineReason.INSUFFICIENT_FUNDS));
    }

    @Test
    void anExpiredCard() {
        assertThat(authorize("expired_card")).isEqualTo(new Payment.Declined(DeclineReason.EXPIRED_CARD));
        assertThat(find()).isEqualTo(new Payment.Declined(DeclineReason.EXPIRED_CARD));
    }

    @Test
    void aTokenThatNamesNothing() {
        var nothing = new Authorization(id, euros(1_000), "nothing");
        assertThat(gateway().authorize(nothing, LONG)).isEqualTo(new Payment.Declined(DeclineReason.UNUSABLE_METHOD));
        assertThat(find()).isEqualTo(new Payment.Absent());
    }

    @Test
    void theSameAuthorizationAgainIsTheSame() {
        authorize("approve");
        assertThat(authorize("approve")).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertRefused(gateway().authorize(authorization("approve", 999), LONG), new Payment.Authorized(euros(1_000)));
        capture(1_000);
        assertThat(authorize("approve")).isEqualTo(new Payment.Captured(euros(1_000)));
    }

    @Test
    void aHundredTriesOfOneCheckoutAreOnePayment() throws Exception {
        assertThat(authorizeAtOnce(100)).hasSize(100).containsOnly(new Payment.Authorized(euros(1_000)));
    }

    @Test
    void aPartIsCapturedAndTheRestLetGo() {
        authorize("approve");
        assertRefused(capture(1_001), new Payment.Authorized(euros(1_000)));
        assertThat(capture(600)).isEqualTo(new Payment.Captured(euros(600)));
        assertThat(capture(600)).isEqualTo(new Payment.Captured(euros(600)));
        assertRefused(capture(400), new Payment.Captured(euros(600)));
        assertRefused(refund(601, newKey()), new Payment.Captured(euros(600)));
    }

    @Test
    void refundsInPartsOnceForEachKey() {
        authorize("approve");
        capture(1_000);
        var first = newKey();
        assertThat(refund(600, first)).isEqualTo(new Payment.Refunded(euros(1_000), euros(600)));
        assertThat(refund(600, first)).isEqualTo(new Payment.Refunded(euros(1_000), euros(600)));
        assertThat(refund(300, newKey())).isEqualTo(new Payment.Refunded(euros(1_000), euros(900)));
        assertRefused(refund(101, newKey()), new Payment.Refunded(euros(1_000), euros(900)));
        assertThat(refund(100, newKey())).isEqualTo(new Payment.Refunded(euros(1_000), euros(1_000)));
        assertThat(refund(600, first)).isEqualTo(new Payment.Refunded(euros(1_000), euros(1_000)));
        assertThat(capture(1_000)).isEqualTo(find());
        assertRefused(cancel(), new Payment.Refunded(euros(1_000), euros(1_000)));
    }

    @Test
    void whatIsCancelledIsNotCaptured() {
        authorize("approve");
        assertThat(cancel()).isEqualTo(new Payment.Voided());
        assertThat(cancel()).isEqualTo(new Payment.Voided());
        assertThat(find()).isEqualTo(new Payment.Voided());
        assertRefused(capture(1_000), new Payment.Voided());
        assertRefused(refund(1_000, newKey()), new Payment.Voided());
        assertRefused(authorize("approve"), new Payment.Voided());
    }

    @Test
    void whatIsCapturedIsNotCancelled() {
        authorize("approve");
        capture(1_000);
        assertRefused(cancel(), new Payment.Captured(euros(1_000)));
        assertThat(find()).isEqualTo(new Payment.Captured(euros(1_000)));
    }

    /** Who gives up on an authorization that may still be on its way can be sure of it. */
    @Test
    void whatIsCancelledFirstIsNeverAuthorized() {
        assertThat(cancel()).isEqualTo(new Payment.Voided());
        assertRefused(authorize("approve"), new Payment.Voided());
        assertThat(find()).isEqualTo(new Payment.Voided());
    }

    @Test
    void captureAgainstCancelEndsInOneOfThem() throws Exception {
        authorize("approve");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var captured = threads.submit(() -> capture(1_000));
            var cancelled = threads.submit(this::cancel);
            PaymentOutcome is = find();
            if (captured.get() instanceof Payment.Captured(var amount)) {
                assertThat(amount).isEqualTo(euros(1_000));
                assertRefused(cancelled.get(), new Payment.Captured(euros(1_000)));
            } else {
                assertRefused(captured.get(), new Payment.Voided());
                assertThat(cancelled.get()).isEqualTo(new Payment.Voided());
            }
            assertThat(is).isInstanceOf(Payment.class);
        }
    }

    @Test
    void ofWhatIsUnknownThereIsNothing() {
        assertThat(find()).isEqualTo(new Payment.Absent());
        assertRefused(capture(1_000), new Payment.Absent());
        assertRefused(refund(1_000, newKey()), new Payment.Absent());
    }

    @Test
    void theBuyerActsThenItIsAuthorized() {
        PaymentOutcome required = authorize("requires_action");
        assertThat(required).isInstanceOfSatisfying(Payment.RequiresAction.class, action -> {
            assertThat(action.reference()).isNotBlank();
            assertThat(action.url() == null).isNotEqualTo(action.clientSecret() == null);
            assertRefused(capture(1_000), action);
            act(action);
        });
        assertThat(find()).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(capture(1_000)).isEqualTo(new Payment.Captured(euros(1_000)));
    }

    @Test
    void whoNeverActsIsCancelled() {
        authorize("requires_action");
        assertThat(cancel()).isEqualTo(new Payment.Voided());
        assertThat(find()).isEqualTo(new Payment.Voided());
    }
}
