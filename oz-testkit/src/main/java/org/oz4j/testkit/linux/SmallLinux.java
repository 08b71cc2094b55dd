package org.oz4j.testkit.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.oz4j.HostSetupException;
import org.oz4j.host.Commands;

/** Makes initial ramdisks and ISO images of the programs and of the kernel of this host. */
public final class SmallLinux {
    /** The kernel's arguments that spare a machine without KVM some work; the serial console is {@code /dev/console}. */
    public static final String KERNEL_ARGUMENTS =
            "quiet console=tty0 console=ttyS0,115200 tsc=reliable no_timer_check cryptomgr.notests mitigations=off"
                    + " random.trust_cpu=on";

    private static final Duration XORRISO_LIMIT = Duration.ofMinutes(2);
    // A fixed time keeps ISO images of the same input equal.
    private static final long EPOCH_SECONDS = 1_700_000_000;

    private final HostPrograms host;

    /** Of those programs. */
    public SmallLinux(HostPrograms host) {
        this.host = host;
    }

    /** The image of the kernel. */
    public Path kernel() {
        return host.kernel(version());
    }

    private String version() {
        return host.kernelVersion().orElseThrow();
    }

    /**
     * A ramdisk with busybox and modules of the kernel. Its {@code /lib/start} is for the first program to source: it mounts
     * what the kernel shows of itself, and loads the modules.
     *
     * @param modules their names; what they need comes with them, and what is built into the kernel is left out
     */
    public FileTree initrd(List<String> modules) throws IOException, InterruptedException {
        FileTree tree = new FileTree();
        for (String folderName : List.of("dev", "proc", "sys", "tmp", "mnt", "etc", "run")) {
            tree.folder(folderName, 0755);
        }
        // Until devtmpfs is mounted, the kernel wants a console to give to the first program.
        tree.device("dev/console", 0600, 5, 1).device("dev/null", 0666, 1, 3);
        addBusybox(tree);
        tree.bytes("lib/start", 0644, resource(SmallLinux.class, "start"));
        Path folder = host.path("lib/modules").resolve(version());
        List<String> order = new ArrayList<>();
        for (String path : new KernelModules(Files.readString(folder.resolve("modules.dep"))).inLoadOrder(modules)) {
            String name = KernelModules.nameOf(path);
            order.add(name);
            tree.hostFile("lib/modules/" + name + ".ko", 0644, folder.resolve(path));
        }
        return tree.text("lib/modules/order", 0644, String.join("\n", order) + "\n");
    }

    /** Adds busybox, by all its names. */
    public void addBusybox(FileTree tree) throws InterruptedException {
        Path busybox = host.path(HostPrograms.BUSYBOX);
        tree.hostFile("bin/busybox", 0755, busybox);
        Commands.Result applets = Commands.run(List.of(busybox.toString(), "--list-full"), Duration.ofSeconds(20));
        for (String applet : applets.output().lines().toList()) {
            if (!applet.equals(HostPrograms.BUSYBOX) && !applet.equals("linuxrc")) {
                tree.link(applet, "/bin/busybox");
            }
        }
        tree.link("bin/sh", "/bin/busybox");
    }

    /** Adds a program of the host, with its libraries. */
    public void addProgram(FileTree tree, String source, String path) throws InterruptedException {
        Path program = host.path(source);
        tree.hostFile(path, 0755, program);
        for (Path library : host.librariesOf(program)) {
            tree.hostFile(library.toString().substring(1), 0755, library);
        }
    }

    /**
     * Writes an ISO image with Rock Ridge names; those of equal trees are equal.
     *
     * @param tree the folder of its files
     * @param label its volume identifier
     * @param options of {@code xorriso -as mkisofs}, such as those that make it boot
     */
    public void writeIso(Path tree, String label, List<String> options, Path iso)
            throws IOException, InterruptedException {
        try (var files = Files.walk(tree)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(EPOCH_SECONDS, TimeUnit.SECONDS));
            }
        }
        List<String> command = new ArrayList<>(List.of(
                "env",
                "SOURCE_DATE_EPOCH=" + EPOCH_SECONDS,
                host.path(HostPrograms.XORRISO).toString(),
                "-as",
                "mkisofs",
                "-quiet",
                "-R",
                "-V",
                label));
        command.addAll(options);
        command.addAll(List.of("-o", iso.toString(), tree.toString()));
        run(command);
    }

    /** Runs a program of the host that has to succeed. */
    public static void run(List<String> command) throws InterruptedException {
        Commands.Result result = Commands.run(command, XORRISO_LIMIT);
        if (result.status() != 0) {
            throw new HostSetupException(
                    "The command '" + String.join(" ", command) + "' failed: "
                            + result.errors().strip(),
                    null,
                    List.of(),
                    null);
        }
    }

    /** A file that lies beside a class. */
    public static byte[] resource(Class<?> beside, String name) {
        try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
