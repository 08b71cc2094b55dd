package org.oz4j.engine;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.hypervisor.MachineSpec.VirtioPort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class AnnouncementTest {
    @TempDir
    private Path folder = Path.of("");

    private Path log() {
        return folder.resolve("log");
    }

    private List<InetSocketAddress> told(String text) throws Exception {
        Files.writeString(log(), text);
        return new Announcement.Reader(new Announcement(true, log())).endpoints(22);
    }

    @Test
    void addressesAreTakenFromLinesOfTheirOwnEachOnce() throws Exception {
        assertThat(
                        told(
                                """
                        login: oz-address 10.0.0.9
                        oz-address 10.0.0.7\r
                        oz-address 2001:db8::5
                        oz-address 10.0.0.7
                        oz-address 10.0.0.8"""))
                .as("the last line is not whole yet")
                .containsExactly(new InetSocketAddress("10.0.0.7", 22), new InetSocketAddress("2001:db8::5", 22));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oz-address www.example.org",
                "oz-address cafe",
                "oz-address 127.0.0.1",
                "oz-address 0.0.0.0",
                "oz-address 999.1.1.1",
                "oz-address 1.2.3.4.5",
                "oz-address ::1",
                "oz-address fe80::1",
                "oz-address 224.0.0.1",
                "oz-address 10.0.0.7 and more",
                "oz-address"
            })
    void whatLeadsNowhereElseIsPassedOver(String line) throws Exception {
        assertThat(told(line + "\n")).isEmpty();
    }

    @Test
    void laterAddressesComeBesideTheFirst() throws Exception {
        Announcement announcement = new Announcement(true, log());
        Announcement.Reader reader = new Announcement.Reader(announcement);
        assertThat(reader.endpoints(22)).as("nothing is written yet").isEmpty();
        Files.writeString(log(), "oz-address 10.0.0.7\n");
        assertThat(reader.endpoints(22)).hasSize(1);
        Files.writeString(log(), "oz-address 10.0.0.8\n", StandardOpenOption.APPEND);

        assertThat(reader.endpoints(2222))
                .containsExactly(new InetSocketAddress("10.0.0.7", 2222), new InetSocketAddress("10.0.0.8", 2222));
    }

    /** Runs the script with programs of ours before all others; sleep ends it. */
    private String announced(String shell, Map<String, String> programs) throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path port = folder.resolve("port");
        Files.writeString(port, "");
        for (Map.Entry<String, String> program : programs.entrySet()) {
            Path file = Files.writeString(bin.resolve(program.getKey()), "#!/bin/sh\n" + program.getValue());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path sleep =
                Files.writeString(bin.resolve("sleep"), "#!/bin/sh\ncp " + port + " " + port + ".once\nkill $PPID\n");
        Files.setPosixFilePermissions(sleep, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path script = Files.writeString(
                folder.resolve("script"),
                new Announcement(true, log()).script().replace("/dev/ttyS1", port.toString()) + "wait\n");
        ProcessBuilder builder = new ProcessBuilder(shell, script.toString());
        builder.environment().put("PATH", bin + ":/usr/bin:/bin");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(folder.resolve("out")).isEmptyFile();
        return Files.readString(folder.resolve("port.once"));
    }

    // busybox' shell would run its own ip and sleep; the tiny Linux has that one
    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void aGuestWithIpTellsAddressesThatOthersReach(String shell) throws Exception {
        assumeTrue(Files.exists(Path.of("/bin", shell)), shell + " is not installed");
        String output = announced(
                shell,
                Map.of(
                        "ip",
                        """
                        echo '1: lo    inet 127.0.0.1/8 scope host lo'
                        echo '1: lo    inet6 ::1/128 scope host'
                        echo '2: eth0    inet 192.0.2.15/24 brd 192.0.2.255 scope global eth0'
                        echo '2: eth0    inet6 2001:db8::1:5/64 scope global dynamic'
                        echo '2: eth0    inet6 fe80::5/64 scope link'
                        """));

        assertThat(output).isEqualTo("oz-address 192.0.2.15\noz-address 2001:db8::1:5\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "          inet addr:192.0.2.15  Bcast:192.0.2.255  Mask:255.255.255.0",
                "        inet 192.0.2.15  netmask 255.255.255.0  broadcast 192.0.2.255"
            })
    void aGuestWithIfconfigAloneTellsThemToo(String line) throws Exception {
        String output = announced(
                "sh",
                Map.of(
                        "ip",
                        "exit 127\n",
                        "ifconfig",
                        "echo '          inet addr:127.0.0.1  Mask:255.0.0.0'\necho '" + line + "'\n"));

        assertThat(output).isEqualTo("oz-address 192.0.2.15\n");
    }

    @Test
    void otherMachinesThanPcsHaveAPortOfVirtioForIt() {
        Announcement announcement = new Announcement(false, log());

        assertThat(announcement.ports()).containsExactly(new VirtioPort("org.oz4j.address", log()));
        assertThat(announcement.script()).contains(">/dev/virtio-ports/org.oz4j.address\n");
    }
}
