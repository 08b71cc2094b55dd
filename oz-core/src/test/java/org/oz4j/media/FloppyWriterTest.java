package org.oz4j.media;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class FloppyWriterTest {
    private static final int ROOM = 2847 * 512;

    @TempDir
    Path folder;

    private Path write(Map<String, byte[]> files) throws IOException {
        Path floppy = folder.resolve("answers.flp");
        FloppyWriter.write(floppy, "ANSWERS", files);
        return floppy;
    }

    private MediaException refused(Map<String, byte[]> files) {
        MediaException failure = catchThrowableOfType(MediaException.class, () -> write(files));
        assertThat(failure).isNotNull().hasMessageContaining("answers.flp");
        assertThat(folder).isEmptyDirectory();
        return failure;
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    private static Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("winnt.sif", "[Unattended]\r\n".getBytes(StandardCharsets.US_ASCII));
        files.put("README.TXT", content(513));
        files.put("empty", new byte[0]);
        files.put("A long name of a file.text", content(100_000));
        files.put("A long name of another.text", content(7));
        files.put("ALONGN~1.TEX", content(8));
        files.put("exactly13char", content(9));
        files.put(".hidden", content(10));
        files.put("Größe.inf", content(11));
        files.put("$OEM$/drivers/Viostor.inf", content(5000));
        for (int i = 0; i < 60; i++) {
            files.put("many/a long name with the number " + i, content(i));
        }
        return files;
    }

    @Test
    void ourOwnReaderReadsIt() throws Exception {
        Path floppy = write(files());

        assertThat(floppy).hasSize(1_474_560);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(floppy)))
                .isEqualTo("rw-------");
        try (FileChannel channel = FileChannel.open(floppy)) {
            FatImage fat = FatImage.open(channel, 0, floppy.toUri());
            // it calls what has no long name in lower case
            assertThat(fat.paths()).hasSameSizeAs(files().keySet()).contains("winnt.sif", "Größe.inf", ".hidden");
            for (Map.Entry<String, byte[]> file : files().entrySet()) {
                assertThat(fat.read(file.getKey())).as(file.getKey()).hasValue(file.getValue());
            }
        }
    }

    @Test
    void mtoolsReadIt() throws Exception {
        Tools.need("/usr/bin/mtype", "mtools");
        Path floppy = write(files());

        assertThat(Tools.ok("mtype", "-i", floppy.toString(), "::/WINNT.SIF")).isEqualTo("[Unattended]\r\n");
        assertThat(Tools.ok("mdir", "-i", floppy.toString(), "::/"))
                .contains("Volume in drive : is ANSWERS", "winnt.sif", "A long name of another.text", "2000-01-01");
        Path out = folder.resolve("out");
        Tools.ok("mcopy", "-i", floppy.toString(), "::/$OEM$/drivers/VIOSTOR.INF", out.toString());
        assertThat(out).hasBinaryContent(content(5000));
        Tools.ok("mcopy", "-n", "-o", "-i", floppy.toString(), "::/A long name of a file.text", out.toString());
        assertThat(out).hasBinaryContent(content(100_000));
        assertThat(Tools.ok("mdir", "-b", "-i", floppy.toString(), "::/many").lines())
                .hasSize(60);
    }

    @Test
    void fsckFindsNothingWrong() throws Exception {
        Tools.need("/usr/sbin/fsck.fat", "dosfstools");
        for (Map<String, byte[]> files : List.of(files(), Map.<String, byte[]>of(), Map.of("f", content(ROOM)))) {
            Path floppy = write(files);
            assertThat(Tools.ok("/usr/sbin/fsck.fat", "-n", "-v", floppy.toString()))
                    .doesNotContainIgnoringCase("differ")
                    .doesNotContainIgnoringCase("bad ");
            Files.delete(floppy);
        }
    }

    @Test
    void theSameFilesMakeTheSameFloppy() throws Exception {
        byte[] one = Files.readAllBytes(write(files()));
        FloppyWriter.write(folder.resolve("other"), "ANSWERS", files());

        assertThat(Arrays.equals(one, Files.readAllBytes(folder.resolve("other"))))
                .isTrue();
    }

    @Test
    void tooMuchIsRefusedWithTheNumberOfBytes() {
        assertThat(refused(Map.of("a", new byte[ROOM], "b", new byte[1])))
                .returns(Kind.TOO_LARGE, MediaException::kind)
                .hasMessageContaining("512 bytes too many");
        assertThat(refused(Map.of("folder/a", new byte[ROOM - 512 + 1]))).hasMessageContaining("512 bytes too many");
        assertThat(refused(Map.of("a", new byte[2_000_000]))).hasMessageContaining("542720 bytes too many");
        Map<String, byte[]> many = new TreeMap<>();
        for (int i = 0; i < 224; i++) {
            many.put("F" + i, new byte[0]);
        }
        assertThat(refused(many))
                .returns(Kind.TOO_LARGE, MediaException::kind)
                .hasMessageContaining("needs 225 entries, it has 224");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a//b", "a/", "../a", "a/./b", "a:b", "a?", "tail.", "tail ", "a\\b", "a\u0001"})
    void namesThatFatHasNotAreRefused(String path) {
        assertThat(refused(Map.of(path, new byte[1])))
                .returns(Kind.BAD_FORMAT, MediaException::kind)
                .hasMessageContaining("Can't write '" + path + "'");
    }

    @Test
    void pathsThatDisagreeAreRefused() {
        assertThat(refused(Map.of("a", new byte[1], "A", new byte[1]))).hasMessageContaining("nothing but case");
        assertThat(refused(Map.of("a", new byte[1], "a/b", new byte[1]))).hasMessageContaining("'a' is a file");
        assertThat(refused(Map.of("n".repeat(256), new byte[1]))).hasMessageContaining("no such name");
        assertThat(refused(Map.of("d/".repeat(5000) + "f", new byte[1]))).hasMessageContaining("folders deep");
    }

    @Test
    void aLabelIsShort() {
        for (String label : List.of("", "lower", "TWELVE CHARS", "A.B", " A")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FloppyWriter.write(folder.resolve("x"), label, Map.of()));
        }
    }
}
