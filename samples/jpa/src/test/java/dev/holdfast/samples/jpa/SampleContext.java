package dev.holdfast.samples.jpa;

import dev.holdfast.local.LocalPostgres;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** One PostgreSQL and one application for all tests; a test's constructor gets the beans it names. */
final class SampleContext implements ParameterResolver {
    private record Running(LocalPostgres postgres, ConfigurableApplicationContext context) implements AutoCloseable {
        static Running start() {
            LocalPostgres postgres = LocalPostgres.startTemporary();
            return new Running(
                    postgres,
                    new SpringApplicationBuilder(JpaSample.class)
                            .registerShutdownHook(false)
                            .run(
                                    "--spring.datasource.url=" + postgres.jdbcUrl(),
                                    "--spring.datasource.username=" + postgres.user(),
                                    "--spring.datasource.password=" + postgres.password(),
                                    "--spring.sql.init.schema-locations=classpath:schema.sql,classpath:wrong-ways.sql",
                                    "--spring.main.banner-mode=off",
                                    "--orders.confirm-interval=1h", // the tests say when
                                    "--logging.level.root=warn",
                                    // What is broken on purpose is asserted, not read.
                                    "--logging.level.dev.holdfast.engine=off",
                                    "--logging.level.org.hibernate.orm.jdbc.error=off",
                                    "--logging.level.org.springframework.transaction.support=off"));
        }

        @Override
        public void close() {
            context.close();
            postgres.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return beans(context).getBeanNamesForType(parameter.getParameter().getType()).length > 0;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return beans(context).getBean(parameter.getParameter().getType());
    }

    private static ConfigurableApplicationContext beans(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Running.class, _ -> Running.start(), Running.class)
                .context;
    }
}
