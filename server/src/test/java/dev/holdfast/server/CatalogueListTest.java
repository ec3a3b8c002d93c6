package dev.holdfast.server;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.local.LocalPostgres;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import net.ttddyy.dsproxy.ExecutionInfo;
import net.ttddyy.dsproxy.QueryInfo;
import net.ttddyy.dsproxy.listener.QueryExecutionListener;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/** Lists of a catalogue of 10,000 products with 5 SKUs each: whole, and with as many statements for many as for one. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CatalogueListTest {
    private static final int PRODUCTS = 10_000;

    /** Every statement of a request or for it, on its way to the database; those of the engine's and the poll's threads are others'. Without
     * an annotation, which every server of this module's tests would find. */
    static class Watched {
        static final List<String> STATEMENTS = new CopyOnWriteArrayList<>();

        @Bean
        static BeanPostProcessor watch() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof HikariDataSource pool ? watched(pool) : bean;
                }
            };
        }

        private static Object watched(HikariDataSource pool) {
            ProxyDataSource proxy = ProxyDataSourceBuilder.create(pool)
                    .listener(new QueryExecutionListener() {
                        @Override
                        public void beforeQuery(ExecutionInfo execution, List<QueryInfo> queries) {
                            String thread = Thread.currentThread().getName();
                            if (thread.startsWith("tomcat-handler-")
                                    || thread.startsWith("holdfast-cache-")
                                    || thread.startsWith("holdfast-availability")) {
                                queries.forEach(query -> STATEMENTS.add(query.getQuery()));
                            }
                        }

                        @Override
                        public void afterQuery(ExecutionInfo execution, List<QueryInfo> queries) {
                            // counted before
                        }
                    })
                    .build();
            var factory = new ProxyFactory(pool);
            factory.setProxyTargetClass(true);
            factory.addAdvice((MethodInterceptor)
                    call -> call.getMethod().getName().equals("getConnection") && call.getArguments().length == 0
                            ? proxy.getConnection()
                            : call.proceed());
            return factory.getProxy();
        }
    }

    private final LocalPostgres postgres;
    private final TestServer server;

    CatalogueListTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase("lists");
        this.server = TestServer.start(List.of(Watched.class), postgres, "lists");
    }

    @BeforeAll
    void fill() throws SQLException {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl("lists"), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            statement.execute("""
                    INSERT INTO product (id, version, lifecycle, name, description, attributes, images, sku_text,
                                         created_at, updated_at)
                    SELECT ('01936f3e-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 0,
                           CASE i %% 10 WHEN 0 THEN 'PAUSED' ELSE 'ACTIVE' END, 'Product ' || i || ' ' || md5(i::text),
                           'Something to buy', '{"colour": "red"}', '[]',
                           (SELECT string_agg('S-' || i || '-' || j, ' ') FROM generate_series(1, 5) j), now(), now()
                    FROM generate_series(1, %1$d) i;
                    INSERT INTO product_sku (sku, product_id, position, amount_minor, currency, attributes)
                    SELECT 'S-' || i || '-' || j, ('01936f3e-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, j,
                           i, 'EUR', '{}'
                    FROM generate_series(1, %1$d) i, generate_series(1, 5) j;
                    INSERT INTO stock_level (sku, location, on_hand)
                    SELECT 'S-' || i || '-' || j, l, j FROM generate_series(1, %1$d) i, generate_series(1, 5) j,
                        unnest(ARRAY['main', 'outlet']) l;
                    ANALYZE""".formatted(PRODUCTS));
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static long statements(Runnable request) {
        Watched.STATEMENTS.clear();
        request.run();
        return Watched.STATEMENTS.size();
    }

    private void list(String query, int products) {
        assertThat(server.get(query).json().at("/data").size()).isEqualTo(products);
    }

    @Test
    void aListTakesAsManyStatementsForManyAsForOne() {
        for (int products : List.of(3, 51, 199)) { // pages that no other test asks for
            assertThatItTakesThree("/v1/products?limit=" + products, products);
        }
        assertThatItTakesThree("/v1/products?limit=50&q=something&lifecycle=PAUSED", 50);
        assertThat(statements(() -> list("/v1/locations?limit=50", 0))).isEqualTo(1);
    }

    /** Two for the page; one for what is available, and perhaps one more because somebody else had asked for that. */
    private void assertThatItTakesThree(String query, int products) {
        statements(() -> list(query, products));
        var levels = Watched.STATEMENTS.stream()
                .filter(statement -> statement.contains("stock_level"))
                .toList();
        assertThat(Watched.STATEMENTS).as(query).hasSize(2 + levels.size());
        assertThat(levels).hasSizeLessThanOrEqualTo(2);
    }

    /** Only what is available is looked at again, once for all who ask, ten times a second. */
    @Test
    void aPageThatIsKnownTakesNoStatementOfItsOwn() {
        list("/v1/products?limit=49", 49);

        long statements = statements(() -> {
            for (int i = 0; i < 200; i++) {
                list("/v1/products?limit=49", 49);
            }
        });

        assertThat(statements).isLessThan(100);
        assertThat(Watched.STATEMENTS).allMatch(statement -> statement.contains("stock_level"));
    }

    @Test
    void aProductIsOneStatementHoweverManySkusItHas() {
        String path = "/v1/products/01936f3e-0000-7000-8000-000000000001";
        assertThat(statements(() -> server.get(path))).isEqualTo(1);
        assertThat(statements(() -> server.get(path))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=200", "limit=200&q=something", "limit=200&lifecycle=ACTIVE"})
    void pagesShowEveryProductOnce(String query) {
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            Reply page = server.get("/v1/products?" + query + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
            assertThat(page.status()).as(page.text()).isEqualTo(200);
            page.json().at("/data").values().forEach(product -> {
                seen.add(product.path("id").asString());
                assertThat(product.at("/skus/4/available").longValue()).isEqualTo(10);
            });
            cursor = page.at("/nextCursor");
        } while (!cursor.isEmpty());

        assertThat(seen).hasSize(query.contains("ACTIVE") ? PRODUCTS * 9 / 10 : PRODUCTS);
        assertThat(new HashSet<>(seen)).hasSameSizeAs(seen);
        assertThat(seen).isSortedAccordingTo(Comparator.reverseOrder());
    }

    @Test
    void aCursorBelongsToItsList() {
        String cursor = server.get("/v1/products?limit=1").at("/nextCursor");

        assertThat(server.get("/v1/products?limit=1&cursor=" + cursor).status()).isEqualTo(200);
        assertThat(server.get("/v1/products?limit=1&lifecycle=ACTIVE&cursor=" + cursor)
                        .status())
                .isEqualTo(400);
    }
}
