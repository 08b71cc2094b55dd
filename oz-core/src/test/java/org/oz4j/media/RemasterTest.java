package org.oz4j.media;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.host.Commands;
import org.oz4j.media.Remaster.BootChange;
import org.oz4j.media.Remaster.Change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class RemasterTest {
    private static final String GRUB =
            "set timeout=60\nmenuentry 'Install' {\n  linux /boot/vmlinuz quiet\n  initrd /boot/initrd\n}\n";
    private static final String ISOLINUX =
            "default other\nlabel other\n kernel other\nlabel install\n kernel /boot/vmlinuz\n append quiet\n";
    private static final BootChange BOOT = new BootChange(Set.of("boot/vmlinuz"), "answers=cd", Set.of());

    @TempDir
    Path folder;

    private Path tree = Path.of("not set");
    private Path iso = Path.of("not set");

    @BeforeEach
    void makesTheMedium() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/xorriso")), "needs xorriso");
        assumeTrue(Files.exists(Path.of("/usr/lib/ISOLINUX/isohdpfx.bin")), "needs isolinux");
        tree = Files.createDirectories(folder.resolve("tree"));
        Files.createDirectories(tree.resolve("boot"));
        Files.createDirectories(tree.resolve("isolinux"));
        Files.write(tree.resolve("boot/vmlinuz"), new byte[100_000]);
        Files.writeString(tree.resolve("boot/initrd"), "initrd");
        byte[] large = new byte[5_000_001];
        new Random(4).nextBytes(large);
        Files.write(tree.resolve("boot/large"), large);
        Files.createLink(tree.resolve("boot/same"), tree.resolve("boot/large"));
        large[0]++;
        Files.write(tree.resolve("zzz"), large); // the last of all
        Files.copy(Path.of("/usr/lib/ISOLINUX/isolinux.bin"), tree.resolve("isolinux/isolinux.bin"));
        Files.writeString(tree.resolve("isolinux/isolinux.cfg"), ISOLINUX);
        Files.write(
                tree.resolve("boot/efi.img"),
                TinyFat.withFile("GRUB    CFG", GRUB.getBytes(StandardCharsets.US_ASCII)));
        iso = folder.resolve("medium.iso");
        mkisofs(
                "-isohybrid-mbr",
                "/usr/lib/ISOLINUX/isohdpfx.bin",
                "-b",
                "isolinux/isolinux.bin",
                "-c",
                "isolinux/boot.cat",
                "-no-emul-boot",
                "-boot-load-size",
                "4",
                "-boot-info-table",
                "-eltorito-alt-boot",
                "-e",
                "boot/efi.img",
                "-no-emul-boot",
                "-isohybrid-gpt-basdat");
    }

    private void mkisofs(String... more) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-V", "Tiny-41"));
        command.addAll(List.of(more));
        command.addAll(List.of("-o", iso.toString(), tree.toString()));
        Commands.Result result = Commands.run(command, Duration.ofMinutes(1));
        assertThat(result.status()).as(result.errors()).isZero();
    }

    private Path write(Change change) throws Exception {
        Path target = folder.resolve("changed.iso");
        Remaster.write(iso, target, change);
        return target;
    }

    private static Change files(Map<String, byte[]> files) {
        return new Change(files, Map.of(), Set.of(), Optional.empty());
    }

    private static String text(IsoImage image, String path) throws IOException {
        return new String(image.read(path, 10_000), StandardCharsets.UTF_8);
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("changed") || name.startsWith(".remaster"));
        }
    }

    /** As FreeBSD's for arm64, and Alpine's: a GPT that tells of the EFI boot image alone. */
    @Test
    void aMediumWhoseOnlyPartitionIsItsEfiBootImageBootsAsItDid() throws Exception {
        mkisofs("-efi-boot-part", "--efi-boot-image", "-e", "boot/efi.img", "-no-emul-boot");

        Path made = write(files(Map.of("etc/installerconfig", "answers".getBytes(StandardCharsets.UTF_8))));

        try (IsoImage before = IsoImage.open(iso);
                IsoImage after = IsoImage.open(made)) {
            assertThat(text(after, "etc/installerconfig")).isEqualTo("answers");
            assertThat(after.bootEntries()).isEqualTo(before.bootEntries());
            assertThat(after.systemArea().gpt()).isTrue();
        }
    }

    /** Boot loaders such as OpenBSD's look for a folder {@code 7.8} by the names of ISO 9660. */
    @Test
    void aFolderWithADotInItsNameKeepsIt() throws Exception {
        Files.createDirectories(tree.resolve("7.8/amd64"));
        Files.writeString(tree.resolve("7.8/amd64/bsd.rd"), "kernel");
        mkisofs("-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat", "-no-emul-boot", "-boot-load-size", "4");

        Path made = write(files(Map.of("etc/boot.conf", new byte[] {'\n'})));

        String plain = ok("xorriso", "-rockridge", "off", "-joliet", "off", "-indev", made.toString(), "-find", "/7.8");
        assertThat(plain).containsIgnoringCase("'/7.8/amd64/bsd.rd");
    }

    @Test
    void changesFilesAndKeepsHowTheMediumBoots() throws Exception {
        Path extra = Files.createDirectories(folder.resolve("drivers/deep"));
        Files.writeString(extra.resolve("a.inf"), "driver");
        Files.writeString(folder.resolve("b.msi"), "package");

        Path made = write(new Change(
                Map.of(
                        "ks.cfg",
                        "answers".getBytes(StandardCharsets.UTF_8),
                        "boot/initrd",
                        "other".getBytes(StandardCharsets.UTF_8)),
                Map.of("extra/drivers", folder.resolve("drivers"), "extra/b.msi", folder.resolve("b.msi")),
                Set.of("isolinux/isolinux.cfg"),
                Optional.empty()));

        try (IsoImage before = IsoImage.open(iso);
                IsoImage after = IsoImage.open(made)) {
            assertThat(after.volumeLabel()).isEqualTo("Tiny-41");
            assertThat(text(after, "ks.cfg")).isEqualTo("answers");
            assertThat(text(after, "boot/initrd")).isEqualTo("other");
            assertThat(text(after, "extra/drivers/deep/a.inf")).isEqualTo("driver");
            assertThat(text(after, "extra/b.msi")).isEqualTo("package");
            assertThat(after.contains("isolinux/isolinux.cfg")).isFalse();
            assertThat(after.read("boot/vmlinuz", 200_000)).isEqualTo(new byte[100_000]);
            assertThat(after.bootEntries())
                    .extracting(BootEntry::platform, BootEntry::bootable, BootEntry::bytes)
                    .isEqualTo(before.bootEntries().stream()
                            .map(entry -> org.assertj.core.groups.Tuple.tuple(
                                    entry.platform(), entry.bootable(), entry.bytes()))
                            .toList());
            assertThat(after.systemArea().mbrBootCode()).isTrue();
            assertThat(after.systemArea().gpt()).isTrue();
            assertThat(after.systemArea().partitions())
                    .as("what is new lies in the partition that a memory stick boots from")
                    .anyMatch(partition -> partition.offset() == 0 && partition.bytes() > sizeOf(iso));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rw-------");
        assertThat(Commands.run(List.of("xorriso", "-indev", made.toString(), "-pvd_info"), Duration.ofMinutes(1))
                        .output())
                .containsPattern("Volume Id +: Tiny-41");
    }

    private static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void startsTheInstallerByBiosAndByUefi() throws Exception {
        Path made = write(new Change(Map.of(), Map.of(), Set.of(), Optional.of(BOOT)));

        try (IsoImage after = IsoImage.open(made);
                FileChannel channel = FileChannel.open(made)) {
            assertThat(text(after, "isolinux/isolinux.cfg"))
                    .isEqualTo(
                            """
                            timeout 10
                            prompt 0
                            default install
                            label other
                             kernel other
                            label install
                             kernel /boot/vmlinuz
                             append quiet answers=cd
                            """);
            BootEntry uefi = after.bootEntries().stream()
                    .filter(entry -> entry.platform() == BootEntry.Platform.UEFI)
                    .findFirst()
                    .orElseThrow();
            FatImage fat = FatImage.open(channel, uefi.offset(), made.toUri());
            assertThat(new String(fat.read("grub.cfg").orElseThrow(), StandardCharsets.US_ASCII))
                    .isEqualTo(GRUB.replace("quiet", "quiet answers=cd") + "set default=Install\nset timeout=1\n");
        }
    }

    @Test
    void everyFileThatIsNotChangedIsTheSameToTheLastByte() throws Exception {
        Path made = write(files(Map.of("boot/initrd", new byte[3_000_000])));

        try (IsoImage before = IsoImage.open(iso);
                IsoImage after = IsoImage.open(made)) {
            assertThat(after.paths()).isEqualTo(before.paths());
            for (String path : before.paths()) {
                // the loader and the catalogue tell where things lie on the medium
                if (before.contains(path)
                        && !path.equals("boot/initrd")
                        && !path.matches("isolinux/(boot.cat|isolinux.bin)")) {
                    assertThat(Arrays.mismatch(before.read(path, 10_000_000), after.read(path, 10_000_000)))
                            .as(path)
                            .isEqualTo(-1);
                }
            }
            assertThat(after.size("boot/initrd")).isEqualTo(3_000_000);
        }
    }

    @Test
    void theOriginalStaysAsItIs() throws Exception {
        byte[] before = Files.readAllBytes(iso);

        write(new Change(Map.of("a", new byte[10]), Map.of(), Set.of(), Optional.of(BOOT)));

        assertThat(iso).hasBinaryContent(before);
    }

    @Test
    void refusesAMediumWithoutABootCatalogue() throws Exception {
        mkisofs();

        MediaException failure = catchThrowableOfType(
                MediaException.class, () -> write(new Change(Map.of(), Map.of(), Set.of(), Optional.of(BOOT))));

        assertThat(failure.kind()).isEqualTo(Kind.BAD_FORMAT);
        assertThat(failure).hasMessageContaining("has no boot catalogue");
        assertNothingIsLeft();
    }

    @Test
    void tellsWhichConfigurationsItLookedAt() {
        BootChange other = new BootChange(Set.of("casper/vmlinuz"), "x", Set.of());

        MediaException failure = catchThrowableOfType(
                MediaException.class, () -> write(new Change(Map.of(), Map.of(), Set.of(), Optional.of(other))));

        assertThat(failure)
                .hasMessageContaining("starts casper/vmlinuz")
                .hasMessageContaining("isolinux/isolinux.cfg")
                .hasMessageContaining("EFI: grub.cfg");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 33_000, 150_000})
    void refusesWhatIsNoWholeImage(int bytes) throws Exception {
        byte[] whole = Files.readAllBytes(iso);
        Files.write(iso, Arrays.copyOf(whole, bytes));

        assertThatThrownBy(() -> write(new Change(Map.of(), Map.of(), Set.of(), Optional.of(BOOT))))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("medium.iso");
        assertNothingIsLeft();
    }

    @Test
    void linksInAFolderOfExtrasAreLinksAndLeadNowhereOnThisHost() throws Exception {
        Path extras = Files.createDirectories(folder.resolve("extras"));
        Path secret = Files.writeString(folder.resolve("secret"), "of this host");
        Files.createSymbolicLink(extras.resolve("link"), secret);
        Files.createSymbolicLink(extras.resolve("loop"), extras);

        Path made = write(new Change(Map.of(), Map.of("extras", extras), Set.of(), Optional.empty()));

        assertThat(new String(Files.readAllBytes(made), StandardCharsets.ISO_8859_1))
                .doesNotContain("of this host");
    }

    @Test
    void aFileInTheWayOfAFolderIsAnError() throws Exception {
        assertThatThrownBy(() -> write(files(Map.of("boot/initrd/inside", new byte[1]))))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("boot/initrd is a file there");
        assertNothingIsLeft();
    }

    @Test
    void aFullBootImageIsNamed() throws Exception {
        BootChange large = new BootChange(Set.of("boot/vmlinuz"), "x=" + "y".repeat(70_000), Set.of());

        MediaException failure = catchThrowableOfType(
                MediaException.class, () -> write(new Change(Map.of(), Map.of(), Set.of(), Optional.of(large))));

        assertThat(failure.kind()).isEqualTo(Kind.NO_SPACE);
        assertThat(failure).hasMessageContaining("too full for a grub.cfg");
        assertNothingIsLeft();
    }

    @Test
    void aFatFileCanShrinkAndGrow() throws Exception {
        Path image = Files.write(
                folder.resolve("fat.img"), TinyFat.withFile("GRUB    CFG", GRUB.getBytes(StandardCharsets.US_ASCII)));
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int size : new int[] {5000, 0, 513, 20_000, 1}) {
                byte[] content = new byte[size];
                Arrays.fill(content, (byte) size);
                FatImage.open(channel, 0, image.toUri()).replace("GRUB.cfg", content);

                FatImage again = FatImage.open(channel, 0, image.toUri());
                assertThat(again.read("grub.cfg").orElseThrow()).isEqualTo(content);
                assertThat(again.read("other.txt").orElseThrow())
                        .isEqualTo("other".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "16", "32"})
    void realFatImagesOfEachKindStayInOrder(String bits) throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/sbin/mkfs.vfat")), "needs dosfstools");
        assumeTrue(Files.exists(Path.of("/usr/bin/mcopy")), "needs mtools");
        Path image = folder.resolve("fat.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bits.equals("32") ? 40 << 20 : bits.equals("16") ? 20 << 20 : 2 << 20);
        }
        Path cfg = Files.writeString(folder.resolve("grub.cfg"), GRUB);
        ok("mkfs.vfat", "-F", bits, image.toString());
        ok("mmd", "-i", image.toString(), "::/EFI", "::/EFI/BOOT");
        ok("mcopy", "-i", image.toString(), cfg.toString(), "::/EFI/BOOT/grub.cfg");
        ok("mcopy", "-i", image.toString(), cfg.toString(), "::/EFI/BOOT/A name that is long.txt");
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FatImage fat = FatImage.open(channel, 0, image.toUri());
            assertThat(fat.paths()).containsExactly("efi/boot/A name that is long.txt", "efi/boot/grub.cfg");
            fat.replace("EFI/BOOT/GRUB.CFG", "x".repeat(50_000).getBytes(StandardCharsets.US_ASCII));
        }
        ok("fsck.vfat", "-n", image.toString());
        assertThat(ok("mtype", "-i", image.toString(), "::/EFI/BOOT/grub.cfg")).isEqualTo("x".repeat(50_000));
    }

    @Test
    void aXorrisoThatIsKilledIsRunAgainOnce() throws Exception {
        Path killed = withXorrisoKilled(1);

        try (IsoImage image = IsoImage.open(killed)) {
            assertThat(image.size("big")).isEqualTo(256L << 20);
            assertThat(image.bootEntries()).hasSize(2);
        }
        assertThatThrownBy(() -> withXorrisoKilled(2))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("ended by a signal");
    }

    /** Adds a file that takes a while, and ends those xorrisos that are started first. */
    private Path withXorrisoKilled(int count) throws Exception {
        Path big = folder.resolve("big");
        try (RandomAccessFile file = new RandomAccessFile(big.toFile(), "rw")) {
            file.setLength(256 << 20);
        }
        Set<Long> killed = ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        Thread killer = new Thread(() -> {
            while (killed.size() < count && !over.get()) {
                ProcessHandle.current()
                        .children()
                        .filter(child -> child.info().command().orElse("").endsWith("/xorriso"))
                        .filter(child -> killed.add(child.pid()))
                        .forEach(ProcessHandle::destroy);
            }
        });
        killer.setDaemon(true);
        killer.start();
        try {
            return write(new Change(Map.of(), Map.of("big", big), Set.of(), Optional.empty()));
        } finally {
            over.set(true);
            killer.join();
            assertThat(killed).hasSize(count);
        }
    }

    private static String ok(String... command) throws InterruptedException {
        Commands.Result result = Commands.run(List.of(command), Duration.ofMinutes(1));
        assertThat(result.status())
                .as(String.join(" ", command) + result.output() + result.errors())
                .isZero();
        return result.output();
    }
}
