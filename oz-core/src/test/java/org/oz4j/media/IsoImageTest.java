package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

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
import static org.oz4j.media.RawIso.ROOT;
import static org.oz4j.media.RawIso.SECTOR;
import static org.oz4j.media.RawIso.number;
import static org.oz4j.media.RawIso.record;
import static org.oz4j.media.RawIso.use;

class IsoImageTest {
    private static final int FOLDER = 2;
    private static final int MORE = 0x80;
    private static final byte[] NONE = {};

    @TempDir
    Path folder;

    private IsoImage open(RawIso iso) throws IOException {
        return IsoImage.open(iso.write(folder.resolve("raw.iso")));
    }

    private void assertRefused(RawIso iso, String why) {
        assertThatThrownBy(() -> open(iso).close())
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("raw.iso")
                .hasMessageContaining(why)
                .asInstanceOf(type(MediaException.class))
                .returns(Kind.BAD_FORMAT, MediaException::kind);
    }

    private static byte[] name(String name) {
        return use("NM", new byte[] {0}, RawIso.latin(name));
    }

    private static byte[] link(byte[]... components) {
        return use("SL", new byte[] {0}, RawIso.concat(components));
    }

    private static byte[] component(int flags, String name) {
        return RawIso.concat(new byte[] {(byte) flags, (byte) name.length()}, RawIso.latin(name));
    }

    private static String text(IsoImage image, String path) throws IOException {
        return new String(image.read(path, 1 << 20), StandardCharsets.UTF_8);
    }

    @Test
    void readsPlainNamesInLowerCase() throws Exception {
        RawIso iso = new RawIso(23)
                .folder(ROOT, record("README.;1", 22, 3, 0), record("BOOT", 21, SECTOR, FOLDER))
                .folder(21, record("VMLINUZ.GZ;1", 22, 2, 0))
                .put(22, RawIso.latin("abc"));

        try (IsoImage image = open(iso)) {
            assertThat(image.volumeLabel()).isEqualTo("RAW");
            assertThat(image.paths()).containsExactlyInAnyOrder("readme", "boot", "boot/vmlinuz.gz");
            assertThat(text(image, "boot/vmlinuz.gz")).isEqualTo("ab");
        }
    }

    @Test
    void readsJolietNamesWhereThereAreNoneOfRockRidge() throws Exception {
        byte[] wide = "Ein länger Näme.txt;1".getBytes(StandardCharsets.UTF_16BE);
        RawIso iso = new RawIso(23)
                .joliet(21)
                .folder(ROOT, record("EIN_LAEN.TXT;1", 22, 3, 0))
                .folder(21, record(wide, 22, 3, 0))
                .put(22, RawIso.latin("abc"));

        try (IsoImage image = open(iso)) {
            assertThat(image.paths()).containsExactly("Ein länger Näme.txt");
            assertThat(text(image, "Ein länger Näme.txt")).isEqualTo("abc");
        }
    }

    @Test
    void prefersRockRidgeNamesToJoliets() throws Exception {
        byte[] wide = "joliet".getBytes(StandardCharsets.UTF_16BE);
        RawIso iso = new RawIso(23)
                .joliet(21)
                .rockRidgeRoot(record("PLAIN.;1", 22, 3, 0, name("rock-ridge")))
                .folder(21, record(wide, 22, 3, 0));

        try (IsoImage image = open(iso)) {
            assertThat(image.paths()).containsExactly("rock-ridge");
        }
    }

