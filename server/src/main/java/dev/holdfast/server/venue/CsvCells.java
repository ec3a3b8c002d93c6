package dev.holdfast.server.venue;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import java.util.ArrayList;
import java.util.List;

/** Makes cells of a line of CSV, and knows its number also while it cannot be read. */
final class CsvCells extends AbstractBaseCsvCallbackHandler<List<String>> {
    private List<String> cells = List.of();

    /** From 1: of the line that was read last, or that is being read. */
    int line() {
        return Math.toIntExact(getStartingLineNumber());
    }

    @Override
    protected void handleBegin(long line) {
        cells = new ArrayList<>(MapCsv.Column.values().length);
    }

    @Override
    protected void handleField(int index, char[] text, int offset, int length, boolean isQuoted) {
        cells.add(new String(text, offset, length));
    }

    @Override
    protected List<String> buildRecord() {
        return cells;
    }
}
