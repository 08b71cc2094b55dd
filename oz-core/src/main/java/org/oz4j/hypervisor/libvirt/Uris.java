package org.oz4j.hypervisor.libvirt;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Questions about libvirt's addresses. */
final class Uris {
    private static final Pattern EMBED = Pattern.compile("qemu:///embed\\?root=([^&]+)");
    private static final Pattern REMOTE = Pattern.compile("[a-z]+(\\+(?!unix)[a-z0-9]+)?://[^/].*|[a-z]+\\+(?!unix).*");
    private static final Pattern SYSTEM = Pattern.compile("[a-z]+(\\+[a-z0-9]+)?://[^/]*/system(\\?.*)?");
    private static final Pattern PASSWORD = Pattern.compile("(://[^/@:]*):[^/@]*@");

    private Uris() {}

    /** Whether that is another host. */
    static boolean remote(String uri) {
        return REMOTE.matcher(uri).matches();
    }

    /** Whether that is a daemon that works for the whole system. */
    static boolean system(String uri) {
        return SYSTEM.matcher(uri).matches();
    }

    /** Whether that is libvirt's driver without machines. */
    static boolean test(String uri) {
        return uri.startsWith("test:");
    }

    /** The root that an address of the embedded driver names. */
    static Optional<Path> embedRoot(String uri) {
        Matcher matcher = EMBED.matcher(uri);
        return matcher.matches() ? Optional.of(Path.of(matcher.group(1))) : Optional.empty();
    }

    /** The address without a password, for people. */
    static String shown(String uri) {
        return PASSWORD.matcher(uri).replaceFirst("$1@");
    }
}