    @Test
    void joinsTheExtentsOfAFile() throws Exception {
        RawIso iso = new RawIso(26)
                .folder(
                        ROOT,
                        record("BIG.BIN;1", 21, SECTOR, MORE),
                        record("BIG.BIN;1", 24, SECTOR, MORE),
                        record("BIG.BIN;1", 23, 5, 0),
                        record("BIG.BIN;1", 22, 1, 0))
                .put(21, RawIso.latin("first"))
                .put(24, RawIso.latin("second"))
                .put(23, RawIso.latin("third"));

        try (IsoImage image = open(iso);
                InputStream content = image.open("big.bin")) {
            assertThat(image.size("big.bin")).isEqualTo(2 * SECTOR + 5);
            assertThat(content.readNBytes(5)).isEqualTo(RawIso.latin("first"));
            content.skipNBytes(SECTOR - 5);
            assertThat(content.readNBytes(6)).isEqualTo(RawIso.latin("second"));
            assertThat(content.skip(SECTOR - 6)).isEqualTo(SECTOR - 6);
            assertThat(content.available()).isEqualTo(5);
            assertThat(content.readAllBytes()).isEqualTo(RawIso.latin("third"));
            assertThat(content.read()).isEqualTo(-1);
            image.extract("big.bin", folder.resolve("out"));
            assertThat(image.read("big.bin", 1 << 20)).isEqualTo(Files.readAllBytes(folder.resolve("out")));
        }
    }

    @Test
    void listsRelocatedFoldersWhereTheyBelong() throws Exception {
        RawIso iso = new RawIso(24)
                .rockRidgeRoot(
                        record("DEEP", 21, SECTOR, FOLDER, name("deep")),
                        record("RR_MOVED", 22, SECTOR, FOLDER, name("rr_moved")))
                .folder(21, record("X.;1", 0, 0, 0, name("child"), use("CL", number(23))))
                .folder(22, record("CHILD", 23, SECTOR, FOLDER, name("child"), use("RE", NONE)))
                .folder(23, record("F.;1", 0, 0, 0, name("file")));

        try (IsoImage image = open(iso)) {
            assertThat(image.paths()).containsExactlyInAnyOrder("deep", "deep/child", "deep/child/file", "rr_moved");
        }
    }

    @Test
    void followsSymbolicLinksInsideOfTheImage() throws Exception {
        RawIso iso = new RawIso(23)
                .rockRidgeRoot(
                        record("DISTS", 21, SECTOR, FOLDER, name("dists")),
                        record("A.;1", 0, 0, 0, name("debian"), link(component(2, ""))),
                        record("B.;1", 0, 0, 0, name("absolute"), link(component(8, ""), component(0, "dists"))),
                        record("C.;1", 0, 0, 0, name("round"), link(component(0, "round"))),
                        record("D.;1", 0, 0, 0, name("nowhere"), link(component(0, "gone"))),
                        record(
                                "E.;1",
                                0,
                                0,
                                0,
                                name("split"),
                                link(component(1, "di")),
                                link(component(0, "sts"), component(0, "Release"))))
                .folder(
                        21,
                        record("R.;1", 22, 2, 0, name("Release")),
                        record("U.;1", 0, 0, 0, name("up"), link(component(4, ""), component(0, "split"))))
                .put(22, RawIso.latin("ok"));

        try (IsoImage image = open(iso)) {
            assertThat(image.paths()).contains("debian", "round", "nowhere", "dists/up");
            for (String path : List.of(
                    "debian/dists/Release", "absolute/Release", "split", "dists/up", "debian/debian/dists/up")) {
                assertThat(text(image, path)).as(path).isEqualTo("ok");
            }
            for (String path : List.of("round", "round/x", "nowhere", "debian", "split/x", "../..")) {
                assertThat(image.contains(path)).as(path).isFalse();
            }
        }
    }

    @Test
    void readsNamesThatGoOnElsewhere() throws Exception {
        String half = "x".repeat(100);
        RawIso iso = new RawIso(23)
                .rockRidgeRoot(record(
                        "L.;1",
                        0,
                        0,
                        0,
                        use("NM", new byte[] {1}, RawIso.latin(half)),
                        use("CE", number(22), number(16), number(5 + 100))))
                .put(22, new byte[16], name(half));

        try (IsoImage image = open(iso)) {
            assertThat(image.paths()).containsExactly(half + half);
        }
    }

