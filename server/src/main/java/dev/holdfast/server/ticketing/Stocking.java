package dev.holdfast.server.ticketing;

import dev.holdfast.engine.Buffer;
import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.ticketing.Event.Allotment;
import dev.holdfast.server.ticketing.Event.Presale;
import dev.holdfast.server.venue.VenueMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * Brings an event's places into stock: one unit of each seat, as many of an area as it takes people, and as many of a presale's code as
 * that is good for. Can be repeated, by anybody, for as long as the engine remembers keys.
 */
@Component
class Stocking {
    /** As many as the fastest way in takes at once. */
    private static final int AT_ONCE = 1_000;

    /** Above that of channels without places of their own. */
    private static final int PRIORITY = 1;

    private final StockEngine engine;

    Stocking(StockEngine engine) {
        this.engine = engine;
    }

    void stock(Event event, VenueMap map) {
        var commands = new ArrayList<Command<Outcome.Stock>>();
        map.sections().stream()
                .flatMap(section -> section.rows().stream())
                .flatMap(row -> row.seats().stream())
                .forEach(seat ->
                        commands.add(receive(event.id(), seat.label(), SeatSku.place(event.id(), seat.label()), 1)));
        map.areas()
                .forEach(area -> commands.add(
                        receive(event.id(), area.name(), SeatSku.place(event.id(), area.name()), area.capacity())));
        Presale presale = event.about().rules().presale();
        if (presale != null) {
            presale.codes().forEach((code, places) -> {
                if (places != null) {
                    commands.add(receive(event.id(), "!" + code, SeatSku.code(event.id(), code), places));
                }
            });
        }
        kept(event, map)
                .forEach((label, buffers) -> commands.add(new SetLimits(
                        key(event.id(), label + "/kept"), SeatSku.place(event.id(), label), 0, 0, buffers, null)));
        for (int from = 0; from < commands.size(); from += AT_ONCE) {
            engine.executeAll(commands.subList(from, Math.min(commands.size(), from + AT_ONCE)));
        }
    }

    /** How much a buyer may have of it. Whoever comes second receives nothing. */
    void allow(UUID event, StockKey buyer, int places) {
        engine.execute(receive(event, buyer.sku().value(), buyer, places));
    }

    private static Map<String, List<Buffer>> kept(Event event, VenueMap map) {
        Map<String, List<Buffer>> kept = new LinkedHashMap<>();
        Map<String, List<String>> sections = new HashMap<>();
        map.sections()
                .forEach(section -> sections.put(
                        section.name(),
                        section.rows().stream()
                                .flatMap(row -> row.seats().stream())
                                .map(VenueMap.Seat::label)
                                .toList()));
        for (Allotment allotment : event.about().allotments()) {
            var seats = new ArrayList<>(allotment.seats());
            allotment.sections().forEach(section -> seats.addAll(sections.getOrDefault(section, List.of())));
            seats.forEach(label -> keep(kept, label, allotment.channel(), 1));
            allotment.areas().forEach((area, places) -> keep(kept, area, allotment.channel(), places));
        }
        return kept;
    }

    private static void keep(Map<String, List<Buffer>> kept, String label, String channel, int places) {
        kept.computeIfAbsent(label, _ -> new ArrayList<>()).add(new Buffer(channel, places, PRIORITY));
    }

    private static Receive receive(UUID event, String name, StockKey stock, int places) {
        return new Receive(key(event, name), stock, Quantity.of(places), null);
    }

    private static IdempotencyKey key(UUID event, String name) {
        return IdempotencyKey.of("ticketing", event + "/" + name);
    }
}
