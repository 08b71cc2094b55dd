package org.oz4j.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses of the host's own loopback, which mean the guest itself once a guest uses them. */
public final class Loopback {
    /** Where QEMU's user mode network shows the host: QEMU's documentation, "Using the user mode network stack". */
    public static final String HOST_IN_USER_NETWORK = "10.0.2.2";

    private static final String HOST =
            "(?:(?:[a-z0-9-]+\\.){0,126}localhost(?:\\.localdomain)?\\.?|127(?:\\.[0-9]+){1,3}|0\\.0\\.0\\.0|\\[::1])";
    private static final Pattern ADDRESS =
            Pattern.compile("\\b((?:https?|ftp)://(?:[^/@\\s]*@)?)" + HOST + "(?=[:/\\s]|$)", Pattern.CASE_INSENSITIVE);
    private static final Pattern ALONE = Pattern.compile(HOST, Pattern.CASE_INSENSITIVE);

    private Loopback() {}

    /** The first such address in a text, up to its host's name; empty where there is none. */
    public static Optional<String> find(String text) {
        Matcher address = ADDRESS.matcher(text);
        return address.find() ? Optional.of(address.group()) : Optional.empty();
    }

    /** Whether a host's name or address, as an address has it, is of the loopback. */
    public static boolean isHost(String host) {
        return ALONE.matcher(host).matches();
    }

    /** The text as a guest on the user mode network must have it. */
    public static String asGuestSees(String text) {
        return ADDRESS.matcher(text).replaceAll("$1" + HOST_IN_USER_NETWORK);
    }
}
