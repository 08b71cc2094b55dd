package org.oz4j.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.CancellationToken;
import org.oz4j.InstallFailedException;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Debian's own installers of other architectures, as far as their components are to be had: they start on our machines, read
 * the answers, configure the network, load components from the mirror that the answers name, and divide the disk. The
 * component that installs the base system is on no mirror here, so an install ends there.
 */
@Tag("vm")
@Tag("long")
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class DebianArchesIT {
    private static final String LAB_ARGUMENTS =
            "mirror/udeb/suite=ozdi debian-installer/allow_unauthenticated=true anna/no_kernel_modules=true";

    @TempDir
    static Path folder;

    @BeforeAll
    static void needsMachinesAndTheMirror() {
        Lab.assumeMachines();
        LabMirror.lab();
    }

    @Test
    void debian13OfAarch64PartitionsItsDisk() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/share/AAVMF/AAVMF_CODE.fd")), "needs qemu-efi-aarch64");
        assertPartitioned(installUntilItsComponentsEnd(
                "13", "trixie", "aarch64", "arm64", "qemu-system-aarch64", "aarch64-linux-gnu-gcc"));
    }

    @Test
    void debian12OfI386PartitionsItsDisk() throws Exception {
        assertPartitioned(installUntilItsComponentsEnd(
                "12", "bookworm", "i386", "i386", "qemu-system-i386", "i686-linux-gnu-gcc"));
    }

    @Test
    void debian13OfPpc64leLoadsItsComponents() throws Exception {
        installUntilItsComponentsEnd(
                "13", "trixie", "ppc64le", "ppc64el", "qemu-system-ppc64", "powerpc64le-linux-gnu-gcc");
    }

    // the folder of the evidence
    private Path installUntilItsComponentsEnd(
            String version, String codename, String arch, String debianArch, String emulator, String compiler)
            throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/" + compiler)), "needs " + compiler);
        assumeTrue(Files.exists(Path.of("/usr/bin/" + emulator)), "needs " + emulator);
        String name = "far-" + arch;
        Path work = Files.createDirectories(folder.resolve("mirror-" + arch));
        Path tree = Files.createDirectories(work.resolve("tree"));
        Timeline install;
        InstallFailedException end;
        try (LabMirror mirror = LabMirror.serve(tree, work)) {
            LabMirror.makeMedium(work, "netboot", mirror.url(), version, codename, debianArch, tree);
            Template template = Template.parse(
                    """
                    <template version="1.0">
                      <name>%s</name>
                      <os>
                        <name>Debian</name><version>%s</version><arch>%s</arch>
                        <install type="url"><url>%s/</url></install>
                        <rootpw>sesame open</rootpw>
                        <kernelparam>%s</kernelparam>
                      </os>
                    </template>
                    """
                            .formatted(name, version, arch, mirror.url(), LAB_ARGUMENTS));
            OzConfig config = Lab.config(folder, 1024).toBuilder()
                    .installLimit(Duration.ofMinutes(35))
                    .inactivityLimit(Duration.ofMinutes(20))
                    .build();
            install = new Timeline(name);
            try (Oz oz = Oz.builder().config(config).build()) {
                end = catchThrowableOfType(
                        InstallFailedException.class,
                        () -> oz.guest(template).installer().install(install, CancellationToken.create()));
            }
        }

        System.out.printf("%s: ended after %d s: %s%n", name, install.seconds(), end.getMessage());
        Path evidence = end.evidence().orElseThrow();
        assertThat(evidence.resolve("machine.xml")).exists();
        assertThat(Lab.read(evidence.resolve("console.log")))
                .containsSubsequence("Configuring the network with DHCP", "Loading additional components");
        // the answer file's first command sends the installer's log there
        assertThat(Lab.read(evidence.resolve("installer.log"))).contains("anna");
        // and the answers name the mirror, and the suite of its components
        List<String> asked = Files.readAllLines(work.resolve("mirror.log"));
        assertThat(asked)
                .anyMatch(line -> line.matches(
                        ".* tree 200 .*/dists/ozdi/main/debian-installer/binary-" + debianArch + "/Packages\\..*"))
                .anyMatch(line -> line.matches(".* tree 200 .*/pool/oz/.*\\.udeb"));
        Lab.assertNothingLeft(folder, name);
        return evidence;
    }

    private static void assertPartitioned(Path evidence) throws Exception {
        assertThat(Lab.read(evidence.resolve("console.log")))
                .containsSubsequence(
                        "Loading additional components", "Starting up the partitioner", "Partitions formatting");
        assertThat(Lab.read(evidence.resolve("installer.log")))
                .containsSubsequence(
                        "Menu item 'partman-base' selected",
                        " vda: vda1", // the new partitions, as the kernel reads them off the disk
                        "partman: mke2fs")
                .containsPattern("kernel: .* EXT4-fs \\(vda\\d\\): mounted filesystem");
    }
}
