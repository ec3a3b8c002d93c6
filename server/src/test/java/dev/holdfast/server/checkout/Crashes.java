package dev.holdfast.server.checkout;

import dev.holdfast.server.HoldfastServer;
import java.util.concurrent.CountDownLatch;
import org.springframework.context.annotation.Bean;

/**
 * A server whose drivers stop before the step that their checkout's reference names, and say so, until the process is killed: so one
 * kill meets any number of them, each exactly there. No configuration that other servers of this module would find.
 */
public class Crashes {
    /** What is printed before the checkout's id. */
    public static final String STOPPED = "stopped ";

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    public static void main(String[] arguments) {
        HoldfastServer.application(Crashes.class).run(arguments);
    }

    @Bean
    Watcher stopping() {
        return (checkout, step) -> {
            if (step.name().equals(checkout.reference())) {
                System.out.println(STOPPED + checkout.id());
                awaitKill();
            }
        };
    }

    private static void awaitKill() {
        try {
            NEVER.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("to be killed, not asked to stop", e);
        }
    }
}
