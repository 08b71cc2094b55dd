package org.oz4j.os.answers;

import java.util.Locale;

import org.oz4j.template.Template;

/** The host name of a new system: the template's, or one made of the template's name. */
public record HostName(String name, String domain) {

    /**
     * Takes a template's.
     *
     * @param otherwise where its name has no letter or digit
     */
    public static HostName of(Template template, String otherwise) {
        String full = template.os().setup().hostname().orElseGet(() -> made(template.name(), otherwise));
        int dot = full.indexOf('.');
        return dot < 0 ? new HostName(full, "") : new HostName(full.substring(0, dot), full.substring(dot + 1));
    }

    /** A name as a host name (RFC 1123): letters, digits and hyphens, 63 at most. */
    private static String made(String name, String otherwise) {
        String host =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-").replaceAll("^-+|-+$", "");
        String cut = host.substring(0, Math.min(63, host.length())).replaceAll("-+$", "");
        return cut.isEmpty() ? otherwise : cut;
    }

    /** With its domain, where it has one. */
    public String full() {
        return domain.isEmpty() ? name : name + "." + domain;
    }
}
