package dev.holdfast.server.venue;

import dev.holdfast.server.api.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What is found in maps, and where. */
final class MapReportTest {
    private static final String HEADER =
            "section,row,kind,number,label,category,accessible,companion,restrictedView,aisleBefore,x,y,capacity";

    /** The findings: an error each, a warning each behind a question mark. */
    private static List<String> found(byte[] text, boolean isCsv) {
        try {
            var imported = isCsv ? MapCsvReader.read(text) : MapJson.read(text);
            return imported.warnings().stream()
                    .map(finding -> "?" + said(finding))
                    .toList();
        } catch (ProblemException e) {
            assertThat(e.problem().code().code()).isEqualTo("invalid-map");
            return ((List<?>) Objects.requireNonNull(e.problem().members().get("violations")))
                    .stream().map(finding -> said((MapReport.Finding) finding)).toList();
        }
    }

    private static String said(MapReport.Finding finding) {
        String field = finding.field().isEmpty() ? "-" : finding.field();
        return (finding.line() == null ? "" : finding.line() + " ") + field + " "
                + finding.code().code();
    }

    private static List<String> csv(String... lines) {
        return found((HEADER + "\n" + String.join("\n", lines)).getBytes(StandardCharsets.UTF_8), true);
    }

    private static List<String> json(String json) {
        return found(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), false);
    }

    private static List<String> list(String expected) {
        return expected.isEmpty() ? List.of() : Arrays.asList(expected.split("; ", -1));
    }

    /** Lines of CSV, separated by / | what is found in them; the first is line 2. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // what is right
                "S,1,row,1,,A,,,,,,,                                            | ``",
                "S,1,,1,,A                                                      | ``",
                "S,1,table,1,,A/S,1,table,2,,A                                  | ``",
                ",,area,,Floor,A,,,,,,,500                                      | ``",
                ",,stage,,,,,,,,0,-5/S,1,,1,,A,,,,,0,0                          | ``",
                "\"S \"\"1\"\"\",\"1,5\",,1,,A                                  | ``",
                ",,,,,,,,,,,,/S,1,,1,,A/                                        | ``",
                "S,1,,1,,A,YES,no,True,false                                    | ``",
                // cells
                "S,1,,1,,                                                       | 2 category invalid",
                "S,1,,,,A                                                       | 2 number invalid",
                ",1,,1,,A                                                       | 2 section invalid",
                "S,,,1,,A                                                       | 2 row invalid",
                "S,1,seat,1,,A                                                  | 2 kind invalid",
                "S,1,,1,a b,A                                                   | 2 label invalid",
                "S,1,,1,,A ,,,,,,,                                              | 2 category invalid",
                "S,1,,1,,A,ja                                                   | 2 accessible invalid",
                "S,1,,1,,A,,,,,NaN,1                                            | 2 x invalid",
                "S,1,,1,,A,,,,,1,1000001                                        | 2 y invalid",
                "S,1,,1,,A,,,,,1d,1                                             | 2 x invalid",
                "S,1,,1,,A,,,,,1,                                               | 2 y invalid",
                "S,1,,1,,A,,,,,,,7                                              | 2 capacity invalid",
                "S,,area,,Floor,A,,,,,,,500                                     | 2 section invalid",
                ",,area,,Floor,A,,,,,,,0                                        | 2 capacity invalid",
                ",,area,,Floor,A,,,,,,,1000001                                  | 2 capacity invalid",
                ",,area,,Floor,A,,,,,,,99999999999999999999                     | 2 capacity invalid",
                ",,area,,,A,,,,,,,5                                             | 2 label invalid",
                ",,stage,,,,,,,,0,/S,1,,1,,A                                    | 2 y invalid",
                ",,stage,,,,,,,,0,0/,,stage,,,,,,,,0,0/S,1,,1,,A                | 3 kind duplicate-name",
                "S,1,,1,,A,,,,,,,,more                                          | 2 - invalid",
                "S,1,,1,,A/S,1,table,2,,A                                       | 3 kind invalid",
                "S,1,,\"1,,A                                                    | 2 - invalid",
                "S,1,,\"1\"x,,A                                                 | 2 - invalid",
                // between seats
                "S,1,,1,L,A/S,1,,2,L,A                                          | 3 label duplicate-label",
                "S,1,,1,L,A/,,area,,L,A,,,,,,,5                                 | 3 label duplicate-label",
                ",,area,,F,A,,,,,,,5/,,area,,F,A,,,,,,,5                        | 3 label duplicate-name",
                "S,1,,1,,A,,,,,1,1/S,2,,1,,A,,,,,1,1                            | 3 x same-place",
                "S,1,,1,,A,,,,,-0,0/S,2,,1,,A,,,,,0,0                           | 3 x same-place",
                "S,1,,1,,A,,,,,1,1/S,1,,2,,A                                    | 3 x invalid; 3 y invalid",
                "S,1,,1,,A,yes/S,1,,2,,A,,yes                                   | ``",
                "S,1,,1,,A,yes/S,1,,2,,A,,yes,,yes                              | 3 companion lone-companion",
                "S,1,,1,,A,,yes/S,1,,2,,A                                       | 2 companion lone-companion",
                "T,1,table,1,,A,yes/T,1,table,2,,A/T,1,table,3,,A,,yes          | ``",
                // warnings
                "S,1,,1,,A/S,1,,2,,A/S,1,,4,,A                                  | ?4 number number-gap",
                "S,1,,3,,A/S,1,,1,,A/S,1,,2,,A                                  | ``",
                "S,1,,1,,A/S,1,,3,,A/S,1,,5,,A                                  | ``",
                "S,1,,2,,A/S,1,,6,,A                                            | ?3 number number-gap",
                "S,1,,1,,A/S,1,,2a,,A/S,1,,3,,A                                 | ``",
                "S,1,,1,,A/S,1,,2,,B/S,1,,3,,B                                  | ?3 category mixed-categories",
                "S,1,,1,,A/S,1,,2,,A,yes/S,1,,3,,A                              | ?3 accessible unreachable",
                "S,1,,1,,A/S,1,,2,,A,yes                                        | ``",
                "S,1,,1,,A/S,1,,2,,A,yes/S,1,,3,,A,,,,yes                       | ``",
                "S,1,,1,,A,yes/S,1,,2,,A,,yes/S,1,,3,,A,yes/S,1,,4,,A           | ``",
            })
    void everyLineOfCsvIsJudged(String lines, String expected) {
        assertThat(csv(lines.split("/", -1))).isEqualTo(list(expected));
    }

    /** JSON with ' for ", # for a seat that is right, and @ for a section that has it | what is found. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // what is right
                "{'sections': [@]}                                                  | ``",
                "{'areas': [{'name': 'F', 'category': 'A', 'capacity': 5}], 'sections': null, 'stage': null} | ``",
                "{'stage': {'x': 1, 'y': 2.5}, 'sections': [@]}                     | ``",
                "{'sections': [{'rows': [{'seats': [#], 'whole': true, 'kind': 'TABLE', 'name': '1'}], 'name': 'S'}]} | ``",
                // the map
                "[] | - invalid",
                "{} | - invalid",
                "{'sections': [], 'areas': []} | - invalid",
                "{'sections': {}, 'areas': 7} | sections invalid; areas invalid",
                "{'sections': [@], 'seats': [[{'x': 1}]]} | seats invalid",
                "{'sections': [@], 'stage': {'x': 1}} | stage.y invalid",
                "{'sections': [@], 'stage': {'x': 1, 'y': '2', 'z': [3]}} | stage.y invalid; stage.z invalid",
                // sections and rows
                "{'sections': [@, 7]} | sections[1] invalid; sections[1].name invalid; sections[1].rows invalid",
                "{'sections': [@, @]} | sections[1].name duplicate-name; sections[1].rows[0].seats[0].label duplicate-label",
                "{'sections': [{'name': ' S', 'rows': [{'name': null, 'seats': []}]}]} | sections[0].name invalid; sections[0].rows[0].name invalid; sections[0].rows[0].seats invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'kind': 'row', 'whole': 1, 'seats': [#]}]}]} | sections[0].rows[0].kind invalid; sections[0].rows[0].whole invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'whole': true, 'seats': [#]}]}]} | sections[0].rows[0].whole invalid",
                // seats, each in a row of its own
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': 1, 'category': 'A'}]}]}]} | sections[0].rows[0].seats[0].number invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': '', 'category': 'A'}]}]}]} | sections[0].rows[0].seats[0].number invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': null}]}]}]} | sections[0].rows[0].seats[0].number invalid; sections[0].rows[0].seats[0].category invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': '1', 'category': 'A', 'label': 'a b'}]}]}]} | sections[0].rows[0].seats[0].label invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': '1', 'category': 'A', 'accessible': 'yes'}]}]}]} | sections[0].rows[0].seats[0].accessible invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': '1', 'category': 'A', 'x': 1000001, 'y': 1e400}]}]}]} | sections[0].rows[0].seats[0].x invalid; sections[0].rows[0].seats[0].y invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': '1', 'category': 'A', 'x': 1}]}]}]} | sections[0].rows[0].seats[0].y invalid",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': '1', 'category': 'A', 'companion': true}]}]}]} | sections[0].rows[0].seats[0].companion lone-companion",
                "{'sections': [{'name': 'S', 'rows': [{'name': '1', 'seats': [{'number': '1', 'category': 'A', 'colour': {'x': []}}]}]}]} | sections[0].rows[0].seats[0].colour invalid",
                // areas
                "{'areas': [{'name': 'F', 'category': 'A'}]} | areas[0].capacity invalid",
                "{'areas': [{'name': 'F', 'category': 'A', 'capacity': 5.0}]} | areas[0].capacity invalid",
                "{'areas': [{'name': 'F', 'category': 'A', 'capacity': 0}]} | areas[0].capacity invalid",
                "{'areas': [{'name': 'F', 'category': 'A', 'capacity': 18446744073709551617}]} | areas[0].capacity invalid",
                "{'areas': [{'name': 'S-1-1', 'category': 'A', 'capacity': 1}], 'sections': [@]} | areas[0].name duplicate-label",
                "{'areas': [{'name': 'F', 'category': 'A', 'capacity': 1}, {'name': 'F', 'category': 'A', 'capacity': 1}]} | areas[1].name duplicate-name",
            })
    void everyPathOfJsonIsJudged(String json, String expected) {
        String section = "{'name': 'S', 'rows': [{'name': '1', 'seats': [#]}]}";
        assertThat(json(json.replace("@", section).replace("#", "{'number': '1', 'category': 'A'}")))
                .isEqualTo(list(expected));
    }

    @Test
    void theFirstLineNamesTheColumns() {
        assertThat(found("section,row,number,category,colour,row\n".getBytes(StandardCharsets.UTF_8), true))
                .containsExactly("1 colour invalid", "1 row duplicate-name");
        assertThat(found("category,row\nA,1".getBytes(StandardCharsets.UTF_8), true))
                .containsExactly("1 section invalid", "1 number invalid");
        assertThat(found("kind,label\narea,F".getBytes(StandardCharsets.UTF_8), true))
                .containsExactly("1 category invalid");
        assertThat(found("\uFEFFcategory;number;row;section\r\nA;1;1;S\r\n".getBytes(StandardCharsets.UTF_8), true))
                .isEmpty();
    }

    @Test
    void aBlockHasAtMostFortySeats() {
        String[] lines =
                IntStream.rangeClosed(1, 81).mapToObj(i -> "S,1,," + i + ",,A").toArray(String[]::new);
        assertThat(csv(lines)).containsExactly("?42 aisleBefore long-block");

        lines[40] += ",,,,yes";

        assertThat(csv(lines)).containsExactly("?82 aisleBefore long-block");
    }

    @Test
    void aMapHasAtMostSoManySeats() {
        String lines = IntStream.rangeClosed(1, Draft.SEATS_MAX)
                .mapToObj(i -> "S," + i / 40 + ",,a" + i + ",,A\n")
                .collect(Collectors.joining());

        assertThat(csv(lines)).isEmpty();
        assertThat(csv(lines + "S,1,,b,,A")).containsExactly(Draft.SEATS_MAX + 2 + " number too-many-seats");
    }

    @Test
    void seatsWithoutAPlaceAreInRowsInFrontOfTheStage() {
        VenueMap map = MapCsvReader.read((HEADER + """

                ,,stage,,,,,,,,10,20,
                S,1,,1,,A
                S,1,,2,,A
                S,1,,3,,A
                S,2,,1,,A,,,,,7,7
                T,1,,1,,A
                """).getBytes(StandardCharsets.UTF_8))
                .map();

        assertThat(map.sections().stream()
                        .flatMap(section -> section.rows().stream())
                        .flatMap(row -> row.seats().stream())
                        .map(seat -> new VenueMap.Point(seat.x(), seat.y())))
                .containsExactly(
                        new VenueMap.Point(9.5, 21),
                        new VenueMap.Point(10, 21),
                        new VenueMap.Point(10.5, 21),
                        new VenueMap.Point(7, 7),
                        new VenueMap.Point(10, 23));
    }

    @Test
    void aLabelIsMadeOfSectionRowAndNumber() {
        assertThat(MapCsvReader.read((HEADER + "\nParkett links,A,,12,,A").getBytes(StandardCharsets.UTF_8))
                        .map()
                        .sections()
                        .getFirst()
                        .rows()
                        .getFirst()
                        .seats()
                        .getFirst()
                        .label())
                .isEqualTo("Parkett_links-A-12");
        assertThat(csv("s".repeat(37) + ",A,,12,,A")).containsExactly("2 label invalid");
    }
}
