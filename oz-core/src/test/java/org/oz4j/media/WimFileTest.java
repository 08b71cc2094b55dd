package org.oz4j.media;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class WimFileTest {
    @TempDir
    Path folder;

    private static Optional<List<WimImage>> images(byte[] wim) throws IOException {
        return WimFile.images(new ByteArrayInputStream(wim), WimFileTest::bad);
    }

    private static MediaException bad(String why) {
        return new MediaException(Kind.BAD_FORMAT, URI.create("file:/x.iso"), why, null, null);
    }

    private static void assertRefused(byte[] wim, String why) {
        assertThatThrownBy(() -> images(wim)).isInstanceOf(MediaException.class).hasMessageContaining(why);
    }

    @Test
    void tellsTheSystemsInIt() throws Exception {
        byte[] wim = RawWim.of(RawWim.xml(
                RawWim.image(1, "Windows 11 Home", "Core", 9, "WinNT", "10.0.26100"),
                RawWim.image(2, "Windows 11 Pro &amp; more", "Professional", 12, "WinNT", "10.0.26100"),
                RawWim.image(3, "Windows Server 2022 SERVERSTANDARD", "ServerStandard", 9, "ServerNT", "10.0.20348")));

        assertThat(images(wim).orElseThrow())
                .containsExactly(
                        new WimImage(
                                1,
                                "Windows 11 Home",
                                Optional.of("Core"),
                                Optional.of(Arch.X86_64),
                                false,
                                10,
                                0,
                                26100,
                                List.of("en-US", "de-DE")),
                        new WimImage(
                                2,
                                "Windows 11 Pro & more",
                                Optional.of("Professional"),
                                Optional.of(Arch.AARCH64),
                                false,
                                10,
                                0,
                                26100,
                                List.of("en-US", "de-DE")),
                        new WimImage(
                                3,
                                "Windows Server 2022 SERVERSTANDARD",
                                Optional.of("ServerStandard"),
                                Optional.of(Arch.X86_64),
                                true,
                                10,
                                0,
                                20348,
                                List.of("en-US", "de-DE")));
    }

    @Test
    void leavesOutWhatIsNoWindows() throws Exception {
        byte[] wim = RawWim.of(RawWim.xml(
                "<IMAGE INDEX='1'><NAME>data</NAME></IMAGE>",
                "<IMAGE><NAME>x</NAME><WINDOWS><VERSION><MAJOR>6</MAJOR></VERSION></WINDOWS></IMAGE>",
                RawWim.image(4, "Windows 7 PROFESSIONAL", "Professional", 0, "WinNT", "6.1.7601")));

        assertThat(images(wim).orElseThrow())
                .extracting(WimImage::index, image -> image.arch().orElseThrow())
                .containsExactly(tuple(4, Arch.I386));
    }

    @Test
    void whatIsNoWimFileIsNone() throws Exception {
        assertThat(images(new byte[0])).isEmpty();
        assertThat(images(new byte[300])).isEmpty();
    }

    /** A stream in which five gibibytes come before the XML data; it counts what is read. */
    private static final class Huge extends FilterInputStream {
        static final long GAP = 5L << 30;
        private long gap = GAP;
        private long read;

        Huge(byte[] wim) {
            super(new ByteArrayInputStream(wim));
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int part = super.read(target, offset, length);
            read += Math.max(0, part);
            return part;
        }

        @Override
        public long skip(long bytes) throws IOException {
            long part = Math.min(gap, bytes);
            gap -= part;
            return part > 0 ? part : super.skip(bytes);
        }
    }

    @Test
    void readsNoMoreThanItNeeds() throws Exception {
        byte[] wim = RawWim.of(RawWim.xml(RawWim.image(1, "Windows 8.1", "Core", 9, "WinNT", "6.3.9600")));
        try (Huge huge = new Huge(with(wim, 80, RawWim.XML + Huge.GAP))) {
            assertThat(WimFile.images(huge, WimFileTest::bad).orElseThrow()).hasSize(1);
            assertThat(huge.read).isEqualTo(208 + wim.length - RawWim.XML);
        }
    }

    @Test
    void refusesACutFile() {
        byte[] wim = RawWim.of(RawWim.xml());
        assertRefused(Arrays.copyOf(wim, 100), "its header is cut");
        assertRefused(Arrays.copyOf(wim, 3000), "ends before its XML data");
        assertRefused(Arrays.copyOf(wim, wim.length - 1), "ends within its XML data");
    }

    @Test
    void refusesXmlDataThatCannotBe() {
        byte[] wim = RawWim.of(RawWim.xml());
        assertRefused(with(wim, 72, (1L << 40) | 2L << 56), "can't be");
        assertRefused(with(wim, 72, 6L << 56 | 100), "can't be");
        assertRefused(with(wim, 80, 3), "can't be");
        assertRefused(with(wim, 80, -1), "can't be");
        assertRefused(RawWim.of("<WIM><IMAGE>"), "no XML");
        assertRefused(RawWim.of("<a>".repeat(100) + "</a>".repeat(100)), "deep");
    }

    private static byte[] with(byte[] wim, int at, long value) {
        byte[] changed = wim.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return changed;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE WIM [<!ENTITY n SYSTEM 'file:///etc/passwd'>]>",
                "<!DOCTYPE WIM [<!ENTITY a 'aaaaaaaaaa'><!ENTITY n '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
            })
    void entitiesAreNotFollowed(String type) throws Exception {
        byte[] wim = RawWim.of(type + RawWim.xml(RawWim.image(1, "&n;", "Core", 9, "WinNT", "10.0.26100")));

        try {
            assertThat(images(wim).orElseThrow()).isEmpty(); // it has no name then
        } catch (MediaException e) {
            assertThat(e).hasMessageContaining("no XML");
        }
    }

    @Test
    void onlyRefusesDamagedFiles() throws Exception {
        byte[] wim = RawWim.of(RawWim.xml(RawWim.image(1, "Windows 11 Home", "Core", 9, "WinNT", "10.0.26100")));
        Random random = new Random(5);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] damaged = wim.clone();
            for (int change = 0; change < 2; change++) {
                int at = random.nextBoolean()
                        ? random.nextInt(100)
                        : RawWim.XML + random.nextInt(wim.length - RawWim.XML);
                damaged[at] = (byte) random.nextInt();
            }
            try {
                images(damaged);
            } catch (MediaException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(300, 2700);
    }

    @Test
    void readsWhatWimlibWrites() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/wimlib-imagex")), "wimlib-imagex is not installed");
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.write(tree.resolve("large.bin"), new byte[1 << 20]);
        Path wim = folder.resolve("install.wim");
        run("wimlib-imagex", "capture", tree.toString(), wim.toString(), "Windows 10 Pro", "--compress=LZX");
        for (String property : List.of(
                "WINDOWS/ARCH=9",
                "WINDOWS/EDITIONID=Professional",
                "WINDOWS/PRODUCTTYPE=WinNT",
                "WINDOWS/VERSION/MAJOR=10",
                "WINDOWS/VERSION/MINOR=0",
                "WINDOWS/VERSION/BUILD=19041")) {
            run("wimlib-imagex", "info", wim.toString(), "1", "--image-property", property);
        }
        Path esd = folder.resolve("install.esd");
        run("wimlib-imagex", "export", wim.toString(), "1", esd.toString(), "--solid");
        Path part = folder.resolve("install.swm");
        run("wimlib-imagex", "split", wim.toString(), part.toString(), "100");

        for (Path file : List.of(wim, esd, part)) {
            assertThat(images(Files.readAllBytes(file)).orElseThrow())
                    .as(file.toString())
                    .containsExactly(new WimImage(
                            1,
                            "Windows 10 Pro",
                            Optional.of("Professional"),
                            Optional.of(Arch.X86_64),
                            false,
                            10,
                            0,
                            19041,
                            List.of()));
        }
    }

    private static void run(String... command) throws Exception {
        Commands.Result result = Commands.run(List.of(command), Duration.ofSeconds(60));
        assertThat(result.status()).as(result.errors()).isZero();
    }
}
