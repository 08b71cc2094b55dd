package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.media.MediaProbe.Found;

/**
 * Tells install media of Windows: since Vista by the WIM file of the systems that can be installed, before by the files of
 * its text mode setup.
 *
 * <p>Sources: Microsoft's "Operating System Version" (Windows API) for the numbers of versions; its "Windows Server release
 * information" and "Windows 11 release information" for the builds, which tell apart what has the number 10.0. Media for
 * both architectures have a file below {@code x86} and one below {@code x64}, as public scripts that service them with DISM
 * expect. Media before Vista: libguestfs' inspect-fs-cd.c for {@code txtsetup.sif}; P. Thurrott's "Windows 2000 CD-ROMs:
 * What you get" for {@code CDROM_NT.5}; MSFN's "Importance of the CD tag file" for the tags of XP and 2003.
 */
final class WindowsMedium {
    private static final List<String> FOLDERS = List.of("sources/", "x64/sources/", "x86/sources/");
    private static final List<String> NAMES = List.of("install.wim", "install.esd", "install.swm");
    private static final int LARGEST_SETUP = 2 << 20;
    private static final int FIRST_BUILD_OF_11 = 22_000;
    private static final Map<Integer, String> SERVERS =
            Map.of(14_393, "2016", 17_763, "2019", 20_348, "2022", 26_100, "2025");

    private static final Pattern MAJOR = Pattern.compile("(?im)^MajorVersion\\s*=\\s*(\\d+)");
    private static final Pattern MINOR = Pattern.compile("(?im)^MinorVersion\\s*=\\s*(\\d+)");
    private static final Pattern PRODUCT = Pattern.compile("(?im)^ProductName\\s*=\\s*\"([^\"]*)\"");
    private static final List<String> OF_XP = List.of("WIN51IP", "WIN51IC");
    private static final List<String> OF_2003 = List.of("WIN51IS", "WIN51IA", "WIN51ID", "WIN51IB");

    /** A release, and what else its name has. */
    private record Release(String version, Optional<String> edition) {
        Release(String version) {
            this(version, Optional.empty());
        }
    }

    private WindowsMedium() {}

    static Optional<Found> look(MediaProbe probe) throws IOException {
        List<WimImage> images = new ArrayList<>();
        String source = "";
        for (String folder : FOLDERS) {
            for (String name : NAMES) {
                Optional<String> path = probe.path(folder + name);
                if (path.isPresent() && images.addAll(images(probe.image(), path.get())) && source.isEmpty()) {
                    source = path.get();
                }
            }
        }
        return images.isEmpty() ? old(probe) : told(images, source);
    }

    private static List<WimImage> images(IsoImage image, String path) throws IOException {
        try (InputStream content = image.open(path)) {
            return WimFile.images(content, why -> bad(image, path, why)).orElse(List.of());
        }
    }

    private static MediaException bad(IsoImage image, String path, String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                image.file().toUri(),
                "The file " + path + " of the medium " + image.file() + " can't be read: " + why,
                "Check that the medium was fetched whole",
                null);
    }

    /** A medium of several releases is not told. */
    private static Optional<Found> told(List<WimImage> images, String source) {
        Set<Optional<Release>> releases = new LinkedHashSet<>();
        Set<Optional<Arch>> arches = new LinkedHashSet<>();
        Set<String> editions = new LinkedHashSet<>();
        for (WimImage image : images) {
            releases.add(release(image));
            arches.add(image.arch());
            editions.add(image.name());
        }
        Optional<Release> release = releases.iterator().next();
        return releases.size() > 1
                ? Optional.empty()
                : release.map(one -> new Found(
                        "Windows",
                        one.version(),
                        one.edition(),
                        List.copyOf(editions),
                        arches.size() > 1 ? Optional.empty() : arches.iterator().next(),
                        source));
    }

    private static Optional<Release> release(WimImage image) {
        Optional<String> r2 = Optional.of("R2");
        boolean server = image.server();
        return switch (image.major() + "." + image.minor()) {
            case "6.0" -> Optional.of(new Release(server ? "2008" : "Vista"));
            case "6.1" -> Optional.of(server ? new Release("2008", r2) : new Release("7"));
            case "6.2" -> Optional.of(new Release(server ? "2012" : "8"));
            case "6.3" -> Optional.of(server ? new Release("2012", r2) : new Release("8.1"));
            case "10.0" -> {
                if (server) {
                    // Azure Stack HCI has builds of servers
                    yield Optional.ofNullable(SERVERS.get(image.build()))
                            .filter(version -> !image.edition().orElse("").contains("AzureStackHCI"))
                            .map(Release::new);
                }
                yield Optional.of(new Release(image.build() < FIRST_BUILD_OF_11 ? "10" : "11"));
            }
            default -> Optional.empty();
        };
    }

    private static Optional<Found> old(MediaProbe probe) throws IOException {
        for (String folder : List.of("amd64/", "i386/")) {
            Optional<String> path = probe.path(folder + "txtsetup.sif");
            if (path.isPresent()) {
                String text = probe.text(path.get(), LARGEST_SETUP).orElse("");
                Optional<Arch> arch = MediaProbe.arch(folder.replace("/", ""));
                return version(probe, text)
                        .map(version -> new Found("Windows", version, Optional.empty(), arch, path.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> version(MediaProbe probe, String setup) {
        String numbers =
                first(MAJOR, setup).orElse("?") + "." + first(MINOR, setup).orElse("?");
        String product = first(PRODUCT, setup).orElse("");
        boolean xp = product.contains("XP") || has(probe, OF_XP);
        boolean server = product.contains("2003") || has(probe, OF_2003);
        return switch (numbers) {
            case "5.0" -> Optional.of("2000");
            case "5.1" -> Optional.of("XP");
            case "5.2" -> xp == server ? Optional.empty() : Optional.of(xp ? "XP" : "2003"); // XP for x86_64 is 5.2 too
            default -> probe.path("CDROM_NT.5").map(tag -> "2000");
        };
    }

    private static boolean has(MediaProbe probe, List<String> tags) {
        return Stream.concat(
                        tags.stream(),
                        tags.stream().flatMap(tag -> Stream.of(tag + ".SP1", tag + ".SP2", tag + ".SP3")))
                .anyMatch(tag -> probe.path(tag).isPresent());
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
