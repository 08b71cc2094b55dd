package org.oz4j.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import org.oz4j.Arch;
import org.oz4j.InstalledImage;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What the tests with real machines share. */
final class Lab {
    private static final TimeSource TIME = TimeSource.system();

    /** Other tests run beside, and there may be no KVM. */
    private static final Duration BOOT = Duration.ofMinutes(15);

    private Lab() {}

    /** Skips where real machines can't be run. */
    static void assumeMachines() {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64"))
                        && Files.exists(
                                Path.of("/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so")),
                "needs QEMU and libvirt's QEMU driver: run ./oz doctor --fix");
    }

    /** Skips where the tiny Linux can't be built. */
    static void assumeTinyLinux() {
        assumeMachines();
        List<String> missing = TinyLinux.missingPackages();
        assumeTrue(missing.isEmpty(), "needs the packages " + missing + ": run ./oz doctor --fix");
    }

    /** The tiny Linux's medium, in that folder; skips where it can't be built. */
    static Path tinyIso(Path folder) throws InterruptedException {
        assumeTinyLinux();
        return TinyLinux.create(folder.resolve("tiny")).buildIso(folder.resolve("tiny.iso"));
    }

    static OzConfig config(Path folder, int memory) {
        return OzConfig.builder(folder)
                .dataDir(folder.resolve("data"))
                .outputDir(folder.resolve("images"))
                .evidenceDir(folder.resolve("evidence"))
                .memoryMiB(memory)
                .bootLimit(BOOT)
                .build();
    }

    /** Starts the program {@code oz}, with all its files in that folder. */
    static Process oz(Path folder, Path log, int memory, String... arguments) throws IOException {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:+UseSerialGC",
                                "-Xmx128m",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "org.oz4j.cli.Main"),
                        Stream.of(arguments))
                .toList();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("OZ_DATA_DIR", folder.resolve("data").toString());
        builder.environment().put("OZ_OUTPUT_DIR", folder.resolve("images").toString());
        builder.environment()
                .put("OZ_SCREENSHOT_DIR", folder.resolve("evidence").toString());
        builder.environment().put("OZ_CACHE_PACKAGES", "yes");
        builder.environment().put("OZ_MEMORY", Integer.toString(memory));
        builder.environment().put("OZ_BOOT_TIMEOUT", Long.toString(BOOT.toSeconds()));
        return builder.start();
    }

    /** Waits until a file holds a text. */
    static void await(Path file, String text, Duration limit) throws IOException, InterruptedException {
        long end = TIME.nanoTime() + limit.toNanos();
        while (TIME.nanoTime() < end) {
            if (Files.exists(file) && read(file).contains(text)) {
                return;
            }
            TIME.sleep(Duration.ofMillis(200));
        }
        assertThat(Files.exists(file) ? read(file) : "no file " + file).contains(text);
    }

    static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
            stream.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** The QEMU processes whose command line names that folder. */
    static List<ProcessHandle> machines(Path folder) {
        return machines(folder.toString());
    }

    private static List<ProcessHandle> machines(String... words) {
        return ProcessHandle.allProcesses()
                .filter(handle -> {
                    try {
                        String line = Files.readString(
                                Path.of("/proc/" + handle.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
                        return line.contains("qemu-system") && Stream.of(words).allMatch(line::contains);
                    } catch (IOException e) {
                        return false;
                    }
                })
                .toList();
    }

    /** Checks that nothing of a build of that name is left but, maybe, its image. */
    static void assertNothingLeft(Path folder, String name) throws IOException {
        assertThat(machines(folder.toString(), "guest=" + name + ",")).isEmpty();
        assertThat(folder.resolve("images/." + name + ".oz")).doesNotExist();
        assertThat(folder.resolve("data/builds/" + name + ".lock")).doesNotExist();
    }

    /** What is to be done in a booted guest. */
    interface Visit {
        void visit(Session root) throws Exception;
    }

    /** Boots an image on a throw-away serial log, waits for its login prompt, visits it as root, and shuts it down. */
    static void boot(OzConfig config, InstalledImage image, String password, Visit visit) throws Exception {
        Path serial = Files.createTempFile(config.outputDir(), "boot", ".log");
        MachineSpec spec = MachineSpec.builder(image.name() + "-boot", Arch.X86_64)
                .cpus(2)
                .memoryMiB(1024)
                .disks(List.of(new MachineSpec.Disk(image.disk(), image.format(), DiskBus.VIRTIO, true)))
                .nic(new MachineSpec.Nic(NicModel.VIRTIO, new Network.User()))
                .serials(List.of(serial))
                .stopOnReboot(true)
                .build();
        try (Hypervisor hypervisor = LibvirtHypervisor.open(config, TIME);
                Machine machine = hypervisor.start(spec)) {
            try {
                await(serial, "login:", Duration.ofMinutes(6));
                Session session = connect(machine.endpoints(22).get(0).getPort(), password);
                try {
                    visit.visit(session);
                    exec(session, "(sleep 1; poweroff) >/dev/null 2>&1 &"); // not every guest hears the power button
                } finally {
                    session.disconnect();
                }
                machine.requestShutdown();
                assertThat(machine.await(Duration.ofMinutes(2)).kind()).isEqualTo(MachineState.Kind.POWERED_OFF);
            } finally {
                machine.destroy();
            }
        } finally {
            Files.deleteIfExists(serial);
        }
    }

    private static Session connect(int port, String password) throws Exception {
        JSch jsch = new JSch();
        JSchException last = new JSchException("never tried");
        for (int tries = 0; tries < 60; tries++) {
            Session session = jsch.getSession("root", "127.0.0.1", port);
            session.setConfig("StrictHostKeyChecking", "no"); // a machine made a minute ago, on our own loopback
            session.setPassword(password);
            try {
                session.connect(30_000);
                return session;
            } catch (JSchException e) {
                last = e;
                TIME.sleep(Duration.ofSeconds(1));
            }
        }
        throw last;
    }

    /** What a command prints. */
    static String exec(Session session, String command) throws JSchException, IOException {
        ChannelExec channel = (ChannelExec) session.openChannel("exec");
        channel.setCommand(command);
        try {
            var output = channel.getInputStream();
            channel.connect(30_000);
            return new String(output.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            channel.disconnect();
        }
    }

    static void assertEnds(Process process, Duration limit, int status) throws InterruptedException {
        assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(status);
    }
}
