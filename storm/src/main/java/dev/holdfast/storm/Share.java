package dev.holdfast.storm;

/** A part of the buyers, as a fraction of one. */
record Share(double fraction) {

    Share {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("a share lies between 0% and 100%");
        }
    }

    /** Reads {@code 10%} or {@code 10}, both a tenth. */
    static Share parse(String text) {
        var digits = text.endsWith("%") ? text.substring(0, text.length() - 1) : text;
        try {
            return new Share(Double.parseDouble(digits.strip()) / 100);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not a share such as 10%", e);
        }
    }

    double percent() {
        return fraction * 100;
    }
}
