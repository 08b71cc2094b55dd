package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.oz4j.media.RawUdf.FILE;
import static org.oz4j.media.RawUdf.FOLDER;
import static org.oz4j.media.RawUdf.INSIDE;
import static org.oz4j.media.RawUdf.LINK;
import static org.oz4j.media.RawUdf.LONG;
import static org.oz4j.media.RawUdf.ROOT;
import static org.oz4j.media.RawUdf.SECTOR;
import static org.oz4j.media.RawUdf.SHORT;
import static org.oz4j.media.RawUdf.extent;
import static org.oz4j.media.RawUdf.record;
import static org.oz4j.media.RawUdf.wideExtent;

class UdfTest {
    @TempDir
    Path folder;

    private IsoImage open(RawUdf udf) throws IOException {
        return IsoImage.open(udf.write(folder.resolve("raw.iso")));
    }

    private void assertRefused(RawUdf udf, String why) {
        assertThatThrownBy(() -> open(udf).close())
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("raw.iso")
                .hasMessageContaining(why)
                .asInstanceOf(type(MediaException.class))
                .returns(Kind.BAD_FORMAT, MediaException::kind);
    }

    private static String text(IsoImage image, String path) throws IOException {
        return new String(image.read(path, 1 << 20), StandardCharsets.UTF_8);
    }

    /** A note and a boot image on the ISO 9660 side, all else in UDF, as media of Windows have it. */
    private static RawUdf windows() {
        RawIso iso = new RawIso(30)
                .folder(RawIso.ROOT, RawIso.record("README.TXT;1", 21, 4, 0))
                .put(21, RawIso.latin("note"));
        return new RawUdf(12)
                .bridge(iso)
                .folder(ROOT, record("boot", 2, 2), record("sources", 3, 2), record("setup.exe", 4, 0))
                .folder(2, record("etfsboot.com", 5, 0))
                .folder(3, record("install.wim", 6, 0))
                .entry(4, FILE, 3, INSIDE, RawIso.latin("exe"))
                .entry(5, FILE, SECTOR, SHORT, extent(0, SECTOR, 7))
                .entry(6, FILE, SECTOR + 4, SHORT, extent(0, SECTOR, 8), extent(0, 4, 9))
                .put(7, RawIso.latin("boot image"))
                .put(8, RawIso.latin("first"))
                .put(9, RawIso.latin("last"));
    }

    @Test
    void readsTheFilesOfWindowsMedia() throws Exception {
        try (IsoImage image = open(windows())) {
            assertThat(image.inUdf()).isTrue();
            assertThat(image.volumeLabel()).isEqualTo("RAW");
            assertThat(image.paths())
                    .containsExactlyInAnyOrder(
                            "boot", "boot/etfsboot.com", "sources", "sources/install.wim", "setup.exe");
            assertThat(text(image, "setup.exe")).isEqualTo("exe");
            assertThat(image.size("sources/install.wim")).isEqualTo(SECTOR + 4);
            try (InputStream content = image.open("sources/install.wim")) {
                assertThat(content.readNBytes(5)).isEqualTo(RawIso.latin("first"));
                content.skipNBytes(SECTOR - 5);
                assertThat(content.readAllBytes()).isEqualTo(RawIso.latin("last"));
            }
            image.extract("sources/install.wim", folder.resolve("out"));
            assertThat(Files.readAllBytes(folder.resolve("out"))).isEqualTo(image.read("sources/install.wim", 1 << 20));
        }
    }

    @Test
    void theBootCatalogueIsThatOfTheIsoSideAndNamesFilesOfUdf() throws Exception {
        byte[] catalog = new byte[64];
        ByteBuffer.wrap(catalog)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, (byte) 1)
                .putShort(28, (short) (0x10000 - 0xaa55 - 1))
                .putShort(30, (short) 0xaa55)
                .put(32, (byte) 0x88)
                .putShort(38, (short) 4)
                .putInt(40, RawUdf.PARTITION + 3);
        RawIso iso = new RawIso(28).boot(26).root(16, 24, SECTOR).folder(24).put(26, catalog);
        RawUdf udf = new RawUdf(4)
                .bridge(iso)
                .folder(ROOT, record("etfsboot.com", 2, 0))
                .entry(2, FILE, SECTOR, SHORT, extent(0, SECTOR, 3));

