package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Outcome.Ended;
import dev.holdfast.engine.Outcome.Insufficient;
import dev.holdfast.engine.Outcome.KeyReused;
import dev.holdfast.engine.Outcome.Placed;
import dev.holdfast.engine.Outcome.UnknownSku;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The library example of the README compiles, runs, and is the one below. */
class ReadmeExampleTest {
    private final DataSource dataSource = TestDatabase.create().dataSource();

    @Test
    void the_example_holds_and_confirms() {
        // README begin
        try (var engine = StockEngine.open(dataSource)) { // creates its tables beside yours
            engine.execute(new Receive(IdempotencyKey.random(), StockKey.of("TSHIRT-M"), Quantity.of(100), "PO-1"));
            var key = IdempotencyKey.of("shop", "cart-4711"); // sent again, it gets the same answer
            switch (engine.execute(PlaceHold.of(key, Line.of("TSHIRT-M", 2)))) {
                case Placed(var hold, var _) -> engine.execute(ConfirmHold.of(hold.id()));
                case Insufficient no -> System.out.println("too few of " + no.shortages());
                case UnknownSku _, KeyReused _, Ended _ -> System.out.println("never received, or used before");
            }
        }
        // README end
        try (var engine = StockEngine.open(dataSource)) {
            assertThat(engine.levels(new Sku("TSHIRT-M")))
                    .containsExactly(new Level(StockKey.of("TSHIRT-M"), 100, 0, 2, 0, 0, 0, 3));
        }
    }

    @Test
    void the_readme_shows_it_line_by_line() throws IOException {
        List<String> source =
                Files.readAllLines(Path.of("src/test/java", getClass().getName().replace('.', '/') + ".java"));
        var example = source.subList(indexOf(source, "README begin") + 1, indexOf(source, "README end"));
        var readme = Files.readString(Path.of("../README.md"));
        assertThat(readme).contains(String.join("\n", example).stripIndent());
    }

    private static int indexOf(List<String> lines, String mark) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals("// " + mark)) {
                return i;
            }
        }
        throw new AssertionError(mark);
    }
}
