package org.oz4j.engine;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

import org.oz4j.GuestUnreachableException;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.Edit;
import org.oz4j.disk.Edit.Owned;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.remote.SshKey;

/**
 * Puts keys into an image of Windows, for its OpenSSH server.
 *
 * <p>The server reads no key that anybody but administrators and the system may read or write. It makes its folder and its
 * settings when it is first started, so without those it was never meant to run. Sources: Microsoft, "OpenSSH Server
 * configuration for Windows"; secure_file_permission of OpenSSH for Windows.
 */
final class WindowsAccess {
    private static final String SERVER = "OpenSSH/sshd.exe";
    /** Where the feature of Windows puts it, and where the installer of its makers. */
    private static final List<String> SERVERS = List.of("Windows/System32/" + SERVER, "Program Files/" + SERVER);

    private static final String FOLDER = "ProgramData/ssh";
    private static final String CONFIG = "sshd_config";
    private static final String HOST_KEY = "ssh_host_ed25519_key";
    private static final String USER_KEYS = "administrators_authorized_keys";
    private static final String PORT = "22";
    private static final String HOW = "Install it together with the system, by commands of its answer file"
            + " (FirstLogonCommands): Add-WindowsCapability -Online -Name OpenSSH.Server~~~~0.0.1.0;"
            + " Set-Service sshd -StartupType Automatic; Start-Service sshd";

    private WindowsAccess() {}

    /**
     * The edits that let us in.
     *
     * @throws GuestUnreachableException where there is no server, or one that would not take the keys
     */
    static List<Edit> edits(GuestFilesystem files, SshKey user, SshKey host) throws InterruptedException {
        boolean there = false;
        for (String server : SERVERS) {
            there |= find(files, server).isPresent();
        }
        if (!there) {
            throw new GuestUnreachableException(
                    "The image " + files.image() + " has no ssh server: there is no C:\\"
                            + SERVERS.get(0).replace('/', '\\'),
                    HOW,
                    null);
        }
        Optional<String> config = find(files, FOLDER + "/" + CONFIG);
        if (config.isEmpty()) {
            throw new GuestUnreachableException(
                    "The ssh server of the image " + files.image() + " was never started: there is no C:\\"
                            + FOLDER.replace('/', '\\') + "\\" + CONFIG,
                    HOW,
                    null);
        }
        check(files, config.get());
        String folder = GuestFilesystem.parent(config.get());
        return List.of(
                new Edit.Write(
                        in(files, folder, HOST_KEY), Bytes.of(host.openSshPrivateKey()), Owned.byAdministrators()),
                new Edit.Write(
                        in(files, folder, HOST_KEY + ".pub"),
                        Bytes.of(host.publicLine() + "\n"),
                        Owned.byAdministrators()),
                new Edit.AddLine(in(files, folder, USER_KEYS), user.publicLine(), Owned.byAdministrators()));
    }

    /** A file of that name, or its path where it is to be. */
    private static String in(GuestFilesystem files, String folder, String name) throws InterruptedException {
        return GuestFilesystem.child(folder, named(files, folder, name).orElse(name));
    }

    /** A path below the root, of whatever case: Windows makes no difference, and what reads its disk here does. */
    private static Optional<String> find(GuestFilesystem files, String path) throws InterruptedException {
        String found = "/";
        for (String part : path.split("/")) {
            Optional<String> name = named(files, found, part);
            if (name.isEmpty()) {
                return Optional.empty();
            }
            found = GuestFilesystem.child(found, name.get());
        }
        return Optional.of(found);
    }

    private static Optional<String> named(GuestFilesystem files, String folder, String name)
            throws InterruptedException {
        return files.list(folder).stream().filter(name::equalsIgnoreCase).findFirst();
    }

    /** A setting, with where it holds: the conditions of its Match, in lower case; empty for all. */
    private record Setting(String match, String name, String value) {}

    /** Whether the server's settings let our keys do; a setting that is not there is as it comes. */
    private static void check(GuestFilesystem files, String config) throws InterruptedException {
        List<Setting> settings = settings(new String(files.read(config), StandardCharsets.UTF_8));
        want(files, settings, "port", "listens on port " + PORT, PORT::equals);
        want(files, settings, "hostkey", "shows the key " + HOST_KEY, value -> ends(value, HOST_KEY));
        want(files, settings, "pubkeyauthentication", "takes keys", value -> !value.equalsIgnoreCase("no"));
        boolean administrators = settings.stream()
                .anyMatch(one -> one.match().equals("group administrators")
                        && one.name().equals("authorizedkeysfile")
                        && ends(one.value(), USER_KEYS));
        if (!administrators) {
            throw closed(files, "looks for the keys of administrators in " + USER_KEYS);
        }
    }

    private static boolean ends(String value, String name) {
        return value.toLowerCase(Locale.ROOT).replace('\\', '/').endsWith("/" + name);
    }

    private static void want(
            GuestFilesystem files, List<Setting> all, String name, String what, Predicate<String> good) {
        List<Setting> given =
                all.stream().filter(one -> one.name().equals(name)).toList();
        if (!given.isEmpty() && given.stream().noneMatch(one -> good.test(one.value()))) {
            throw closed(files, what);
        }
    }

    private static GuestUnreachableException closed(GuestFilesystem files, String what) {
        return new GuestUnreachableException(
                "The ssh server of the image " + files.image() + " is not one that " + what
                        + ", by its settings in C:\\" + FOLDER.replace('/', '\\') + "\\" + CONFIG,
                "Leave the settings that Windows comes with, or change them by the template's last command",
                null);
    }

    /** Source: sshd_config(5). */
    private static List<Setting> settings(String text) {
        List<Setting> settings = new ArrayList<>();
        String match = "";
        for (String line : text.lines().map(String::strip).toList()) {
            String[] parts = line.split("[\\s=]+", 2);
            if (line.isEmpty() || line.startsWith("#") || parts.length < 2) {
                continue;
            }
            String name = parts[0].toLowerCase(Locale.ROOT);
            String value = parts[1].strip().replace("\"", "");
            if (name.equals("match")) {
                match = value.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
            } else {
                settings.add(new Setting(match, name, value));
            }
        }
        return settings;
    }
}
