package dev.holdfast.server.checkout;

import dev.holdfast.server.checkout.Step.Event;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Every pair of step and event: what follows, and that nothing else can. */
final class StepTest {
    @Test
    void whatFollows() {
        List<String> table = new ArrayList<>();
        for (Step step : Step.values()) {
            for (Event event : Event.values()) {
                try {
                    table.add(step + " " + event + " " + step.after(event));
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessage(event + " cannot come of " + step);
                }
            }
        }

        assertThat(table)
                .containsExactlyInAnyOrder(
                        "ASK AUTHORIZED CONFIRM",
                        "ASK CAPTURED CONFIRM",
                        "ASK UNPAID RELEASE",
                        "ASK UNCLEAR LATER",
                        "CONFIRM CONFIRMED CAPTURE",
                        "CONFIRM HOLD_EXPIRED HOLD_AGAIN",
                        "CONFIRM HOLD_OVER RELEASE",
                        "CONFIRM UNPAID VOID_ALLOCATED",
                        "HOLD_AGAIN HELD ADOPT",
                        "ADOPT DONE CONFIRM",
                        "ADOPT OVERTAKEN STOP",
                        "HOLD_AGAIN SOLD_OUT RELEASE",
                        "HOLD_AGAIN UNCLEAR LATER",
                        "CAPTURE CAPTURED COMPLETE",
                        "CAPTURE UNPAID VOID_ALLOCATED",
                        "CAPTURE UNCLEAR LATER",
                        "RELEASE HOLD_OVER VOID",
                        "RELEASE CONFIRMED CAPTURE",
                        "RELEASE UNPAID VOID_ALLOCATED",
                        "VOID VOIDED END",
                        "VOID CAPTURED REFUND",
                        "VOID UNCLEAR LATER",
                        "VOID_ALLOCATED VOIDED DEALLOCATE",
                        "VOID_ALLOCATED CAPTURED REFUND_ALLOCATED",
                        "VOID_ALLOCATED UNCLEAR LATER",
                        "REFUND_ALLOCATED DONE DEALLOCATE",
                        "REFUND_ALLOCATED UNCLEAR LATER",
                        "DEALLOCATE DONE END",
                        "REFUND DONE END",
                        "REFUND UNCLEAR LATER");
    }
}
