package org.oz4j.media;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.MediaException;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class VolumesTest {
    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, byte[]> files() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("ks.cfg", bytes("install\n"));
        files.put("a-long-name-of-an-answer-file.xml", bytes("<x/>"));
        files.put("a-long-name-of-another-file.xml", bytes("<y/>"));
        files.put("$OEM$/drivers/Viostor.inf", new byte[5000]);
        files.put("empty", new byte[0]);
        return files;
    }

    @Test
    void readsWhatItWrote() throws Exception {
        Path iso = folder.resolve("answers.iso");
        IsoWriter.write(iso, "OEMDRV", files());

        try (IsoImage image = IsoImage.open(iso)) {
            assertThat(image.volumeLabel()).isEqualTo("OEMDRV");
            assertThat(image.paths()).containsAll(files().keySet()).contains("$OEM$", "$OEM$/drivers");
            for (Map.Entry<String, byte[]> file : files().entrySet()) {
                assertThat(image.read(file.getKey(), 1 << 20)).isEqualTo(file.getValue());
            }
            image.extract("$OEM$/drivers/Viostor.inf", folder.resolve("out"));
            assertThat(folder.resolve("out")).hasSize(5000);
            assertThatThrownBy(() -> image.size("nothing"))
                    .isInstanceOf(MediaException.class)
                    .hasMessageContaining("nothing");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(iso)))
                .isEqualTo("rw-------");
    }

    @Test
    void writesWhatXorrisoReads() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/xorriso")), "xorriso is not installed");
        Path iso = folder.resolve("answers.iso");
        IsoWriter.write(iso, "OEMDRV", files());

        Commands.Result result = Commands.run(
                List.of("xorriso", "-indev", iso.toString(), "-find", "/", "-type", "f"), Duration.ofSeconds(20));

        assertThat(result.status()).as(result.errors()).isZero();
        assertThat(result.output().lines())
                .containsExactlyInAnyOrderElementsOf(
                        files().keySet().stream().map(path -> "'/" + path + "'").toList());
        assertThat(result.errors()).contains("OEMDRV");
    }

    @Test
    void writesTheSameVolumeForTheSameFiles() throws Exception {
        IsoWriter.write(folder.resolve("a.iso"), "X", files());
        IsoWriter.write(folder.resolve("b.iso"), "X", files());

        assertThat(folder.resolve("a.iso")).hasSameBinaryContentAs(folder.resolve("b.iso"));
    }

    @Test
    void refusesWhatIsNoIsoImage() throws Exception {
        Path text = Files.write(folder.resolve("text.iso"), new byte[40_000]);
        Path shorter = Files.write(folder.resolve("short.iso"), new byte[100]);

        assertThatThrownBy(() -> IsoImage.open(text))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("text.iso");
        assertThatThrownBy(() -> IsoImage.open(shorter)).isInstanceOf(MediaException.class);
    }

    @Test
    void refusesAnIsoImageThatWasCut() throws Exception {
        Path iso = folder.resolve("answers.iso");
        IsoWriter.write(iso, "OEMDRV", files());
        Path cut = Files.write(folder.resolve("cut.iso"), Arrays.copyOf(Files.readAllBytes(iso), 20 * 2048 + 10));

        assertThatThrownBy(() -> IsoImage.open(cut)).isInstanceOf(MediaException.class);
    }

    @Test
    void appendsFilesToAnInitrdThatStaysAsItIs() throws Exception {
        byte[] original = bytes("0707017");
        Path initrd = Files.write(folder.resolve("initrd"), original);
        Path target = folder.resolve("initrd-with-answers");

        InitrdAppender.append(initrd, target, Map.of("preseed.cfg", bytes("d-i x\n"), "etc/oz/b", bytes("b")));

        byte[] all = Files.readAllBytes(target);
        assertThat(all).startsWith(original);
        assertThat(Files.readAllBytes(initrd)).isEqualTo(original);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rw-------");
        Map<String, String> found = new LinkedHashMap<>();
        try (InputStream rest = new ByteArrayInputStream(all, 8, all.length - 8);
                CpioArchiveInputStream archive = new CpioArchiveInputStream(rest)) {
            for (CpioArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                found.put(
                        entry.getName(),
                        entry.isDirectory() ? "/" : new String(archive.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(found)
                .containsExactly(
                        Map.entry("etc", "/"),
                        Map.entry("etc/oz", "/"),
                        Map.entry("etc/oz/b", "b"),
                        Map.entry("preseed.cfg", "d-i x\n"));
    }
}