    @Test
    void ignoresNamesThatLeadOutOfTheirFolder() throws Exception {
        RawIso iso = new RawIso(22)
                .rockRidgeRoot(
                        record("A.;1", 0, 0, 0, name("../../etc/passwd")),
                        record("B.;1", 0, 0, 0, name("..")),
                        record("C.;1", 0, 0, 0, name("good")));

        try (IsoImage image = open(iso)) {
            assertThat(image.paths()).containsExactly("good");
        }
    }

    @Test
    void refusesAFolderThatHoldsItself() {
        assertRefused(
                new RawIso(22)
                        .folder(ROOT, record("A", 21, SECTOR, FOLDER))
                        .folder(21, record("B", ROOT, SECTOR, FOLDER)),
                "holds itself");
        assertRefused(new RawIso(22).rockRidgeRoot(record("A.;1", 0, 0, 0, use("CL", number(ROOT)))), "holds itself");
    }

    @Test
    void refusesWhatLiesOutsideOfTheFile() {
        assertRefused(new RawIso(22).folder(ROOT, record("A.;1", 21, 3000, 0)), "'a' lies behind its end");
        assertRefused(new RawIso(22).folder(ROOT, record("A.;1", -1, -1, 0)), "'a' lies behind its end");
        assertRefused(new RawIso(22).folder(ROOT, record("A", 21, -SECTOR, FOLDER)), "bytes");
        assertRefused(new RawIso(22).root(16, 1 << 30, SECTOR), "ends before");
        assertRefused(new RawIso(22).rockRidgeRoot(record("A.;1", 0, 0, 0, use("CL", number(21)))), "was moved");
    }

    @Test
    void refusesAttributesWithoutEnd() {
        byte[] again = use("CE", number(21), number(0), number(28));
        assertRefused(
                new RawIso(22).rockRidgeRoot(record("A.;1", 0, 0, 0, again)).put(21, again), "without end");
        byte[] huge = use("CE", number(21), number(0), number(1 << 30));
        assertRefused(new RawIso(22).rockRidgeRoot(record("A.;1", 0, 0, 0, huge)), "without end");
    }