        try (IsoImage image = open(udf)) {
            assertThat(image.bootEntries()).singleElement().satisfies(entry -> assertThat(entry.path())
                    .contains("etfsboot.com"));
        }
    }

    @Test
    void opensAnImageWithoutAnIso9660Volume() throws Exception {
        byte[] target =
                RawIso.concat(RawUdf.component(5, "dir"), RawUdf.component(3, ""), RawUdf.component(5, "Привет.txt"));
        RawUdf udf = new RawUdf(6)
                .folder(
                        ROOT,
                        record("Привет.txt", 2, 0),
                        record("gone", 3, 4),
                        record("link", 4, 0),
                        record("dir", 5, 2),
                        record("../evil", 2, 0))
                .extendedEntry(2, FILE, 2, INSIDE, RawIso.latin("ok"))
                .entry(4, LINK, target.length, INSIDE, target)
                .folder(5);

        try (IsoImage image = open(udf)) {
            assertThat(image.volumeLabel()).isEqualTo("WINDOWS");
            assertThat(image.modified()).isEmpty();
            assertThat(image.hasJoliet()).isFalse();
            assertThat(image.paths()).containsExactlyInAnyOrder("Привет.txt", "link", "dir");
            assertThat(text(image, "link")).isEqualTo("ok");
            assertThat(image.bootEntries()).isEmpty();
        }
    }

    @Test
    void joinsTheExtentsOfAFileWhereverTheyAreTold() throws Exception {
        RawUdf udf = new RawUdf(12)
                .folder(ROOT, record("short", 2, 0), record("wide", 3, 0))
                .entry(2, FILE, 3 * SECTOR + 3, SHORT, extent(0, SECTOR, 8), extent(3, SECTOR, 4), extent(0, 1, 11))
                .extents(4, extent(2, SECTOR, 0), extent(0, SECTOR, 10), extent(0, SECTOR, 9))
                .entry(3, FILE, 2 * SECTOR, LONG, wideExtent(SECTOR, 9, 0), wideExtent(SECTOR, 10, 0))
                .put(8, RawIso.latin("one"))
                .put(9, RawIso.latin("two"))
                .put(10, RawIso.latin("three"));

        try (IsoImage image = open(udf)) {
            byte[] content = image.read("short", 1 << 20);
            assertThat(content).hasSize(3 * SECTOR + 3);
            assertThat(content).startsWith(RawIso.latin("one"));
            assertThat(Arrays.copyOfRange(content, SECTOR, 2 * SECTOR)).containsOnly(0);
            assertThat(Arrays.copyOfRange(content, 2 * SECTOR, 2 * SECTOR + 5)).isEqualTo(RawIso.latin("three"));
            assertThat(Arrays.copyOfRange(content, 3 * SECTOR, 3 * SECTOR + 3)).isEqualTo(RawIso.latin("two"));
            image.extract("short", folder.resolve("out"));
            assertThat(Files.readAllBytes(folder.resolve("out"))).isEqualTo(content);
            assertThat(text(image, "wide")).startsWith("two").contains("three");
        }
    }

    @Test
    void readsAMetadataPartition() throws Exception {
        // its file is in block 2, and its blocks 0 and 1 are those at 6 and 8
        RawUdf udf = new RawUdf(10)
                .volume(33, 1, map -> map.put(0, (byte) 1).put(1, (byte) 6), map -> map.put(0, (byte) 2)
                        .put(1, (byte) 64)
                        .put(5, RawIso.latin("*UDF Metadata Partition"))
                        .putInt(40, 2))
                .entry(2, 250, 2 * SECTOR, SHORT, extent(0, SECTOR, 6), extent(0, SECTOR, 8))
                .descriptor(RawUdf.PARTITION + 6, 0, 256, set -> set.putInt(400, SECTOR)
                        .putInt(404, 1)
                        .putShort(408, (short) 1))
                .folder(ROOT, record("file", 5, 0))
                .entry(5, FILE, 2, INSIDE, RawIso.latin("ok"));
        byte[] bytes = udf.bytes();
        int root = (RawUdf.PARTITION + ROOT) * SECTOR;
        System.arraycopy(bytes, root, bytes, (RawUdf.PARTITION + 8) * SECTOR, SECTOR);

        try (IsoImage image = IsoImage.open(Files.write(folder.resolve("raw.iso"), bytes))) {
            assertThat(text(image, "file")).isEqualTo("ok");
        }
    }

    @Test
    void readsTheCopyOfTheDescriptorsWhereTheyAreDamaged() throws Exception {
        byte[] bytes = windows().bytes();
        Arrays.fill(bytes, 32 * SECTOR, 35 * SECTOR, (byte) 7);

        try (IsoImage image = IsoImage.open(Files.write(folder.resolve("raw.iso"), bytes))) {
            assertThat(image.contains("sources/install.wim")).isTrue();
        }
    }

    @Test
    void prefersTheIsoSideWhereItHasLongNamesAndAllFiles() throws Exception {
        RawIso iso = new RawIso(22)
                .rockRidgeRoot(RawIso.record("A.;1", 21, 3, 0, RawIso.use("NM", new byte[] {0}, RawIso.latin("rock"))))
                .put(21, RawIso.latin("abc"));
        RawUdf udf = new RawUdf(3)
                .folder(ROOT, record("udf", 2, 0))
                .entry(2, FILE, 2, INSIDE, RawIso.latin("ok"))
                .bridge(iso.root(16, 24, SECTOR));
        byte[] bytes = udf.bytes();
        System.arraycopy(iso.bytes(), RawIso.ROOT * SECTOR, bytes, 24 * SECTOR, SECTOR);
        Path file = folder.resolve("raw.iso");

        try (IsoImage image = IsoImage.open(Files.write(file, bytes))) {
            assertThat(image.paths()).containsExactly("rock");
            assertThat(image.inUdf()).isFalse();
        }
        Arrays.fill(bytes, 256 * SECTOR, 257 * SECTOR, (byte) 0);
        try (IsoImage image = IsoImage.open(Files.write(file, bytes))) {
            assertThat(image.paths()).containsExactly("rock");
        }
    }

    @Test
    void prefersUdfWhereTheIsoSideHasCutALargeFile() throws Exception {
        int most = (1 << 30) - SECTOR;
        byte[] wide = "big.wim".getBytes(StandardCharsets.UTF_16BE);
        RawIso iso =
                new RawIso(28).joliet(24).root(16, 25, SECTOR).folder(25).folder(24, RawIso.record(wide, 26, 100, 0));
        RawUdf udf = new RawUdf(3)
                .bridge(iso)
                .folder(ROOT, record("big.wim", 2, 0))
                .entry(2, FILE, 3L * most, SHORT, extent(2, most, 0), extent(2, most, 0), extent(2, most, 0));

        try (IsoImage image = open(udf)) {
            assertThat(image.inUdf()).isTrue();
            assertThat(image.size("big.wim")).isEqualTo(3L * most);
        }
    }

    @Test
    void remasterRefusesAnImageWhoseFilesAreInUdf() throws Exception {
        Path iso = windows().write(folder.resolve("windows.iso"));
        Remaster.Change change = new Remaster.Change(
                Map.of("autounattend.xml", RawIso.latin("x")), Map.of(), Set.of(), Optional.empty());

        assertThatThrownBy(() -> Remaster.write(iso, folder.resolve("changed.iso"), change))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("windows.iso has its files in a UDF volume");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(iso);
        }
    }

    @Test
    void refusesFoldersThatHoldThemselvesOrGrowWithoutEnd() {
        assertRefused(new RawUdf(3).folder(ROOT, record("a", 2, 2)).folder(2, record("b", ROOT, 2)), "holds itself");
        RawUdf udf = new RawUdf(26);
        for (int level = 0; level < 24; level++) {
            byte[][] records = new byte[16][];
            for (int i = 0; i < 16; i++) {
                records[i] = record("d" + i, ROOT + level + 1, 2);
            }
            udf.folder(ROOT + level, records);
        }
        udf.folder(ROOT + 24);
        assertThatThrownBy(() -> open(udf)).isInstanceOf(MediaException.class).hasMessageContaining("more than");
    }

    @Test
    void refusesWhatLiesOutside() {
        RawUdf root = new RawUdf(3).folder(ROOT, record("a", 2, 0));
        assertRefused(root.entry(2, FILE, 9, SHORT, extent(0, SECTOR, 3)), "outside of a partition");
        assertRefused(root.entry(2, FILE, 9, SHORT, extent(0, SECTOR, -1)), "outside of a partition");
        assertRefused(root.entry(2, FILE, 9, LONG, wideExtent(SECTOR, 0, 1)), "no map of partition 1");
        assertRefused(root.entry(2, FILE, SECTOR + 1, SHORT, extent(0, SECTOR, 0)), "shorter than it says");
        assertRefused(root.entry(2, FILE, -1, SHORT, extent(0, SECTOR, 0)), "broken file entry");
        assertRefused(root.entry(2, FILE, 3000, INSIDE, RawIso.latin("x")), "not read");
        assertRefused(new RawUdf(3).folder(ROOT, record("a", 7, 0)), "outside of a partition");
        assertRefused(
                new RawUdf(3)
                        .partition(32, 0, RawUdf.PARTITION, 1 << 20)
                        .folder(ROOT, record("a", 2, 0))
                        .entry(2, FILE, 9, SHORT, extent(0, SECTOR, 3)),
                "'a' lies behind its end");
    }

    @Test
    void refusesListsAndFoldersWithoutEnd() {
        int most = (1 << 30) - SECTOR;
        assertRefused(
                new RawUdf(4)
                        .folder(ROOT, record("a", 2, 0))
                        .entry(2, FILE, 9, SHORT, extent(3, SECTOR, 3))
                        .extents(3, extent(3, SECTOR, 3)),
                "without end");
        assertRefused(new RawUdf(2).entry(ROOT, FOLDER, most, SHORT, extent(2, most, 0)), "bytes");
        assertRefused(new RawUdf(2).entry(ROOT, FOLDER, 9000, SHORT, extent(2, 9000, 0)), "was never written");
        assertRefused(new RawUdf(3).entry(ROOT, FOLDER, SECTOR, SHORT, extent(0, SECTOR, 2)), "broken record");
    }

    @Test
    void refusesKindsThatAreNotRead() {
        assertRefused(
                new RawUdf(2).folder(ROOT).volume(33, 0, map -> map.put(0, (byte) 2)
                        .put(1, (byte) 64)
                        .put(5, RawIso.latin("*UDF Virtual Partition"))),
                "*UDF Virtual Partition");
        assertRefused(
                new RawUdf(2).folder(ROOT).volume(33, 0, map -> map.put(1, (byte) 5), map -> map.put(1, (byte) 6)),
                "broken map");
        assertRefused(
                new RawUdf(2).folder(ROOT).volume(33, 0, map -> map.put(0, (byte) 1)
                        .put(1, (byte) 6)
                        .put(4, (byte) 9)),
                "no partition 9");
        assertRefused(
                new RawUdf(2).block(ROOT, 261, entry -> entry.putShort(20, (short) 4096)
                        .put(27, (byte) 4)),
                "strategy 4096");
        assertRefused(new RawUdf(2).entry(ROOT, FILE, 0, INSIDE), "no folder");
    }

    @ParameterizedTest
    @ValueSource(ints = {36_864, 40_000, 256 * SECTOR, 257 * SECTOR, 258 * SECTOR})
    void refusesTheBeginningOfAnImage(int bytes) throws Exception {
        Path cut =
                Files.write(folder.resolve("cut.iso"), Arrays.copyOf(windows().bytes(), bytes));

        assertThatThrownBy(() -> IsoImage.open(cut))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("cut.iso")
                .asInstanceOf(type(MediaException.class))
                .returns(Kind.BAD_FORMAT, MediaException::kind);
    }

    @Test
    @Timeout(120)
    void onlyRefusesDamagedImages() throws Exception {
        byte[] target = RawUdf.component(5, "dir");
        RawUdf udf = new RawUdf(12)
                .folder(ROOT, record("dir", 2, 2), record("file", 3, 0), record("link", 6, 0))
                .folder(2, record("inner", 4, 0))
                .entry(3, FILE, 2 * SECTOR, SHORT, extent(0, SECTOR, 8), extent(3, SECTOR, 5))
                .extents(5, extent(0, SECTOR, 9))
                .extendedEntry(4, FILE, 2, INSIDE, RawIso.latin("ok"))
                .entry(6, LINK, target.length, INSIDE, target);
        byte[] bytes = udf.bytes();
        List<Integer> sectors = new ArrayList<>(List.of(256, 32, 33));
        for (int block = 0; block < 7; block++) {
            sectors.add(RawUdf.PARTITION + block);
        }
        Random random = new Random(11);
        int refused = 0;
        Path file = Files.write(folder.resolve("damaged.iso"), bytes);
        for (int round = 0; round < 2000; round++) {
            byte[] damaged = bytes.clone();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                for (int change = 0; change < 3; change++) {
                    int sector = sectors.get(random.nextInt(sectors.size()));
                    damaged[sector * SECTOR + random.nextInt(460)] = (byte) random.nextInt();
                    if (random.nextInt(8) > 0) {
                        RawUdf.seal(damaged, sector);
                    }
                }
                for (int sector : sectors) {
                    channel.write(ByteBuffer.wrap(damaged, sector * SECTOR, SECTOR), (long) sector * SECTOR);
                }
            }
            try (IsoImage image = IsoImage.open(file)) {
                for (String path : image.paths()) {
                    if (image.contains(path)) {
                        image.read(path, 100);
                    }
                }
            } catch (MediaException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(200, 1800);
    }

    private void run(String... command) throws Exception {
        Commands.Result result = Commands.run(List.of(command), Duration.ofSeconds(60));
        assertThat(result.status()).as(result.errors()).isZero();
    }

    @Test
    void readsWhatGenisoimageWrites() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/genisoimage")), "genisoimage is not installed");
        Path tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("sources/A long ünicode name"));
        byte[] large = new byte[3_000_001];
        new Random(3).nextBytes(large);
        Files.write(tree.resolve("sources/install.wim"), large);
        Files.writeString(tree.resolve("sources/A long ünicode name/ä.txt"), "deep");
        Files.writeString(tree.resolve("empty"), "");
        for (int i = 0; i < 300; i++) {
            Files.writeString(tree.resolve("sources/File number " + i), "f" + i);
        }
        Path iso = folder.resolve("made.iso");
        run(
                "genisoimage",
                "-quiet",
                "-udf",
                "-V",
                "MADE",
                "-input-charset",
                "utf-8",
                "-o",
                iso.toString(),
                tree.toString());

        try (IsoImage image = IsoImage.open(iso);
                Stream<Path> files = Files.walk(tree)) {
            assertThat(image.inUdf()).isTrue();
            assertThat(image.volumeLabel()).isEqualTo("MADE");
            assertThat(image.paths())
                    .containsExactlyInAnyOrderElementsOf(files.filter(file -> !file.equals(tree))
                            .map(file -> tree.relativize(file).toString())
                            .toList());
            assertThat(image.read("sources/install.wim", 1 << 24)).isEqualTo(large);
            assertThat(text(image, "sources/A long ünicode name/ä.txt")).isEqualTo("deep");
            assertThat(text(image, "sources/File number 299")).isEqualTo("f299");
            assertThat(image.size("empty")).isZero();
        }
    }

    @Test
    void prefersTheJolietNamesThatGenisoimageWritesBesideUdf() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/genisoimage")), "genisoimage is not installed");
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("Read me.txt"), "x");
        Path iso = folder.resolve("made.iso");
        run("genisoimage", "-quiet", "-udf", "-J", "-o", iso.toString(), tree.toString());

        try (IsoImage image = IsoImage.open(iso)) {
            assertThat(image.inUdf()).isFalse();
            assertThat(image.paths()).containsExactly("Read me.txt");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.02 2048", "1.50 512", "2.00 512", "2.01 2048"})
    void opensWhatMkudffsWrites(String kind) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/mkudffs")), "mkudffs is not installed");
        String[] words = kind.split(" ");
        Path image = folder.resolve("made.iso");
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(1), (8 << 20) - 1);
        }
        run("/usr/sbin/mkudffs", "--utf8", "-m", "hd", "-b", words[1], "-r", words[0], "-l", "Größe", image.toString());

        try (IsoImage opened = IsoImage.open(image)) {
            assertThat(opened.volumeLabel()).isEqualTo("Größe");
            assertThat(opened.paths()).allMatch("lost+found"::equals);
        }
    }
}
