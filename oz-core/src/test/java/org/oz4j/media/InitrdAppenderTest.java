package org.oz4j.media;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.host.WorkFolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class InitrdAppenderTest {
    private static final Map<String, byte[]> ANSWERS = Map.of("ks.cfg", "install\n".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path folder;

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream output = new GZIPOutputStream(bytes)) {
            output.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] cpio() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CpioArchiveOutputStream archive = new CpioArchiveOutputStream(bytes)) {
            archive.putArchiveEntry(new CpioArchiveEntry("init", 3));
            archive.write(new byte[] {1, 2, 3});
            archive.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private byte[] ext2(String... options) throws Exception {
        Tools.need("/usr/sbin/mke2fs", "e2fsprogs");
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("linuxrc"), "#!\n");
        Path image = folder.resolve("made.ext2");
        String[] command = {"/usr/sbin/mke2fs", "-q", "-F", "-d", tree.toString()};
        Tools.ok(Stream.of(command, options, new String[] {image.toString(), "2048k"})
                .flatMap(Stream::of)
                .toArray(String[]::new));
        byte[] bytes = Files.readAllBytes(image);
        WorkFolder.delete(tree);
        Files.delete(image);
        return bytes;
    }

    /** Both ways give the same; the second one changes a copy that others can read. */
    private Path appended(byte[] initrd, String name) throws IOException {
        Path from = Files.write(folder.resolve(name), initrd);
        Path target = folder.resolve(name + "-with-answers");
        InitrdAppender.append(from, target, ANSWERS);
        Path copy = Files.write(folder.resolve(name + "-copy"), initrd);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        InitrdAppender.add(copy, ANSWERS);

        assertThat(from).hasBinaryContent(initrd);
        assertThat(copy).hasSameBinaryContentAs(target);
        for (Path made : new Path[] {target, copy}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rw-------");
        }
        assertThat(folder).isDirectoryNotContaining("glob:**/.*");
        return target;
    }

    private static void assertEndsWithAnswers(byte[] all, int from) throws IOException {
        try (CpioArchiveInputStream archive =
                new CpioArchiveInputStream(new ByteArrayInputStream(all, from, all.length - from))) {
            assertThat(archive.getNextEntry().getName()).isEqualTo("ks.cfg");
            assertThat(archive.readAllBytes()).isEqualTo(ANSWERS.get("ks.cfg"));
        }
    }

    private static int aligned(int size) {
        return (size + 3) / 4 * 4;
    }

    @Test
    void anArchiveGetsAnotherBehindIt() throws Exception {
        byte[] microcode = cpio();
        for (byte[] initrd : new byte[][] {cpio(), gzip(cpio()), concat(microcode, gzip(cpio()))}) {
            byte[] all = Files.readAllBytes(appended(initrd, "initrd" + initrd.length));

            assertThat(all).startsWith(initrd);
            assertEndsWithAnswers(all, aligned(initrd.length));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fd377a585a000004",
                "5d00008000ffffff",
                "425a683931415926",
                "28b52ffd04000000",
                "02214c1800000000"
            })
    void whatOthersCompressedIsTakenForAnArchive(String beginning) throws Exception {
        byte[] initrd = HexFormat.of().parseHex(beginning);

        byte[] all = Files.readAllBytes(appended(initrd, "initrd"));

        assertThat(all).startsWith(initrd);
        assertEndsWithAnswers(all, 8);
    }

    @ParameterizedTest
    @CsvSource({"-r 0, true", "-r 0, false", "-t ext2, true"})
    void aFileSystemGetsTheFilesIntoIt(String options, boolean zipped) throws Exception {
        Tools.need("/usr/sbin/debugfs", "e2fsprogs");
        byte[] image = ext2(options.split(" "));

        Path made = appended(zipped ? gzip(image) : image, "initrd");

        Path inflated = folder.resolve("inflated");
        try (InputStream input = new GZIPInputStream(Files.newInputStream(made))) {
            Files.copy(input, inflated);
        }
        assertThat(inflated).hasSize(image.length);
        Tools.ok("/usr/sbin/e2fsck", "-fn", inflated.toString());
        assertThat(Tools.ok("/usr/sbin/debugfs", "-R", "cat /ks.cfg", inflated.toString()))
                .isEqualTo("install\n");
        assertThat(Tools.ok("/usr/sbin/debugfs", "-R", "cat /linuxrc", inflated.toString()))
                .isEqualTo("#!\n");
    }

    /** Both ways are refused, and leave all as it was. */
    private MediaException refused(byte[] initrd, Map<String, byte[]> files) throws IOException {
        Path from = Files.write(folder.resolve("bad-initrd"), initrd);
        MediaException failure = catchThrowableOfType(
                MediaException.class, () -> InitrdAppender.append(from, folder.resolve("target"), files));
        assertThat(failure).isNotNull().hasMessageContaining("bad-initrd");
        assertThatThrownBy(() -> InitrdAppender.add(from, files)).hasMessage(failure.getMessage());
        assertThat(from).hasBinaryContent(initrd);
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(from);
        }
        return failure;
    }

    @Test
    void whatIsNoInitrdIsRefusedByItsName() throws Exception {
        byte[] minix = new byte[2048];
        minix[1040] = 0x7f;
        minix[1041] = 0x13;
        Map<byte[], String> wrong = Map.of(
                new byte[0],
                "nothing",
                "070707000".getBytes(StandardCharsets.US_ASCII),
                "a cpio archive of the old format",
                "-rom1fs-".getBytes(StandardCharsets.US_ASCII),
                "a romfs",
                "hsqs".getBytes(StandardCharsets.US_ASCII),
                "a squashfs",
                minix,
                "a Minix file system",
                gzip(minix),
                "gzip of a Minix file system",
                gzip(new byte[0]),
                "gzip of nothing",
                gzip(HexFormat.of().parseHex("fd377a585a00")),
                "gzip of something",
                new byte[] {1, 2, 3},
                "the bytes 01 02 03");
        for (Map.Entry<byte[], String> initrd : wrong.entrySet()) {
            assertThat(refused(initrd.getKey(), ANSWERS))
                    .hasMessageContaining(initrd.getValue())
                    .returns(Kind.BAD_FORMAT, MediaException::kind);
        }
    }

    @Test
    void aBrokenGzipIsRefused() throws Exception {
        byte[] good = gzip(ext2("-r", "0"));
        for (int size : new int[] {2, 9, 12, good.length / 2, good.length - 1}) {
            assertThat(refused(Arrays.copyOf(good, size), ANSWERS))
                    .hasMessageContaining("can't be inflated")
                    .returns(Kind.BAD_FORMAT, MediaException::kind);
        }
        good[good.length / 2] ^= 0x55;
        assertThat(refused(good, ANSWERS)).returns(Kind.BAD_FORMAT, MediaException::kind);
    }

    @Test
    void aFileSystemWithoutRoomIsRefused() throws Exception {
        assertThat(refused(gzip(ext2("-r", "0")), Map.of("ks.cfg", new byte[2_090_000])))
                .returns(Kind.NO_SPACE, MediaException::kind)
                .hasMessageContaining("lacks")
                .hasMessageContaining("ks.cfg");
    }

    @Test
    void aFileSystemThatInflatesWithoutEndIsRefused() throws Exception {
        Path initrd = folder.resolve("bomb");
        byte[] part = new byte[1 << 20];
        part[1024 + 56] = 0x53;
        part[1024 + 57] = (byte) 0xef;
        byte[] zipped = gzip(part);
        try (OutputStream output = Files.newOutputStream(initrd)) {
            for (int i = 0; i <= 512; i++) {
                output.write(zipped); // one member after the other is one content
            }
        }

        assertThat(catchThrowableOfType(
                        MediaException.class, () -> InitrdAppender.append(initrd, folder.resolve("target"), ANSWERS)))
                .returns(Kind.TOO_LARGE, MediaException::kind)
                .hasMessageContaining("512 MiB");
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(initrd);
        }
    }

    @Test
    void aTargetThatIsThereIsNotReplaced() throws Exception {
        Path target = Files.writeString(folder.resolve("target"), "precious");
        for (byte[] content : new byte[][] {cpio(), gzip(ext2("-r", "0"))}) {
            Files.writeString(target, "precious");
            Path initrd = Files.write(folder.resolve("initrd"), content);

            assertThatThrownBy(() -> InitrdAppender.append(initrd, target, ANSWERS))
                    .isInstanceOf(FileAlreadyExistsException.class);

            assertThat(target).hasContent("precious");
        }
    }
}
