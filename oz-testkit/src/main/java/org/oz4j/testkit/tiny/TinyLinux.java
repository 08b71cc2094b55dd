package org.oz4j.testkit.tiny;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.HostSetupException;
import org.oz4j.TimeSource;
import org.oz4j.host.FileLock;
import org.oz4j.host.WorkFolder;
import org.oz4j.testkit.linux.FileTree;
import org.oz4j.testkit.linux.HostPrograms;
import org.oz4j.testkit.linux.SmallLinux;

/**
 * A bootable install ISO of TinyLinux 1 for x86_64, made in seconds from the kernel, busybox and dropbear of this host.
 *
 * <p>The ISO starts a real installer, which partitions the disk, unpacks a system with a boot loader, network, ssh and a
 * package manager, and powers off: all that an unattended install of a big system does, in well under a minute.
 */
public final class TinyLinux {
    /** The ISO image's volume identifier. */
    public static final String LABEL = "TINYLINUX";

    private static final HostPrograms HOST = HostPrograms.of(
            HostPrograms.BUSYBOX,
            HostPrograms.DROPBEAR,
            HostPrograms.MKE2FS,
            HostPrograms.EXTLINUX,
            HostPrograms.MBR,
            HostPrograms.ISOLINUX,
            HostPrograms.LDLINUX,
            HostPrograms.XORRISO,
            HostPrograms.LDD);

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
    private final SmallLinux parts = new SmallLinux(HOST);

    private TinyLinux(Path folder) {
        this.folder = folder;
    }

    /** Makes ISO images, and keeps the last one in that folder, which need not be there. */
    public static TinyLinux create(Path folder) {
        return new TinyLinux(folder);
    }

    /**
     * A template, as XML, that installs from such an ISO.
     *
     * @param name of the guest
     * @param iso what {@link #buildIso} made
     */
    public static String template(String name, Path iso) {
        return """
                <template version="1.0">
                  <name>%s</name>
                  <os>
                    <name>TinyLinux</name><version>1</version><arch>x86_64</arch>
                    <install type="iso"><iso>%s</iso></install>
                    <rootpw>sesame open</rootpw>
                  </os>
                </template>
                """
                .formatted(name, iso.toUri());
    }

    /** The Debian packages that this host lacks to build the ISO, in the order of the alphabet; empty where it can. */
    public static List<String> missingPackages() {
        return HOST.missingPackages();
    }

    /**
     * Builds the ISO, or takes the one that was built before from the same files.
     *
     * @param target where it goes; a file there is replaced at the end, so it is never half written
     * @return the target
     * @throws HostSetupException where packages are missing (it names them all), or the ISO can't be written
     */
    public Path buildIso(Path target) throws InterruptedException {
        HOST.require("TinyLinux");
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
        Path tree = Files.createDirectory(work.resolve("tree"));
        Path boot = Files.createDirectory(tree.resolve("boot"));
        Path isolinux = Files.createDirectory(tree.resolve("isolinux"));
        Files.copy(parts.kernel(), boot.resolve("vmlinuz"));
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(boot.resolve("initrd.gz")))) {
            initrd().writeInitrd(out);
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tree.resolve("rootfs.tar.gz")))) {
            rootTree().writeTarGz(out);
        }
        Files.copy(HOST.path(HostPrograms.ISOLINUX), isolinux.resolve("isolinux.bin"));
        Files.copy(HOST.path(HostPrograms.LDLINUX), isolinux.resolve("ldlinux.c32"));
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
                        .formatted(SmallLinux.KERNEL_ARGUMENTS));
        parts.writeIso(
                tree,
                LABEL,
                List.of(
                        "-b",
                        "isolinux/isolinux.bin",
                        "-c",
                        "isolinux/boot.cat",
                        "-no-emul-boot",
                        "-boot-load-size",
                        "4",
                        "-boot-info-table"),
                iso);
    }

    /** The ramdisk of both the installer and the installed system. */
    private FileTree initrd() throws IOException, InterruptedException {
        FileTree tree = parts.initrd(MODULES);
        parts.addProgram(tree, HostPrograms.MKE2FS, "sbin/mke2fs");
        parts.addProgram(tree, HostPrograms.EXTLINUX, "usr/bin/extlinux");
        tree.hostFile("usr/share/mbr.bin", 0644, HOST.path(HostPrograms.MBR));
        INITRD_FILES.forEach((file, mode) -> tree.bytes(file, mode, resource("initrd/" + file)));
        String extlinux = new String(resource("initrd/extlinux.conf"), StandardCharsets.UTF_8);
        return tree.text("usr/share/extlinux.conf", 0644, extlinux.replace("@ARGUMENTS@", SmallLinux.KERNEL_ARGUMENTS));
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
        parts.addBusybox(tree);
        parts.addProgram(tree, HostPrograms.DROPBEAR, "usr/sbin/dropbear");
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

    /** Changes with everything that the ISO is made from: the host's files, as their size and time tell, and our own. */
    private String fingerprint() throws IOException {
        StringBuilder text = new StringBuilder(SmallLinux.KERNEL_ARGUMENTS)
                .append(MODULES)
                .append(HOST.fingerprint())
                .append(DigestUtils.sha256Hex(SmallLinux.resource(SmallLinux.class, "start")));
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
        return SmallLinux.resource(TinyLinux.class, name);
    }
}
