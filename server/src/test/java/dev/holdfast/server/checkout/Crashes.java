package dev.holdfast.server.checkout;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lets the driver of a checkout die before a step, once: it does nothing any more, and nobody is told. */
@Configuration(proxyBeanMethods = false)
public class Crashes {
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1;

        Crash(Step step) {
            super("dies before " + step, null, false, false);
        }
    }

    private static final Map<UUID, Step> ARMED = new ConcurrentHashMap<>();

    /** Before the step of this name. */
    public static void arm(UUID checkout, String step) {
        ARMED.put(checkout, Step.valueOf(step));
    }

    /** Whether the driver of this checkout, if it was to die, has died. */
    public static boolean isOver(UUID checkout) {
        return !ARMED.containsKey(checkout);
    }

    @Bean
    Watcher crashing() {
        return (checkout, step) -> {
            if (ARMED.remove(checkout.id(), step)) {
                throw new Crash(step);
            }
        };
    }
}
