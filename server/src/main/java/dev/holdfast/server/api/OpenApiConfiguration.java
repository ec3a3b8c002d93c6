package dev.holdfast.server.api;

import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.examples.Example;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.web.method.HandlerMethod;

/**
 * {@code /v3/api-docs}: paths and parameters as springdoc finds them, bodies, answers, headers and problems from each call's
 * {@link Contract}. Lazy: nothing here is made before somebody asks for the document.
 */
@Configuration(proxyBeanMethods = false)
@Lazy
class OpenApiConfiguration {
    private static final String REF = "#/components/schemas/";

    /** What any call may be answered with. */
    private static final List<ErrorCode> ALWAYS = List.of(
            ErrorCode.INVALID_REQUEST, ErrorCode.INTERNAL_ERROR, ErrorCode.UNAVAILABLE, ErrorCode.SHUTTING_DOWN);

    private static final List<ErrorCode> WITH_BODY =
            List.of(ErrorCode.MALFORMED_JSON, ErrorCode.BODY_TOO_LARGE, ErrorCode.UNSUPPORTED_MEDIA_TYPE);

    private final Components components = new Components();

    @Bean
    OpenAPI openApi() {
        components.addSchemas("Problem", problemSchema());
        components.addSchemas("Violation", violationSchema());
        components.addSchemas("ProblemLine", lineSchema());
        return new OpenAPI()
                .info(new Info()
                        .title("Holdfast")
                        .version("1")
                        .description(
                                "Stock reservations that cannot oversell. Errors are RFC 9457 problems whose `code` is"
                                        + " stable; `retryable` says whether the same request may succeed a moment later.")
                        .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
                .components(components);
    }

    @Bean
    GlobalOperationCustomizer contracts() {
        return this::describe;
    }

    /** Schemas are found while operations are described, after springdoc has copied the components. */
    @Bean
    GlobalOpenApiCustomizer schemas() {
        return document -> {
            document.getComponents().getSchemas().remove("Answer");
            components.getSchemas().forEach(document.getComponents()::addSchemas);
        };
    }

    private Operation describe(Operation operation, HandlerMethod method) {
        Contract contract = method.getMethodAnnotation(Contract.class);
        if (contract == null) {
            return operation;
        }
        List<ErrorCode> problems = new ArrayList<>(ALWAYS);
        problems.addAll(Arrays.asList(contract.problems()));
        operation.addParametersItem(header("traceparent", false, "W3C Trace Context", "string"));
        if (contract.body() != void.class) {
            Content content = withCsv(contract, new MediaType().schema(reference(contract.body())));
            operation.setRequestBody(
                    new RequestBody().required(!contract.isBodyOptional()).content(content));
            problems.addAll(WITH_BODY);
        }
        describeKey(operation, contract, problems);
        if (contract.takesIfMatch()) {
            boolean required = problems.contains(ErrorCode.IF_MATCH_REQUIRED);
            operation.addParametersItem(
                    header("If-Match", required, "Refuse with 412 unless this is the version: \"7\"", "string"));
        }
        if (contract.takesCaller()) {
            operation.addParametersItem(
                    header(Caller.ACTOR, false, "Who asks, for the log of changes; anonymous if absent", "string"));
            operation.addParametersItem(header(Caller.REASON, false, "Why, for the log of changes", "string"));
        }
        var answers = new ApiResponses();
        answers.addApiResponse(Integer.toString(contract.status()), success(contract));
        if (contract.mayTakeLonger()) {
            operation.addParametersItem(
                    header("Prefer", false, "How many seconds the answer may take: wait=5; 10 at most", "string"));
            answers.addApiResponse("202", success(contract).description("On its way: ask again later"));
        }
        boolean isRead = contract.hasEtag() && contract.body() == void.class && !contract.takesIfMatch();
        if (isRead) {
            operation.addParametersItem(header("If-None-Match", false, "The ETag of an earlier answer", "string"));
            answers.addApiResponse("304", new ApiResponse().description("Nothing has moved since"));
        }
        Map<Integer, List<ErrorCode>> byStatus = problems.stream()
                .distinct()
                .collect(Collectors.groupingBy(ErrorCode::status, TreeMap::new, Collectors.toList()));
        byStatus.forEach((status, codes) -> answers.addApiResponse(Integer.toString(status), failure(codes)));
        operation.setResponses(answers);
        return operation;
    }

    private static Content withCsv(Contract contract, MediaType json) {
        var content = new Content().addMediaType("application/json", json);
        return contract.hasCsv() ? content.addMediaType("text/csv", new MediaType().schema(typed("string"))) : content;
    }

    private static void describeKey(Operation operation, Contract contract, List<ErrorCode> problems) {
        if (contract.key() == Contract.KeyUse.NONE) {
            return;
        }
        boolean required = contract.key() == Contract.KeyUse.REQUIRED;
        problems.add(ErrorCode.INVALID_IDEMPOTENCY_KEY);
        problems.add(ErrorCode.OVERLOADED);
        if (required) {
            problems.add(ErrorCode.IDEMPOTENCY_KEY_REQUIRED);
        }
        Parameter key = header(
                "Idempotency-Key",
                required,
                "The client's name for this one intent, best a UUIDv7. The same key with the same request gets the first"
                        + " answer again; with another request 422.",
                "string");
        key.getSchema().minLength(1).maxLength(255);
        key.setExample("01936f3e-7b3c-7d4e-8f5a-0123456789ab");
        operation.addParametersItem(key);
    }

    private ApiResponse success(Contract contract) {
        var answer = new ApiResponse()
                .description(contract.status() == 200 ? "The answer" : "Done, durably")
                .addHeaderObject("traceparent", headerOf("The trace this request belongs to"));
        if (!contract.file().isEmpty()) {
            Schema<?> bytes = typed("string").format("binary");
            answer.content(new Content().addMediaType(contract.file(), new MediaType().schema(bytes)));
        }
        if (contract.answer() != void.class) {
            Schema<?> schema = reference(contract.answer());
            var media =
                    new MediaType().schema(contract.isList() ? typed("array").items(schema) : schema);
            answer.content(
                    contract.body() == void.class
                            ? withCsv(contract, media)
                            : new Content().addMediaType("application/json", media));
        }
        if (contract.hasEtag()) {
            answer.addHeaderObject("ETag", headerOf("The version, in quotes"));
        }
        if (contract.key() != Contract.KeyUse.NONE) {
            answer.addHeaderObject(
                    "Idempotent-Replayed", headerOf("`true` if this is the first answer to the key again"));
        }
        if (contract.status() == 201
                && List.of("HoldView", "ProductView", "CartView", "CheckoutView", "VenueView")
                        .contains(contract.answer().getSimpleName())) {
            answer.addHeaderObject("Location", headerOf("Where it is"));
        }
        return answer;
    }

    private static ApiResponse failure(List<ErrorCode> codes) {
        var media = new MediaType().schema(new JsonSchema().$ref(REF + "Problem"));
        codes.forEach(code -> media.addExamples(
                code.code(), new Example().summary(code.title()).value(example(code))));
        var answer = new ApiResponse()
                .description(codes.stream().map(code -> "`" + code.code() + "`").collect(Collectors.joining(", ")))
                .content(new Content().addMediaType("application/problem+json", media))
                .addHeaderObject("traceparent", headerOf("The trace this request belongs to"));
        if (codes.stream().anyMatch(ErrorCode::retryable)) {
            answer.addHeaderObject("Retry-After", headerOf("Seconds to wait before the same request again"));
        }
        return answer;
    }

    private static Map<String, Object> example(ErrorCode code) {
        Problem problem = Problem.of(code, code.title());
        Problem full = switch (code) {
            case INVALID_REQUEST -> Problem.invalid("lines[0].quantity", "must be 1 to 1000000000");
            case INSUFFICIENT_STOCK ->
                problem.with(
                        "lines",
                        List.of(Map.of(
                                "sku",
                                "LAST-ONE",
                                "location",
                                "main",
                                "requested",
                                1,
                                "available",
                                0,
                                "heldByOthers",
                                1,
                                "nextReleaseAt",
                                "2026-11-20T12:10:00Z")));
            case NOT_FOR_SALE -> problem.with("lines", List.of(Map.of("sku", "TSHIRT-M", "location", "main")));
            case UNKNOWN_SKU -> problem.with("lines", List.of(Map.of("sku", "TSHIRT-XXL", "location", "main")));
            case VERSION_CHANGED -> problem.with("currentVersion", 8);
            default -> problem;
        };
        return full.body("/v1/…", "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    private Schema<?> reference(Class<?> type) {
        var resolved =
                ModelConverters.getInstance(true).resolveAsResolvedSchema(new AnnotatedType(type).resolveAsRef(false));
        resolved.referencedSchemas.forEach(this::add);
        String name = resolved.schema.getName();
        add(name, resolved.schema);
        return new JsonSchema().$ref(REF + name);
    }

    private void add(String name, Schema<?> schema) {
        if (name.endsWith("Request")) {
            schema.setAdditionalProperties(false); // unknown fields are refused
        }
        if (schema.getProperties() != null && schema.getProperties().containsKey("problem")) {
            schema.addProperty("problem", new JsonSchema().$ref(REF + "Problem"));
        }
        components.addSchemas(name, schema);
    }

    private static Schema<?> problemSchema() {
        Schema<?> schema =
                typed("object").description("An error (RFC 9457); the members that a code adds are in its section");
        schema.addProperty("type", typed("string").format("uri").example(ErrorCode.INSUFFICIENT_STOCK.type()));
        schema.addProperty("title", typed("string"));
        schema.addProperty("status", typed("integer").format("int32"));
        schema.addProperty("detail", typed("string").description("For people"));
        schema.addProperty("instance", typed("string").description("The path asked for; not within a batch"));
        Schema<Object> code = typed("string");
        Arrays.stream(ErrorCode.values()).map(ErrorCode::code).forEach(code::addEnumItemObject);
        schema.addProperty("code", code);
        schema.addProperty("retryable", typed("boolean"));
        schema.addProperty("traceId", typed("string"));
        schema.addProperty("lines", typed("array").items(new JsonSchema().$ref(REF + "ProblemLine")));
        schema.addProperty("violations", typed("array").items(new JsonSchema().$ref(REF + "Violation")));
        schema.addProperty("currentVersion", typed("integer").format("int64"));
        schema.setRequired(List.of("type", "title", "status", "detail", "code", "retryable", "traceId"));
        return schema;
    }

    private static Schema<?> violationSchema() {
        Schema<?> schema = typed("object").description("line and code are there with invalid-map, line only with CSV");
        schema.addProperty("line", typed("integer").format("int32"));
        schema.addProperty("field", typed("string").example("lines[0].quantity"));
        schema.addProperty("code", typed("string"));
        schema.addProperty("message", typed("string"));
        schema.setRequired(List.of("field", "message"));
        return schema;
    }

    private static Schema<?> lineSchema() {
        Schema<?> schema = typed("object")
                .description("available and heldByOthers are there with insufficient-stock, possible with order-state");
        schema.addProperty("sku", typed("string"));
        schema.addProperty(
                "location", nullable(new JsonSchema()).description("null with not-for-sale, for a line without one"));
        for (String number : List.of("requested", "available", "heldByOthers", "possible")) {
            schema.addProperty(number, typed("integer").format("int64"));
        }
        Schema<?> nextReleaseAt = nullable(new JsonSchema()).format("date-time");
        schema.addProperty(
                "nextReleaseAt",
                nextReleaseAt.description("When the first of the holds in the way ends, unless it is confirmed"));
        schema.setRequired(List.of("sku", "location"));
        return schema;
    }

    private static Schema<?> nullable(Schema<?> text) {
        text.setTypes(new LinkedHashSet<>(List.of("string", "null")));
        return text;
    }

    private static Parameter header(String name, boolean required, String description, String type) {
        return new Parameter()
                .in("header")
                .name(name)
                .required(required)
                .description(description)
                .schema(typed(type));
    }

    private static Header headerOf(String description) {
        return new Header().description(description).schema(typed("string"));
    }

    private static Schema<Object> typed(@Nullable String type) {
        Schema<Object> schema = new JsonSchema();
        schema.addType(type);
        return schema;
    }
}
