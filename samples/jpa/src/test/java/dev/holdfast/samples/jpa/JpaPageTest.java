package dev.holdfast.samples.jpa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The code of docs/reference/jpa.md is the code that the other tests run. */
final class JpaPageTest {
    private static final Path PAGE = Path.of("../../docs/reference/jpa.md");
    private static final Pattern BLOCK = Pattern.compile("```(?:java|sql|yaml)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern TEST_NAME = Pattern.compile("`([a-z]\\w+[A-Z]\\w+)\\(\\)`");

    @Test
    void everyExcerptIsInTheSampleLineByLine() throws IOException {
        List<String> sources = sources();

        List<String> excerpts = found(BLOCK);

        assertThat(excerpts)
                .hasSizeGreaterThanOrEqualTo(8)
                .allSatisfy(excerpt -> assertThat(sources).as(excerpt).anyMatch(source -> hasLines(source, excerpt)));
    }

    @Test
    void everyTestThatThePageNamesExists() throws IOException {
        List<String> sources = sources();

        assertThat(found(TEST_NAME))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(sources).anyMatch(source -> source.contains("void " + name + "()")));
    }

    private static List<String> found(Pattern pattern) throws IOException {
        return pattern.matcher(Files.readString(PAGE))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static List<String> sources() throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sources.add("\n" + Files.readString(file));
            }
        }
        return sources;
    }

    /** Whole lines, all with the same indentation more than on the page: 0, 4 or 8. */
    private static boolean hasLines(String source, String excerpt) {
        return Stream.of(0, 4, 8)
                .map(" "::repeat)
                .map(indent -> "\n" + excerpt.replaceAll("(?m)^(?=.)", indent))
                .anyMatch(source::contains);
    }
}
