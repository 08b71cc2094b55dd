package org.oz4j.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.DiskException;
import org.oz4j.ImageFormat;
import org.oz4j.disk.ImageReport.Partition;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class DiskTest {
    private static final long SIZE = 64L << 20;
    private static final int START = 1 << 20; // of the first partition

    @TempDir
    Path folder;

    private Path raw() throws IOException {
        Path image = folder.resolve("disk.img");
        DiskImages.create(image, ImageFormat.RAW, SIZE, "rw-------");
        return image;
    }

    private static void write(Path image, long offset, byte[] bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            file.write(bytes);
        }
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void writeMbr(Path image, boolean code, int type, int firstSector, int sectors) throws IOException {
        ByteBuffer sector = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        sector.put(0, (byte) (code ? 0xfa : 0));
        sector.put(446 + 4, (byte) type).putInt(446 + 8, firstSector).putInt(446 + 12, sectors);
        sector.putShort(510, (short) 0xaa55);
        write(image, 0, sector.array());
    }

    @ParameterizedTest
    @EnumSource(ImageFormat.class)
    void createsASparseImageOfThatSizeAndMode(ImageFormat format) throws IOException {
        Path image = folder.resolve("disk");
        DiskImages.create(image, format, 10L << 30, "rw-r-----");

        assertThat(DiskImages.virtualSize(image, format)).isEqualTo(10L << 30);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image)))
                .isEqualTo("rw-r-----");
        assertThat(ImageInspector.inspect(image, format).explain()).isEqualTo("the disk is empty");
    }

    @ParameterizedTest
    @ValueSource(longs = {512, 1 << 20, 10L << 30, 3L << 40})
    void writesQcow2AsQemuReadsIt(long size) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-img")), "qemu-img is not installed");
        Path image = folder.resolve("disk.qcow2");
        DiskImages.create(image, ImageFormat.QCOW2, size, "rw-------");

        Commands.Result check = Commands.run(List.of("qemu-img", "check", image.toString()), Duration.ofSeconds(20));
        Commands.Result info =
                Commands.run(List.of("qemu-img", "info", "--output=json", image.toString()), Duration.ofSeconds(20));

        assertThat(check.status()).as(check.output() + check.errors()).isZero();
        assertThat(info.output()).contains("\"virtual-size\": " + size).contains("\"format\": \"qcow2\"");
    }

    @Test
    void refusesASizeThatIsNoneAndAFileThatIsThere() throws IOException {
        assertThatThrownBy(() -> DiskImages.create(folder.resolve("x"), ImageFormat.RAW, 0, "rw-------"))
                .isInstanceOf(DiskException.class);
        raw();
        assertThatThrownBy(this::raw).isInstanceOf(DiskException.class).hasMessageContaining("exists");
    }

    @ParameterizedTest
    @CsvSource({"1080, S\u00ef, ext4", "0, XFSB, xfs", "65600, _BHRfS_M, btrfs", "512, LABELONE, LVM"})
    void seesASystemOnAPartition(int offset, String magic, String name) throws IOException {
        Path image = raw();
        writeMbr(image, true, 0x83, START / 512, 4096);
        write(image, START + offset, latin(magic));

        ImageReport report = ImageInspector.inspect(image, ImageFormat.RAW);

        assertThat(report.looksInstalled()).as(report.explain()).isTrue();
        assertThat(report.partitions())
                .singleElement()
                .isEqualTo(new Partition(1, START, 4096 * 512, java.util.Optional.of(name)));
    }

    @Test
    void doesNotTakeSwapForASystem() throws IOException {
        Path image = raw();
        writeMbr(image, true, 0x82, START / 512, 4096);
        write(image, START + 4086, latin("SWAPSPACE2"));

        ImageReport report = ImageInspector.inspect(image, ImageFormat.RAW);

        assertThat(report.looksInstalled()).isFalse();
        assertThat(report.explain()).contains("swap");
    }

    @Test
    void missesTheBootLoader() throws IOException {
        Path image = raw();
        writeMbr(image, false, 0x83, START / 512, 4096);
        write(image, START + 1080, latin("S\u00ef"));

        assertThat(ImageInspector.inspect(image, ImageFormat.RAW).explain()).contains("no boot loader");
    }

    @Test
    void seesLogicalPartitions() throws IOException {
        Path image = raw();
        writeMbr(image, true, 0x05, START / 512, 8192);
        ByteBuffer sector = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        sector.put(446 + 4, (byte) 0x83)
                .putInt(446 + 8, 2048)
                .putInt(446 + 12, 4096)
                .putShort(510, (short) 0xaa55);
        write(image, START, sector.array());
        write(image, START + 2048 * 512 + 1080, latin("S\u00ef"));

        assertThat(ImageInspector.inspect(image, ImageFormat.RAW).partitions())
                .singleElement()
                .extracting(Partition::number)
                .isEqualTo(5);
    }

    @Test
    void seesAnEfiSystemPartition() throws IOException {
        Path image = raw();
        writeMbr(image, false, 0xee, 1, 100_000);
        ByteBuffer header = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        header.put(latin("EFI PART")).putLong(72, 2).putInt(80, 128).putInt(84, 128);
        write(image, 512, header.array());
        write(image, 1024, gptEntry("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", START));
        write(image, START + 82, latin("FAT32   "));

        ImageReport report = ImageInspector.inspect(image, ImageFormat.RAW);

        assertThat(report.looksInstalled()).as(report.explain()).isTrue();
        assertThat(report.partitions()).extracting(Partition::size).containsExactly(4096L * 512);
    }

    @ParameterizedTest
    @CsvSource({"true, \u007fELF, true", "true, nothing, false", "false, \u007fELF, true", "false, nothing, false"})
    void seesTheLoaderThatPowerStarts(boolean gpt, String loader, boolean boots) throws IOException {
        Path image = raw();
        long system = START + 4096 * 512;
        if (gpt) {
            writeMbr(image, false, 0xee, 1, 100_000);
            ByteBuffer header = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
            header.put(latin("EFI PART")).putLong(72, 2).putInt(80, 128).putInt(84, 128);
            write(image, 512, header.array());
            write(image, 1024, gptEntry("9E1A2D38-C612-4316-AA26-8B49521E5A8B", START));
            write(image, 1024 + 128, gptEntry("516E7CB6-6ECF-11D6-8FF8-00022D09712B", system));
        } else {
            writeMbr(image, false, 0x41, START / 512, 4096);
            ByteBuffer second = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            second.put(4, (byte) 0x83).putInt(8, (int) (system / 512)).putInt(12, 4096);
            write(image, 446 + 16, second.array());
        }
        write(image, START, latin(loader));
        write(image, system + 65536 + 1372, latin("\u0019\u0001T\u0019"));

        ImageReport report = ImageInspector.inspect(image, ImageFormat.RAW);

        assertThat(report.partitions()).hasSize(2);
        assertThat(report.looksInstalled()).as(report.explain()).isEqualTo(boots);
    }

    /** An entry of a GPT for a partition of 4,096 sectors. */
    private static byte[] gptEntry(String type, long offset) {
        UUID id = UUID.fromString(type);
        ByteBuffer entry = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        entry.putInt((int) (id.getMostSignificantBits() >>> 32))
                .putShort((short) (id.getMostSignificantBits() >>> 16))
                .putShort((short) id.getMostSignificantBits());
        entry.order(ByteOrder.BIG_ENDIAN).putLong(id.getLeastSignificantBits()).order(ByteOrder.LITTLE_ENDIAN);
        return entry.putLong(32, offset / 512).putLong(40, offset / 512 + 4095).array();
    }

    @Test
    void looksIntoQcow2() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-img")), "qemu-img is not installed");
        Path image = raw();
        writeMbr(image, true, 0x83, START / 512, 4096);
        write(image, START + 1080, latin("S\u00ef"));
        Path copy = folder.resolve("copy.qcow2");
        Commands.run(
                List.of("qemu-img", "convert", "-O", "qcow2", image.toString(), copy.toString()),
                Duration.ofSeconds(20));

        assertThat(ImageInspector.inspect(copy, ImageFormat.QCOW2))
                .isEqualTo(ImageInspector.inspect(image, ImageFormat.RAW));
    }
}
