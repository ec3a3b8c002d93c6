package dev.holdfast.server.ticketing;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.ticketing.Event.Allotment;
import dev.holdfast.server.ticketing.Event.Presale;
import dev.holdfast.server.ticketing.Event.Rules;
import dev.holdfast.server.ticketing.EventRequests.PriceBody;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Event", description = "What is performed where and when, what it costs, and the rules of its sale")
record EventView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) long version,

        @Schema(
                description = "Whether all its seats are in stock: a moment after it was created",
                requiredMode = Schema.RequiredMode.REQUIRED)
        boolean ready,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID venueId,

        @Schema(description = "Of the venue's map that it is sold by", requiredMode = Schema.RequiredMode.REQUIRED)
        long mapVersion,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String name,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant startsAt,
        @Nullable Instant onSaleFrom,
        @Nullable Instant onSaleUntil,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<PriceBody> prices,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) RulesView rules,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<AllotmentView> allotments) {
    /** Codes are the seller's secret: how many there are is not. */
    @Schema(name = "SaleRulesView")
    record RulesView(
            @Schema(example = "avoid", requiredMode = Schema.RequiredMode.REQUIRED)
            String orphans,

            @Nullable Integer seatsPerBuyerMax,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            int seatsMin,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long holdSeconds,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long offerSeconds,

            @Schema(description = "Until then only with a code") @Nullable
            Instant presaleUntil) {
        static RulesView of(Rules rules) {
            Presale presale = rules.presale();
            return new RulesView(
                    rules.orphans().name().toLowerCase(Locale.ROOT),
                    rules.seatsPerBuyerMax(),
                    rules.seatsMin(),
                    rules.holdSeconds(),
                    rules.offerSeconds(),
                    presale == null ? null : presale.until());
        }
    }

    @Schema(name = "AllotmentView")
    record AllotmentView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String channel,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<String> sections,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<String> seats,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Map<String, Integer> areas) {
        static AllotmentView of(Allotment allotment) {
            return new AllotmentView(allotment.channel(), allotment.sections(), allotment.seats(), allotment.areas());
        }
    }

    static EventView of(Event event) {
        var about = event.about();
        List<PriceBody> prices = about.prices().entrySet().stream()
                .map(price -> price(price.getKey(), price.getValue()))
                .toList();
        return new EventView(
                event.id(),
                event.version(),
                event.ready(),
                event.venueId(),
                event.mapVersion(),
                about.name(),
                about.startsAt(),
                about.onSaleFrom(),
                about.onSaleUntil(),
                prices,
                RulesView.of(about.rules()),
                about.allotments().stream().map(AllotmentView::of).toList());
    }

    private static PriceBody price(String category, Money price) {
        return new PriceBody(category, price.amountMinor(), price.currency());
    }
}
