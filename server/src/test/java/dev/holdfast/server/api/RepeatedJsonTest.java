package dev.holdfast.server.api;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

final class RepeatedJsonTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    gzip                       | true
                    GZIP                       | true
                    deflate, gzip;q=1.0, br    | true
                    br;q=1.0,gzip ; q=0.001    | true
                    gzip;q=0                   | false
                    gzip;q=0.000, br           | false
                    x-gzip-2, br               | false
                    gzipped                    | false
                    br                         | false
                    *                          | false
                    ''                         | false
                                               | false
                    """)
    void whoTakesGzip(String header, boolean takes) {
        assertThat(RepeatedJson.takesGzip(header)).isEqualTo(takes);
    }
}
