package org.oz4j.it;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.host.Commands;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Guests on a bridge of the host, whose leases libvirt knows nothing of. */
@Tag("vm")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BridgeIT {
    private static final int MEMORY = 256;
    private static final TimeSource TIME = TimeSource.system();
    private static final String BRIDGE = "ozit" + ProcessHandle.current().pid() % 100_000;
    // of a network that is for documents alone (RFC 5737), so that no host has it
    private static final String HOST = "198.51.100.1";
    private static final Pattern GUEST = Pattern.compile("oz-address (198\\.51\\.100\\.\\d+)");
    private static final Path AGENT = Path.of("/usr/sbin/qemu-ga");

    @TempDir
    static Path folder;

    private static InstalledImage image;
    private static Process dhcp;
    private static Path root = Path.of("not made yet");

    @BeforeAll
    static void makesANetworkAndAGuestForIt() throws Exception {
        Lab.assumeTinyLinux();
        assumeTrue(
                Commands.run(List.of("id", "-u"), Duration.ofSeconds(9))
                        .output()
                        .strip()
                        .equals("0"),
                "needs root");
        assumeTrue(ip("link", "add", BRIDGE, "type", "bridge").status() == 0, "this host has no bridges");
        ip("addr", "add", HOST + "/24", "dev", BRIDGE);
        ip("link", "set", BRIDGE, "up");
        root = Files.createTempDirectory("oz"); // a short name, for the agent's socket
        Path config = Files.writeString(
                folder.resolve("udhcpd.conf"),
                """
                start 198.51.100.100
                end 198.51.100.120
                interface %s
                lease_file %s
                pidfile %s
                option subnet 255.255.255.0
                """
                        .formatted(BRIDGE, Files.createFile(folder.resolve("leases")), folder.resolve("pid")));
        dhcp = new ProcessBuilder("busybox", "udhcpd", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("udhcpd.log").toFile())
                .start();
        Path iso = Lab.tinyIso(folder);
        try (Oz oz = Oz.builder().config(config(new Network.User())).build()) {
            image = oz.guest(Template.parse(TinyLinux.template("bridged", iso)))
                    .installer()
                    .install();
        }
    }

    @AfterAll
    static void takesTheNetworkAway() throws Exception {
        if (dhcp != null) {
            dhcp.destroy();
            dhcp.waitFor();
        }
        ip("link", "del", BRIDGE);
        if (Files.exists(root)) {
            WorkFolder.delete(root);
        }
    }

    private static Commands.Result ip(String... words) throws InterruptedException {
        return Commands.run(Stream.concat(Stream.of("ip"), Stream.of(words)).toList(), Duration.ofSeconds(9));
    }

    private static Template template(String changes) {
        return Template.parse(TinyLinux.template("bridged", folder.resolve("tiny.iso"))
                .replace("</template>", changes + "</template>"));
    }

    private static OzConfig config(Network network) {
        return Lab.config(folder, MEMORY).toBuilder()
                .network(network)
                .hypervisorUri("qemu:///embed?root=" + root)
                .build();
    }

    private static void customize(Network network, String changes) throws Exception {
        try (Oz oz = Oz.builder().config(config(network)).build()) {
            oz.guest(template(changes), GuestOptions.defaults().withKeepEvidence(true))
                    .customizer()
                    .customize(image, BuildListener.NONE, CancellationToken.create());
        }
    }

    @Test
    void aGuestTellsItsAddressOnASerialPort() throws Exception {
        customize(
                new Network.Bridge(BRIDGE),
                // the host may know the address before the guest tells it, which it does each second
                "<commands><command name='address'>sleep 5; ip addr show eth0 >/etc/address</command></commands>");

        Lab.assertNothingLeft(folder, "bridged");
        try (Stream<Path> logs = Files.walk(folder.resolve("evidence"))) {
            List<String> told = new ArrayList<>();
            for (Path log : logs.filter(Files::isRegularFile).toList()) {
                Matcher line = GUEST.matcher(Lab.read(log));
                if (line.find()) {
                    told.add(line.group(1));
                }
            }
            assertThat(told).isNotEmpty();
        }
    }

    @Test
    void theGuestAgentTellsTheAddressOfAGuestThatNobodyElseKnows() throws Exception {
        assumeTrue(Files.exists(AGENT), "needs the package qemu-guest-agent");
        StringBuilder files = new StringBuilder();
        List<Path> parts = new ArrayList<>(List.of(AGENT));
        Matcher library = Pattern.compile("(/\\S+) \\(0x")
                .matcher(Commands.run(List.of("ldd", AGENT.toString()), Duration.ofSeconds(9))
                        .output());
        while (library.find()) {
            parts.add(Path.of(library.group(1)));
        }
        for (Path part : parts) {
            files.append("<file name='/opt/ga/%s' type='url'>%s</file>".formatted(part.getFileName(), part.toUri()));
        }
        customize(
                new Network.User(),
                """
                <files>%s<file name="/opt/ga/start">#!/bin/sh
                for port in /sys/class/virtio-ports/*; do
                    [ "$(cat $port/name)" = org.qemu.guest_agent.0 ] || continue
                    exec /opt/ga/ld-linux-x86-64.so.2 --library-path /opt/ga /opt/ga/qemu-ga \\
                        -t /run -f /run/ga.pid -m virtio-serial -p /dev/${port##*/}
                done
                exec sleep 5
                </file></files>
                <commands><command name="start">
                chmod 755 /opt/ga/* &amp;&amp; echo ::respawn:/opt/ga/start >>/etc/inittab
                </command></commands>
                """
                        .formatted(files));
        OzConfig config = config(new Network.User());
        Path serial = Files.createFile(folder.resolve("agent.log"));
        MachineSpec spec = MachineSpec.builder("agent", Arch.X86_64)
                .memoryMiB(MEMORY)
                .disks(List.of(new MachineSpec.Disk(image.disk(), image.format(), DiskBus.VIRTIO, true)))
                .nic(new MachineSpec.Nic(NicModel.VIRTIO, new Network.Bridge(BRIDGE)))
                .agent(true)
                .serials(List.of(serial))
                .build();
        try (Hypervisor hypervisor = LibvirtHypervisor.open(config, TIME);
                Machine machine = hypervisor.start(spec)) {
            try {
                List<InetSocketAddress> found = machine.endpoints(22);
                assertThat(found).as("before it has booted").isEmpty();
                long end = TIME.nanoTime() + Duration.ofMinutes(4).toNanos();
                while (found.isEmpty() && TIME.nanoTime() < end) {
                    TIME.sleep(Duration.ofMillis(200));
                    ip("neigh", "flush", "dev", BRIDGE); // what the host itself knows of it
                    found = machine.endpoints(22);
                }

                assertThat(found).as(Lab.read(serial)).isNotEmpty();
                InetAddress address = found.get(0).getAddress();
                assertThat(address.getHostAddress()).startsWith("198.51.100.");
                assertThat(greeting(found.get(0))).startsWith("SSH-2.0-");
            } finally {
                machine.destroy();
            }
        }
    }

    private static String greeting(InetSocketAddress server) throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(server, 60_000);
            socket.setSoTimeout(60_000);
            return new String(socket.getInputStream().readNBytes(8), java.nio.charset.StandardCharsets.US_ASCII);
        }
    }
}
