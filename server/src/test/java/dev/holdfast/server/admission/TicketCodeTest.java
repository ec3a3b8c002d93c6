package dev.holdfast.server.admission;

import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.decoder.Mode;
import com.google.zxing.qrcode.encoder.Encoder;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.UUID;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

final class TicketCodeTest {
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

    private final KeyPair keys = newKeys();
    private final TicketCode code =
            new TicketCode(255, TicketCode.GENERATION_MAX, UUID.randomUUID(), UUID.randomUUID());

    private static KeyPair newKeys() {
        try {
            return KeyPairGenerator.getInstance(TicketCode.ALGORITHM).generateKeyPair();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsSignedIsRead() {
        String text = code.signed(keys.getPrivate());

        assertThat(TicketCode.read(text, id -> id == 255 ? keys.getPublic() : null))
                .hasValue(code);
        assertThat(text).isEqualTo(code.signed(keys.getPrivate())).hasSize(TicketCode.LENGTH);
    }

    @Test
    void aCodeOfAnotherOrAnUnknownKeyIsNone() {
        String text = code.signed(keys.getPrivate());

        assertThat(TicketCode.read(text, _ -> newKeys().getPublic())).isEmpty();
        assertThat(TicketCode.read(text, _ -> null)).isEmpty();
    }

    @Test
    void aCodeWithOneOtherCharacterIsNone() {
        String text = code.signed(keys.getPrivate());
        for (int i = 0; i < text.length(); i++) {
            char other = DIGITS.charAt((DIGITS.indexOf(text.charAt(i)) + 1) % DIGITS.length());
            String forged = text.substring(0, i) + other + text.substring(i + 1);
            assertThat(TicketCode.read(forged, _ -> keys.getPublic()))
                    .as("at %d", i)
                    .isEmpty();
        }
    }

    @Test
    void whatIsShorterOrLongerOrOfNoCodeIsNone() {
        String text = code.signed(keys.getPrivate());
        for (String other : new String[] {"", "HF1:", "HF2:" + text.substring(4), text.substring(1), text + "0"}) {
            assertThat(TicketCode.read(other, _ -> keys.getPublic())).as(other).isEmpty();
        }
    }

    /** A code of that length is as long as the QR code's version 6 can be at level M, in its alphanumeric mode. */
    @Test
    void itFillsAQrCodeOfVersion6() throws Exception {
        String text = code.signed(keys.getPrivate());

        var qr = Encoder.encode(text, ErrorCorrectionLevel.M);

        assertThat(qr.getMode()).isEqualTo(Mode.ALPHANUMERIC);
        assertThat(qr.getVersion().getVersionNumber()).isEqualTo(6);
        assertThat(Encoder.encode(text + "0", ErrorCorrectionLevel.M)
                        .getVersion()
                        .getVersionNumber())
                .isEqualTo(7);
    }
}
