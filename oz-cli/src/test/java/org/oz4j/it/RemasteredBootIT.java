package org.oz4j.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.host.Commands;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.media.IsoImage;
import org.oz4j.media.Remaster;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Media of each shape, changed, boot in real machines by each firmware, and tell so on the serial console. */
@Tag("vm")
@Timeout(300)
class RemasteredBootIT {
    private static final TimeSource TIME = TimeSource.system();
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Path ISOLINUX = Path.of("/usr/lib/ISOLINUX/isolinux.bin");
    private static final Path HYBRID_MBR = Path.of("/usr/lib/ISOLINUX/isohdpfx.bin");
    private static final Path GRUB_MBR = Path.of("/usr/lib/grub/i386-pc/boot_hybrid.img");

    private static final String GRUB_CFG =
            """
            set default=1
            set timeout=60
            search --no-floppy --set=root -l 'TINYLINUX'
            menuentry 'Rescue' {
              linux /boot/vmlinuz rescue
              initrd /boot/initrd.gz
            }
            submenu 'More -->' {
              menuentry 'Install' --class tiny {
                linux /boot/vmlinuz console=ttyS0,115200 no_timer_check ---
                initrd /boot/initrd.gz
              }
            }
            """;
    private static final String ISOLINUX_CFG =
            """
            default rescue
            prompt 1
            timeout 0
            label rescue
              kernel /boot/vmlinuz
              append initrd=/boot/initrd.gz rescue
            label install
              kernel /boot/vmlinuz
              append initrd=/boot/initrd.gz console=ttyS0,115200 no_timer_check ---
            """;

    @TempDir
    private static Path folder;

    private static Path tiny = Path.of("not built yet");

    /** How a medium is laid out, after what vendors do. */
    private enum Shape {
        /** ISOLINUX and an EFI image in a file that has GRUB's configuration: Fedora to 36, EL 7 to 9. */
        ISOLINUX_AND_GRUB,
        /** GRUB for both, the EFI image a partition behind the files: Fedora 37 and later, EL 10, Ubuntu. */
        GRUB_ALONE
    }

    @BeforeAll
    static void needsItsTools() throws Exception {
        for (String tool : List.of("xorriso", "grub-mkimage", "mcopy", "mkfs.vfat", "qemu-system-x86_64")) {
            assumeTrue(
                    Stream.of("/usr/bin/", "/usr/sbin/").anyMatch(bin -> Files.exists(Path.of(bin + tool))),
                    "needs " + tool + ": apt-get install grub-common grub-pc-bin grub-efi-amd64-bin mtools dosfstools");
        }
        assumeTrue(Files.exists(GRUB_MBR) && Files.exists(Path.of("/usr/lib/grub/x86_64-efi")), "needs grub-pc-bin");
        assumeTrue(TinyLinux.missingPackages().isEmpty(), "needs " + TinyLinux.missingPackages());
        tiny = TinyLinux.create(folder.resolve("cache")).buildIso(folder.resolve("tiny.iso"));
    }

