package org.oz4j.media;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.media.MediaProbe.Found;

/**
 * Tells media by their volume identifier, where no file on them tells.
 *
 * <p>Source: osinfo-db, whose tests have the identifiers of real media; for NetBSD they have one digit for each number of
 * the version, but two for a first number from 10 on.
 */
final class MediaLabel {
    static final String SOURCE = "volume label";

    private static final String ARCH = "(?<a>x86_64|aarch64|ppc64le|ppc64|s390x|riscv64|i386|i586|i686|armhfp)";

    /**
     * What an identifier looks like.
     *
     * @param os the system; empty where group {@code n} tells it
     * @param pattern its groups {@code v}, {@code a} and {@code e} tell version, architecture and edition
     */
    private record Label(String os, Pattern pattern) {
        Label(String os, String pattern) {
            this(os, Pattern.compile(pattern));
        }
    }

    private static final List<Label> LABELS = List.of(
            new Label("", "(?<n>Fedora)-(?<e>S|E|WS)-dvd-" + ARCH + "-(?<v>\\d+)"),
            new Label("", "(?<n>Fedora)-(?<e>WS)-Live-(?<v>\\d+)\\b.*"),
            new Label(
                    "",
                    "(?<n>Fedora|RHEL|CentOS-Stream|CentOS|AlmaLinux|Rocky|OL)[-_ ]?(?<v>\\d+([-_.]\\d+)?)(?=[-_ .])(.*?)[-_ .]"
                            + ARCH + "\\b.*"),
            new Label("OpenSUSE", "openSUSE-(?<e>Leap)-(?<v>\\d+\\.\\d+)(-\\d+)?-(DVD|NET)-" + ARCH + ".*"),
            new Label("OpenSUSE", "Install-(?<e>Leap)-(?<v>\\d+\\.\\d+)-" + ARCH + ".*"),
            new Label("OpenSUSE", "openSUSE-(?<v>\\d+\\.\\d+)-DVD(-" + ARCH + ")?"),
            new Label("", "(?<n>SLE[SD]?)-(?<v>\\d+(-SP\\d)?)-(.+-)?DVD-" + ARCH + ".*"),
            new Label("SLE", "Install-SUSE-SLE-(?<v>\\d+(\\.\\d+)?)-" + ARCH + ".*"),
            new Label("Mageia", "Mageia-(?<v>\\d+(\\.\\d+)?)(-" + ARCH + ")?"),
            new Label("Alpine", "(?<e>alpine-[a-z]+) (?<v>\\d[\\w.]*) (?<a>\\w+)"),
            new Label("FreeBSD", "(?<v>\\d+_\\d+)_(RELEASE|RC\\d+|BETA\\d+)(_P\\d+)?_(?<a>[A-Z0-9_]+?)_(CD|DVD)"),
            new Label("OpenBSD", "OpenBSD/(?<a>\\w+) +(?<v>\\d+\\.\\d+) (Install|boot-only) CD"),
            new Label("NetBSD", "NETBSD_(?<v>\\d{2,4})"));

    private static final Map<String, String> EDITIONS = Map.of("S", "Server", "E", "Everything", "WS", "Workstation");

    private MediaLabel() {}

    static Optional<Found> look(MediaProbe probe) {
        for (Label label : LABELS) {
            Matcher words = label.pattern().matcher(probe.label());
            if (words.matches()) {
                String name = label.os().isEmpty() ? words.group("n") : label.os();
                Optional<String> edition = group(words, "e").map(text -> EDITIONS.getOrDefault(text, text));
                return Optional.of(new Found(
                        name,
                        version(label.os(), words.group("v")),
                        edition.or(() -> MediaProbe.edition(name)),
                        group(words, "a").flatMap(MediaProbe::arch),
                        SOURCE));
            }
        }
        return Optional.empty();
    }

    private static String version(String os, String text) {
        if (os.equals("NetBSD")) {
            int first = text.startsWith("1") ? 2 : 1;
            return text.substring(0, first) + text.substring(first).replaceAll("(\\d)", ".$1");
        }
        return OsNames.servicePack(text).replaceAll("[-_]", ".");
    }

    private static Optional<String> group(Matcher words, String name) {
        return words.pattern().pattern().contains("(?<" + name + ">")
                ? Optional.ofNullable(words.group(name))
                : Optional.empty();
    }
}
