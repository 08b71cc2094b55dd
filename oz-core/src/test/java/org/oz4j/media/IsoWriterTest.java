package org.oz4j.media;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class IsoWriterTest {
    private static final int SECTOR = 2048;

    @TempDir
    Path folder;

    private Path iso;
    private Path host;

    @BeforeEach
    void folders() throws IOException {
        host = Files.createDirectory(folder.resolve("host"));
        iso = folder.resolve("answers.iso");
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    private static Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("autounattend.xml", "<unattend/>".getBytes(StandardCharsets.UTF_8));
        files.put("$OEM$/$1/drivers/Viostor Größe.inf", content(5000));
        files.put("$OEM$/$1/drivers/viostor.amd64.sys", content(100_000));
        files.put("name without dot", content(3));
        files.put(".discinfo", content(4));
        files.put("empty", new byte[0]);
        files.put("n".repeat(60) + ".txt", content(5));
        return files;
    }

    /** A copy whose Rock Ridge names can't be seen. */
    private Path jolietOnly() throws IOException {
        byte[] all = Files.readAllBytes(iso);
        int root = number(all, 16 * SECTOR + 158) * SECTOR;
        for (int at = root; at < root + SECTOR; at++) {
            if ((all[at] == 'S' && all[at + 1] == 'P') || (all[at] == 'P' && all[at + 1] == 'X')) {
                all[at] = 'Z';
            }
        }
        return Files.write(folder.resolve("joliet.iso"), all);
    }

    private static int number(byte[] bytes, int at) {
        return Byte.toUnsignedInt(bytes[at])
                | Byte.toUnsignedInt(bytes[at + 1]) << 8
                | Byte.toUnsignedInt(bytes[at + 2]) << 16
                | Byte.toUnsignedInt(bytes[at + 3]) << 24;
    }

    private void assertHoldsBothWays(Map<String, byte[]> files) throws IOException {
        for (Path image : List.of(iso, jolietOnly())) {
            try (IsoImage read = IsoImage.open(image)) {
                assertThat(read.hasJoliet()).isTrue();
                Set<String> plain = read.paths().stream().filter(read::contains).collect(Collectors.toSet());
                assertThat(plain).containsExactlyInAnyOrderElementsOf(files.keySet());
                for (Map.Entry<String, byte[]> file : files.entrySet()) {
                    assertThat(Arrays.equals(read.read(file.getKey(), 1 << 30), file.getValue()))
                            .as(file.getKey())
                            .isTrue();
                }
            }
        }
    }

    private MediaException refused(Map<String, byte[]> files, Map<String, Path> additions) {
        MediaException failure =
                catchThrowableOfType(MediaException.class, () -> IsoWriter.write(iso, "OEMDRV", files, additions));
        assertThat(failure).isNotNull().hasMessageContaining("answers.iso");
        assertThat(iso).doesNotExist();
        return failure;
    }

    @Test
    void bothTreesHaveTheSameFiles() throws Exception {
        IsoWriter.write(iso, "OEMDRV", files());

        assertHoldsBothWays(files());
    }

    @Test
    void filesAndFoldersOfTheHostAreAdded() throws Exception {
        Map<String, byte[]> all = files();
        Path drivers = Files.createDirectories(host.resolve("drivers"));
        for (int i = 0; i < 300; i++) {
            Path place = Files.createDirectories(drivers.resolve("w" + i % 7 + "/amd64"));
            Files.write(place.resolve("a driver with number " + i + ".sys"), content(10_000 + i));
            all.put("$OEM$/$1/drivers/w" + i % 7 + "/amd64/a driver with number " + i + ".sys", content(10_000 + i));
        }
        Files.createDirectory(drivers.resolve("nothing"));
        Files.write(host.resolve("tool.exe"), content(3_000_000));
        all.put("tools/Tool.exe", content(3_000_000));

        IsoWriter.write(
                iso,
                "OEMDRV",
                files(),
                Map.of("$OEM$/$1/drivers", drivers, "tools/Tool.exe", host.resolve("tool.exe")));

        assertHoldsBothWays(all);
        try (IsoImage image = IsoImage.open(iso)) {
            assertThat(image.paths()).contains("$OEM$/$1/drivers/nothing");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(iso)))
                .isEqualTo("rw-------");
        // the contents are there only once
        assertThat(Files.size(iso)).isLessThan(3_000_000 + 300 * 6 * SECTOR + 400_000);
    }

    @Test
    void xorrisoReadsBothTrees() throws Exception {
        Tools.need("/usr/bin/xorriso", "xorriso");
        IsoWriter.write(iso, "OEMDRV", files(), Map.of("deep/host", Files.write(host.resolve("h"), content(70_000))));
        Set<String> expected = new TreeSet<>();
        files().keySet().forEach(path -> expected.add("'/" + path + "'"));
        expected.add("'/deep/host'");

        for (String tree : List.of("any", "norock")) {
            String found = Tools.ok("xorriso", "-read_fs", tree, "-indev", iso.toString(), "-find", "/", "-type", "f");

            assertThat(found.lines().toList()).as(tree).containsExactlyInAnyOrderElementsOf(expected);
            Path out = folder.resolve("out-" + tree);
            Tools.ok(
                    "xorriso", "-read_fs", tree, "-osirrox", "on", "-indev", iso.toString(), "-extract", "/", out + "");
            for (Map.Entry<String, byte[]> file : files().entrySet()) {
                assertThat(out.resolve(file.getKey())).hasBinaryContent(file.getValue());
            }
            assertThat(out.resolve("deep/host")).hasBinaryContent(content(70_000));
            Tools.ok("chmod", "-R", "u+w", out.toString());
        }
    }

    @Test
    void isoinfoReadsBothTreesAndThePathTable() throws Exception {
        Tools.need("/usr/bin/isoinfo", "genisoimage");
        Path many = host.resolve("many");
        for (int i = 0; i < 300; i++) {
            Files.createDirectories(many.resolve("a folder with number " + i + "/inside"));
        }
        IsoWriter.write(iso, "OEMDRV", Map.of("b/autounattend.xml", content(9)), Map.of("many", many));

        assertThat(Tools.ok("isoinfo", "-J", "-f", "-i", iso.toString()).lines())
                .contains("/b/autounattend.xml", "/many/a folder with number 299/inside")
                .hasSize(603);
        assertThat(Tools.ok("isoinfo", "-R", "-f", "-i", iso.toString()).lines())
                .contains("/b/autounattend.xml", "/many/a folder with number 299/inside")
                .hasSize(603);
        assertThat(Tools.ok("isoinfo", "-d", "-i", iso.toString()))
                .contains("Joliet with UCS level 3 found", "Rock Ridge signatures version 1 found", "OEMDRV");
        // the root, b, and many with 300, each with one inside
        assertThat(Tools.ok("isoinfo", "-p", "-i", iso.toString()).lines().filter(line -> line.matches(" *\\d+:.*")))
                .hasSize(603);
    }

    @Test
    void pathTablesAreInOrder() throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        for (String path : List.of("b/z/f", "a/y/deep/f", "a/x/f", "c/f", "a b/q/f", "a.b/q/f")) {
            files.put(path, new byte[1]);
        }
        IsoWriter.write(iso, "X", files);
        byte[] all = Files.readAllBytes(iso);

        for (int descriptor : new int[] {16, 17}) {
            boolean joliet = descriptor == 17;
            int at = number(all, descriptor * SECTOR + 140) * SECTOR;
            int end = at + number(all, descriptor * SECTOR + 132);
            StringBuilder order = new StringBuilder();
            while (at < end) {
                int length = all[at];
                String name =
                        new String(all, at + 8, length, joliet ? StandardCharsets.UTF_16BE : StandardCharsets.US_ASCII);
                order.append(length == 1 && all[at + 8] == 0 ? "/" : name.toLowerCase(Locale.ROOT))
                        .append(all[at + 6])
                        .append(' ');
                at += 8 + length + length % 2;
            }
            // each with its parent's number; a plain name has no space, and a folder's ends before the dot
            assertThat(order)
                    .hasToString(
                            joliet
                                    ? "/1 a1 a b1 a.b1 b1 c1 x2 y2 q3 q4 z5 deep8 "
                                    : "/1 a1 a11 a_b1 b1 c1 x2 y2 q3 q4 z5 deep8 ");
        }
    }

    @Test
    void manyFilesWithTheSameShortNameAreTold() throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 0; i < 3000; i++) {
            files.put("folder/the same beginning " + i + ".txt", ("" + i).getBytes(StandardCharsets.US_ASCII));
        }
        files.put("folder/THE_SAM1.TXT", new byte[] {1});
        files.put("folder/the same beginning", new byte[] {2});
        files.put("folder/the same folder/x", new byte[] {4});

        IsoWriter.write(iso, "X", files);

        assertHoldsBothWays(files);
        // by its plain names, too, each is another one
        byte[] all = Files.readAllBytes(jolietOnly());
        all[17 * SECTOR] = (byte) 255;
        Path plain = Files.write(folder.resolve("plain.iso"), all);
        try (IsoImage image = IsoImage.open(plain)) {
            assertThat(image.hasJoliet()).isFalse();
            assertThat(image.paths().stream().filter(image::contains)).hasSize(files.size());
        }
    }

    @Test
    void namesAreAsLongAsJolietAllows() throws Exception {
        String longest = "n".repeat(60) + ".txt";
        assertThat(refused(Map.of("folder/x" + longest, new byte[1]), Map.of()))
                .returns(Kind.BAD_FORMAT, MediaException::kind)
                .hasMessageContaining("folder/x" + longest)
                .hasMessageContaining("65 characters");
        assertThat(refused(Map.of("\u4e00".repeat(64), new byte[1]), Map.of()))
                .hasMessageContaining("bytes too long for Rock Ridge");
        String wide = "\u4e00".repeat(54);

        IsoWriter.write(iso, "X", Map.of(longest, new byte[1], wide, new byte[2]));
        assertHoldsBothWays(Map.of(longest, new byte[1], wide, new byte[2]));
    }

    @Test
    void charactersThatJolietHasNotAreReplacedThereAlone() throws Exception {
        IsoWriter.write(iso, "X", Map.of("Foo::Bar?.3pm", new byte[] {1}));

        try (IsoImage image = IsoImage.open(iso);
                IsoImage joliet = IsoImage.open(jolietOnly())) {
            assertThat(image.paths()).containsExactly("Foo::Bar?.3pm");
            assertThat(joliet.paths()).containsExactly("Foo__Bar_.3pm");
        }
        Files.delete(iso);
        assertThat(refused(Map.of("a:b", new byte[1], "a_b", new byte[1]), Map.of()))
                .hasMessageContaining("Joliet name a_b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a//b", "a/", "../a", "a/./b", "a\0b"})
    void pathsThatCanNotBeAreRefused(String path) {
        assertThat(refused(Map.of(path, new byte[1]), Map.of()))
                .returns(Kind.BAD_FORMAT, MediaException::kind)
                .hasMessageContaining("Can't write '" + path + "'");
        assertThat(refused(Map.of(), Map.of(path, host))).returns(Kind.BAD_FORMAT, MediaException::kind);
    }

    @Test
    void whatIsInTheWayOfAnotherIsRefused() throws Exception {
        Files.write(host.resolve("f"), new byte[1]);

        assertThat(refused(Map.of("a", new byte[1], "a/b", new byte[1]), Map.of()))
                .hasMessageContaining("'a' is a file");
        assertThat(refused(Map.of("a/b", new byte[1]), Map.of("a", host.resolve("f"))))
                .hasMessageContaining("it is a folder, too");
        assertThat(refused(Map.of("a/f", new byte[1]), Map.of("a", host))).hasMessageContaining("two of that path");
        assertThat(refused(Map.of("a", new byte[1]), Map.of("a", host))).hasMessageContaining("'a' is a file");
        assertThat(refused(Map.of("d/".repeat(200) + "f", new byte[1]), Map.of()))
                .hasMessageContaining("100 folders deep");
    }

    @Test
    void linksStayInTheirFolder() throws Exception {
        Path tree = Files.createDirectories(host.resolve("tree"));
        Path secret = Files.write(host.resolve("secret"), content(10));
        Files.write(tree.resolve("inside"), content(20));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("inside"));
        Files.createDirectory(tree.resolve("sub"));
        Files.createSymbolicLink(tree.resolve("sub/up"), Path.of("../inside"));
        IsoWriter.write(iso, "X", Map.of(), Map.of("t", tree));
        assertHoldsBothWays(Map.of("t/inside", content(20), "t/link", content(20), "t/sub/up", content(20)));
        // who calls may name a link
        Files.delete(iso);
        Path named = Files.createSymbolicLink(host.resolve("named"), Path.of("secret"));
        IsoWriter.write(iso, "X", Map.of(), Map.of("s", named));
        assertHoldsBothWays(Map.of("s", content(10)));
        Files.delete(iso);

        Path bad = tree.resolve("bad");
        for (Path target : List.of(secret, Path.of("../secret"), host, Path.of("/etc/passwd"))) {
            Files.createSymbolicLink(bad, target);
            assertThat(refused(Map.of(), Map.of("t", tree)))
                    .hasMessageContaining("leads out of")
                    .hasMessageContaining("t/bad")
                    .returns(Kind.BAD_FORMAT, MediaException::kind);
            Files.delete(bad);
        }
        Files.createSymbolicLink(bad, Path.of("sub"));
        assertThat(refused(Map.of(), Map.of("t", tree))).hasMessageContaining("neither a file nor a folder");
        Files.delete(bad);
        for (Path target : List.of(Path.of("nothing"), Path.of("bad"))) {
            Files.createSymbolicLink(bad, target);
            assertThat(refused(Map.of(), Map.of("t", tree))).returns(Kind.NOT_FOUND, MediaException::kind);
            Files.delete(bad);
        }
    }

    @Test
    void whatIsNoFileIsRefused() throws Exception {
        Tools.need("/usr/bin/mkfifo", "coreutils");
        Path fifo = host.resolve("fifo");
        Tools.ok("mkfifo", fifo.toString());

        assertThat(refused(Map.of(), Map.of("a", fifo))).hasMessageContaining("neither a file nor a folder");
        assertThat(refused(Map.of(), Map.of("a", host))).hasMessageContaining("neither a file nor a folder");
        assertThat(refused(Map.of(), Map.of("a", host.resolve("nothing"))))
                .returns(Kind.NOT_FOUND, MediaException::kind)
                .hasMessageContaining("nothing");
    }

    @Test
    void aFileOfMoreThanFourGibIsRefused() throws Exception {
        Path huge = host.resolve("huge");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength((4L << 30) + 6);
        }

        assertThat(refused(Map.of(), Map.of("a", huge)))
                .returns(Kind.TOO_LARGE, MediaException::kind)
                .hasMessageContaining("7 bytes more");
    }

    @Test
    void aFileWithAnotherContentThanItsSizeTellsIsRefused() throws Exception {
        Path page = Path.of("/sys/kernel/uevent_seqnum");
        assumeTrue(Files.isReadable(page) && Files.size(page) > 1000, "needs a sysfs, whose files tell of a page");

        assertThat(refused(Map.of(), Map.of("a", page)))
                .returns(Kind.SIZE_MISMATCH, MediaException::kind)
                .hasMessageContaining("uevent_seqnum changed");
    }

    @Test
    void aVolumeThatIsThereIsNotReplaced() throws Exception {
        Files.writeString(iso, "precious");

        assertThatThrownBy(() -> IsoWriter.write(iso, "X", files())).isInstanceOf(FileAlreadyExistsException.class);

        assertThat(iso).hasContent("precious");
    }
}
