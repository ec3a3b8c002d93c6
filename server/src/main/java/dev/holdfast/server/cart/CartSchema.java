package dev.holdfast.server.cart;

import dev.holdfast.server.sql.Migrations;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The table of carts. After the engine, because that one waits for the database. */
@Component(CartSchema.NAME)
@DependsOn("stockEngine")
class CartSchema {
    static final String NAME = "cartSchema";

    CartSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, CartSchema.class, "cart");
        }
    }
}
