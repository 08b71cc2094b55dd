package org.oz4j.media;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.host.Commands;
import org.oz4j.host.WorkFolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

class Ext2ImageTest {
    @TempDir
    Path folder;

    private Path image;

    @BeforeEach
    void needsTools() {
        Tools.need("/usr/sbin/mke2fs", "e2fsprogs");
        Tools.need("/usr/sbin/e2fsck", "e2fsprogs");
        Tools.need("/usr/sbin/debugfs", "e2fsprogs");
        image = folder.resolve("initrd.ext2");
    }

    /** Makes a file system of a size in KiB with a few files of an installer. */
    private void make(int kib, String... options) throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.createDirectories(tree.resolve("etc"));
        Files.writeString(tree.resolve("etc/passwd"), "root\n");
        Files.write(tree.resolve("etc/large"), new byte[400_000]);
        Files.createDirectories(tree.resolve("sbin"));
        Files.writeString(tree.resolve("sbin/init"), "#!\n");
        Files.createSymbolicLink(tree.resolve("linuxrc"), Path.of("/sbin/init"));
        Files.createSymbolicLink(tree.resolve("long-link"), Path.of("x/".repeat(50) + "y"));
        Files.createLink(tree.resolve("other-name"), tree.resolve("sbin/init"));
        makeOf(tree, kib, options);
    }

    private void makeOf(Path tree, int kib, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("/usr/sbin/mke2fs", "-q", "-F", "-m", "0"));
        command.addAll(List.of(options));
        command.addAll(List.of("-d", tree.toString(), image.toString(), kib + "k"));
        Tools.ok(command.toArray(String[]::new));
        WorkFolder.delete(tree);
    }

    private void add(Map<String, byte[]> files) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Ext2Image.add(channel, image.toUri(), files);
        }
    }

    private void assertClean() throws Exception {
        Tools.ok("/usr/sbin/e2fsck", "-fn", image.toString());
    }

    private void assertHolds(Map<String, byte[]> files) throws Exception {
        Path commands = folder.resolve("commands");
        Map<Path, byte[]> expected = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path out = folder.resolve("out-" + expected.size());
            expected.put(out, file.getValue());
            text.append("dump \"/" + file.getKey() + "\" " + out + "\n");
        }
        Files.writeString(commands, text);
        Tools.ok("/usr/sbin/debugfs", "-f", commands.toString(), image.toString());
        for (Map.Entry<Path, byte[]> file : expected.entrySet()) {
            assertThat(file.getKey()).hasBinaryContent(file.getValue());
            Files.delete(file.getKey());
        }
    }

    private String debugfs(String command) throws InterruptedException {
        return Tools.ok("/usr/sbin/debugfs", "-R", command, image.toString());
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private MediaException refused(Map<String, byte[]> files) throws IOException {
        byte[] before = Files.readAllBytes(image);
        MediaException failure = catchThrowableOfType(MediaException.class, () -> add(files));
        assertThat(failure).isNotNull().hasMessageContaining("initrd.ext2");
        assertUnchanged(before);
        return failure;
    }

    private void assertUnchanged(byte[] before) throws IOException {
        assertThat(Arrays.equals(Files.readAllBytes(image), before)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-r 0 -b 1024",
                "-r 0 -b 2048",
                "-r 0 -b 4096",
                "-b 1024",
                "-b 2048 -I 128",
                "-b 4096 -I 256",
                "-b 1024 -O none",
                "-b 1024 -O ^filetype",
                "-b 1024 -O ^dir_index,^resize_inode",
                "-b 1024 -g 1024 -N 4096",
                "-b 4096 -g 1024"
            })
    void filesAreAddedAndReplacedInFileSystemsOfAllKinds(String options) throws Exception {
        make(16 << 10, options.split(" "));
        Map<String, byte[]> files = new TreeMap<>();
        files.put("ks.cfg", bytes("install\n"));
        files.put("empty", new byte[0]);
        files.put("new/and/deeper/direct", content(12 * 1024));
        files.put("new/indirect", content(200_001));
        files.put("new/double-indirect", content(5_000_000));
        files.put("etc/name with spaces ü", content(1025));
        files.put("sbin/" + "n".repeat(255), content(10));

        add(files);

        assertClean();
        assertHolds(files);
        assertThat(debugfs("stat /ks.cfg")).contains("Mode:  0600", "Type: regular", "User:     0", "Links: 1");
        assertThat(debugfs("stat /new/and")).contains("Mode:  0755", "Type: directory", "Links: 3");
        assertThat(debugfs("cat /etc/passwd")).isEqualTo("root\n");

        Map<String, byte[]> others = new TreeMap<>();
        others.put("new/double-indirect", bytes("short"));
        others.put("ks.cfg", content(300_000));
        others.put("etc/large", new byte[0]);
        others.put("linuxrc", bytes("no link\n"));
        others.put("long-link", bytes("no link\n"));
        others.put("other-name", bytes("another file\n"));
        add(others);

        assertClean();
        files.putAll(others);
        assertHolds(files);
        assertThat(debugfs("cat /sbin/init")).isEqualTo("#!\n");
        assertThat(debugfs("stat /linuxrc")).contains("Type: regular");
    }

    @Test
    void aFolderGrowsByBlocks() throws Exception {
        make(8 << 10, "-b", "1024", "-N", "2000");
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 0; i < 900; i++) {
            files.put("many/a-file-with-a-rather-long-name-" + i, bytes("content " + i));
        }

        add(files);

        assertClean();
        assertHolds(files);
        assertThat(debugfs("stat /many")).containsPattern("Size: \\d{5}");
    }

    @Test
    void aFolderWithAnIndexCanBeAddedTo() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        for (int i = 0; i < 500; i++) {
            Files.writeString(tree.resolve("a-file-with-a-rather-long-name-" + i), "x");
        }
        makeOf(tree, 8 << 10, "-t", "ext2", "-b", "1024", "-N", "1000");
        Commands.run(List.of("/usr/sbin/e2fsck", "-fyD", image.toString()), Duration.ofMinutes(1));
        assertThat(debugfs("stat /")).contains("Flags: 0x1000");

        add(Map.of("ks.cfg", bytes("x"), "a-file-with-a-rather-long-name-7", bytes("y")));

        assertClean();
        assertHolds(Map.of(
                "ks.cfg", bytes("x"),
                "a-file-with-a-rather-long-name-7", bytes("y"),
                "a-file-with-a-rather-long-name-499", bytes("x")));
        assertThat(debugfs("stat /")).contains("Flags: 0x0");
    }

    @Test
    void aDeviceIsReplaced() throws Exception {
        make(2 << 10, "-r", "0", "-b", "1024");
        Path commands = Files.writeString(folder.resolve("nodes"), "mknod null c 1 3\nmknod fifo p\n");
        Tools.ok("/usr/sbin/debugfs", "-w", "-f", commands.toString(), image.toString());
        assertThat(debugfs("stat /null")).contains("character special");

        add(Map.of("null", bytes("x"), "fifo", bytes("y")));

        assertClean();
        assertHolds(Map.of("null", bytes("x"), "fifo", bytes("y")));
    }

    private int free(String what) throws InterruptedException {
        Matcher matcher = Pattern.compile("Free " + what + ":\\s+(\\d+)")
                .matcher(Tools.ok("/usr/sbin/dumpe2fs", "-h", image + ""));
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /** The most bytes of a file in so many blocks of 1024, some of which hold numbers of others. */
    private static int most(int free) {
        int blocks = free;
        while (blocks + (blocks <= 12 ? 0 : blocks <= 268 ? 1 : 2 + (blocks - 268 + 255) / 256) > free) {
            blocks--;
        }
        return blocks * 1024;
    }

    @Test
    void allRoomIsUsedAndItIsSaidHowMuchIsMissing() throws Exception {
        make(1024, "-r", "0", "-b", "1024");
        int free = free("blocks");

        assertThat(refused(Map.of("ks.cfg", content(most(free) + 1))))
                .returns(Kind.NO_SPACE, MediaException::kind)
                .hasMessageContaining("lacks 1 blocks of 1024 bytes and 0 inodes");
        // a folder has a block, too
        assertThat(refused(Map.of("ks.cfg", content(most(free)), "new/empty", new byte[0])))
                .hasMessageContaining("lacks 1 blocks");
        int inodes = free("inodes");
        Map<String, byte[]> many = new TreeMap<>();
        for (int i = 0; i < inodes + 7; i++) {
            many.put("f" + i, new byte[0]);
        }
        assertThat(refused(many)).hasMessageContaining("0 blocks of 1024 bytes and 7 inodes");
        assertThat(refused(Map.of("ks.cfg", new byte[1 << 20 | 1])))
                .returns(Kind.TOO_LARGE, MediaException::kind)
                .hasMessageContaining("1048577");

        add(Map.of("ks.cfg", content(most(free))));
        assertClean();
        assertThat(free("blocks")).isZero();
        assertHolds(Map.of("ks.cfg", content(most(free))));
        // what a replaced file had is free for the new one
        add(Map.of("ks.cfg", content(100_000)));
        assertClean();
    }

    @Test
    void whatRootReservedIsUsed() throws Exception {
        make(1024, "-r", "0", "-b", "1024", "-m", "20");
        int free = free("blocks");

        add(Map.of("ks.cfg", content(most(free))));

        assertClean();
    }

    @Test
    void pathsThatCanNotBeAreRefused() throws Exception {
        make(1024, "-b", "1024");

        assertThat(refused(Map.of("etc", new byte[1])))
                .hasMessageContaining("'etc'")
                .hasMessageContaining("a folder");
        assertThat(refused(Map.of("etc/passwd/x", new byte[1])))
                .hasMessageContaining("'passwd' is no folder")
                .returns(Kind.BAD_FORMAT, MediaException::kind);
        assertThat(refused(Map.of("linuxrc/x", new byte[1]))).hasMessageContaining("'linuxrc' is no folder");
        for (String path : List.of("", "/ks.cfg", "a//b", "a/", "../x", "./x", "a\0b", "x".repeat(256))) {
            assertThat(refused(Map.of(path, new byte[1]))).hasMessageContaining("Can't add");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext3", "-t ext4", "-t ext4 -O ^has_journal", "-O metadata_csum", "-O 64bit,extent"})
    void whatExt2HasNotIsRefused(String options) throws Exception {
        make(16 << 10, options.split(" "));

        assertThat(refused(Map.of("ks.cfg", new byte[1])))
                .returns(Kind.BAD_FORMAT, MediaException::kind)
                .satisfies(failure -> assertThat(failure.getMessage()).containsAnyOf("journal", "features"));
    }

    @Test
    void aCutImageIsRefused() throws Exception {
        make(1024, "-b", "1024");
        byte[] all = Files.readAllBytes(image);
        for (int size : new int[] {0, 1024, 1500, 2048, 100_000, all.length - 1}) {
            Files.write(image, Arrays.copyOf(all, size));

            assertThatThrownBy(() -> add(Map.of("ks.cfg", new byte[1])))
                    .asInstanceOf(type(MediaException.class))
                    .returns(Kind.BAD_FORMAT, MediaException::kind);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-r 0 -b 1024", "-b 4096", "-b 1024 -g 256 -O ^filetype"})
    @Timeout(120)
    void brokenImagesGiveTypedErrorsOrAChangedImage(String options) throws Exception {
        make(1024, options.split(" "));
        byte[] good = Files.readAllBytes(image);
        List<Integer> used = new ArrayList<>();
        for (int i = 0; i < good.length; i++) {
            if (good[i] != 0) {
                used.add(i);
            }
        }
        Random random = new Random(7);
        int[] values = {0, 1, 2, 12, 0x7f, 0x80, 0xff};
        int refused = 0;
        for (int round = 0; round < 600; round++) {
            byte[] broken = good.clone();
            for (int i = 0; i < 1 + round % 4; i++) {
                int at = used.get(random.nextInt(used.size())) + random.nextInt(3) - 1;
                // the superblock and the descriptors are a small part of all
                at = round % 3 == 0 ? 1024 + random.nextInt(104) : round % 3 == 1 ? 2048 + random.nextInt(3000) : at;
                broken[at] =
                        (byte) (random.nextBoolean() ? values[random.nextInt(values.length)] : random.nextInt(256));
            }
            Files.write(image, broken);
            try {
                add(Map.of(
                        "ks.cfg", content(20_000),
                        "etc/large", content(1000),
                        "long-link", content(10),
                        "sbin/deep/er", content(5)));
            } catch (MediaException e) {
                refused++;
                assertUnchanged(broken);
            }
        }
        assertThat(refused).isBetween(50, 599);
    }
}
