package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Settle;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.Command.Transfer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rules written as a table, one command a line: {@code command => answer | levels afterwards}. A level is {@code
 * sku on-hand/held/allocated}; a missing one is {@code -}. The files in {@code rules/} are read by several tests: what holds for
 * the decider alone holds for the engine on PostgreSQL, one by one and all in one batch.
 */
record RuleTable(String name, List<Line> lines) {
    /** @param waitSeconds how far to turn the clock, for a line without a command */
    record Line(String command, String answer, List<String> stocks, String levels, long waitSeconds) {}

    /** The tables of a file, each behind a line {@code == name}. */
    static List<RuleTable> of(String file) {
        var tables = new ArrayList<RuleTable>();
        for (String line : read("/rules/" + file).lines().map(String::strip).toList()) {
            if (line.startsWith("== ")) {
                tables.add(new RuleTable(line.substring(3), new ArrayList<>()));
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                tables.getLast().lines().add(line(line));
            }
        }
        return tables;
    }

    private static String read(String resource) {
        try (var in = Objects.requireNonNull(RuleTable.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Line line(String text) {
        if (text.startsWith("wait ")) {
            return new Line(text, "", List.of(), "", Long.parseLong(text.substring(5)));
        }
        var sides = text.split("=>", 2);
        var right = (sides[1] + " ").split("\\|", 2);
        var levels = right.length == 1 ? "" : right[1].strip();
        var stocks = levels.isEmpty()
                ? List.<String>of()
                : Arrays.stream(levels.split(", ", -1))
                        .map(level -> level.substring(0, level.indexOf(' ')))
                        .toList();
        return new Line(sides[0].strip().replaceAll(" +", " "), right[0].strip(), stocks, levels, 0);
    }

    static String row(Line line, String answer, String levels) {
        return line.command() + " => " + answer + (line.stocks().isEmpty() ? "" : " | " + levels);
    }

    List<String> expected() {
        return lines.stream()
                .filter(line -> line.waitSeconds() == 0)
                .map(line -> row(line, line.answer(), line.levels()))
                .toList();
    }

    /** Words to commands and outcomes to words; the scope keeps tables apart that share a database. */
    record Language(String scope) {
        StockKey stock(String word) {
            int at = word.indexOf('@');
            return at < 0
                    ? StockKey.of(scope + word)
                    : StockKey.of(scope + word.substring(0, at), word.substring(at + 1));
        }

        IdempotencyKey key(String word) {
            return IdempotencyKey.of(scope, word);
        }

        Command<?> command(Line line) {
            var words = new ArrayList<>(List.of(line.command().split(" ", -1)));
            var key = option(words, "key=");
            var version = option(words, "version=");
            var ttl = option(words, "ttl=");
            var note = option(words, "note=");
            var from = option(words, "from=");
            var how = option(words, "how=");
            var terms = option(words, "terms=");
            var supersedes = option(words, "supersedes=");
            var channel = option(words, "channel=");
            var buffers = option(words, "buffers=");
            var k = key(words.get(1));
            var second = key == null ? null : key(key);
            var rest = words.subList(2, words.size());
            Long expected = version == null ? null : Long.valueOf(version);
            var sourcing = from == null ? null : sourcing(rest, from, how == null ? "" : how, terms);
            return switch (words.getFirst()) {
                case "place" ->
                    new PlaceHold(
                            k,
                            lines(rest),
                            seconds(ttl == null ? "600" : ttl),
                            channel,
                            note,
                            sourcing,
                            supersedes == null ? null : key(supersedes).id());
                case "extend" -> new ExtendHold(second, k.id(), seconds(rest.getFirst()));
                case "confirm" -> new ConfirmHold(second, k.id(), lines(rest));
                case "release" -> new ReleaseHold(second, k.id(), lines(rest));
                case "expire" -> new ExpireHold(k.id());
                case "sell" -> new Sell(k, lines(rest), channel == null ? "till" : channel, note, sourcing);
                case "settle" ->
                    new Settle(k, key(rest.getFirst()).id(), lines(rest.subList(1, rest.size())), null, note);
                case "ship" -> new Ship(k, key(rest.getFirst()).id(), lines(rest.subList(1, rest.size())));
                case "deallocate" -> new Deallocate(k, key(rest.getFirst()).id(), lines(rest.subList(1, rest.size())));
                case "receive" -> new Receive(k, stock(rest.getFirst()), Quantity.of(number(rest, 1)), note);
                case "return" -> new Return(k, stock(rest.getFirst()), Quantity.of(number(rest, 1)), note);
                case "adjust" ->
                    new Adjust(k, stock(rest.getFirst()), number(rest, 1), note == null ? "found" : note, expected);
                case "count" -> new Count(k, stock(rest.getFirst()), number(rest, 1), note, expected);
                case "transfer" ->
                    new Transfer(
                            k,
                            stock(rest.getFirst()),
                            new Location(rest.get(1)),
                            Quantity.of(number(rest, 2)),
                            expected);
                case "limits" ->
                    new SetLimits(
                            k,
                            stock(rest.getFirst()),
                            number(rest, 1),
                            number(rest, 2),
                            buffers == null ? null : buffers(buffers),
                            expected);
                default -> throw new IllegalArgumentException("no such command: " + line.command());
            };
        }

        private static List<Buffer> buffers(String words) {
            return words.isEmpty()
                    ? List.of()
                    : Arrays.stream(words.split(",", -1))
                            .map(word -> word.split(":", -1))
                            .map(parts -> new Buffer(parts[0], Long.parseLong(parts[1]), Integer.parseInt(parts[2])))
                            .toList();
        }

        private static @Nullable String option(List<String> words, String name) {
            for (String word : words) {
                if (word.startsWith(name)) {
                    words.remove(word);
                    return word.substring(name.length());
                }
            }
            return null;
        }

        private static long number(List<String> words, int index) {
            return Long.parseLong(words.get(index));
        }

        private static Duration seconds(String word) {
            return Duration.ofSeconds(Long.parseLong(word));
        }

        private List<dev.holdfast.engine.Line> lines(List<String> words) {
            var lines = new ArrayList<dev.holdfast.engine.Line>();
            for (int i = 0; i < words.size(); i += 2) {
                if (!words.get(i).endsWith("@?")) {
                    lines.add(new dev.holdfast.engine.Line(stock(words.get(i)), number(words, i + 1)));
                }
            }
            return lines;
        }

        private Sourcing sourcing(List<String> words, String from, String how, @Nullable String terms) {
            var wanted = new ArrayList<Sourcing.Wanted>();
            for (int i = 0; i < words.size(); i += 2) {
                if (words.get(i).endsWith("@?")) {
                    wanted.add(new Sourcing.Wanted(stock(words.get(i)).sku(), number(words, i + 1)));
                }
            }
            return new Sourcing(
                    wanted,
                    Arrays.stream(from.split(",", -1)).map(Location::new).toList(),
                    how.contains("fewest") ? Sourcing.Policy.FEWEST_PARCELS : Sourcing.Policy.IN_ORDER,
                    !how.contains("whole"),
                    terms);
        }

        String words(Outcome outcome) {
            return switch (outcome) {
                case Outcome.Placed o -> "placed" + again(o.replayed());
                case Outcome.Changed o -> name(o.hold()) + again(o.replayed());
                case Outcome.Ended o -> "ended " + name(o.hold());
                case Outcome.NotHeld o -> "not held" + words(o.held());
                case Outcome.NotDue o -> "not due";
                case Outcome.UnknownHold o -> "unknown hold";
                case Outcome.Sold o -> "sold" + again(o.replayed());
                case Outcome.Settled o ->
                    "settled "
                            + o.lines().stream().map(this::words).collect(Collectors.joining(", "))
                            + again(o.replayed());
                case Outcome.Moved o ->
                    o.movements().stream().map(this::words).collect(Collectors.joining(", ")) + again(o.replayed());
                case Outcome.Insufficient o ->
                    "short "
                            + o.shortages().stream()
                                    .map(s -> words(s.stock()) + " " + s.requested() + "/" + s.available()
                                            + (s.heldByOthers() == 0 ? "" : " held " + s.heldByOthers()))
                                    .collect(Collectors.joining(", "));
                case Outcome.UnknownSku o ->
                    "unknown " + o.stocks().stream().map(this::words).collect(Collectors.joining(", "));
                case Outcome.PromisedStock o -> "promised " + words(o.level().stock());
                case Outcome.VersionChanged o -> "version is " + o.level().version();
                case Outcome.OverLimit o -> "over limit " + words(o.level().stock());
                case Outcome.NotAllocated o -> "not allocated: " + name(o.hold()) + ", left" + words(o.left());
                case Outcome.KeyReused o -> "key reused";
            };
        }

        private String words(List<dev.holdfast.engine.Line> lines) {
            return lines.stream()
                    .map(line -> " " + words(line.stock()) + " " + line.units())
                    .collect(Collectors.joining());
        }

        private static String name(Hold hold) {
            return hold.state().name().toLowerCase(Locale.ROOT);
        }

        private static String again(boolean replayed) {
            return replayed ? " again" : "";
        }

        private String words(Outcome.SettledLine line) {
            return words(line.stock()) + " " + line.units() + more("leased", line.leased())
                    + more("found", line.found()) + more("shortfall", line.shortfall());
        }

        private String words(Movement m) {
            return words(m.stock()) + "#" + m.version() + delta("on-hand", m.onHandDelta())
                    + delta("held", m.heldDelta()) + delta("allocated", m.allocatedDelta())
                    + delta("shortfall", m.shortfallDelta());
        }

        private static String delta(String name, long units) {
            return units == 0 ? "" : " " + name + (units > 0 ? "+" : "") + units;
        }

        private String words(StockKey stock) {
            var sku = stock.sku().value().substring(scope.length());
            return stock.location().equals(Location.MAIN) ? sku : sku + "@" + stock.location();
        }

        String words(String stock, @Nullable Level level) {
            if (level == null) {
                return stock + " -";
            }
            return stock + " " + level.onHand() + "/" + level.held() + "/" + level.allocated()
                    + more("safety", level.safetyStock()) + more("backorder", level.backorderLimit())
                    + more("shortfall", level.shortfall());
        }

        private static String more(String name, long units) {
            return units == 0 ? "" : " " + name + " " + units;
        }
    }
}
