package org.oz4j.icicle;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.oz4j.Icicle;

/**
 * Package URLs; source: the Package URL specification (ECMA-427) and its definitions of the types deb, rpm and apk. The
 * qualifier {@code upstream}, with the source package's name and maybe its version, is no part of it but what scanners
 * for vulnerabilities go by, since advisories are about source packages.
 */
final class Purl {
    private static final Pattern EPOCH = Pattern.compile("(\\d+):(.+)");
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_~:";

    private Purl() {}

    /** The URL of a package of that system. */
    static String of(Optional<Icicle.Os> os, Icicle.Item item) {
        String type = os.map(Icicle.Os::purlType).orElse("generic");
        String version = item.version();
        Map<String, String> qualifiers = new TreeMap<>();
        Matcher epoch = EPOCH.matcher(version);
        if (type.equals("rpm") && epoch.matches()) {
            qualifiers.put("epoch", epoch.group(1));
            version = epoch.group(2);
        }
        qualifiers.put("arch", item.arch());
        qualifiers.put("distro", os.map(one -> one.id() + "-" + one.version()).orElse(""));
        qualifiers.put("upstream", upstream(os, item));
        qualifiers.values().removeIf(String::isEmpty);
        String name = bareName(os, item);
        return "pkg:" + type + "/"
                + os.map(one -> encode(one.id()) + "/").orElse("")
                + encode(type.equals("deb") || type.equals("apk") ? name.toLowerCase(Locale.ROOT) : name)
                + (version.isEmpty() ? "" : "@" + encode(version))
                + (qualifiers.isEmpty() ? "" : "?")
                + qualifiers.entrySet().stream()
                        .map(one -> one.getKey() + "=" + encode(one.getValue()))
                        .collect(Collectors.joining("&"));
    }

    /** A package's name without the architecture that dpkg adds to some: {@code libc6:amd64}. */
    static String bareName(Optional<Icicle.Os> os, Icicle.Item item) {
        boolean deb = os.isPresent() && os.get().purlType().equals("deb");
        return deb ? item.name().replaceFirst("(?<=.):.*", "") : item.name();
    }

    private static String upstream(Optional<Icicle.Os> os, Icicle.Item item) {
        if (item.source().isEmpty()) {
            return "";
        }
        Icicle.Source source = item.source().get();
        boolean sameVersion = source.version().isEmpty() || source.version().equals(item.version());
        if (sameVersion && source.name().equals(bareName(os, item))) {
            return "";
        }
        return source.name() + (sameVersion ? "" : "@" + source.version());
    }

    private static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            if (UNRESERVED.indexOf(one) >= 0) {
                encoded.append((char) one);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", one & 0xff));
            }
        }
        return encoded.toString();
    }
}
