package org.oz4j.testkit.tiny;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class TinyLinuxIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void buildsAnIsoThatBootsByItsOwnBootLoader() throws Exception {
        assumeBuildable();
        Path iso = TinyLinux.create(folder.resolve("cache")).buildIso(folder.resolve("out/tiny.iso"));

        Commands.Result files = Commands.run(
                List.of("xorriso", "-indev", iso.toString(), "-find", "/", "-type", "f"), Duration.ofMinutes(1));
        assertThat(files.output().lines().map(line -> line.replace("'", "")))
                .contains(
                        "/boot/vmlinuz",
                        "/boot/initrd.gz",
                        "/rootfs.tar.gz",
                        "/isolinux/isolinux.bin",
                        "/isolinux/isolinux.cfg");
        Commands.Result boot = Commands.run(
                List.of("xorriso", "-indev", iso.toString(), "-pvd_info", "-report_el_torito", "plain"),
                Duration.ofMinutes(1));
        assertThat(boot.output())
                .contains("Volume Id    : TINYLINUX")
                .containsPattern("El Torito boot img :   1  BIOS  y   none .*")
                .contains("/isolinux/isolinux.bin");
    }

    @Test
    void buildsOnceAndCopiesThereafter() throws Exception {
        assumeBuildable();
        TinyLinux linux = TinyLinux.create(folder.resolve("cache"));
        Path first = linux.buildIso(folder.resolve("first.iso"));
        List<Path> cached = isos();
        long built = Files.getLastModifiedTime(cached.get(0)).toMillis();
        Path second = linux.buildIso(folder.resolve("second.iso"));

        assertThat(isos()).isEqualTo(cached);
        assertThat(Files.getLastModifiedTime(cached.get(0)).toMillis()).isEqualTo(built);
        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    }

    @Test
    void buildsTheSameIsoFromTheSameFiles() throws Exception {
        assumeBuildable();
        Path first = TinyLinux.create(folder.resolve("one")).buildIso(folder.resolve("first.iso"));
        Path second = TinyLinux.create(folder.resolve("two")).buildIso(folder.resolve("second.iso"));

        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    }

    private List<Path> isos() throws Exception {
        try (var files = Files.newDirectoryStream(folder.resolve("cache"), "*.iso")) {
            List<Path> found = new ArrayList<>();
            files.forEach(found::add);
            assertThat(found).hasSize(1);
            return found;
        }
    }

    private static void assumeBuildable() {
        List<String> missing = TinyLinux.missingPackages();
        assumeTrue(missing.isEmpty(), () -> "TinyLinux needs: apt-get install " + String.join(" ", missing));
    }
}
