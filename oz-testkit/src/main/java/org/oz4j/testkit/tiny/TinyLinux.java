package org.oz4j.testkit.tiny;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.HostSetupException;
import org.oz4j.TimeSource;
import org.oz4j.host.Commands;
import org.oz4j.host.FileLock;
import org.oz4j.host.WorkFolder;

/**
 * A bootable install ISO of TinyLinux 1 for x86_64, made in seconds from the kernel, busybox and dropbear of this host.
 *
 * <p>The ISO starts a real installer, which partitions the disk, unpacks a system with a boot loader, network, ssh and a
 * package manager, and powers off: all that an unattended install of a big system does, in well under a minute.
 */
public final class TinyLinux {
    /** The ISO image's volume identifier. */
    public static final String LABEL = "TINYLINUX";

    private static final Duration XORRISO_LIMIT = Duration.ofMinutes(2);
    // A fixed time keeps ISO images of the same input equal.
    private static final long EPOCH_SECONDS = 1_700_000_000;

    /** Where a disk, a CD, a network card or a console may be; with crc32c, which ext4 asks the kernel's crypto for. */
    private static final List<String> MODULES = List.of(
            "crc32c_generic",
            "virtio_pci",
            "virtio_blk",
            "virtio_net",
            "virtio_console",
            "virtio_rng",
            "virtio_scsi",
            "ahci",
            "ata_piix",
            "sd_mod",
            "sr_mod",
            "e1000",
            "8139cp",
            "evdev",
            "button",
            "isofs",
            "ext4");

    // The files of this package that go into the trees, by resource, with their permissions.
    private static final Map<String, Integer> INITRD_FILES = Map.of("init", 0755, "installer", 0755);
    private static final Map<String, Integer> ROOT_FILES = Map.of(
            "etc/inittab", 0644,
            "etc/init.d/rcS", 0755,
            "etc/init.d/rcK", 0755,
            "etc/init.d/nocloud", 0755,
            "etc/acpi/PWRF/00000080", 0755,
            "usr/bin/tpk", 0755,
            "usr/sbin/start-sshd", 0755,
            "usr/share/udhcpc/default.script", 0755);

    private final Path folder;
    private final HostPrograms host;

    private TinyLinux(Path folder, HostPrograms host) {
        this.folder = folder;
        this.host = host;
    }

    /** Makes ISO images, and keeps the last one in that folder, which need not be there. */
    public static TinyLinux create(Path folder) {
        return new TinyLinux(folder, new HostPrograms(Path.of("/")));
    }

    /** The Debian packages that this host lacks to build the ISO, in the order of the alphabet; empty where it can. */
    public static List<String> missingPackages() {
        return new HostPrograms(Path.of("/")).missingPackages();
    }

    /**
     * Builds the ISO, or takes the one that was built before from the same files.
     *
     * @param target where it goes; a file there is replaced at the end, so it is never half written
     * @return the target
     * @throws HostSetupException where packages are missing (it names them all), or the ISO can't be written
     */
    public Path buildIso(Path target) throws InterruptedException {
        List<String> missing = host.missingPackages();
        if (!missing.isEmpty()) {
            throw new HostSetupException(
                    "TinyLinux is built from Debian packages that are not installed: " + String.join(", ", missing),
                    "Run: apt-get install " + String.join(" ", missing),
                    missing,
                    null);
        }
        try {
            Files.createDirectories(folder);
            String name = "tiny-" + fingerprint() + ".iso";
            try (FileLock lock = FileLock.acquire(folder.resolve("tiny.lock"), TimeSource.system());
                    WorkFolder work = WorkFolder.createIn(folder, "tiny-work-")) {
                Path cached = folder.resolve(name);
                if (!Files.exists(cached)) {
                    Path iso = work.path().resolve(name);
                    writeIso(work.path(), iso);
                    deleteOldIsos();
                    Files.move(iso, cached, StandardCopyOption.ATOMIC_MOVE);
                }
                copyWhole(cached, target);
            }
            return target;
        } catch (IOException e) {
            throw new HostSetupException("Can't build TinyLinux in " + folder, null, List.of(), e);
        }
    }

