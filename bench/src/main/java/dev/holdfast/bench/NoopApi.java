package dev.holdfast.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The least an endpoint can do: reads the JSON of a hold and answers as much JSON, the usual Spring way. */
@RestController
class NoopApi {
    static final String PATH = "/bench/noop";

    record Line(String sku, long quantity) {}

    record Request(List<Line> lines) {}

    record Answer(
            String id,
            String state,
            List<Line> lines,
            String expiresAt,
            long expiresInSeconds,
            @Nullable String channel,
            @Nullable String reference) {}

    @PostMapping(PATH)
    Answer answer(@RequestBody Request request) {
        return new Answer(
                "0199d2a4-7c1e-7000-8000-000000000000",
                "ACTIVE",
                request.lines(),
                "2026-01-01T00:00:00Z",
                600,
                null,
                null);
    }
}
