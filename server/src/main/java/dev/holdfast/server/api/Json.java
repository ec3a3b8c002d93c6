package dev.holdfast.server.api;

import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How the contract's JSON is read and written; independent of what a framework or a property may set elsewhere. */
public final class Json {
    /** 1,000 holds of 100 lines are 814,000 tokens and a tree of about 40 MB; 16 MiB of "{}" would be one of 430 MB. */
    private static final long TOKENS_MAX = 1_000_000;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(TOKENS_MAX)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // {"quantity": 1, "quantity": 5} means two things; the readers of the world disagree which.
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private static final JsonFactory TOKENS = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private Json() {}

    /**
     * JSON as a tree.
     *
     * @throws tools.jackson.core.JacksonException if it is none
     */
    public static JsonNode read(byte[] bytes) {
        return MAPPER.readTree(bytes);
    }

    /**
     * What {@link #write} made of a value.
     *
     * @throws tools.jackson.core.JacksonException if it is something else
     */
    public static <T> T read(byte[] bytes, Class<T> type) {
        return MAPPER.readValue(bytes, type);
    }

    /**
     * JSON token by token, for what is too large for a tree: as many tokens as there are. It throws {@link
     * tools.jackson.core.JacksonException} where it is none, and leaves fields that are there twice to whoever reads.
     */
    public static JsonParser parser(byte[] bytes) {
        return TOKENS.createParser(ObjectReadContext.empty(), bytes);
    }

    /** A value as JSON, in UTF-8. */
    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }
}
