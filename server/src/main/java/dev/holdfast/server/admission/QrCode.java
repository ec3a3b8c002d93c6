package dev.holdfast.server.admission;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/** A QR code as a picture. Level M: it is still read with 15 % of it torn off or in glare. */
final class QrCode {
    /** Dark modules side by side in one row. */
    record Run(int x, int y, int length) {}

    /** What the standard wants to be white around it, in modules. */
    static final int QUIET = 4;

    /** Of a module: 49 modules are 392 pixels, 3 cm in print at 300 dpi, and sharp on every screen. */
    private static final int PIXELS = 8;

    /** In a picture of one bit a pixel. */
    private static final int BLACK = 0;

    private static final int WHITE = 1;

    private final ByteMatrix modules;

    private QrCode(ByteMatrix modules) {
        this.modules = modules;
    }

    /** @throws IllegalArgumentException if the text is too long for any */
    static QrCode of(String text) {
        try {
            return new QrCode(Encoder.encode(text, ErrorCorrectionLevel.M).getMatrix());
        } catch (WriterException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Of a side in modules, with the white around it. */
    int size() {
        return modules.getWidth() + 2 * QUIET;
    }

    /** All that is dark; x to the right and y down from the upper left corner, which is white. */
    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (int y = 0; y < modules.getHeight(); y++) {
            for (int x = 0; x < modules.getWidth(); x++) {
                int from = x;
                while (x < modules.getWidth() && modules.get(x, y) == 1) {
                    x++;
                }
                if (x > from) {
                    runs.add(new Run(from + QUIET, y + QUIET, x - from));
                }
            }
        }
        return runs;
    }

    byte[] png() {
        int side = size() * PIXELS;
        var image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_BINARY);
        fill(image.getRaster(), 0, 0, side, side, WHITE);
        runs().forEach(run ->
                fill(image.getRaster(), run.x * PIXELS, run.y * PIXELS, run.length * PIXELS, PIXELS, BLACK));
        var png = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }

    byte[] svg() {
        var svg = new StringBuilder(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %1$d\"".formatted(size()));
        svg.append(" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%1$dv%1$dH0z\"/><path d=\""
                .formatted(size()));
        runs().forEach(run -> svg.append("M%d %dh%dv1h-%dz".formatted(run.x, run.y, run.length, run.length)));
        return svg.append("\"/></svg>").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void fill(WritableRaster raster, int x, int y, int width, int height, int color) {
        int[] pixels = new int[width * height];
        Arrays.fill(pixels, color);
        raster.setPixels(x, y, width, height, pixels);
    }
}
