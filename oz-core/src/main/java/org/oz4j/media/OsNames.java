package org.oz4j.media;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of systems, as media and templates have them.
 *
 * <p>Source of the names in templates: the systems of the Python tool, whose Red Hat kin have the first number of the
 * version in their name and its second one as their version: {@code RHEL-9} and {@code 4}, {@code CentOS-5} and
 * {@code U8}.
 */
final class OsNames {
    private static final Map<String, List<String>> ALIASES = Map.ofEntries(
            Map.entry("RHEL", List.of()),
            Map.entry("RedHatLinux", List.of("rhl")),
            Map.entry("Fedora", List.of("fedoralinux", "fedoraserver", "fedoraworkstation", "fedoracloud")),
            Map.entry("FedoraCore", List.of("fc")),
            Map.entry("CentOS", List.of("centoslinux", "centosstream")),
            Map.entry("Rocky", List.of("rockylinux")),
            Map.entry("AlmaLinux", List.of("alma")),
            Map.entry("OracleLinux", List.of("oraclelinuxserver", "oracleenterpriselinux", "ol", "oel")),
            Map.entry("ScientificLinux", List.of("scientific", "sl")),
            Map.entry("ScientificLinuxCern", List.of("slc")),
            Map.entry("Debian", List.of("debiangnulinux")),
            Map.entry("Ubuntu", List.of()),
            Map.entry("OpenSUSE", List.of("opensuseleap", "opensusetumbleweed", "leap")),
            Map.entry("SLES", List.of("suselinuxenterpriseserver", "susesles")),
            Map.entry("SLED", List.of("suselinuxenterprisedesktop", "susesled")),
            Map.entry("SLE", List.of("suselinuxenterprise", "susesle")),
            Map.entry("Mandrake", List.of("mandrakelinux")),
            Map.entry("Mandriva", List.of("mandrivalinux")),
            Map.entry("Mageia", List.of()),
            Map.entry("Arch", List.of("archlinux")),
            Map.entry("Alpine", List.of("alpinelinux")));

    private static final Map<String, String> NAMES = names();
    private static final Set<String> NUMBERED = Set.of("RHEL", "CentOS", "ScientificLinux");
    private static final Pattern NUMBERED_NAME = Pattern.compile("(.+)-(\\d+(?:\\.\\d+)?)");
    private static final Pattern SERVICE_PACK = Pattern.compile("(\\d+)[- ]?SP(\\d+)");
    private static final Pattern TWO_NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.\\d+)*");

    /** A system's name and version. */
    record Release(String os, String version) {}

    private OsNames() {}

    private static Map<String, String> names() {
        Map<String, String> names = new HashMap<>();
        ALIASES.forEach((name, aliases) -> {
            names.put(name.toLowerCase(Locale.ROOT), name);
            aliases.forEach(alias -> names.put(alias, name));
        });
        return names;
    }

    /** The name that we call a system by, whose maker or template calls it so. */
    static String of(String name) {
        String letters = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        return letters.startsWith("redhatenterpriselinux") ? "RHEL" : NAMES.getOrDefault(letters, name);
    }

    /** A release that a template names, as media name theirs. */
    static Release asMediaHave(String os, String version) {
        Matcher numbered = NUMBERED_NAME.matcher(os);
        if (!numbered.matches()) {
            return new Release(of(os), servicePack(version));
        }
        String major = numbered.group(2);
        String update = version.equals("GOLD") ? "0" : version.replaceFirst("^U(?=\\d)", "");
        String whole = update.startsWith(major + ".") ? update : major + "." + update;
        return new Release(of(numbered.group(1)), whole);
    }

    /** A release that a medium names, as templates do. */
    static Release asTemplatesHave(String os, String version) {
        Matcher numbers = TWO_NUMBERS.matcher(version);
        boolean two = numbers.matches();
        if (Set.of("Debian", "Fedora").contains(os) && two) {
            return new Release(os, numbers.group(1));
        }
        if (os.equals("SLE")) {
            return new Release("SLES", version);
        }
        int major = two ? Integer.parseInt(numbers.group(1)) : 0;
        boolean oldOracle = os.equals("OracleLinux") && major <= 6;
        if (!two || major < 3 || !(NUMBERED.contains(os) || oldOracle)) {
            return new Release(os, version);
        }
        String minor = numbers.group(2);
        String update = major > 5 ? minor : minor.equals("0") ? "GOLD" : "U" + minor;
        return new Release((oldOracle ? "OL" : os) + "-" + major, update);
    }

    /** SUSE's service packs, which media have as the second number. */
    static String servicePack(String version) {
        Matcher pack = SERVICE_PACK.matcher(version);
        return pack.matches() ? pack.group(1) + "." + pack.group(2) : version;
    }
}
