package dev.holdfast.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** Every rule and every refusal, as the tables in {@code rules/} say. */
class DeciderTest {
    @TestFactory
    Stream<DynamicTest> rulesOfHoldsAreKept() {
        return tables("holds.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfDeadlinesAreKept() {
        return tables("deadlines.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfStockAreKept() {
        return tables("stock.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfKeysAreKept() {
        return tables("keys.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfSupersedingAreKept() {
        return tables("supersede.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfPartsAreKept() {
        return tables("parts.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfBuffersAreKept() {
        return tables("buffers.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfSettlementsAreKept() {
        return tables("settle.txt");
    }

    @TestFactory
    Stream<DynamicTest> rulesOfSourcingAreKept() {
        return tables("sources.txt");
    }

    private static Stream<DynamicTest> tables(String file) {
        return RuleTable.of(file).stream()
                .map(table ->
                        dynamicTest(table.name(), () -> assertThat(rows(table)).isEqualTo(table.expected())));
    }

    private static List<String> rows(RuleTable table) {
        var language = new RuleTable.Language("");
        var world = new World();
        var rows = new ArrayList<String>();
        for (var line : table.lines()) {
            if (line.waitSeconds() > 0) {
                world.now = world.now.plusSeconds(line.waitSeconds());
                continue;
            }
            var answer = language.words(world.execute(language.command(line)));
            var levels = line.stocks().stream()
                    .map(stock -> language.words(stock, world.level(language.stock(stock))))
                    .collect(Collectors.joining(", "));
            rows.add(RuleTable.row(line, answer, levels));
        }
        return rows;
    }
}
