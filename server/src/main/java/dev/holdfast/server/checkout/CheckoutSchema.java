package dev.holdfast.server.checkout;

import dev.holdfast.server.sql.Migrations;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The table of checkouts. After the engine, because that one waits for the database. */
@Component(CheckoutSchema.NAME)
@DependsOn("stockEngine")
class CheckoutSchema {
    static final String NAME = "checkoutSchema";

    CheckoutSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, CheckoutSchema.class, "checkout");
        }
    }
}
