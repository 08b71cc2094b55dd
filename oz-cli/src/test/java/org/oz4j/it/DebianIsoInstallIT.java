package org.oz4j.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.oz4j.BuildEvent;
import org.oz4j.CancellationToken;
import org.oz4j.Firmware;
import org.oz4j.Guest;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Debian 13's own installer, from a disc of the lab's mirror: a changed copy of the disc boots by its own boot loader, the
 * installer finds it, and takes its components and all packages from there. Half an hour each without KVM.
 */
@Tag("vm")
@Tag("long")
@Timeout(value = 100, unit = TimeUnit.MINUTES)
class DebianIsoInstallIT {
    // The udebs of the kernel's modules are not to be had; the modules are in the initial ramdisk. The last one has the
    // installed system's initial ramdisk hold only what this machine needs, which saves minutes without KVM.
    private static final String LAB_ARGUMENTS =
            "anna/no_kernel_modules=true base-installer/initramfs-tools/driver-policy=dep";

    private static final int MEMORY = 2048;

    @TempDir
    static Path folder;

    private static Path iso = Path.of("not made yet");

    @BeforeAll
    static void makesTheDisc() throws Exception {
        Lab.assumeMachines();
        Path lab = LabMirror.lab();
        List<String> missing = Stream.of(
                        "xorriso", "grub-mkimage", "mcopy", "mkfs.vfat", "cpio", "dpkg-scanpackages", "curl")
                .filter(tool ->
                        Stream.of("/usr/bin/", "/usr/sbin/").noneMatch(bin -> Files.exists(Path.of(bin + tool))))
                .toList();
        assumeTrue(
                missing.isEmpty() && Files.exists(Path.of("/usr/lib/ISOLINUX/isolinux.bin")),
                "needs " + missing + " and isolinux: apt-get install xorriso isolinux syslinux-common grub-common"
                        + " grub-efi-amd64-bin mtools dosfstools cpio dpkg-dev curl");
        iso = folder.resolve("13.2.0.iso");
        Timeline making = new Timeline("disc");
        try (LabMirror mirror = LabMirror.serve(lab.resolve("tree"), folder)) {
            LabMirror.makeMedium(folder, "disc", mirror.url(), "trixie", lab.resolve("tree"), iso);
        }
        System.out.printf("disc of %d MiB made in %d s%n", Files.size(iso) >> 20, making.seconds());
    }

    @AfterAll
    static void deletesTheDisc() throws Exception {
        Files.deleteIfExists(iso);
    }

    @ParameterizedTest
    @EnumSource(Firmware.class)
    void aChangedDiscInstallsASystemThatBoots(Firmware firmware) throws Exception {
        String name = "disc-" + firmware.toString().toLowerCase(Locale.ROOT);
        Path extra = Files.writeString(folder.resolve("extra"), "from the template");
        Template template = Template.parse(
                """
                <template version="1.1">
                  <name>%s</name>
                  <os>
                    <name>Debian</name><version>13</version><arch>x86_64</arch>
                    <install type="iso">
                      <iso>%s</iso>
                      <extras><file source="%s" destination="more/extra"/></extras>
                    </install>
                    <rootpw>sesame open</rootpw>
                    <kernelparam>%s</kernelparam>
                    <firmware>%s</firmware>
                  </os>
                  <commands><command name="look">
                    test -d /sys/firmware/efi; echo "efi $?"
                    cat /etc/debian_version; hostname; systemctl is-system-running --wait
                    grep -h '^deb ' /etc/apt/sources.list | cut -d' ' -f1-4
                    dpkg -s openssh-server | grep ^Status</command></commands>
                </template>
                """
                        .formatted(
                                name,
                                iso.toUri(),
                                extra.toUri(),
                                LAB_ARGUMENTS,
                                firmware.toString().toLowerCase(Locale.ROOT)));
        List<String> told = new ArrayList<>();
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            Guest guest = oz.guest(template);
            Timeline install = new Timeline(name);
            InstalledImage image = guest.installer().install(install, CancellationToken.create());
            System.out.printf("%s: installed in %d s%n", name, install.seconds());

            Timeline visit = new Timeline(name);
            guest.customizer()
                    .customize(
                            image,
                            event -> {
                                if (event instanceof BuildEvent.CommandOutput output) {
                                    told.add(output.line());
                                }
                            },
                            CancellationToken.create());
            System.out.printf("%s: booted and visited in %d s%n", name, visit.seconds());
            assertThat(image.firmware()).isEqualTo(firmware);
        }

        assertThat(told)
                .contains(
                        firmware == Firmware.UEFI ? "efi 0" : "efi 1",
                        name,
                        "running",
                        "Status: install ok installed",
                        "deb http://deb.debian.org/debian/ trixie main")
                .anyMatch(line -> line.startsWith("13"));
        Lab.assertNothingLeft(folder, name);
        Files.delete(folder.resolve("images").resolve(name + ".dsk"));
    }
}
