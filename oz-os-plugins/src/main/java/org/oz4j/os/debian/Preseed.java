package org.oz4j.os.debian;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.ProfileRequest;

/** Writes the preseed file. */
final class Preseed {
    private static final Pattern PLACE = Pattern.compile("\\$\\{([a-z]+)}");

    private Preseed() {}

    static String write(ProfileRequest request, String codename) {
        URI mirror = request.location();
        // Debian's own mirrors come with the security archive beside them; a private one may not reach it.
        boolean official = mirror.getHost().endsWith("debian.org");
        return fill(Map.of(
                "title", request.release().title(),
                "hostname", hostname(request.template().name()),
                "protocol", protocol(request),
                "mirrorhost", mirror.getRawAuthority(),
                "mirrordirectory", directory(mirror.getRawPath()),
                "suite", codename,
                "services", official ? "security, updates" : "",
                "upgrade", official ? "safe-upgrade" : "none",
                "password", request.rootPassword().sha512Crypt(),
                "token", request.successToken()));
    }

    private static String fill(Map<String, String> values) {
        String template;
        try (InputStream stream = Preseed.class.getResourceAsStream("preseed.cfg")) {
            if (stream == null) {
                throw new IllegalStateException("preseed.cfg is missing in this jar");
            }
            template = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return PLACE.matcher(template).replaceAll(place -> {
            String value = values.get(place.group(1));
            if (value == null || value.indexOf('\n') >= 0) {
                throw new IllegalStateException("no one-line value for ${" + place.group(1) + "}");
            }
            return Matcher.quoteReplacement(value);
        });
    }

    private static String protocol(ProfileRequest request) {
        String scheme = request.location().getScheme();
        if (!"http".equals(scheme)) {
            throw new UnsupportedOsException(
                    request.release().title(),
                    "The installer of " + request.release().title() + " can't install from " + request.location(),
                    "Give the address of a mirror that begins with http://");
        }
        return scheme;
    }

    private static String directory(String path) {
        String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return trimmed.isEmpty() ? "/" : trimmed;
    }

    /** A template's name as a host name (RFC 1123): letters, digits and hyphens, 63 at most. */
    private static String hostname(String name) {
        String host =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-").replaceAll("^-+|-+$", "");
        String cut = host.substring(0, Math.min(63, host.length())).replaceAll("-+$", "");
        return cut.isEmpty() ? "debian" : cut;
    }
}
