package dev.holdfast.bench;

import tools.jackson.databind.json.JsonMapper;

/** Reports for programs. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    static String write(Object report) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(report);
    }
}
