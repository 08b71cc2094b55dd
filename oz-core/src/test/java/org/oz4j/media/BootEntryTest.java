package org.oz4j.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.MediaException;
import org.oz4j.host.Commands;
import org.oz4j.media.BootEntry.Emulation;
import org.oz4j.media.BootEntry.Platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class BootEntryTest {
    private static final int SECTOR = 2048;

    // of the plain volume: 23 and 24 hold the folder in both trees
    private static final int FILE = 25;
    private static final int CATALOG = 26;

    @TempDir
    Path folder;

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The first sector of a FAT file system, and zeros up to its end. */
    private static byte[] fat(int bytes) {
        ByteBuffer fat = little(bytes);
        fat.putShort(11, (short) 512).putShort(19, (short) (bytes / 512)).putShort(510, (short) 0xaa55);
        return fat.array();
    }

    private static byte[] validation(int platform) {
        ByteBuffer entry = little(32);
        entry.put(0, (byte) 1)
                .put(1, (byte) platform)
                .putShort(28, (short) -(1 + (platform << 8) + 0xaa55))
                .putShort(30, (short) 0xaa55);
        return entry.array();
    }

    private static byte[] header(boolean more, int platform, int count) {
        ByteBuffer entry = little(32);
        entry.put((byte) (more ? 0x90 : 0x91)).put((byte) platform).putShort((short) count);
        return entry.array();
    }

    private static byte[] entry(boolean bootable, int media, int sectors, int block) {
        ByteBuffer entry = little(32);
        entry.put((byte) (bootable ? 0x88 : 0)).put((byte) media).putShort(6, (short) sectors);
        return entry.putInt(8, block).array();
    }

    /** An image with a boot catalogue, and what else is given behind its files. */
    private Path bootable(byte[] behind, byte[]... catalog) throws IOException {
        Path plain = folder.resolve("plain" + new Random().nextInt() + ".iso");
        IsoWriter.write(plain, "BOOT", Map.of("a", new byte[10]));
        byte[] iso = Files.readAllBytes(plain);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(iso);
        for (byte[] part : catalog) {
            all.write(part);
        }
        all.write(new byte[SECTOR - all.size() % SECTOR]);
        all.write(behind);
        byte[] bytes = all.toByteArray();
        // over Joliet's descriptor
        ByteBuffer record = ByteBuffer.wrap(bytes, 17 * SECTOR, SECTOR).order(ByteOrder.LITTLE_ENDIAN);
        record.put((byte) 0).put("CD001\1EL TORITO SPECIFICATION".getBytes(StandardCharsets.US_ASCII));
        record.putInt(17 * SECTOR + 0x47, iso.length / SECTOR);
        return Files.write(plain, bytes);
    }

    private static int firstBehind() {
        return CATALOG + 1;
    }

    private static List<BootEntry> entries(Path iso) throws IOException {
        try (IsoImage image = IsoImage.open(iso)) {
            return image.bootEntries();
        }
    }

    @Test
    void anImageWithoutCatalogueHasNoBootEntries() throws Exception {
        Path iso = folder.resolve("data.iso");
        IsoWriter.write(iso, "DATA", Map.of("a", new byte[10]));

        assertThat(entries(iso)).isEmpty();
        try (IsoImage image = IsoImage.open(iso)) {
            assertThat(image.systemArea()).isEqualTo(new SystemArea(false, false, List.of()));
        }
    }

    @Test
    void readsTheEntriesOfAllSections() throws Exception {
        Path iso = bootable(
                fat(64 * 512),
                validation(0),
                entry(true, 0, 4, FILE),
                header(true, 0xef, 1),
                entry(true, 0, 0, firstBehind()),
                header(false, 2, 2),
                entry(false, 0x20, 8, firstBehind()),
                new byte[] {
                    0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
                },
                entry(true, 4, 1, firstBehind()));

        assertThat(entries(iso))
                .containsExactly(
                        new BootEntry(Platform.BIOS, true, Emulation.NONE, 4, FILE * SECTOR, 2048, Optional.of("a")),
                        new BootEntry(
                                Platform.UEFI,
                                true,
                                Emulation.NONE,
                                0,
                                (long) firstBehind() * SECTOR,
                                64 * 512,
                                Optional.empty()),
                        new BootEntry(
                                Platform.OTHER,
                                false,
                                Emulation.NONE,
                                8,
                                (long) firstBehind() * SECTOR,
                                8 * 512,
                                Optional.empty()),
                        new BootEntry(
                                Platform.OTHER,
                                true,
                                Emulation.HARD_DISK,
                                1,
                                (long) firstBehind() * SECTOR,
                                512,
                                Optional.empty()));
    }

    @Test
    void anEfiImageOfUnknownSizeReachesToTheEnd() throws Exception {
        byte[] noFat = new byte[5 * SECTOR];
        Path iso = bootable(noFat, validation(0xef), entry(true, 0, 1, firstBehind()));

        assertThat(entries(iso)).singleElement().satisfies(entry -> assertThat(entry.bytes())
                .isEqualTo(noFat.length));
    }

    @Test
    void refusesABrokenCatalogue() throws Exception {
        byte[] broken = validation(0);
        broken[5] = 1;

        assertThatThrownBy(() -> entries(bootable(new byte[10], broken, entry(true, 0, 4, FILE))))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("boot catalogue");
        assertThatThrownBy(() -> entries(bootable(new byte[10], validation(0), entry(true, 0, 4, 1 << 30))))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("boot catalogue");
    }

    @Test
    void neverFailsOtherwiseOnDamagedCatalogues() throws Exception {
        Path good = bootable(
                fat(64 * 512),
                validation(0),
                entry(true, 0, 4, FILE),
                header(false, 0xef, 1),
                entry(true, 0, 0, firstBehind()));
        byte[] bytes = Files.readAllBytes(good);
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            byte[] damaged = bytes.clone();
            for (int change = 0; change < 4; change++) {
                damaged[CATALOG * SECTOR + random.nextInt(160)] = (byte) random.nextInt();
            }
            try {
                entries(Files.write(folder.resolve("damaged.iso"), damaged));
            } catch (MediaException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    private Path xorriso(String... arguments) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/xorriso")), "xorriso is not installed");
        Path iso = folder.resolve("made.iso");
        List<String> command = new ArrayList<>(List.of("xorriso", "-as", "mkisofs", "-R", "-J", "-o", iso.toString()));
        command.addAll(Arrays.asList(arguments));
        Commands.Result result = Commands.run(command, Duration.ofSeconds(60));
        assertThat(result.status()).as(result.errors()).isZero();
        return iso;
    }

    @Test
    void readsImagesInsideOfTheTree() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/boot"));
        byte[] efi = fat(100 * 512);
        Files.write(tree.resolve("bios.img"), new byte[5000]);
        Files.write(tree.resolve("efi.img"), efi);
        Path iso = xorriso(
                "-b",
                "boot/bios.img",
                "-c",
                "boot/boot.cat",
                "-no-emul-boot",
                "-boot-load-size",
                "4",
                "-eltorito-alt-boot",
                "-e",
                "boot/efi.img",
                "-no-emul-boot",
                folder.resolve("tree").toString());

        List<BootEntry> entries = entries(iso);

        assertThat(entries).extracting(BootEntry::platform).containsExactly(Platform.BIOS, Platform.UEFI);
        assertThat(entries)
                .extracting(BootEntry::path)
                .containsExactly(Optional.of("boot/bios.img"), Optional.of("boot/efi.img"));
        assertThat(entries).extracting(BootEntry::bytes).containsExactly(5000L, (long) efi.length);
        assertThat(entries).extracting(BootEntry::loadSectors).containsExactly(4, 100);
        try (IsoImage image = IsoImage.open(iso)) {
            assertThat(image.systemArea().mbrBootCode()).isFalse();
        }
    }

    @Test
    void readsAnEfiImageInAnAppendedPartition() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/boot"));
        byte[] efi = fat(4096 * 512);
        Path efiImage = Files.write(folder.resolve("efi.img"), efi);
        byte[] code = new byte[512];
        code[0] = (byte) 0xfa;
        code[510] = 0x55;
        code[511] = (byte) 0xaa;
        Path mbr = Files.write(folder.resolve("mbr.bin"), code);
        Files.write(tree.resolve("bios.img"), new byte[5000]);
        Path iso = xorriso(
                "-isohybrid-mbr",
                mbr.toString(),
                "-b",
                "boot/bios.img",
                "-c",
                "boot/boot.cat",
                "-no-emul-boot",
                "-boot-load-size",
                "4",
                "-append_partition",
                "2",
                "0xef",
                efiImage.toString(),
                "-eltorito-alt-boot",
                "-e",
                "--interval:appended_partition_2:all::",
                "-no-emul-boot",
                "-isohybrid-gpt-basdat",
                folder.resolve("tree").toString());

        BootEntry entry = entries(iso).get(1);

        assertThat(entry.platform()).isEqualTo(Platform.UEFI);
        assertThat(entry.path()).isEmpty();
        assertThat(entry.bytes()).isEqualTo(efi.length);
        byte[] all = Files.readAllBytes(iso);
        assertThat(Arrays.copyOfRange(all, (int) entry.offset(), (int) entry.offset() + efi.length))
                .isEqualTo(efi);
        try (IsoImage image = IsoImage.open(iso)) {
            SystemArea area = image.systemArea();
            assertThat(area.mbrBootCode()).isTrue();
            assertThat(area.partitions())
                    .anySatisfy(partition -> assertThat(partition.offset()).isEqualTo(entry.offset()));
            assertThat(area.efiSystemPartition()).isTrue();
        }
    }
}
