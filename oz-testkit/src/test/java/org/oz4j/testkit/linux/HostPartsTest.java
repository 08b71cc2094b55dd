package org.oz4j.testkit.linux;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.HostSetupException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HostPartsTest {
    @Test
    void loadsAModuleAfterAllThatItNeeds() {
        KernelModules modules = new KernelModules(
                """
                kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko kernel/fs/jbd2.ko
                kernel/fs/jbd2.ko: kernel/lib/crc16.ko
                kernel/lib/crc16.ko:
                kernel/drivers/virtio-rng.ko:
                """);

        assertThat(modules.inLoadOrder(List.of("virtio_rng", "builtin_one", "ext4")))
                .containsExactly(
                        "kernel/drivers/virtio-rng.ko",
                        "kernel/lib/crc16.ko",
                        "kernel/fs/jbd2.ko",
                        "kernel/fs/ext4/ext4.ko");
    }

    @Test
    void readsTheLibrariesOfAProgram() {
        String output =
                """
                \tlinux-vdso.so.1 (0x00007fb900455000)
                \tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f3593d58000)
                \t/lib64/ld-linux-x86-64.so.2 (0x00007fb900457000)
                """;
        assertThat(HostPrograms.parseLdd(Path.of("p"), output))
                .containsExactly(Path.of("/lib/x86_64-linux-gnu/libz.so.1"), Path.of("/lib64/ld-linux-x86-64.so.2"));
        assertThatThrownBy(() -> HostPrograms.parseLdd(Path.of("p"), "\tlibz.so.1 => not found\n"))
                .isInstanceOf(HostSetupException.class)
                .hasMessageContaining("libz.so.1 => not found");
    }

    @Test
    void namesEveryPackageOfAnEmptyHost(@TempDir Path root) {
        assertThat(HostPrograms.below(root, HostPrograms.XORRISO, HostPrograms.MCOPY, HostPrograms.MMD)
                        .missingPackages())
                .containsExactly("linux-image-amd64", "mtools", "xorriso");
    }

    @Test
    void takesTheNewestKernelThatHasItsModules(@TempDir Path root) throws Exception {
        for (String version : List.of("6.1.0-9-amd64", "6.1.0-10-amd64", "6.1.0-11-amd64")) {
            Path modules = Files.createDirectories(root.resolve("lib/modules").resolve(version));
            Files.createFile(modules.resolve("modules.dep"));
        }
        Files.createDirectories(root.resolve("boot"));
        Files.createFile(root.resolve("boot/vmlinuz-6.1.0-9-amd64"));
        Files.createFile(root.resolve("boot/vmlinuz-6.1.0-10-amd64"));

        assertThat(HostPrograms.below(root).kernelVersion()).contains("6.1.0-10-amd64");
    }

    @Test
    void writesDevicesAndLinksIntoARamdisk() throws Exception {
        FileTree tree = new FileTree()
                .device("dev/console", 0600, 5, 1)
                .link("bin/sh", "/bin/busybox")
                .text("init", 0755, "#!/bin/sh\n");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tree.writeInitrd(bytes);

        List<String> found = new ArrayList<>();
        try (CpioArchiveInputStream cpio =
                new CpioArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(bytes.toByteArray())))) {
            for (CpioArchiveEntry entry = cpio.getNextEntry(); entry != null; entry = cpio.getNextEntry()) {
                String content = new String(cpio.readAllBytes(), StandardCharsets.UTF_8).strip();
                found.add(entry.getName() + " " + Long.toOctalString(entry.getMode()) + " "
                        + (entry.isCharacterDevice()
                                ? entry.getRemoteDeviceMaj() + ":" + entry.getRemoteDeviceMin()
                                : content));
            }
        }
        assertThat(found)
                .containsExactly(
                        "bin 40755 ",
                        "bin/sh 120777 /bin/busybox",
                        "dev 40755 ",
                        "dev/console 20600 5:1",
                        "init 100755 #!/bin/sh");
    }
}
