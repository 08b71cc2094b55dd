package org.oz4j.os.preseed;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.User;

/** Writes the shell script that does in the new system what the installer itself can't, run at the installer's end. */
public final class SetupScript {
    /** Its name in the installer's initial ramdisk. */
    static final String NAME = "oz-setup.sh";

    /** How busybox, the installer's shell, says a line as it is. */
    private static final String ECHO = "echo ";

    /** How every other shell does; dash's echo would take a backslash for more than it is. */
    public static final String PRINTF = "printf '%s\\n' ";

    private static final Pattern BUILT_IN = Pattern.compile("C|POSIX|C\\.UTF-?8", Pattern.CASE_INSENSITIVE);

    private SetupScript() {}

    /** Whether there is anything for it to do. */
    static boolean isNeeded(Setup setup) {
        return !setup.users().isEmpty()
                || !setup.sshKeys().isEmpty()
                || setup.keyboard().isPresent()
                || foreign(setup).isPresent();
    }

    private static Optional<String> foreign(Setup setup) {
        return setup.locale().filter(locale -> !Preseed.isEnglish(locale));
    }

    /**
     * The script; it lies in the installer, and the new system is mounted at {@code /target}.
     *
     * @param sources the package sources of a system that was installed without any; else empty
     * @param passwords by user name
     * @param hash how the system's C library wants passwords
     */
    static String write(
            Setup setup,
            Family family,
            List<String> sources,
            Map<String, RootPassword> passwords,
            Function<RootPassword, String> hash) {
        StringBuilder script = new StringBuilder("#!/bin/sh\n# Written by Oz for Java.\nset -e\n");
        foreign(setup).ifPresent(locale -> locale(script, family, locale));
        setup.keyboard().ifPresent(layout -> keyboard(script, layout));
        script.append(accounts(setup, passwords, hash, ECHO));
        // at the end: until then packages come from the disc
        String to = " >";
        for (String source : sources) {
            script.append("echo ").append(quoted(source)).append(to).append("/target/etc/apt/sources.list\n");
            to = " >>";
        }
        return script.toString();
    }

    /**
     * The lines that make the accounts and put the keys there; a line that fails is for the caller to notice.
     *
     * @param passwords by user name
     * @param hash how the system's C library wants passwords
     * @param say how the shell says a line
     */
    public static String accounts(
            Setup setup, Map<String, RootPassword> passwords, Function<RootPassword, String> hash, String say) {
        StringBuilder script = new StringBuilder();
        keys(script, say, "root", "/root", setup.sshKeys());
        for (User user : setup.users()) {
            String name = quoted(user.name());
            user.groups().forEach(group -> script.append("chroot /target groupadd -f ")
                    .append(quoted(group))
                    .append('\n'));
            script.append("chroot /target useradd -m -s /bin/bash");
            user.fullName().ifPresent(full -> script.append(" -c ").append(quoted(full)));
            if (!user.groups().isEmpty()) {
                script.append(" -G ").append(quoted(String.join(",", user.groups())));
            }
            RootPassword password = passwords.get(user.name());
            if (password != null) {
                script.append(" -p ").append(quoted(hash.apply(password)));
            }
            script.append(' ').append(name).append('\n');
            keys(script, say, user.name(), "/home/" + user.name(), user.sshKeys());
        }
        return script.toString();
    }

    private static void locale(StringBuilder script, Family family, String locale) {
        if (family == Family.UBUNTU && !BUILT_IN.matcher(locale).matches()) {
            // its locale-gen takes names, and keeps them wherever that release has its list (locale-gen(8) of Ubuntu)
            script.append("chroot /target locale-gen ").append(quoted(locale)).append('\n');
        } else if (!BUILT_IN.matcher(locale).matches()) {
            script.append("grep -F ")
                    .append(quoted(locale + " "))
                    .append(" /target/usr/share/i18n/SUPPORTED >>/target/etc/locale.gen\n");
            script.append("chroot /target locale-gen\n");
        }
        script.append("chroot /target update-locale ")
                .append(quoted("LANG=" + locale))
                .append('\n');
    }

    /**
     * The installer asks for no keyboard on a serial line, and so sets none. Source: keyboard(5) of Debian's package
     * keyboard-configuration, which keeps what it finds.
     */
    private static void keyboard(StringBuilder script, String layout) {
        for (String line : List.of(
                "XKBMODEL=\"pc105\"",
                "XKBLAYOUT=\"" + layout + "\"",
                "XKBVARIANT=\"\"",
                "XKBOPTIONS=\"\"",
                "BACKSPACE=\"guess\"")) {
            script.append("echo ").append(quoted(line)).append(" >>/target/etc/default/keyboard\n");
        }
        script.append("in-target env DEBIAN_FRONTEND=noninteractive apt-get -q -y install console-setup\n");
    }

    private static void keys(StringBuilder script, String say, String user, String home, List<String> keys) {
        if (keys.isEmpty()) {
            return;
        }
        String folder = quoted("/target" + home + "/.ssh");
        script.append("mkdir -p ").append(folder).append('\n');
        for (String key : keys) {
            script.append(say).append(quoted(key)).append(" >>").append(folder).append("/authorized_keys\n");
        }
        script.append("chmod 700 ").append(folder).append('\n');
        script.append("chmod 600 ").append(folder).append("/authorized_keys\n");
        script.append("chroot /target chown -R ").append(quoted(user + ":")).append(' ');
        script.append(quoted(home + "/.ssh")).append('\n');
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
