package dev.holdfast.server;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.availability.AvailabilityProperties;
import dev.holdfast.server.cart.CartProperties;
import dev.holdfast.server.catalog.CatalogProperties;
import dev.holdfast.server.catalog.PageCacheProperties;
import dev.holdfast.server.catalog.ProductCacheProperties;
import dev.holdfast.server.checkout.CheckoutProperties;
import dev.holdfast.server.hold.SourcingProperties;
import dev.holdfast.server.payment.PaymentProperties;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/** The reference page lists every property of ours with its default. */
final class ConfigurationPageTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "configuration.md");
    private static final Pattern ROW = Pattern.compile("\\| `(holdfast\\.[a-z.-]+)` \\| (?:`([^`]*)`|–) \\|.*");
    private static final List<Class<? extends Record>> TYPES = List.of(
            DatabaseProperties.class,
            RedisProperties.class,
            WritePathProperties.class,
            EngineProperties.class,
            GateProperties.class,
            RetentionProperties.class,
            CatalogProperties.class,
            SourcingProperties.class,
            ProductCacheProperties.class,
            PageCacheProperties.class,
            AvailabilityProperties.class,
            CartProperties.class,
            PaymentProperties.class,
            CheckoutProperties.class,
            LocalProperties.class);

    @Test
    void thePageListsEveryPropertyWithItsDefault() throws IOException {
        Map<String, String> page = new LinkedHashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                page.put(row.group(1), row.group(2) == null ? "" : row.group(2));
            }
        }
        Map<String, String> code = new LinkedHashMap<>();
        TYPES.forEach(type -> code.putAll(properties(type)));

        assertThat(page).containsExactlyEntriesOf(code);
    }

    @Test
    void theEnginesDefaultsAreItsOwn() {
        Binder nothing = new Binder(new MapConfigurationPropertySource(Map.of()));
        EngineProperties engine = nothing.bindOrCreate("holdfast.engine", EngineProperties.class);
        RetentionProperties retention = nothing.bindOrCreate("holdfast.retention", RetentionProperties.class);
        GateProperties gate = nothing.bindOrCreate("holdfast.gate", GateProperties.class);

        assertThat(engine.options(retention, gate)).usingRecursiveComparison().isEqualTo(StockEngine.Options.DEFAULT);
    }

    private static Map<String, String> properties(Class<? extends Record> type) {
        return properties(
                ConfigurationPropertyName.of(
                        type.getAnnotation(ConfigurationProperties.class).value()),
                type);
    }

    private static Map<String, String> properties(ConfigurationPropertyName prefix, Class<?> type) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
            if (component.getType().isRecord()) {
                properties.putAll(properties(prefix.append(name), component.getType()));
            } else {
                properties.put(prefix.append(name).toString(), defaultOf(type, component));
            }
        }
        return properties;
    }

    /** The annotation is on the constructor's parameter of the same name. */
    private static String defaultOf(Class<?> type, RecordComponent component) {
        for (var parameter : type.getDeclaredConstructors()[0].getParameters()) {
            if (parameter.getName().equals(component.getName())) {
                DefaultValue value = parameter.getAnnotation(DefaultValue.class);
                return value == null ? "" : String.join(",", value.value());
            }
        }
        throw new IllegalStateException("no parameter for " + component);
    }
}