    private static Path medium(Shape shape) throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree-" + shape));
        for (String name : List.of("boot/grub", "isolinux", "EFI/BOOT")) {
            Files.createDirectories(tree.resolve(name));
        }
        try (IsoImage image = IsoImage.open(tiny)) {
            for (String file : List.of("boot/vmlinuz", "boot/initrd.gz")) {
                image.extract(file, tree.resolve(file));
            }
        }
        Path efi = folder.resolve(shape + ".img");
        Path loader = tree.resolve("EFI/BOOT/BOOTX64.EFI");
        grubImage("x86_64-efi", "/EFI/BOOT", loader, "fat");
        Path config = Files.writeString(tree.resolve("EFI/BOOT/grub.cfg"), GRUB_CFG);
        ok(List.of("mkfs.vfat", "-C", efi.toString(), "4096"));
        ok(List.of("mmd", "-i", efi.toString(), "::/EFI", "::/EFI/BOOT"));
        ok(List.of("mcopy", "-i", efi.toString(), loader.toString(), config.toString(), "::/EFI/BOOT/"));
        List<String> command =
                new ArrayList<>(List.of("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-V", "TINYLINUX"));
        if (shape == Shape.ISOLINUX_AND_GRUB) {
            Files.copy(ISOLINUX, tree.resolve("isolinux/isolinux.bin"));
            Files.copy(Path.of("/usr/lib/syslinux/modules/bios/ldlinux.c32"), tree.resolve("isolinux/ldlinux.c32"));
            Files.writeString(tree.resolve("isolinux/isolinux.cfg"), ISOLINUX_CFG);
            Files.move(efi, tree.resolve("boot/efi.img"));
            command.addAll(List.of("-isohybrid-mbr", HYBRID_MBR.toString(), "-b", "isolinux/isolinux.bin"));
            command.addAll(List.of("-c", "isolinux/boot.cat", "-no-emul-boot", "-boot-load-size", "4"));
            command.addAll(List.of("-boot-info-table", "-eltorito-alt-boot", "-e", "boot/efi.img", "-no-emul-boot"));
            command.addAll(List.of("-isohybrid-gpt-basdat"));
        } else {
            Path core = folder.resolve("core.img");
            grubImage("i386-pc", "/boot/grub", core, "biosdisk");
            Path eltorito = tree.resolve("boot/grub/eltorito.img");
            Files.write(eltorito, Files.readAllBytes(Path.of("/usr/lib/grub/i386-pc/cdboot.img")));
            Files.write(eltorito, Files.readAllBytes(core), StandardOpenOption.APPEND);
            Files.writeString(tree.resolve("boot/grub/grub.cfg"), GRUB_CFG);
            command.addAll(List.of("-partition_offset", "16", "--grub2-mbr", GRUB_MBR.toString()));
            command.addAll(List.of("-append_partition", "2", "0xef", efi.toString(), "-appended_part_as_gpt"));
            command.addAll(List.of("-c", "boot.catalog", "-b", "boot/grub/eltorito.img", "-no-emul-boot"));
            command.addAll(List.of("-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info"));
            command.addAll(List.of("-eltorito-alt-boot", "-e", "--interval:appended_partition_2:::", "-no-emul-boot"));
        }
        Path iso = folder.resolve(shape + ".iso");
        command.addAll(List.of("-o", iso.toString(), tree.toString()));
        ok(command);
        return iso;
    }

    private static void grubImage(String format, String prefix, Path target, String disks) throws InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("grub-mkimage", "-O", format, "-p", prefix, "-o", target.toString(), disks, "iso9660"));
        command.addAll(List.of("part_gpt", "part_msdos", "normal", "linux", "search", "search_label", "configfile"));
        ok(command);
    }

    private static void ok(List<String> command) throws InterruptedException {
        Commands.Result result = Commands.run(command, Duration.ofMinutes(1));
        assertThat(result.status()).as(command + result.errors()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"ISOLINUX_AND_GRUB,BIOS", "ISOLINUX_AND_GRUB,UEFI", "GRUB_ALONE,BIOS", "GRUB_ALONE,UEFI"})
    void aChangedMediumStartsTheInstallerWithItsAnswers(Shape shape, Firmware firmware) throws Exception {
        Path iso = folder.resolve(shape + ".iso");
        if (Files.notExists(iso)) {
            medium(shape);
        }
        Path changed = folder.resolve(shape + "-" + firmware + ".iso");
        Remaster.write(
                iso,
                changed,
                new Remaster.Change(
                        Map.of("answers", "no_such_key=1\n".getBytes(StandardCharsets.UTF_8)),
                        Map.of(),
                        Set.of(),
                        Optional.of(
                                new Remaster.BootChange(Set.of("boot/vmlinuz"), "oz.remastered=1", Set.of("rescue")))));

        String console = boot(changed, firmware);

        assertThat(console).contains("console=ttyS0,115200 no_timer_check oz.remastered=1 ---");
        // it has read the answers, and says what is wrong with them
        assertThat(console).contains("unknown key 'no_such_key'");
        Files.delete(changed);
    }

    private static String boot(Path iso, Firmware firmware) throws Exception {
        OzConfig config = OzConfig.builder(folder)
                .dataDir(folder)
                .hypervisorUri("qemu:///embed?root=" + folder.resolve("h"))
                .build();
        Path console = Files.createTempFile(folder, "console", ".log");
        MachineSpec spec = MachineSpec.builder("remastered", Arch.X86_64)
                .memoryMiB(512)
                .firmware(firmware)
                .nvram(firmware == Firmware.UEFI ? Optional.of(folder.resolve("nvram.fd")) : Optional.empty())
                .boot(new Boot.FromCd())
                .disks(List.of(MachineSpec.Disk.cd(iso)))
                .serials(List.of(console))
                .stopOnReboot(true)
                .build();
        try (Hypervisor hypervisor = LibvirtHypervisor.open(config, TIME);
                Machine machine = hypervisor.start(spec)) {
            long end = TIME.nanoTime() + PATIENCE.toNanos();
            while (!read(console).contains("tiny-installer: ERROR") && TIME.nanoTime() < end) {
                TIME.sleep(Duration.ofMillis(500));
            }
            machine.destroy();
        }
        Files.deleteIfExists(folder.resolve("nvram.fd"));
        return read(console);
    }

    private static String read(Path console) throws IOException {
        return new String(Files.readAllBytes(console), StandardCharsets.ISO_8859_1);
    }
}
