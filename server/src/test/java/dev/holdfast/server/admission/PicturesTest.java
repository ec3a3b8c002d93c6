package dev.holdfast.server.admission;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.ticketing.Performances.Performance;
import dev.holdfast.server.ticketing.Performances.Place;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.rendering.ImageType;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Every picture of a code is read by a reader of codes as what was signed. */
final class PicturesTest {
    private static final Pattern RUN = Pattern.compile("M(\\d+) (\\d+)h(\\d+)v1h-\\d+z");
    private static final Performance PERFORMANCE =
            new Performance(UUID.randomUUID(), "Die Zauberflöte", Instant.parse("2027-01-31T18:30:00Z"), "Great Hall");

    private final String code = newCode();

    private static String newCode() {
        try {
            var key = KeyPairGenerator.getInstance(TicketCode.ALGORITHM).generateKeyPair();
            return new TicketCode(1, 1, UUID.randomUUID(), UUID.randomUUID()).signed(key.getPrivate());
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String read(BufferedImage image) throws Exception {
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        var source = new RGBLuminanceSource(image.getWidth(), image.getHeight(), pixels);
        return new QRCodeReader()
                .decode(new BinaryBitmap(new HybridBinarizer(source)))
                .getText();
    }

    private static Ticket ticket(Place place, String holder) {
        return Ticket.issued(1, UUID.randomUUID(), 1, place, holder, new Money(4_500, "EUR"), Instant.EPOCH);
    }

    private static Place seat() {
        return new Place(UUID.randomUUID(), "A-12", "stalls", "Stalls", "A", "12");
    }

    @Test
    void thePngIsRead() throws Exception {
        BufferedImage image =
                ImageIO.read(new ByteArrayInputStream(QrCode.of(code).png()));

        assertThat(image.getWidth()).isEqualTo(49 * 8);
        assertThat(read(image)).isEqualTo(code);
    }

    @Test
    void theSvgIsRead() throws Exception {
        String svg = new String(QrCode.of(code).svg(), StandardCharsets.UTF_8);
        assertThat(svg).startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 49 49\"");
        var image = new BufferedImage(49 * 4, 49 * 4, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.setColor(Color.BLACK);
        RUN.matcher(svg)
                .results()
                .forEach(run -> graphics.fillRect(
                        4 * Integer.parseInt(run.group(1)),
                        4 * Integer.parseInt(run.group(2)),
                        4 * Integer.parseInt(run.group(3)),
                        4));
        graphics.dispose();

        assertThat(read(image)).isEqualTo(code);
    }

    @Test
    void thePdfSaysEverythingAndItsCodeIsReadOnPaper() throws Exception {
        Ticket ticket = ticket(seat(), "Ada Lovelace");
        try (var pdf = Loader.loadPDF(TicketPdf.of(ticket, PERFORMANCE, code))) {
            assertThat(pdf.getNumberOfPages()).isEqualTo(1);
            assertThat(new PDFTextStripper().getText(pdf))
                    .contains("Die Zauberflöte")
                    .contains("Sunday, 31 January 2027, 18:30 UTC")
                    .contains("Great Hall")
                    .contains("Stalls, row A, seat 12")
                    .contains("stalls, 45.00 EUR")
                    .contains("Ada Lovelace")
                    .contains(ticket.id().toString());
            assertThat(read(new PDFRenderer(pdf).renderImageWithDPI(0, 150, ImageType.RGB)))
                    .isEqualTo(code);
        }
    }

    /** Names are anybody's, and as long as they may be. */
    @ParameterizedTest
    @ValueSource(strings = {"Ελένη Жанна Łukasz", "李小龙", "🎟️", "a", " "})
    void aPdfOfAnyName(String name) throws Exception {
        var area = new Place(UUID.randomUUID(), "Floor", "standing", null, null, null);
        for (String holder : new String[] {name, name.repeat(255 / name.length()), (name + " ").repeat(50)}) {
            var performance = new Performance(UUID.randomUUID(), holder, Instant.EPOCH, holder);
            try (var pdf = Loader.loadPDF(TicketPdf.of(ticket(area, holder), performance, code))) {
                assertThat(read(new PDFRenderer(pdf).renderImageWithDPI(0, 150, ImageType.RGB)))
                        .isEqualTo(code);
            }
        }
    }
}
