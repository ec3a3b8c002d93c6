package dev.holdfast.server.admission;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.ticketing.Performances.Performance;
import dev.holdfast.server.ticketing.Performances.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.fontbox.ttf.CmapLookup;
import org.apache.fontbox.ttf.TTFParser;
import org.apache.fontbox.ttf.TrueTypeFont;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;

/**
 * A ticket to print: one page of A4, what it is for and the code as lines that any printer draws sharply. Texts are in the font that PDFBox
 * brings, which has Latin, Greek and Cyrillic; what it does not have is printed as a question mark, and the code says it anyway.
 */
final class TicketPdf {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH);

    private static final byte[] FONT = font();

    /** In points of 1/72 inch, as everything on the page. */
    private static final float MARGIN = 56;

    /** 6 cm a side. */
    private static final float CODE = 170;

    private static final float TITLE = 22;
    private static final float TEXT = 12;
    private static final float SMALL = 8;
    private static final float LEADING = 1.35f;

    /** An event's name has 200 characters at most: four lines. */
    private static final int LINES_MAX = 4;

    private final PDPageContentStream page;
    private final PDFont font;
    private final CmapLookup glyphs;
    private final float width;
    private float y;

    private TicketPdf(PDPageContentStream page, PDFont font, CmapLookup glyphs, PDRectangle paper) {
        this.page = page;
        this.font = font;
        this.glyphs = glyphs;
        this.width = paper.getWidth() - 2 * MARGIN;
        this.y = paper.getHeight() - MARGIN;
    }

    /** @param code the text of its QR code */
    static byte[] of(Ticket ticket, Performance performance, String code) {
        try (var document = new PDDocument();
                TrueTypeFont file = new TTFParser().parse(new RandomAccessReadBuffer(FONT))) {
            var paper = new PDPage(PDRectangle.A4);
            document.addPage(paper);
            document.getDocumentInformation().setTitle("Ticket " + ticket.id());
            var font = PDType0Font.load(document, file, true);
            try (var page = new PDPageContentStream(document, paper)) {
                new TicketPdf(page, font, file.getUnicodeCmapLookup(), paper.getMediaBox())
                        .draw(ticket, performance, QrCode.of(code));
            }
            var bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing of it leaves memory
        }
    }

    private void draw(Ticket ticket, Performance performance, QrCode code) throws IOException {
        write(performance.name(), TITLE);
        write(TIME.format(performance.startsAt().atZone(ZoneOffset.UTC)), TEXT);
        write(performance.venue(), TEXT);
        y -= TEXT;
        write(where(ticket.place()), TITLE);
        write(ticket.place().category() + ", " + amount(ticket.price()), TEXT);
        write("Holder: " + ticket.holder(), TEXT);
        y -= TEXT;
        draw(code);
        y -= TEXT;
        write("Ticket " + ticket.id() + (ticket.generation() > 1 ? ", issue " + ticket.generation() : ""), SMALL);
        write("Good for one entry. Whoever shows the code first is let in: keep it to yourself.", SMALL);
    }

    private static String where(Place place) {
        return place.isSeat() ? place.section() + ", row " + place.row() + ", seat " + place.number() : place.label();
    }

    private static String amount(Money price) {
        int digits = Math.max(0, Currency.getInstance(price.currency()).getDefaultFractionDigits());
        return BigDecimal.valueOf(price.amountMinor(), digits).toPlainString() + " " + price.currency();
    }

    private void draw(QrCode code) throws IOException {
        float module = CODE / code.size();
        float left = MARGIN - QrCode.QUIET * module;
        for (QrCode.Run run : code.runs()) {
            page.addRect(left + run.x() * module, y - (run.y() + 1) * module, run.length() * module, module);
        }
        page.fill();
        y -= CODE;
    }

    private void write(String text, float size) throws IOException {
        for (String line : lines(printable(text), size)) {
            y -= size * LEADING;
            page.beginText();
            page.setFont(font, size);
            page.newLineAtOffset(MARGIN, y);
            page.showText(line);
            page.endText();
        }
    }

    private String printable(String text) {
        return text.codePoints()
                .map(point -> glyphs.getGlyphId(point) == 0 ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Broken at spaces, within words where it must; what is too long ends in dots. */
    private List<String> lines(String text, float size) throws IOException {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (!rest.isEmpty()) {
            if (lines.size() == LINES_MAX) {
                lines.set(
                        LINES_MAX - 1,
                        lines.getLast().substring(0, lines.getLast().length() - 1) + "…");
                break;
            }
            int fits = rest.length();
            while (font.getStringWidth(rest.substring(0, fits)) / 1000 * size > width) {
                fits--;
            }
            int space = fits < rest.length() ? rest.lastIndexOf(' ', fits) : -1;
            int end = space > 0 ? space : fits;
            lines.add(rest.substring(0, end));
            rest = rest.substring(end).strip();
        }
        return lines;
    }

    private static byte[] font() {
        try (InputStream file =
                PDFont.class.getResourceAsStream("/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf")) {
            return Objects.requireNonNull(file, "PDFBox brings a font").readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
