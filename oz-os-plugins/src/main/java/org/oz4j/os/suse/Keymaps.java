package org.oz4j.os.suse;

import java.util.Map;
import java.util.TreeSet;

import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.ProfileRequest;

/**
 * YaST's own names of keyboards, by XKB layout.
 *
 * <p>Source: {@code keyboard_raw} of yast-country, which AutoYaST's element {@code keymap} takes its names from.
 */
final class Keymaps {
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("us", "english-us"),
            Map.entry("gb", "english-uk"),
            Map.entry("de", "german"),
            Map.entry("at", "german"),
            Map.entry("ch", "german-ch"),
            Map.entry("fr", "french"),
            Map.entry("be", "belgian"),
            Map.entry("nl", "dutch"),
            Map.entry("es", "spanish"),
            Map.entry("latam", "spanish-lat"),
            Map.entry("it", "italian"),
            Map.entry("pt", "portugese"),
            Map.entry("br", "portugese-br"),
            Map.entry("dk", "danish"),
            Map.entry("no", "norwegian"),
            Map.entry("se", "swedish"),
            Map.entry("fi", "finnish"),
            Map.entry("cz", "czech"),
            Map.entry("sk", "slovak"),
            Map.entry("si", "slovene"),
            Map.entry("hr", "croatian"),
            Map.entry("hu", "hungarian"),
            Map.entry("pl", "polish"),
            Map.entry("ru", "russian"),
            Map.entry("ua", "ukrainian"),
            Map.entry("ee", "estonian"),
            Map.entry("lt", "lithuanian"),
            Map.entry("gr", "greek"),
            Map.entry("tr", "turkish"),
            Map.entry("jp", "japanese"));

    private Keymaps() {}

    /** The name of the template's keyboard. */
    static String name(ProfileRequest request) {
        String layout = request.template().os().setup().keyboard().orElse("us");
        String name = NAMES.get(layout);
        if (name == null) {
            throw new UnsupportedOsException(
                    request.release().title(),
                    "The keyboard '" + layout + "' is none that YaST is known to have",
                    "Known are " + String.join(", ", new TreeSet<>(NAMES.keySet())));
        }
        return name;
    }
}
