package dev.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Where a comparison writes what it found, and what it prints of it. */
final class Reports {
    @Option(
            names = "--report",
            paramLabel = "DIR",
            defaultValue = ".holdfast/bench",
            description = "where to write the reports (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "print the JSON report instead of the tables")
    private boolean json;

    record Text(String extension, String content) {}

    /**
     * Writes {@code NAME.json} and the texts beside it.
     *
     * @param screen printed without {@code --json}
     */
    void write(String name, String result, String screen, List<Text> texts) throws IOException {
        Files.createDirectories(directory);
        for (var text : texts) {
            Files.writeString(directory.resolve(name + text.extension), text.content);
        }
        Files.writeString(directory.resolve(name + ".json"), result + "\n");
        System.out.print(json ? result + "\n" : screen);
        var extensions = texts.stream().map(Text::extension).collect(Collectors.joining(", "));
        System.err.println(
                "Reports: " + directory.resolve(name).toAbsolutePath().normalize() + extensions + ", .json");
    }
}
