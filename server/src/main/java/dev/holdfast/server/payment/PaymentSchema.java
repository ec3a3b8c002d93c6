package dev.holdfast.server.payment;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The tables of payments, with a history of their own beside the engine's. After the engine, because that one waits for the database. */
@Component(PaymentSchema.NAME)
@DependsOn("stockEngine")
class PaymentSchema {
    static final String NAME = "paymentSchema";

    PaymentSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            migrate(dataSource);
        }
    }

    static void migrate(DataSource dataSource) {
        Flyway.configure(PaymentSchema.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:dev/holdfast/server/payment/migration")
                .table("holdfast_payment_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }
}
