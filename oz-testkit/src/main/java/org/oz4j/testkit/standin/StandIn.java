package org.oz4j.testkit.standin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.oz4j.HostSetupException;
import org.oz4j.host.WorkFolder;
import org.oz4j.testkit.linux.FileTree;
import org.oz4j.testkit.linux.HostPrograms;
import org.oz4j.testkit.linux.SmallLinux;

/**
 * Makes media that stand in for vendors' install media, in a second each, of the kernel, busybox and boot loaders of this
 * host.
 *
 * <p>Installed from, such a medium looks for its answer file as the vendor's installer would, checks what the answers name
 * against the machine, writes what an image check wants to the disk, says the success token as the answers have it, and
 * powers off. {@link StandInReport} reads what it tells on the serial console.
 */
public final class StandIn {
    private static final HostPrograms HOST = HostPrograms.of(
            HostPrograms.BUSYBOX,
            HostPrograms.ISOLINUX,
            HostPrograms.LDLINUX,
            HostPrograms.XORRISO,
            HostPrograms.GRUB_MKIMAGE,
            HostPrograms.GRUB_CDBOOT,
            HostPrograms.GRUB_EFI,
            HostPrograms.MFORMAT,
            HostPrograms.MCOPY,
            HostPrograms.MMD);

    /** Where disks, CDs, floppies and network cards of all our profiles may be. */
    private static final List<String> MODULES = List.of(
            "virtio_pci",
            "virtio_blk",
            "virtio_net",
            "virtio_console",
            "virtio_scsi",
            "sym53c8xx",
            "ahci",
            "ata_piix",
            "floppy",
            "sd_mod",
            "sr_mod",
            "e1000",
            "8139cp",
            "8139too",
            "ne2k-pci",
            "pcnet32",
            "isofs",
            "nls_cp437",
            "nls_ascii",
            "nls_iso8859-1",
            "vfat");

    private static final List<String> GRUB_MODULES = List.of(
            "iso9660",
            "part_gpt",
            "part_msdos",
            "normal",
            "linux",
            "search",
            "search_label",
            "search_fs_file",
            "configfile",
            "test",
            "echo");

    /** Where ISOLINUX looks for its configuration; source: syslinux' wiki, "Config". */
    private static final List<String> ISOLINUX_FOLDERS =
            List.of("boot/isolinux", "isolinux", "boot/syslinux", "syslinux", "");

    private final SmallLinux parts = new SmallLinux(HOST);
    private byte @Nullable [] system;

    /** Makes no media yet. */
    public StandIn() {}

    /** The Debian packages that this host lacks to make media, in the order of the alphabet; empty where it can. */
    public static List<String> missingPackages() {
        return HOST.missingPackages();
    }

