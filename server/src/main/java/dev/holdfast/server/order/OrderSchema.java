package dev.holdfast.server.order;

import dev.holdfast.server.sql.Migrations;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The tables of orders. After the engine, because that one waits for the database. */
@Component(OrderSchema.NAME)
@DependsOn("stockEngine")
class OrderSchema {
    static final String NAME = "orderSchema";

    OrderSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, OrderSchema.class, "order");
        }
    }
}
