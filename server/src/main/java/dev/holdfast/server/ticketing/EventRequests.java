package dev.holdfast.server.ticketing;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Quantity;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.seating.OrphanRule;
import dev.holdfast.server.seating.Wanted;
import dev.holdfast.server.seating.Wanted.Adjacency;
import dev.holdfast.server.ticketing.Event.About;
import dev.holdfast.server.ticketing.Event.Allotment;
import dev.holdfast.server.ticketing.Event.Presale;
import dev.holdfast.server.ticketing.Event.Rules;
import dev.holdfast.server.ticketing.SeatRequest.Best;
import dev.holdfast.server.ticketing.SeatRequest.Chosen;
import dev.holdfast.server.ticketing.SeatRequest.InArea;
import dev.holdfast.server.ticketing.SeatRequest.Wish;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The bodies of this feature. The records only describe them for {@code /v3/api-docs}; a test holds both together. */
final class EventRequests {
    static final int NAME_MAX = 200;
    static final int LABEL_MAX = 40;

    /** Of one hold: what the engine takes, less the lines of the rules. */
    static final int SEATS_MAX = 50;

    static final int CATEGORIES_MAX = 100;
    static final int CODES_MAX = 1_000;
    static final int ALLOTTED_MAX = 10_000;
    static final int ALLOTMENTS_MAX = 100;
    static final int CODE_MAX = 64;
    static final int BUYER_MAX = 255;
    static final int REFERENCE_MAX = 200;
    static final Map<String, OrphanRule> ORPHANS =
            Map.of("refuse", OrphanRule.REFUSE, "avoid", OrphanRule.AVOID, "ignore", OrphanRule.IGNORE);
    static final Map<String, Adjacency> ADJACENT =
            Map.of("required", Adjacency.REQUIRED, "preferred", Adjacency.PREFERRED, "no", Adjacency.NONE);
    /** To see a message and to pay. */
    private static final long OFFER_SECONDS = 300;

    private static final long TTL_SECONDS_MAX = Command.TTL_MAX.toSeconds();

    @Schema(name = "EventPrice")
    record PriceBody(
            @Schema(example = "stalls", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = LABEL_MAX)
            String category,

            @Schema(example = "4500", requiredMode = Schema.RequiredMode.REQUIRED) @Min(0) @Max(Money.AMOUNT_MINOR_MAX)
            long amountMinor,

            @Schema(description = "ISO 4217", example = "EUR", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 3, max = 3)
            String currency) {}

    @Schema(name = "PresaleCode")
    record CodeBody(
            @Schema(example = "FANCLUB", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = CODE_MAX)
            String code,

            @Schema(description = "How many places it is good for; absent: as many as there are", example = "200")
            @Min(1)
            @Max(Quantity.MAX)
            @Nullable
            Integer places) {}

