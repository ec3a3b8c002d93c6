package dev.holdfast.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** The decider's tables again, on PostgreSQL: a rule must not depend on how commands fall into transactions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RulesOnPostgresTest {
    private final TestDatabase database = TestDatabase.create();
    private final StockEngine engine = database.open(TestDatabase.UNSWEPT);

    @BeforeAll
    void theLaneIsWarm() {
        new BusyLane(database, engine).close();
    }

    @AfterAll
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
                rows.add(RuleTable.row(line, language.words(answer), levels(language, line)));
            }
            assertThat(rows).isEqualTo(table.expected());
        }));
    }

    @TestFactory
    Stream<DynamicTest> everyRuleIsKeptWhenAllComesInOneBatch() {
        return tables().map(table -> dynamicTest(table.name(), () -> {
            var language = new RuleTable.Language("batch/" + table.name() + "/");
            var answers = new ArrayList<CompletableFuture<? extends Outcome>>();
            try (var _ = new BusyLane(database, engine)) {
                table.lines().forEach(line -> answers.add(engine.submit(language.command(line))));
            }
            var rows = new ArrayList<String>();
            var expected = new ArrayList<String>();
            for (int i = 0; i < answers.size(); i++) {
                var line = table.lines().get(i);
                rows.add(line.command() + " => " + language.words(answers.get(i).join()));
                expected.add(line.command() + " => " + line.answer());
            }
            assertThat(rows).isEqualTo(expected);
            for (var line : lastLine(table)) {
                assertThat(levels(language, line)).as(line.command()).isEqualTo(line.levels());
            }
        }));
    }

    private static Stream<RuleTable> tables() {
        return Stream.of("holds.txt", "stock.txt", "keys.txt").flatMap(file -> RuleTable.of(file).stream());
    }

    /** Levels are read when all is over, so only what nobody moved later can be compared. */
    private static List<RuleTable.Line> lastLine(RuleTable table) {
        var last = table.lines().getLast();
        return last.stocks().isEmpty() ? List.of() : List.of(last);
    }

    private String levels(RuleTable.Language language, RuleTable.Line line) {
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