    @Test
    @Timeout(120)
    void refusesFoldersThatGrowWithoutEnd() {
        // Twenty-four levels of folders that each hold the next one sixteen times.
        RawIso iso = new RawIso(46);
        for (int level = 0; level < 24; level++) {
            byte[][] records = new byte[16][];
            for (int i = 0; i < 16; i++) {
                records[i] = record("D" + (char) ('A' + i), ROOT + level + 1, SECTOR, FOLDER);
            }
            iso.folder(ROOT + level, records);
        }
        assertRefused(iso, "bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32_767, 34_816, 36_000})
    void refusesTheBeginningOfAnImage(int bytes) throws Exception {
        byte[] whole = new RawIso(22).folder(ROOT, record("A.;1", 21, 3, 0)).bytes();
        Path cut = Files.write(folder.resolve("cut.iso"), Arrays.copyOf(whole, bytes));

        assertThatThrownBy(() -> IsoImage.open(cut))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("cut.iso")
                .asInstanceOf(type(MediaException.class))
                .returns(Kind.BAD_FORMAT, MediaException::kind);
    }

    @Test
    void onlyRefusesDamagedImages() throws Exception {
        byte[] bytes = new RawIso(24)
                .rockRidgeRoot(
                        record("DISTS", 21, SECTOR, FOLDER, name("dists")),
                        record("A.;1", 0, 0, 0, name("debian"), link(component(2, ""))),
                        record("B.;1", 23, 9, 0, name("b"), use("CE", number(22), number(0), number(28))))
                .folder(21, record("R.;1", 22, 2, 0, name("Release")), record("X.;1", 0, 0, 0, use("CL", number(22))))
                .folder(22)
                .bytes();
        Random random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            byte[] damaged = bytes.clone();
            for (int change = 0; change < 3; change++) {
                int sector = List.of(16, ROOT, ROOT, 21, 22).get(random.nextInt(5));
                damaged[sector * SECTOR + random.nextInt(sector == 16 ? 190 : 400)] = (byte) random.nextInt();
            }
            try (IsoImage image = IsoImage.open(Files.write(folder.resolve("damaged.iso"), damaged))) {
                for (String path : image.paths()) {
                    if (image.contains(path)) {
                        image.read(path, 100);
                    }
                }
            } catch (MediaException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 1900);
    }

    @Test
    void listsTwentyThousandFilesOfFourGibibytesInNoTime() throws Exception {
        Map<String, byte[]> files = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            files.put("pool/main/%02d/p%05d.deb".formatted(i % 60, i), new byte[1]);
        }
        Path iso = folder.resolve("large.iso");
        IsoWriter.write(iso, "LARGE", files);
        try (FileChannel channel = FileChannel.open(iso, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), (4L << 30) - 1); // sparse
        }

        long best = Long.MAX_VALUE;
        for (int i = 0; i < 6; i++) {
            long start = System.nanoTime();
            try (IsoImage image = IsoImage.open(iso)) {
                assertThat(image.paths()).hasSize(20_000 + 62);
            }
            best = Math.min(best, System.nanoTime() - start);
        }
        assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(300));
    }

    private Path xorriso(Path tree, String... arguments) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/xorriso")), "xorriso is not installed");
        Path iso = folder.resolve("made.iso");
        List<String> command = new ArrayList<>(List.of("xorriso", "-as", "mkisofs", "-quiet", "-o", iso.toString()));
        command.addAll(Arrays.asList(arguments));
        command.add(tree.toString());
        Commands.Result result = Commands.run(command, Duration.ofSeconds(60));
        assertThat(result.status()).as(result.errors()).isZero();
        return iso;
    }

    @Test
    void readsWhatXorrisoWrites() throws Exception {
        Path tree = folder.resolve("tree");
        String deep = "one/two/three/four/five/six/seven/eight/nine/ten";
        Files.createDirectories(tree.resolve(deep));
        Files.writeString(tree.resolve(deep).resolve("file"), "deep");
        String longName = "n".repeat(200) + "é";
        Files.writeString(tree.resolve(longName), "long");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("one/two/../two/three"));
        Files.createSymbolicLink(tree.resolve("absolute"), Path.of("/one/two"));

        try (IsoImage image = IsoImage.open(xorriso(tree, "-R", "-J"))) {
            assertThat(text(image, deep + "/file")).isEqualTo("deep");
            assertThat(text(image, longName)).isEqualTo("long");
            assertThat(text(image, "link/" + Path.of("one/two/three").relativize(Path.of(deep + "/file"))))
                    .isEqualTo("deep");
            assertThat(text(image, "absolute/" + Path.of("one/two").relativize(Path.of(deep + "/file"))))
                    .isEqualTo("deep");
        }
    }

    @Test
    void readsTheJolietNamesThatXorrisoWrites() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/Sources"));
        Files.writeString(tree.resolve("A long, mixed Name.Txt"), "x");

        Path iso = xorriso(folder.resolve("tree"), "--norock", "-J", "-joliet-long");

        try (IsoImage image = IsoImage.open(iso)) {
            assertThat(image.paths()).containsExactlyInAnyOrder("Sources", "Sources/A long, mixed Name.Txt");
        }
    }

    @Test
    void tellsWhichFileItMisses() throws Exception {
        Path iso = folder.resolve("a.iso");
        IsoWriter.write(iso, "LABEL", Map.of("a", NONE));

        try (IsoImage image = IsoImage.open(iso)) {
            assertThatThrownBy(() -> image.open("b"))
                    .hasMessageContaining("has no file b")
                    .asInstanceOf(type(MediaException.class))
                    .returns(Kind.NOT_FOUND, MediaException::kind);
        }
    }
}
