package org.oz4j.testkit.tiny;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.HostSetupException;
import org.oz4j.host.Commands;

/** What TinyLinux is made from: files of Debian packages on this host. */
final class HostPrograms {
    static final String BUSYBOX = "bin/busybox";
    static final String DROPBEAR = "usr/sbin/dropbear";
    static final String MKE2FS = "sbin/mke2fs";
    static final String EXTLINUX = "usr/bin/extlinux";
    static final String MBR = "usr/lib/EXTLINUX/mbr.bin";
    static final String ISOLINUX = "usr/lib/ISOLINUX/isolinux.bin";
    static final String LDLINUX = "usr/lib/syslinux/modules/bios/ldlinux.c32";
    static final String XORRISO = "usr/bin/xorriso";
    static final String LDD = "usr/bin/ldd";

    private static final Map<String, String> PACKAGE_BY_FILE = packageByFile();
    // "libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f…)", "/lib64/ld-linux-x86-64.so.2 (0x00007f…)"
    private static final Pattern LDD_LINE = Pattern.compile("(?:.* => )?(/\\S+) \\(0x[0-9a-f]+\\)");

    private final Path root;

    /** Looks below that folder, which is {@code /} but in tests. */
    HostPrograms(Path root) {
        this.root = root;
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
        return packages;
    }

    /** The Debian packages that are missing, in the order of the alphabet. */
    List<String> missingPackages() {
        Set<String> missing = new LinkedHashSet<>();
        PACKAGE_BY_FILE.forEach((file, name) -> {
            if (!Files.exists(path(file))) {
                missing.add(name);
            }
        });
        if (kernelVersion().isEmpty()) {
            missing.add("linux-image-amd64");
        }
        return missing.stream().sorted().toList();
    }

    /** The files that the ISO is made from or with, but for the kernel. */
    static Set<String> sources() {
        return PACKAGE_BY_FILE.keySet();
    }

    /** A file below the root. */
    Path path(String file) {
        return root.resolve(file);
    }

    /** The newest kernel that has both its image and its modules here. */
    Optional<String> kernelVersion() {
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
    Path kernel(String version) {
        return path("boot/vmlinuz-" + version);
    }

    // 6.1.9 comes before 6.1.10
    private static String sortable(String version) {
        return Pattern.compile("\\d+")
                .matcher(version)
                .replaceAll(number -> "0".repeat(Math.max(0, 10 - number.group().length())) + number.group());
    }

    /** The shared libraries that a program is loaded with, absolute, with its loader; none for a static one. */
    List<Path> librariesOf(Path program) throws InterruptedException {
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
