package dev.holdfast.server.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** One code, one constant, one section in the reference, in the same order. */
final class ErrorPageTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "errors.md");

    /** Code → the status that its section begins with. */
    private static Map<String, Integer> sections() throws IOException {
        List<String> lines = Files.readAllLines(PAGE);
        Map<String, Integer> sections = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("## ")) {
                sections.put(
                        lines.get(i).substring(3),
                        Integer.valueOf(lines.get(i + 1).substring(0, 3)));
            }
        }
        return sections;
    }

    @Test
    void thePageHasOneSectionForEachCode() throws IOException {
        Map<String, Integer> codes = Arrays.stream(ErrorCode.values())
                .collect(Collectors.toMap(ErrorCode::code, ErrorCode::status, (a, _) -> a, LinkedHashMap::new));

        assertThat(sections()).containsExactlyEntriesOf(codes);
    }

    @Test
    void theSectionsOfRetryableCodesSaySo() throws IOException {
        String page = Files.readString(PAGE);
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(page.contains("## " + code.code() + "\n" + code.status() + ", retryable, `Retry-After`."))
                    .as(code.code())
                    .isEqualTo(code.retryable());
        }
    }
}
