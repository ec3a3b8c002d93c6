package dev.holdfast.server.cache;

import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.stereotype.Component;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/** Is it the cache? {@code /actuator/readcaches}; Spring Boot's own {@code caches} knows only Spring's. */
@Component
@Endpoint(id = "readcaches")
final class CachesEndpoint {
    private static final MimeType PROBLEM = MimeTypeUtils.parseMimeType("application/problem+json");

    private final List<Inspectable> caches;

    CachesEndpoint(List<Inspectable> caches) {
        this.caches = caches;
    }

    @ReadOperation
    Map<String, Object> all() {
        var all = new LinkedHashMap<String, Object>();
        caches.forEach(cache -> all.put(cache.name(), cache.summary()));
        return all;
    }

    @ReadOperation
    WebEndpointResponse<Map<String, Object>> one(@Selector String cache, @Nullable String key) {
        return answer(cache, found -> new WebEndpointResponse<>(key == null ? found.summary() : found.explain(key)));
    }

    @DeleteOperation
    WebEndpointResponse<Map<String, Object>> clearAll() {
        caches.forEach(cache -> cache.clear(null));
        return new WebEndpointResponse<>(204);
    }

    @DeleteOperation
    WebEndpointResponse<Map<String, Object>> clear(@Selector String cache, @Nullable String key) {
        return answer(cache, found -> {
            found.clear(key);
            return new WebEndpointResponse<>(204);
        });
    }

    private WebEndpointResponse<Map<String, Object>> answer(
            String name, Function<Inspectable, WebEndpointResponse<Map<String, Object>>> answer) {
        for (Inspectable cache : caches) {
            if (cache.name().equals(name)) {
                try {
                    return answer.apply(cache);
                } catch (IllegalArgumentException e) {
                    return refused(Problem.invalid("key", "is none of this cache's: " + e.getMessage()));
                }
            }
        }
        String names = String.join(", ", caches.stream().map(Inspectable::name).toList());
        return refused(Problem.of(ErrorCode.NOT_FOUND, "There is no cache " + name + "; there are " + names));
    }

    private static WebEndpointResponse<Map<String, Object>> refused(Problem problem) {
        return new WebEndpointResponse<>(problem.asPart(), problem.code().status(), PROBLEM);
    }
}
