package dev.holdfast.engine;

import java.util.ArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** The decider's tables again, on PostgreSQL: a rule must not depend on how commands fall into transactions. */
@ParameterizedClass
@EnumSource(Path.class)
class RulesOnPostgresTest {
    private final TestDatabase database = TestDatabase.create();
    private final StockEngine engine;

    RulesOnPostgresTest(Path path) {
        engine = database.open(path, TestDatabase.UNSWEPT);
    }

    @AfterEach
    void theBooksAreRight() {
        TestDatabase.assertBooksAreRight(engine);
        engine.close();
    }

    @TestFactory
    Stream<DynamicTest> everyRuleIsKeptOneByOne() {
        return tables().map(table -> dynamicTest(table.name(), () -> {
            var language = new RuleTable.Language("single/" + table.name() + "/");
            var rows = new ArrayList<String>();
            for (var line : table.lines()) {
                Outcome answer = engine.execute(language.command(line));
                rows.add(RuleTable.row(line, language.words(answer), levels(engine, language, line)));
            }
            assertThat(rows).isEqualTo(table.expected());
        }));
    }

    static Stream<RuleTable> tables() {
        return Stream.of(
                        "holds.txt",
                        "stock.txt",
                        "keys.txt",
                        "sources.txt",
                        "supersede.txt",
                        "parts.txt",
                        "buffers.txt",
                        "settle.txt")
                .flatMap(file -> RuleTable.of(file).stream());
    }

    static String levels(StockEngine engine, RuleTable.Language language, RuleTable.Line line) {
        return line.stocks().stream()
                .map(stock -> {
                    var key = language.stock(stock);
                    var level = engine.levels(key.sku()).stream()
                            .filter(each -> each.stock().equals(key))
                            .findFirst();
                    return language.words(stock, level.orElse(null));
                })
                .collect(Collectors.joining(", "));
    }
}