    private void deleteOldIsos() throws IOException {
        try (var old = Files.newDirectoryStream(folder, "tiny-*.iso")) {
            for (Path iso : old) {
                Files.delete(iso);
            }
        }
    }

    private static void copyWhole(Path source, Path target) throws IOException {
        Path parent = Objects.requireNonNull(target.toAbsolutePath().getParent());
        Files.createDirectories(parent);
        try (WorkFolder beside = WorkFolder.createIn(parent, ".tiny-")) {
            Path whole = Files.copy(source, beside.path().resolve("iso"));
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void writeIso(Path work, Path iso) throws IOException, InterruptedException {
        String version = host.kernelVersion().orElseThrow();
        Path tree = Files.createDirectory(work.resolve("tree"));
        Path boot = Files.createDirectory(tree.resolve("boot"));
        Path isolinux = Files.createDirectory(tree.resolve("isolinux"));
        Files.copy(host.kernel(version), boot.resolve("vmlinuz"));
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(boot.resolve("initrd.gz")))) {
            initrd(version).writeInitrd(out);
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tree.resolve("rootfs.tar.gz")))) {
            rootTree().writeTarGz(out);
        }
        Files.copy(host.path(HostPrograms.ISOLINUX), isolinux.resolve("isolinux.bin"));
        Files.copy(host.path(HostPrograms.LDLINUX), isolinux.resolve("ldlinux.c32"));
        Files.writeString(
                isolinux.resolve("isolinux.cfg"),
                """
                DEFAULT tiny
                PROMPT 0
                TIMEOUT 1
                LABEL tiny
                    KERNEL /boot/vmlinuz
                    INITRD /boot/initrd.gz
                    APPEND %s
                """
                        .formatted(TinyLinuxPlugin.KERNEL_ARGUMENTS));
        try (var files = Files.walk(tree)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(EPOCH_SECONDS, TimeUnit.SECONDS));
            }
        }
        Commands.Result result = Commands.run(
                List.of(
                        "env",
                        "SOURCE_DATE_EPOCH=" + EPOCH_SECONDS,
                        host.path(HostPrograms.XORRISO).toString(),
                        "-as",
                        "mkisofs",
                        "-quiet",
                        "-R",
                        "-V",
                        LABEL,
                        "-b",
                        "isolinux/isolinux.bin",
                        "-c",
                        "isolinux/boot.cat",
                        "-no-emul-boot",
                        "-boot-load-size",
                        "4",
                        "-boot-info-table",
                        "-o",
                        iso.toString(),
                        tree.toString()),
                XORRISO_LIMIT);
        if (result.status() != 0) {
            throw new HostSetupException(
                    "xorriso can't write " + iso + ": " + result.errors().strip(), null, List.of(), null);
        }
    }

    /** The ramdisk of both the installer and the installed system. */
    private FileTree initrd(String version) throws IOException, InterruptedException {
        FileTree tree = new FileTree();
        for (String folderName : List.of("dev", "proc", "sys", "tmp", "mnt", "etc", "run")) {
            tree.folder(folderName, 0755);
        }
        // Until /init has mounted devtmpfs, the kernel wants a console to give to it.
        tree.device("dev/console", 0600, 5, 1).device("dev/null", 0666, 1, 3);
        addBusybox(tree);
        addProgram(tree, HostPrograms.MKE2FS, "sbin/mke2fs");
        addProgram(tree, HostPrograms.EXTLINUX, "usr/bin/extlinux");
        tree.hostFile("usr/share/mbr.bin", 0644, host.path(HostPrograms.MBR));
        INITRD_FILES.forEach((file, mode) -> tree.bytes(file, mode, resource("initrd/" + file)));
        String extlinux = new String(resource("initrd/extlinux.conf"), StandardCharsets.UTF_8);
        tree.text("usr/share/extlinux.conf", 0644, extlinux.replace("@ARGUMENTS@", TinyLinuxPlugin.KERNEL_ARGUMENTS));

        Path modules = host.path("lib/modules").resolve(version);
        List<String> order = new ArrayList<>();
        for (String path : new KernelModules(Files.readString(modules.resolve("modules.dep"))).inLoadOrder(MODULES)) {
            String name = KernelModules.nameOf(path);
            order.add(name);
            tree.hostFile("lib/modules/" + name + ".ko", 0644, modules.resolve(path));
        }
        tree.text("lib/modules/order", 0644, String.join("\n", order) + "\n");
        return tree;
    }

    /** The installed system, without its kernel; the ramdisk loads all modules, so it needs none. */
    private FileTree rootTree() throws IOException, InterruptedException {
        FileTree tree = new FileTree();
        for (String folderName : List.of(
                "boot",
                "dev",
                "proc",
                "sys",
                "run",
                "mnt",
                "etc/dropbear",
                "var/log",
                "var/lib/tpk/lists",
                "usr/local")) {
            tree.folder(folderName, 0755);
        }
        tree.folder("tmp", 01777).folder("root", 0700).folder("root/.ssh", 0700);
        addBusybox(tree);
        addProgram(tree, HostPrograms.DROPBEAR, "usr/sbin/dropbear");
        ROOT_FILES.forEach((file, mode) -> tree.bytes(file, mode, resource("root/" + file)));
        tree.text("etc/passwd", 0644, "root:x:0:0:root:/root:/bin/sh\n")
                .text("etc/group", 0644, "root:x:0:\ntty:x:5:\n")
                .text("etc/shadow", 0600, "root:*:19000:0:99999:7:::\n")
                .text("etc/shells", 0644, "/bin/sh\n")
                .text("etc/hostname", 0644, "tiny\n")
                .text("etc/hosts", 0644, "127.0.0.1 localhost\n")
                .text("etc/issue", 0644, "TinyLinux 1 \\n \\l\n\n")
                .text(
                        "etc/os-release",
                        0644,
                        "ID=tinylinux\nNAME=TinyLinux\nVERSION_ID=1\nPRETTY_NAME=\"TinyLinux 1\"\n")
                .text("etc/profile", 0644, "export PATH=/bin:/sbin:/usr/bin:/usr/sbin\n")
                .text("etc/tpk/repos.d/local.repo", 0644, "file:///usr/share/tpk/repo\n")
                .text("var/lib/tpk/installed/base/version", 0644, "1\n")
                .text("var/lib/tpk/installed/base/files", 0644, "");
        Map<String, byte[]> repository = TinyPackages.repository();
        repository.forEach((file, bytes) -> tree.bytes("usr/share/tpk/repo/" + file, 0644, bytes));
        tree.bytes("var/lib/tpk/lists/local", 0644, Objects.requireNonNull(repository.get("index")));
        return tree;
    }

    private void addBusybox(FileTree tree) throws InterruptedException {
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

    private void addProgram(FileTree tree, String source, String path) throws InterruptedException {
        Path program = host.path(source);
        tree.hostFile(path, 0755, program);
        for (Path library : host.librariesOf(program)) {
            tree.hostFile(library.toString().substring(1), 0755, library);
        }
    }

    /** Changes with everything that the ISO is made from: the host's files, as their size and time tell, and our own. */
    private String fingerprint() throws IOException {
        StringBuilder text = new StringBuilder(TinyLinuxPlugin.KERNEL_ARGUMENTS).append(MODULES);
        String version = host.kernelVersion().orElseThrow();
        Map<String, Path> sources = new LinkedHashMap<>();
        for (String file : HostPrograms.sources()) {
            sources.put(file, host.path(file));
        }
        sources.put(version, host.kernel(version));
        for (Map.Entry<String, Path> source : sources.entrySet()) {
            text.append(source.getKey())
                    .append(Files.size(source.getValue()))
                    .append(Files.getLastModifiedTime(source.getValue()).toMillis())
                    .append('\n');
        }
        INITRD_FILES.keySet().stream()
                .sorted()
                .forEach(file -> text.append(DigestUtils.sha256Hex(resource("initrd/" + file))));
        text.append(DigestUtils.sha256Hex(resource("initrd/extlinux.conf")));
        ROOT_FILES.keySet().stream()
                .sorted()
                .forEach(file -> text.append(DigestUtils.sha256Hex(resource("root/" + file))));
        TinyPackages.repository().forEach((file, bytes) -> text.append(file).append(DigestUtils.sha256Hex(bytes)));
        return DigestUtils.sha256Hex(text.toString()).substring(0, 16);
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(TinyLinux.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
