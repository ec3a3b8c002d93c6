package dev.holdfast.server.catalog;

/**
 * The number in a barcode: GTIN-8, -12, -13 or -14.
 *
 * <p>Source: GS1 General Specifications, section 7.9: from the right, the digits before the check digit count three times and
 * once in turn; with the check digit the sum is a multiple of ten.
 */
record Gtin(String value) {
    /** @throws IllegalArgumentException if it has another length or another check digit */
    Gtin {
        int length = value.length();
        boolean digits = value.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || (length != 8 && length != 12 && length != 13 && length != 14)) {
            throw new IllegalArgumentException("gtin must have 8, 12, 13 or 14 digits");
        }
        int expected = checkDigit(value.substring(0, length - 1));
        if (value.charAt(length - 1) - '0' != expected) {
            throw new IllegalArgumentException("gtin must end with the check digit " + expected);
        }
    }

    private static int checkDigit(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int fromRight = digits.length() - 1 - i;
            sum += (digits.charAt(i) - '0') * (fromRight % 2 == 0 ? 3 : 1);
        }
        return (10 - sum % 10) % 10;
    }
}
