package dev.holdfast.server.admission;

import dev.holdfast.server.sql.Migrations;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The tables of tickets. After the engine and the orders, which they are issued for. */
@Component(AdmissionSchema.NAME)
@DependsOn({"stockEngine", "orderSchema"})
class AdmissionSchema {
    static final String NAME = "admissionSchema";

    AdmissionSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, AdmissionSchema.class, "admission");
        }
    }
}
