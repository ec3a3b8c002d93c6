package dev.holdfast.server.payment;

import com.stripe.StripeClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The configured provider, guarded. What the other one needs is neither made nor loaded. */
@Configuration(proxyBeanMethods = false)
class PaymentConfiguration {
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "holdfast.payment.provider", havingValue = "sandbox", matchIfMissing = true)
    static class Sandbox {
        private static final Logger LOG = LoggerFactory.getLogger(SandboxGateway.class);

        @Bean(destroyMethod = "close")
        SandboxGateway sandboxGateway(
                DataSource dataSource, PaymentEvents events, Clock clock, Environment environment) {
            if (!environment.acceptsProfiles(Profiles.of("local"))) {
                LOG.warn("Payments are played: holdfast.payment.provider is sandbox, and no money moves");
            }
            return new SandboxGateway(new SandboxLane(new SandboxBooks(dataSource), clock), events);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "holdfast.payment.provider", havingValue = "stripe")
    static class Stripe {
        @Bean
        StripeIntents stripeIntents(JdbcClient database) {
            return new StripeIntents(database);
        }

        @Bean
        StripeGateway stripeGateway(PaymentProperties properties, StripeIntents intents) {
            StripeClient client = StripeClient.builder()
                    .setApiKey(properties.stripe().key())
                    .setApiBase(properties.stripe().baseUrl())
                    .setMaxNetworkRetries(0) // who asks decides that, and knows the deadline
                    .build();
            return new StripeGateway(client.v1(), intents);
        }
    }

    @Bean
    @Primary
    GuardedGateway paymentGateway(
            PaymentGateway provider, PaymentProperties properties, Clock clock, MeterRegistry meters) {
        return new GuardedGateway(provider, properties.deadline(), properties.concurrentMax(), clock, meters);
    }
}
