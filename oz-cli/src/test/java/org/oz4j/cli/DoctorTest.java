package org.oz4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;

class DoctorTest {
    private static final String APT = "env DEBIAN_FRONTEND=noninteractive apt-get -q ";

    @TempDir
    Path root = Path.of("");

    private Stage stage = new Stage(root);

    @BeforeEach
    void makeStage() {
        stage = new Stage(root);
        stage.packagesForTinyLinux = List.of();
    }

    private void file(String path, String text) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.resolve("..").normalize());
            Files.writeString(file, text);
            assertThat(file.toFile().setExecutable(true)).isTrue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void fullHost() {
        file("usr/bin/qemu-system-x86_64", "");
        file("usr/lib/x86_64-linux-gnu/libvirt.so.0", "");
        file("usr/lib/libvirt/libvirt_iohelper", "");
        file("usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so", "");
        file("etc/passwd", "root:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:64055::/:/bin/false\n");
    }

    private String line(String name) {
        return stage.out
                .toString()
                .lines()
                .filter(line -> line.contains(" " + name + " "))
                .findFirst()
                .orElse("");
    }

    @Test
    void isContentWithAHostThatHasAll() {
        fullHost();

        assertThat(stage.run("doctor")).isZero();
        assertThat(stage.out.toString()).endsWith("All that is needed is there.\n");
        assertThat(line("UEFI firmware")).startsWith("note");
        assertThat(stage.commands).isEmpty();
    }

    @Test
    void namesTheCommandThatMendsABareHost() {
        stage.packagesForTinyLinux = List.of("busybox-static", "extlinux");

        assertThat(stage.run("doctor")).isEqualTo(1);
        assertThat(line("QEMU")).startsWith("missing");
        assertThat(stage.out.toString())
                .contains(
                        "  " + APT + "update && " + APT + "install -y --no-install-recommends qemu-system-x86 libvirt0"
                                + " libvirt-daemon libvirt-daemon-driver-qemu busybox-static extlinux && useradd --system");
        assertThat(stage.commands).isEmpty();
    }

    @Test
    void installsWhatIsMissingAndLooksAgain() {
        stage.onCommand = this::fullHost;

        assertThat(stage.run("doctor", "--fix")).isZero();
        assertThat(stage.commands).hasSize(3);
        assertThat(stage.commands.get(1)).startsWith("env", "DEBIAN_FRONTEND=noninteractive", "apt-get");
        assertThat(stage.out.toString()).endsWith("All that is needed is there.\n");
    }

    @Test
    void makesLibvirtsUserAMemberOfTheGroupThatMayUseKvm() {
        fullHost();
        file("etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        file("etc/group", "root:x:0:\nkvm:x:107:\n");
        stage.onCommand = this::fullHost;

        stage.run("doctor", "--fix");

        assertThat(stage.commands)
                .first()
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .startsWith("useradd", "--system")
                .endsWith("--groups", "kvm", "libvirt-qemu");
    }

    @Test
    void notesThatLibvirtsUserIsNotInTheGroupThatMayUseKvmAndMendsThat() {
        fullHost();
        file("etc/group", "kvm:x:107:other,libvirt-qemu2\n");

        assertThat(stage.run("doctor")).isZero();
        assertThat(line("user libvirt-qemu")).startsWith("note").contains("not in the group kvm");
        assertThat(stage.out.toString())
                .contains("All that is needed is there.\n")
                .endsWith("which runs:\n  usermod --append --groups kvm libvirt-qemu\n");

        stage.onCommand = () -> file("etc/group", "kvm:x:107:other,libvirt-qemu\n");
        assertThat(stage.run("doctor", "--fix")).isZero();
        assertThat(stage.commands).containsExactly(List.of("usermod", "--append", "--groups", "kvm", "libvirt-qemu"));
        assertThat(stage.out.toString()).endsWith("All that is needed is there.\n");
    }

    @Test
    void isContentWithAUserOfLibvirtWhoseGroupIsKvm() {
        fullHost();
        file("etc/group", "kvm:x:64055:\n");

        assertThat(stage.run("doctor")).isZero();
        assertThat(line("user libvirt-qemu")).startsWith("ok");
    }

    @Test
    void goesThroughSudoWhereItIsNotRootAndNeverAsks() {
        stage.superuser = false;
        stage.onCommand = this::fullHost;

        assertThat(stage.run("doctor", "--fix")).isZero();
        assertThat(stage.commands).hasSize(2).allSatisfy(command -> assertThat(command)
                .startsWith("sudo", "-n"));
    }

    @Test
    void saysWhatAptSaidWhenItFailed() {
        stage.commandResult = new Commands.Result(100, "Reading...\n", "W: odd\nE: Unable to locate package\n");

        assertThat(stage.run("doctor", "--fix")).isEqualTo(1);
        assertThat(stage.err.toString()).contains("failed with status 100: E: Unable to locate package");
        assertThat(stage.commands).hasSize(1);
    }

    @Test
    void seesThroughAParavirtualKvm() {
        fullHost();
        file("dev/kvm", "");
        file("proc/cpuinfo", "flags\t\t: fpu sse2 hypervisor\n");
        assertThat(stage.run("doctor")).isZero();
        assertThat(line("KVM")).startsWith("note").contains("no vmx or svm");
    }

    @Test
    void takesKvmWhereTheProcessorShowsIt() {
        fullHost();
        file("dev/kvm", "");
        file("proc/cpuinfo", "flags\t\t: fpu vmx sse2\n");
        assertThat(stage.run("doctor")).isZero();
        assertThat(line("KVM")).startsWith("ok");
    }

    @Test
    void reportsAsOneJsonObject() {
        fullHost();

        assertThat(stage.run("doctor", "--json")).isZero();
        assertThat(stage.out.toString().lines()).hasSize(1);
        assertThat(stage.out.toString())
                .startsWith("{\"ready\":true,\"checks\":[{\"name\":\"Java\",\"status\":\"ok\"")
                .endsWith("\"packages\":[],\"fix\":\"\"}\n");
    }

    @Test
    void quickstartInstallsAndTellsHowToBoot() {
        fullHost();
        Path output = root.resolve("my quickstart");

        assertThat(stage.run("quickstart", "--output", output.toString())).isZero();
        assertThat(output.resolve("tinylinux.tdl")).exists();
        assertThat(stage.options).hasSize(1);
        assertThat(stage.options.get(0).image()).contains(output.resolve("tinylinux.dsk"));
        assertThat(stage.out.toString())
                .contains("Installed: /images/web.dsk")
                .contains("qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -m 512 -nographic"
                        + " -drive file=/images/web.dsk,if=virtio,format=raw -nic user")
                .contains("Log in as root with the password oz");
    }

    @Test
    void quickstartDoesNotGoOnWhereTheHostStaysWithoutQemu() {
        assertThat(stage.run("quickstart", "--output", root.resolve("out").toString()))
                .isEqualTo(1);
        assertThat(stage.commands).isNotEmpty();
        assertThat(stage.options).isEmpty();
        assertThat(stage.err.toString()).contains("QEMU: not installed", "Debian packages: qemu-system-x86");
    }
}
