package org.oz4j.testkit.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.HostSetupException;
import org.oz4j.host.Commands;

/** What small Linux systems are made from: files of Debian packages on this host. */
public final class HostPrograms {
    /** The shell, and all programs that are not named here. */
    public static final String BUSYBOX = "bin/busybox";
    /** An ssh server. */
    public static final String DROPBEAR = "usr/sbin/dropbear";
    /** Makes ext4, which that of busybox does not. */
    public static final String MKE2FS = "sbin/mke2fs";
    /** Puts a boot loader on a disk. */
    public static final String EXTLINUX = "usr/bin/extlinux";
    /** The boot code of a disk. */
    public static final String MBR = "usr/lib/EXTLINUX/mbr.bin";
    /** A CD's boot loader. */
    public static final String ISOLINUX = "usr/lib/ISOLINUX/isolinux.bin";
    /** What that loads first. */
    public static final String LDLINUX = "usr/lib/syslinux/modules/bios/ldlinux.c32";
    /** Writes ISO images. */
    public static final String XORRISO = "usr/bin/xorriso";
    /** Tells the libraries of a program. */
    public static final String LDD = "usr/bin/ldd";
    /** Makes GRUB's images. */
    public static final String GRUB_MKIMAGE = "usr/bin/grub-mkimage";
    /** What starts GRUB from a CD by a BIOS. */
    public static final String GRUB_CDBOOT = "usr/lib/grub/i386-pc/cdboot.img";
    /** GRUB's modules for UEFI, by one of them. */
    public static final String GRUB_EFI = "usr/lib/grub/x86_64-efi/linux.mod";
    /** Makes FAT file systems. */
    public static final String MFORMAT = "usr/bin/mformat";
    /** Copies into FAT file systems. */
    public static final String MCOPY = "usr/bin/mcopy";
    /** Makes folders in FAT file systems. */
    public static final String MMD = "usr/bin/mmd";

    private static final Map<String, String> PACKAGE_BY_FILE = packageByFile();
    // "libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f…)", "/lib64/ld-linux-x86-64.so.2 (0x00007f…)"
    private static final Pattern LDD_LINE = Pattern.compile("(?:.* => )?(/\\S+) \\(0x[0-9a-f]+\\)");

    private final Path root;
    private final Set<String> files;

    private HostPrograms(Path root, Set<String> files) {
        this.root = root;
        this.files = files;
    }

    /** Those of this host, besides its kernel. */
    public static HostPrograms of(String... files) {
        return below(Path.of("/"), files);
    }

    /** Those below that folder. */
    static HostPrograms below(Path root, String... files) {
        return new HostPrograms(root, new LinkedHashSet<>(List.of(files)));
    }

    private static Map<String, String> packageByFile() {
        Map<String, String> packages = new LinkedHashMap<>();
        packages.put(BUSYBOX, "busybox-static");
        packages.put(DROPBEAR, "dropbear-bin");
        packages.put(MKE2FS, "e2fsprogs");
        packages.put(EXTLINUX, "extlinux");
        packages.put(MBR, "extlinux");
        packages.put(ISOLINUX, "isolinux");
        packages.put(LDLINUX, "syslinux-common");
        packages.put(XORRISO, "xorriso");
        packages.put(LDD, "libc-bin");
        packages.put(GRUB_MKIMAGE, "grub-common");
        packages.put(GRUB_CDBOOT, "grub-pc-bin");
        packages.put(GRUB_EFI, "grub-efi-amd64-bin");
        packages.put(MFORMAT, "mtools");
        packages.put(MCOPY, "mtools");
        packages.put(MMD, "mtools");
        return packages;
    }

    /** The Debian packages that are missing, in the order of the alphabet. */
    public List<String> missingPackages() {
        Set<String> missing = new LinkedHashSet<>();
        files.stream()
                .filter(file -> !Files.exists(path(file)))
                .map(file -> Objects.requireNonNull(PACKAGE_BY_FILE.get(file), file))
                .forEach(missing::add);
        if (kernelVersion().isEmpty()) {
            missing.add("linux-image-amd64");
        }
        return missing.stream().sorted().toList();
    }

    /**
     * Refuses a host that lacks some of them.
     *
     * @param what is to be made, for people
     * @throws HostSetupException that names all packages that are missing
     */
    public void require(String what) {
        List<String> missing = missingPackages();
        if (!missing.isEmpty()) {
            throw new HostSetupException(
                    what + " is built from Debian packages that are not installed: " + String.join(", ", missing),
                    "Run: apt-get install " + String.join(" ", missing),
                    missing,
                    null);
        }
    }

    /** Changes with all of them and with the kernel, as their size and time tell. */
    public String fingerprint() throws IOException {
        Map<String, Path> sources = new LinkedHashMap<>();
        files.forEach(file -> sources.put(file, path(file)));
        String version = kernelVersion().orElseThrow();
        sources.put(version, kernel(version));
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Path> source : sources.entrySet()) {
            text.append(source.getKey())
                    .append(Files.size(source.getValue()))
                    .append(Files.getLastModifiedTime(source.getValue()).toMillis())
                    .append('\n');
        }
        return text.toString();
    }

    /** A file below the root. */
    public Path path(String file) {
        return root.resolve(file);
    }

    /** The newest kernel that has both its image and its modules here. */
    public Optional<String> kernelVersion() {
        Path modules = path("lib/modules");
        if (!Files.isDirectory(modules)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(modules)) {
            return versions.map(version -> version.getFileName().toString())
                    .filter(version -> version.endsWith("-amd64"))
                    .filter(version -> Files.isReadable(kernel(version)))
                    .filter(version -> Files.isReadable(modules.resolve(version).resolve("modules.dep")))
                    .max(Comparator.comparing(HostPrograms::sortable));
        } catch (IOException e) {
            throw new HostSetupException("Can't list " + modules, null, List.of(), e);
        }
    }

    /** The image of the kernel of that version. */
    public Path kernel(String version) {
        return path("boot/vmlinuz-" + version);
    }

    // 6.1.9 comes before 6.1.10
    private static String sortable(String version) {
        return Pattern.compile("\\d+")
                .matcher(version)
                .replaceAll(number -> "0".repeat(Math.max(0, 10 - number.group().length())) + number.group());
    }

    /** The shared libraries that a program is loaded with, absolute, with its loader; none for a static one. */
    public List<Path> librariesOf(Path program) throws InterruptedException {
        Commands.Result result =
                Commands.run(List.of(path(LDD).toString(), program.toString()), Duration.ofSeconds(20));
        if (result.status() != 0) {
            if (result.errors().contains("not a dynamic executable")
                    || result.output().contains("not a dynamic executable")) {
                return List.of();
            }
            throw new HostSetupException(
                    "Can't tell the libraries of " + program + ": "
                            + result.errors().strip(),
                    null,
                    List.of(),
                    null);
        }
        return parseLdd(program, result.output());
    }

    static List<Path> parseLdd(Path program, String output) {
        Set<Path> libraries = new LinkedHashSet<>();
        for (String line : output.lines().map(String::strip).toList()) {
            if (line.endsWith("=> not found")) {
                throw new HostSetupException(
                        "A library of " + program + " is missing: " + line,
                        "Repair that package with 'apt-get install --reinstall'",
                        List.of(),
                        null);
            }
            Matcher matcher = LDD_LINE.matcher(line);
            if (matcher.matches()) {
                libraries.add(Path.of(matcher.group(1)));
            }
        }
        return List.copyOf(libraries);
    }
}
