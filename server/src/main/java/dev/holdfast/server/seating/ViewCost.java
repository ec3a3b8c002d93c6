package dev.holdfast.server.seating;

import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.VenueMap.Point;
import dev.holdfast.server.venue.VenueMap.Seat;
import java.util.List;

/**
 * How far a seat is from the best there could be; the lower, the better.
 *
 * <pre>cost = FARTHEST × (distance + aside / 2) / longest distance + (restricted view ? RESTRICTED : 0)</pre>
 *
 * <p>{@code distance} is to the stage; {@code aside} to the axis, the line from the stage through the middle of all seats: someone a metre
 * off it sees as well as someone on it half a metre farther back. It is half because the distance counts being aside already. Where the middle
 * is the stage itself, as in an arena, nothing is aside. A restricted view weighs as a quarter of the way through the house: seldom sold
 * before its neighbours, but before the last rows. Both weights are judgements, not measurements; a house that ranks its seats otherwise does
 * so by categories.
 *
 * <p>Whole numbers, so that costs can be added in any order; {@code Math.sqrt} and the four operations round alike everywhere (JLS
 * 15.4), so that all nodes choose alike.
 */
final class ViewCost {
    /** Of the longest distance. As fine as 1 mm in a house of 100 m; 50 seats cost less than 2<sup>24</sup>. */
    static final int FARTHEST = 100_000;

    static final int RESTRICTED = FARTHEST / 4;

    private final Point stage;
    private final Point axis;
    private final double longest;

    private ViewCost(Point stage, List<Seat> seats) {
        this.stage = stage;
        double x = seats.stream().mapToDouble(seat -> seat.x() - stage.x()).sum();
        double y = seats.stream().mapToDouble(seat -> seat.y() - stage.y()).sum();
        double length = length(x, y);
        axis = length == 0 ? new Point(0, 0) : new Point(x / length, y / length);
        longest = seats.stream().mapToDouble(this::distance).max().orElse(0);
    }

    /** By seat, in the order of the map. */
    static int[] of(VenueMap map, List<Seat> seats) {
        var view = new ViewCost(map.stage(), seats);
        return seats.stream().mapToInt(view::cost).toArray();
    }

    private int cost(Seat seat) {
        double aside = Math.abs(axis.x() * (seat.y() - stage.y()) - axis.y() * (seat.x() - stage.x()));
        double share = longest == 0 ? 0 : (distance(seat) + aside / 2) / longest;
        return (int) Math.round(FARTHEST * share) + (seat.restrictedView() ? RESTRICTED : 0);
    }

    private double distance(Seat seat) {
        return length(seat.x() - stage.x(), seat.y() - stage.y());
    }

    private static double length(double x, double y) {
        return Math.sqrt(x * x + y * y);
    }
}
