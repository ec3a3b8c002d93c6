package dev.holdfast.server;

import dev.holdfast.server.redis.RedisLink;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * The connection to Redis, where one is configured. Not Spring Boot's: without any configuration that one looks for Redis on
 * localhost.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(RedisConfiguration.IsThere.class)
class RedisConfiguration {
    static final class IsThere implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return RedisProperties.isThere(context.getEnvironment().getProperty(RedisProperties.URL));
        }
    }

    /** Neither up nor down: probes and load balancers look at the rest, because stock is correct without Redis. */
    private static final Status AWAY = new Status("AWAY", "Stock does not need it");

    @Bean(destroyMethod = "close")
    RedisLink redisLink(RedisProperties redis, MeterRegistry meters) {
        return new RedisLink(String.valueOf(redis.url()), meters);
    }

    @Bean
    HealthIndicator redisHealthIndicator(RedisLink redis) {
        return () -> Health.status(redis.ask(commands -> commands.ping()).isPresent() ? Status.UP : AWAY)
                .build();
    }
}
