package dev.holdfast.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.holdfast.engine.RulesOnPostgresTest.levels;
import static dev.holdfast.engine.RulesOnPostgresTest.tables;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** The decider's tables once more, each decided in one batch of the lane. */
class RulesInOneBatchTest {
    private final TestDatabase database = TestDatabase.create();
    private final StockEngine engine = database.open(TestDatabase.UNSWEPT);

    @AfterEach
    void theBooksAreRight() {
        TestDatabase.assertBooksAreRight(engine);
        engine.close();
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
                assertThat(levels(engine, language, line)).as(line.command()).isEqualTo(line.levels());
            }
        }));
    }

    /** Levels are read when all is over, so only what nobody moved later can be compared. */
    private static List<RuleTable.Line> lastLine(RuleTable table) {
        var last = table.lines().getLast();
        return last.stocks().isEmpty() ? List.of() : List.of(last);
    }
}
