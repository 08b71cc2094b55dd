package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.Arch;

import static org.assertj.core.api.Assertions.assertThat;

class LibvirtPartsTest {
    @ParameterizedTest
    @CsvSource({
        "qemu:///system, false",
        "qemu:///session, false",
        "qemu:///embed?root=/a, false",
        "test:///default, false",
        "qemu+unix:///system, false",
        "qemu+ssh://root@host/system, true",
        "qemu+ssh://root@host/system?keyfile=/a/b, true",
        "qemu://host/system, true",
        "qemu+tls://host:1/system, true"
    })
    void knowsAnotherHostByItsAddress(String uri, boolean remote) {
        assertThat(Uris.remote(uri)).isEqualTo(remote);
    }

    @ParameterizedTest
    @CsvSource({
        "qemu:///system, true",
        "qemu+unix:///system?socket=/run/a, true",
        "qemu:///session, false",
        "qemu:///embed?root=/system, false",
        "test:///default, false"
    })
    void knowsADaemonOfTheSystemByItsAddress(String uri, boolean system) {
        assertThat(Uris.system(uri)).isEqualTo(system);
    }

    @Test
    void hidesAPasswordInAnAddress() {
        assertThat(Uris.shown("qemu+ssh://me:secret@host/system")).isEqualTo("qemu+ssh://me@host/system");
    }

    @Test
    void findsTheFolderInAnEmbeddedAddress() {
        assertThat(Uris.embedRoot("qemu:///embed?root=/a/b")).contains(Path.of("/a/b"));
        assertThat(Uris.embedRoot("qemu:///embed")).isEmpty();
    }

    @Test
    void readsTheArchitecturesOutOfTheCapabilities() {
        Capabilities capabilities = Capabilities.parse(
                """
                <capabilities>
                  <host><cpu><arch>x86_64</arch></cpu></host>
                  <guest><os_type>hvm</os_type><arch name='i686'><domain type='qemu'/></arch></guest>
                  <guest><os_type>hvm</os_type>
                    <arch name='x86_64'><domain type='qemu'/><domain type='kvm'/></arch></guest>
                  <guest><os_type>hvm</os_type><arch name='sparc'><domain type='qemu'/></arch></guest>
                </capabilities>""");

        assertThat(capabilities.hostArch()).isEqualTo(Arch.X86_64);
        assertThat(capabilities.guests()).containsExactlyInAnyOrder(Arch.I386, Arch.X86_64);
        assertThat(capabilities.kvm()).containsExactly(Arch.X86_64);
    }

    @Test
    void readsFirmwareAndProcessorsOutOfTheDomainCapabilities() {
        DomainCapabilities capabilities = DomainCapabilities.parse(
                """
                <domainCapabilities>
                  <os supported='yes'>
                    <enum name='firmware'><value>efi</value></enum>
                    <loader supported='yes'>
                      <value>/usr/share/OVMF/OVMF_CODE.fd</value>
                      <enum name='type'><value>rom</value><value>pflash</value></enum>
                    </loader>
                  </os>
                  <cpu>
                    <mode name='host-passthrough' supported='no'/>
                    <mode name='maximum' supported='yes'><enum name='maximumMigratable'><value>on</value></enum></mode>
                  </cpu>
                </domainCapabilities>""");

        assertThat(capabilities.loaders()).containsExactly(Path.of("/usr/share/OVMF/OVMF_CODE.fd"));
        assertThat(capabilities.cpuModes()).containsExactly("maximum");
        Predicate<UefiFiles> told = files -> capabilities.loaders().contains(files.code());
        assertThat(UefiFiles.find(Arch.X86_64, told).orElseThrow().variables())
                .isEqualTo(Path.of("/usr/share/OVMF/OVMF_VARS.fd"));
        assertThat(UefiFiles.find(Arch.AARCH64, told)).isEmpty();
        assertThat(UefiFiles.find(Arch.RISCV64, files -> true).orElseThrow().variables())
                .isEqualTo(Path.of("/usr/share/qemu-efi-riscv64/RISCV_VIRT_VARS.fd"));
        assertThat(Stream.of(Arch.X86_64, Arch.AARCH64, Arch.RISCV64).map(UefiFiles::packageFor))
                .containsExactly("ovmf", "qemu-efi-aarch64", "qemu-efi-riscv64");
    }

    @Test
    void keepsTheFolderShortEnoughForTheSocketsInIt() throws Exception {
        Path deep = Path.of("/home/someone/with/a/very/long/path/to/the/data/folder/of/oz");

        assertThat(EmbedRoot.pool(Path.of("/data"), Optional.empty())).isEqualTo(Path.of("/data/embed"));
        assertThat(EmbedRoot.pool(deep, Optional.of("/run/user/1000")).toString())
                .matches("/run/user/1000/oz-[0-9a-f]{8}");
        assertThat(EmbedRoot.pool(deep, Optional.empty()).toString()).matches("/tmp/oz-\\d+-[0-9a-f]{8}");
        assertThat(EmbedRoot.pool(deep, Optional.empty())).isEqualTo(EmbedRoot.pool(deep, Optional.empty()));
    }

