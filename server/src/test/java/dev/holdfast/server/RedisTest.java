package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import dev.holdfast.local.LocalRedis;
import dev.holdfast.server.redis.RedisLink;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/** Redis is there for speed: the server starts without it, finds it, loses it and finds it again, and is ready all the time. */
@ExtendWith(SharedServer.class)
final class RedisTest {
    private final LocalPostgres postgres;
    private final TestServer without;

    RedisTest(LocalPostgres postgres, TestServer without) {
        this.postgres = postgres;
        this.without = without;
    }

    @Test
    void withoutRedisNothingKnowsOfIt() {
        assertThat(without.get("/actuator/health").at("/components/redis")).isEmpty();
        assertThat(without.beans(RedisLink.class)).isEmpty();
    }

    @Test
    void theSweepersLeaseIsKnownToRedisWheneverItIsThere() {
        postgres.createDatabase("leases");
        try (LocalRedis redis = LocalRedis.startTemporary()) {
            redis.kill();
            try (TestServer server = TestServer.start(postgres, "leases", "--holdfast.redis.url=" + redis.url())) {
                assertThat(health(server)).isEqualTo(List.of("AWAY", "UP", "200", "UP"));

                redis.startAgain();
                awaitTheLease(server);
                assertThat(health(server)).isEqualTo(List.of("UP", "UP", "200", "UP"));

                redis.kill();
                Awaitility.await().until(() -> health(server), List.of("AWAY", "UP", "200", "UP")::equals);
                String sku = server.receive(1);
                assertThat(server.postNew("/v1/holds", """
                        {"lines": [{"sku": "%s", "quantity": 1}]}""".formatted(sku)).status())
                        .isEqualTo(201);

                redis.startAgain(); // empty
                awaitTheLease(server);
                Awaitility.await().until(() -> health(server), List.of("UP", "UP", "200", "UP")::equals);

                redis.pause();
                Awaitility.await().until(() -> health(server), List.of("AWAY", "UP", "200", "UP")::equals);
                redis.resume();
                Awaitility.await().until(() -> health(server), List.of("UP", "UP", "200", "UP")::equals);
            }
        }
    }

    /** Of Redis, of all; the status, and whether new requests may come. */
    private static List<String> health(TestServer server) {
        Reply reply = server.get("/actuator/health");
        return List.of(
                reply.at("/components/redis/status"),
                reply.at("/status"),
                Integer.toString(reply.status()),
                server.get("/actuator/health/readiness").at("/status"));
    }

    private static void awaitTheLease(TestServer server) {
        RedisLink redis = server.bean(RedisLink.class);
        Awaitility.await()
                .until(() -> redis.ask(commands -> commands.keys("*lease:sweeper"))
                        .map(List::size)
                        .equals(Optional.of(1)));
    }
}