    /**
     * Makes an ISO image.
     *
     * @param target where it goes; a file there is replaced at the end
     * @return the target
     * @throws HostSetupException where packages are missing (it names them all), or the image can't be written
     */
    public Path iso(StandInMedium medium, Path target) throws InterruptedException {
        HOST.require("A stand-in");
        Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent());
        try {
            Files.createDirectories(folder);
            try (WorkFolder work = WorkFolder.createIn(folder, ".stand-in-")) {
                Path tree = Files.createDirectory(work.path().resolve("tree"));
                write(medium, tree);
                List<String> options = new ArrayList<>();
                if (medium.bios().isPresent()) {
                    options.addAll(bios(medium.bios().get(), work.path(), tree));
                }
                if (medium.uefi().isPresent()) {
                    options.addAll(uefi(
                            medium.uefi().get(),
                            work.path(),
                            tree,
                            medium.bios().isPresent()));
                }
                Path iso = work.path().resolve("iso");
                parts.writeIso(tree, medium.label(), options, iso);
                return Files.move(iso, target, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new HostSetupException("Can't make a stand-in medium in " + folder, null, List.of(), e);
        }
    }

    /**
     * Makes a tree of files, to be served.
     *
     * @return their contents by path, without a leading slash
     * @throws HostSetupException where packages are missing
     */
    public Map<String, byte[]> tree(StandInMedium medium) throws IOException, InterruptedException {
        HOST.require("A stand-in");
        Map<String, byte[]> files = new TreeMap<>();
        medium.files().forEach((path, text) -> files.put(path, text.getBytes(StandardCharsets.UTF_8)));
        for (String path : medium.kernels()) {
            files.put(path, Files.readAllBytes(parts.kernel()));
        }
        for (String path : medium.initrds()) {
            files.put(path, initrd(medium.installer()));
        }
        return files;
    }

    private void write(StandInMedium medium, Path tree) throws IOException, InterruptedException {
        for (Map.Entry<String, byte[]> file : tree(medium).entrySet()) {
            Files.write(place(tree, file.getKey()), file.getValue());
        }
    }

    /** Where a file goes; the folder above it is made. */
    private static Path place(Path tree, String path) throws IOException {
        Path file = tree.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return file;
    }

    /** The system that all stand-ins share, and behind it, as the kernel unpacks one after the other, what this one does. */
    private synchronized byte[] initrd(StandInInstaller installer) throws IOException, InterruptedException {
        if (system == null) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            parts.initrd(MODULES).writeInitrd(bytes);
            system = bytes.toByteArray();
        }
        StringBuilder settings = new StringBuilder("INSTALLER='" + installer.name() + "'\n");
        new TreeMap<>(installer.settings())
                .forEach((name, value) ->
                        settings.append(name).append("='").append(value).append("'\n"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(system);
        new FileTree()
                .bytes("init", 0755, SmallLinux.resource(StandIn.class, "init"))
                .bytes("standin/lib.sh", 0644, SmallLinux.resource(StandIn.class, "lib.sh"))
                .bytes("standin/lease", 0755, SmallLinux.resource(StandIn.class, "lease"))
                .text("standin/settings", 0644, settings.toString())
                .text("standin/installer", 0644, installer.script())
                .writeInitrd(all);
        return all.toByteArray();
    }

    private List<String> bios(StandInMedium.BiosLoader loader, Path work, Path tree)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("-c", "boot.cat", "-b", loader.image(), "-no-emul-boot"));
        options.addAll(List.of("-boot-load-size", "4", "-boot-info-table"));
        Path image = place(tree, loader.image());
        if (loader.grub()) {
            Path core = work.resolve("core.img");
            grub("i386-pc", "biosdisk", loader.configuration(), work, core);
            Files.copy(HOST.path(HostPrograms.GRUB_CDBOOT), image);
            Files.write(image, Files.readAllBytes(core), StandardOpenOption.APPEND);
            options.add("--grub2-boot-info");
        } else {
            Files.copy(HOST.path(HostPrograms.ISOLINUX), image);
            String folder = loader.configuration().replaceFirst("/?[^/]*$", "");
            if (!ISOLINUX_FOLDERS.contains(folder)) {
                // makers' own ISOLINUX looks in the folder that it is in
                Files.writeString(
                        place(tree, "isolinux/isolinux.cfg"),
                        "default own\nprompt 0\ntimeout 1\nlabel own\n  config /%s /%s\n"
                                .formatted(loader.configuration(), folder));
                folder = "isolinux";
            }
            Files.copy(HOST.path(HostPrograms.LDLINUX), place(tree, folder + "/ldlinux.c32"));
        }
        return options;
    }

    private static List<String> uefi(StandInMedium.UefiLoader loader, Path work, Path tree, boolean second)
            throws IOException, InterruptedException {
        Path program = work.resolve("BOOTX64.EFI");
        String configuration = loader.inside() ? "" : loader.configuration();
        grub("x86_64-efi", "fat", configuration, work, program);
        String image = place(tree, loader.image()).toString();
        SmallLinux.run(List.of(HOST.path(HostPrograms.MFORMAT).toString(), "-C", "-f", "2880", "-i", image, "::"));
        SmallLinux.run(List.of(HOST.path(HostPrograms.MMD).toString(), "-i", image, "::/EFI", "::/EFI/BOOT"));
        List<String> copy =
                new ArrayList<>(List.of(HOST.path(HostPrograms.MCOPY).toString(), "-i", image));
        copy.add(program.toString());
        if (loader.inside()) {
            Path inside = work.resolve("grub.cfg");
            Files.copy(tree.resolve(loader.configuration()), inside, StandardCopyOption.REPLACE_EXISTING);
            copy.add(inside.toString());
        }
        copy.add("::/EFI/BOOT/");
        SmallLinux.run(copy);
        List<String> options = new ArrayList<>(second ? List.of("-eltorito-alt-boot") : List.of("-c", "boot.cat"));
        options.addAll(List.of("-e", loader.image(), "-no-emul-boot"));
        return options;
    }

    /** An image of GRUB that reads that configuration of the medium; with none, the one beside itself. */
    private static void grub(String format, String disks, String configuration, Path work, Path target)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                HOST.path(HostPrograms.GRUB_MKIMAGE).toString(),
                "-O",
                format,
                "-p",
                "/EFI/BOOT",
                "-o",
                target.toString()));
        if (!configuration.isEmpty()) {
            Path first = Files.writeString(
                    work.resolve("first.cfg"),
                    "search --no-floppy --set=root --file /%1$s\nconfigfile ($root)/%1$s\n".formatted(configuration));
            command.addAll(List.of("-c", first.toString()));
        }
        command.add(disks);
        command.addAll(GRUB_MODULES);
        SmallLinux.run(command);
    }
}
