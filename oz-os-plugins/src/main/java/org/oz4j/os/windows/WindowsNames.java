package org.oz4j.os.windows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.os.answers.Refusal;
import org.oz4j.template.Template;

/** What Windows calls time zones, keyboards and languages, and what it lets computers be called. */
final class WindowsNames {
    /**
     * A time zone.
     *
     * @param name in the registry and in {@code autounattend.xml}
     * @param number in {@code winnt.sif}, where it has one
     */
    record Zone(String name, Optional<String> number) {}

    private static final Pattern LOCALE = Pattern.compile("([a-z]{2,3})_([A-Z]{2})(\\.[Uu][Tt][Ff]-?8)?");
    private static final int LONGEST_NETBIOS = 15;

    private static final Map<String, Zone> ZONES = new HashMap<>();
    private static final Map<String, String> KEYBOARDS = new HashMap<>();

    static {
        for (String[] fields : table("zones.tsv")) {
            Zone zone = new Zone(fields[0], Optional.of(fields[1]).filter(number -> !number.equals("-")));
            for (String id : fields[2].split(" ")) {
                ZONES.put(id, zone);
            }
        }
        table("keyboards.tsv").forEach(fields -> KEYBOARDS.put(fields[0], fields[1]));
    }

    private WindowsNames() {}

    private static List<String[]> table(String name) {
        try (var stream = Objects.requireNonNull(WindowsNames.class.getResourceAsStream(name), name);
                var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " is broken in this jar", e);
        }
    }

    /** The zone of an IANA name, such as {@code Europe/Vienna}. */
    static Zone zone(String os, String id) {
        Zone zone = ZONES.get(id);
        if (zone == null) {
            throw Refusal.of(os, "the time zone " + id, "Windows has none of that name or rules");
        }
        return zone;
    }

    /** The input locale of a layout, as in {@code 0407:00000407}. */
    static String keyboard(String os, String layout) {
        String input = KEYBOARDS.get(layout);
        if (input == null) {
            throw Refusal.of(os, "the keyboard " + layout, "what Windows calls it is not known");
        }
        return input;
    }

    /** The language tag of a locale, as {@code de-AT} of {@code de_AT.UTF-8}. */
    static String language(String os, String locale) {
        Matcher parts = LOCALE.matcher(locale);
        if (!parts.matches()) {
            throw Refusal.of(os, "the locale " + locale, "it has no language and country, as de_AT.UTF-8 has");
        }
        return parts.group(1) + "-" + parts.group(2);
    }

    /** A computer's name: the template's host name, which NetBIOS must have room for, or one made of its name. */
    static String computer(String os, Template template, String made) {
        Optional<String> wanted = template.os().setup().hostname().map(full -> full.replaceFirst("\\..*", ""));
        String name = wanted.orElse(made);
        if (wanted.isEmpty()) {
            name = name.substring(0, Math.min(LONGEST_NETBIOS, name.length())).replaceAll("-+$", "");
            return name.matches("\\d+")
                    ? ("win-" + name).substring(0, Math.min(LONGEST_NETBIOS, name.length() + 4))
                    : name;
        }
        if (name.length() > LONGEST_NETBIOS || name.matches("\\d+")) {
            throw Refusal.of(os, "the host name " + name, "it may have 15 characters, of which one is no digit");
        }
        return name;
    }
}