    @Schema(name = "Presale", description = "Only with a code, until it is open to everybody")
    record PresaleBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant until,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = CODES_MAX)
            List<CodeBody> codes) {}

    @Schema(name = "SaleRules")
    record RulesBody(
            @Schema(
                    description =
                            "Single seats that a choice would leave over: refused and never chosen, avoided where best"
                                    + " available seats are chosen, or ignored",
                    allowableValues = {"refuse", "avoid", "ignore"},
                    defaultValue = "avoid")
            @Nullable
            String orphans,

            @Schema(description = "Of each buyer, held and bought", example = "6") @Min(1) @Max(1_000) @Nullable
            Integer seatsPerBuyerMax,

            @Schema(description = "The smallest group", defaultValue = "1") @Min(1) @Max(SEATS_MAX) @Nullable
            Integer seatsMin,

            @Schema(description = "How long a hold lasts that does not say", defaultValue = "600")
            @Min(1)
            @Max(86_400)
            @Nullable
            Long holdSeconds,

            @Schema(description = "How long places are held for one who has waited for them", defaultValue = "300")
            @Min(1)
            @Max(86_400)
            @Nullable
            Long offerSeconds,

            @Nullable PresaleBody presale) {}

    @Schema(name = "AreaAllotment")
    record AreaPlacesBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = LABEL_MAX)
            String area,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(Quantity.MAX)
            int places) {}

    @Schema(name = "Allotment", description = "Places that only one channel sells")
    record AllotmentBody(
            @Schema(example = "box-office", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = Command.CHANNEL_LENGTH_MAX)
            String channel,

            @Schema(description = "All seats of these") @Size(min = 1, max = ALLOTTED_MAX) @Nullable
            List<String> sections,

            @Size(min = 1, max = ALLOTTED_MAX) @Nullable List<String> seats,

            @Size(min = 1, max = CATEGORIES_MAX) @Nullable List<AreaPlacesBody> areas) {}

    @Schema(name = "EventRequest")
    record EventBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID venueId,

            @Schema(example = "Hamlet", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = NAME_MAX)
            String name,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant startsAt,

            @Schema(description = "Absent: at once") @Nullable
            Instant onSaleFrom,

            @Schema(description = "Absent: until it starts") @Nullable
            Instant onSaleUntil,

            @Schema(
                    description = "One for each category of the map, in one currency",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = CATEGORIES_MAX)
            List<PriceBody> prices,

            @Nullable RulesBody rules,

            @Size(min = 1, max = ALLOTMENTS_MAX) @Nullable List<AllotmentBody> allotments) {}

    @Schema(name = "BestAvailable")
    record BestBody(
            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(SEATS_MAX)
            int count,

            @Schema(example = "stalls") @Size(min = 1, max = LABEL_MAX) @Nullable
            String category,

            @Schema(
                    description = "Whether they have to be side by side",
                    allowableValues = {"required", "preferred", "no"},
                    defaultValue = "preferred")
            @Nullable
            String adjacent,

            @Schema(description = "Whether one of them comes in a wheelchair", defaultValue = "false") @Nullable
            Boolean accessible) {}

    @Schema(name = "SeatHoldRequest", description = "Exactly one of seats, bestAvailable, and area with quantity")
    record HoldBody(
            @Schema(example = "[\"A-12\", \"A-13\"]") @Size(min = 1, max = SEATS_MAX) @Nullable
            List<String> seats,

            @Nullable BestBody bestAvailable,

            @Schema(example = "Standing") @Size(min = 1, max = LABEL_MAX) @Nullable
            String area,

            @Schema(description = "Of an area", example = "2") @Min(1) @Max(SEATS_MAX) @Nullable
            Integer quantity,

            @Schema(description = "Who it is for, as the seller knows him", example = "ada")
            @Size(max = BUYER_MAX)
            @Nullable
            String buyer,

            @Schema(description = "Of a presale", example = "FANCLUB") @Size(max = CODE_MAX) @Nullable
            String code,

            @Schema(example = "web") @Size(max = Command.CHANNEL_LENGTH_MAX) @Nullable
            String channel,

            @Schema(description = "Absent: as the event says", example = "600") @Min(1) @Max(86_400) @Nullable
            Long ttlSeconds,

            @Schema(example = "cart-4711") @Size(max = REFERENCE_MAX) @Nullable
            String reference,

            @Schema(description = "The id of the hold that this one replaces") @Nullable
            UUID supersedes) {}

    @Schema(name = "WaiterRequest")
    record WaiterBody(
            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(SEATS_MAX)
            int count,

            @Schema(description = "Of seats or of an area", example = "stalls")
            @Size(min = 1, max = LABEL_MAX)
            @Nullable
            String category,

            @Schema(
                    description = "Whether they have to be side by side",
                    allowableValues = {"required", "preferred", "no"},
                    defaultValue = "preferred")
            @Nullable
            String adjacent,

            @Schema(description = "Whether one of them comes in a wheelchair", defaultValue = "false") @Nullable
            Boolean accessible,

            @Schema(example = "ada") @Size(max = BUYER_MAX) @Nullable
            String buyer) {}

    private EventRequests() {}

    record WaiterRequest(Wanted wanted, @Nullable String buyer) {}

    static WaiterRequest waiter(Body body) {
        Wanted wanted = best(body).wanted();
        String buyer = body.optionalText("buyer", BUYER_MAX);
        return body.finish(() -> new WaiterRequest(wanted, buyer));
    }

    record EventRequest(UUID venueId, About about) {}

    static EventRequest event(Body body) {
        UUID venue = body.id("venueId");
        String name = body.text("name", NAME_MAX);
        Instant startsAt = time(body, "startsAt");
        if (startsAt == null) {
            body.wrong("startsAt", "is required");
        }
        Instant from = time(body, "onSaleFrom");
        Instant until = time(body, "onSaleUntil");
        Map<String, Money> prices = new LinkedHashMap<>();
        body.list("prices", CATEGORIES_MAX, EventRequests::price).forEach(price -> {
            if (prices.put(price.category, new Money(price.amountMinor, price.currency)) != null) {
                body.wrong("prices", "must have each category once");
            }
        });
        if (prices.values().stream().map(Money::currency).distinct().count() > 1) {
            body.wrong("prices", "must be in one currency");
        }
        Rules rules = body.optionalObject("rules", EventRequests::rules);
        List<Allotment> allotments = body.listIfAny("allotments", ALLOTMENTS_MAX, EventRequests::allotment);
        return body.finish(() -> {
            var start = Objects.requireNonNull(startsAt);
            if (from != null && !from.isBefore(until == null ? start : until)) {
                throw new IllegalArgumentException("onSaleFrom must be before the sale ends");
            }
            var all = rules == null
                    ? new Rules(OrphanRule.AVOID, null, 1, Command.TTL_DEFAULT.toSeconds(), OFFER_SECONDS, null)
                    : rules;
            return new EventRequest(venue, new About(name, start, from, until, prices, all, allotments));
        });
    }

    private static PriceBody price(Body body) {
        String category = body.text("category", LABEL_MAX);
        long amount = body.number("amountMinor", 0, Money.AMOUNT_MINOR_MAX);
        String currency = body.text("currency", 3);
        if (!Money.isCurrency(currency)) {
            body.wrong("currency", "must be a code of ISO 4217");
        }
        return new PriceBody(category, amount, currency);
    }

    private static Rules rules(Body body) {
        OrphanRule orphans = word(body, "orphans", ORPHANS);
        Long perBuyer = body.optionalNumber("seatsPerBuyerMax", 1, 1_000);
        Long seatsMin = body.optionalNumber("seatsMin", 1, SEATS_MAX);
        Long hold = body.optionalNumber("holdSeconds", 1, TTL_SECONDS_MAX);
        Long offer = body.optionalNumber("offerSeconds", 1, TTL_SECONDS_MAX);
        Presale presale = body.optionalObject("presale", EventRequests::presale);
        return new Rules(
                orphans == null ? OrphanRule.AVOID : orphans,
                perBuyer == null ? null : Math.toIntExact(perBuyer),
                seatsMin == null ? 1 : Math.toIntExact(seatsMin),
                hold == null ? Command.TTL_DEFAULT.toSeconds() : hold,
                offer == null ? OFFER_SECONDS : offer,
                presale);
    }

    private static Presale presale(Body body) {
        Instant until = time(body, "until");
        if (until == null) {
            body.wrong("until", "is required");
        }
        Map<String, @Nullable Integer> codes = new LinkedHashMap<>();
        body.list("codes", CODES_MAX, code -> {
                    Long places = code.optionalNumber("places", 1, Quantity.MAX);
                    return new CodeBody(code.text("code", CODE_MAX), places == null ? null : Math.toIntExact(places));
                })
                .forEach(code -> codes.put(code.code, code.places));
        return new Presale(until == null ? Instant.EPOCH : until, codes);
    }

    private static Allotment allotment(Body body) {
        String channel = body.text("channel", Command.CHANNEL_LENGTH_MAX);
        List<String> sections = body.optionalNames("sections", ALLOTTED_MAX, text -> text);
        List<String> seats = body.optionalNames("seats", ALLOTTED_MAX, text -> text);
        Map<String, Integer> areas = new LinkedHashMap<>();
        body.listIfAny(
                        "areas",
                        CATEGORIES_MAX,
                        area -> new AreaPlacesBody(
                                area.text("area", LABEL_MAX), Math.toIntExact(area.number("places", 1, Quantity.MAX))))
                .forEach(area -> areas.put(area.area, area.places));
        if (sections == null && seats == null && areas.isEmpty()) {
            body.wrong("seats", "or sections or areas must be there");
        }
        return new Allotment(
                channel, sections == null ? List.of() : sections, seats == null ? List.of() : seats, areas);
    }

    static SeatRequest hold(IdempotencyKey key, Body body) {
        List<String> seats = body.optionalNames("seats", SEATS_MAX, text -> text);
        Best best = body.optionalObject("bestAvailable", EventRequests::best);
        String area = body.optionalText("area", LABEL_MAX);
        Long quantity = body.optionalNumber("quantity", 1, SEATS_MAX);
        String buyer = body.optionalText("buyer", BUYER_MAX);
        String code = body.optionalText("code", CODE_MAX);
        String channel = body.optionalText("channel", Command.CHANNEL_LENGTH_MAX);
        Long ttl = body.optionalNumber("ttlSeconds", 1, TTL_SECONDS_MAX);
        String reference = body.optionalText("reference", REFERENCE_MAX);
        UUID supersedes = body.optionalId("supersedes");
        if (WaitingList.CHANNEL.equals(channel)) {
            body.wrong("channel", "is that of the waiting list, which nobody else holds by");
        }
        return body.finish(() -> new SeatRequest(
                key,
                wish(seats, best, area, quantity),
                buyer,
                code,
                channel,
                ttl == null ? null : Duration.ofSeconds(ttl),
                reference,
                supersedes));
    }

    private static Wish wish(
            @Nullable List<String> seats, @Nullable Best best, @Nullable String area, @Nullable Long quantity) {
        if (seats != null && best == null && area == null && quantity == null) {
            return new Chosen(seats);
        }
        if (seats == null && best != null && area == null && quantity == null) {
            return best;
        }
        if (seats == null && best == null && area != null && quantity != null) {
            return new InArea(area, Math.toIntExact(quantity));
        }
        throw new IllegalArgumentException("exactly one of seats, bestAvailable, and area with quantity must be there");
    }

    private static Best best(Body body) {
        int count = Math.toIntExact(body.number("count", 1, SEATS_MAX));
        String category = body.optionalText("category", LABEL_MAX);
        Adjacency adjacent = word(body, "adjacent", ADJACENT);
        Boolean accessible = body.optionalFlag("accessible");
        return new Best(new Wanted(
                count, category, adjacent == null ? Adjacency.PREFERRED : adjacent, Boolean.TRUE.equals(accessible)));
    }

    private static <T> @Nullable T word(Body body, String field, Map<String, T> words) {
        return body.optional(field, text -> {
            T meaning = words.get(text);
            if (meaning == null) {
                throw new IllegalArgumentException(
                        field + " must be " + String.join(", ", new TreeSet<>(words.keySet())));
            }
            return meaning;
        });
    }

    private static @Nullable Instant time(Body body, String field) {
        return body.optional(field, text -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw new IllegalArgumentException(field + " must be a time in UTC such as 2027-03-01T19:30:00Z", e);
            }
        });
    }
}