    @Test
    void knowsTheQemuOfAMachineByItsWholeIdentity() {
        UUID uuid = UUID.fromString("6f1d1c0e-3a55-4c0f-9c3e-0d4a4a7b1b11");

        assertThat(OrphanMachine.isQemu(
                        List.of("/usr/bin/qemu-system-x86_64", "-name", "guest=a", "-uuid", uuid.toString()), uuid))
                .isTrue();
        assertThat(OrphanMachine.isQemu(List.of("/usr/bin/qemu-system-x86_64", "-uuid", "other"), uuid))
                .isFalse();
        assertThat(OrphanMachine.isQemu(List.of("grep", "-uuid", uuid.toString()), uuid))
                .isFalse();
        assertThat(OrphanMachine.isQemu(List.of(), uuid)).isFalse();
    }

    @Test
    void leavesQemusCommandLineOutOfWhatLibvirtSays() {
        assertThat(Connection.shortened("internal error: Child process (LC_ALL=C /usr/bin/qemu-system-x86_64 -object"
                        + " '{\"a\":\"(b) c\"}'\n-msg timestamp=on) unexpected exit status 1: no space"))
                .isEqualTo("internal error: Child process unexpected exit status 1: no space");
        assertThat(Connection.shortened("Domain not found (x)")).isEqualTo("Domain not found (x)");
    }

    @ParameterizedTest
    @CsvSource({
        "qemu:///embed?root=/a/b, /a/b/log/qemu/one.log",
        "qemu:///system, /var/log/libvirt/qemu/one.log",
        "qemu+unix:///system?socket=/run/a, /var/log/libvirt/qemu/one.log",
        "qemu:///session, /h/.cache/libvirt/qemu/log/one.log",
        "qemu+ssh://root@host/system,",
        "test:///default,"
    })
    void knowsWhereLibvirtKeepsWhatQemuWrites(String uri, Path file) {
        Map<String, String> variables = Map.of("HOME", "/h");
        assertThat(QemuLog.file(uri, "one", name -> Optional.ofNullable(variables.get(name))))
                .isEqualTo(Optional.ofNullable(file));
    }

    @Test
    void aSessionsLogsLieWhereTheUserHasFilesOfThatKindLie() {
        assertThat(QemuLog.file("qemu:///session", "one", name -> Optional.of("/the-" + name)))
                .contains(Path.of("/the-XDG_CACHE_HOME/libvirt/qemu/log/one.log"));
    }

    private static final String EARLIER_RUN =
            """
            2026-11-29 17:00:00.001+0000: starting up libvirt version: 9.0.0, kernel: 6.1
            /usr/bin/qemu-system-x86_64 \\
            -msg timestamp=on
            2026-11-29T17:00:01.000001Z qemu-system-x86_64: something of the run before
            2026-11-29 17:00:02.002+0000: shutting down, reason=crashed
            """;
    private static final String RUN =
            """
            2026-11-29 17:20:25.069+0000: starting up libvirt version: 9.0.0, kernel: 6.1
            LC_ALL=C \\
            /usr/bin/qemu-system-x86_64 \\
            -name guest=one,debug-threads=on \\
            -msg timestamp=on
            2026-11-29 17:20:25.069+0000: Domain id=2 is tainted: high-privileges
            """;

    @Test
    void tellsWhatQemuItselfWroteLastInItsLastRun(@TempDir Path folder) throws IOException {
        Path log = Files.writeString(
                folder.resolve("one.log"),
                EARLIER_RUN + RUN
                        + """
                        one
                        2026-11-29T17:21:39.280387Z qemu-system-x86_64: warning: two
                        three
                        qemu-system-x86_64: ../softmmu/memory.c:2: four: Assertion `mr' failed.

                        2026-11-29 17:21:41.082+0000: shutting down, reason=crashed
                        """);

        assertThat(QemuLog.lastWords(log))
                .isEqualTo("qemu-system-x86_64: warning: two; three;"
                        + " qemu-system-x86_64: ../softmmu/memory.c:2: four: Assertion `mr' failed.");
    }

    @Test
    void aRunOfWhichQemuWroteNothingHasNoWordsOfTheOneBefore(@TempDir Path folder) throws IOException {
        Path log = Files.writeString(
                folder.resolve("one.log"),
                EARLIER_RUN + RUN + "2026-11-29 17:21:41.082+0000: shutting down, reason=crashed\n");

        assertThat(QemuLog.lastWords(log)).isEmpty();
        assertThat(QemuLog.lastWords(folder.resolve("none.log"))).isEmpty();
    }

    @Test
    void readsTheEndOfALargeLogOfQemuOnly(@TempDir Path folder) throws IOException {
        Path log = Files.writeString(folder.resolve("one.log"), EARLIER_RUN.repeat(1000) + RUN + "the end\n");

        assertThat(QemuLog.lastWords(log)).isEqualTo("the end");
    }
}
