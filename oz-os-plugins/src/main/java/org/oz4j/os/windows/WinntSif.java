package org.oz4j.os.windows;

import java.util.Map;
import java.util.Optional;

import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.Refusal;
import org.oz4j.spi.ProfileRequest;

/**
 * Writes {@code winnt.sif} and the script that ends the install.
 *
 * <p>Source: Microsoft Windows XP Service Pack 3, Deploy.cab, ref.chm, "Unattend.txt". The password is in clear: Setup logs
 * on by itself once, which it can't with one that is encrypted. Power off: "Win32Shutdown method of the
 * Win32_OperatingSystem class"; Windows 2000 has no {@code shutdown.exe}.
 */
final class WinntSif {
    /** The script's name on the floppy. */
    static final String SCRIPT = "finish.vbs";

    private static final int LONGEST_PASSWORD = 127;

    private WinntSif() {}

    static String write(ProfileRequest request) {
        String os = request.release().title();
        boolean old = request.release().version().equals("2000");
        String key = request.template()
                .os()
                .key()
                .orElseThrow(() -> new UnsupportedOsException(
                        os, "The installer of " + os + " asks for a product key", "Give it as <key>"));
        if (request.rootPassword().clearText().length() > LONGEST_PASSWORD) {
            throw Refusal.of(os, "the password of Administrator", "it has more than 127 characters");
        }
        String zone = request.template().os().setup().timezone().orElse("Etc/UTC");
        return lines(AnswerTemplate.fill(
                WinntSif.class,
                "winnt.sif.ftl",
                Map.ofEntries(
                        Map.entry("title", os),
                        Map.entry("target", old ? "\\WINNT" : "\\WINDOWS"),
                        Map.entry(
                                "password",
                                value(
                                        os,
                                        "the password of Administrator",
                                        request.rootPassword().clearText())),
                        Map.entry("timezone", number(os, zone)),
                        Map.entry("keyname", old ? "ProductID" : "ProductKey"),
                        Map.entry("key", value(os, "the product key", key)),
                        Map.entry(
                                "hostname",
                                WindowsNames.computer(
                                        os,
                                        request.template(),
                                        HostName.of(request.template(), "windows")
                                                .name())),
                        Map.entry("script", SCRIPT))));
    }

    static String script(ProfileRequest request) {
        return lines(AnswerTemplate.fill(
                WinntSif.class,
                "finish.vbs.ftl",
                Map.of(
                        "title",
                        request.release().title(),
                        "token",
                        request.successToken(),
                        "domain",
                        HostName.of(request.template(), "windows").domain())));
    }

    private static String number(String os, String id) {
        Optional<String> number = WindowsNames.zone(os, id).number();
        return number.orElseThrow(
                () -> Refusal.of(os, "the time zone " + id, "Windows before Vista has no number for it"));
    }

    /** Quotes end a value, and per cent signs begin the name of another; nothing escapes them both in text mode. */
    private static String value(String os, String what, String text) {
        if (!text.matches("[ -~&&[^\"%]]*")) {
            throw Refusal.of(os, what, "it has characters beyond ASCII, quotes or per cent signs");
        }
        return text;
    }

    private static String lines(String text) {
        return text.replace("\n", "\r\n");
    }
}
