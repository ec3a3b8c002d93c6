package dev.holdfast.server.admission;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

final class Base45Test {
    /** The examples of RFC 9285, section 4. */
    @ParameterizedTest
    @CsvSource({"AB, BB8", "Hello!!, %69 VD92EX0", "base-45, UJCLQE7W581", "ietf!, QED8WEX0"})
    void theExamplesOfTheStandard(String plain, String text) {
        byte[] bytes = plain.getBytes(StandardCharsets.UTF_8);

        assertThat(Base45.encode(bytes)).isEqualTo(text);
        assertThat(Base45.decode(text)).hasValue(bytes);
    }

    @Test
    void whatIsWrittenIsRead() {
        var random = new Random(45);
        for (int length = 0; length < 200; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(Base45.decode(Base45.encode(bytes))).hasValue(bytes);
        }
    }

    /** A character of none, a group of one, more than two bytes, more than one. */
    @ParameterizedTest
    @ValueSource(strings = {"bb8", "BB8Ä", "A", "BB8A", "GGW", ":::", "V5", "::"})
    void nothingElseIsRead(String text) {
        assertThat(Base45.decode(text)).isEmpty();
    }
}
