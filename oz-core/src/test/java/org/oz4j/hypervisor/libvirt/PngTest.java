package org.oz4j.hypervisor.libvirt;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PngTest {
    private static byte[] ppm(String header, int... bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        for (int value : bytes) {
            out.write(value);
        }
        return out.toByteArray();
    }

    @Test
    void keepsEveryPixelAsAnotherDecoderSeesIt() throws Exception {
        byte[] png = Png.of(ppm("P6\n# by QEMU\n2 2\n255\n", 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 35, 32));

        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));

        assertThat(image.getWidth()).isEqualTo(2);
        assertThat(image.getHeight()).isEqualTo(2);
        assertThat(image.getRGB(0, 0)).isEqualTo(0xffff0000);
        assertThat(image.getRGB(1, 0)).isEqualTo(0xff00ff00);
        assertThat(image.getRGB(0, 1)).isEqualTo(0xff0000ff);
        assertThat(image.getRGB(1, 1)).isEqualTo(0xff0a2320);
    }

    @Test
    void passesAPngOnAsItIs() throws Exception {
        byte[] png = Png.of(ppm("P6 1 1 255 ", 1, 2, 3));

        assertThat(Png.of(png)).isSameAs(png);
    }

    @Test
    void refusesWhatIsNoPicture() {
        assertThatThrownBy(() -> Png.of(new byte[0])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Png.of(ppm("P6\n2 2\n255\n", 1, 2, 3)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cut off");
        assertThatThrownBy(() -> Png.of(ppm("P6\n99999 99999\n255\n"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Png.of(ppm("P6\nx"))).isInstanceOf(IOException.class);
    }
}
