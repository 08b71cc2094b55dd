package org.oz4j.remote;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A POSIX shell, and root. */
public record PosixDialect() implements GuestDialect {
    private static final Pattern RESTART =
            Pattern.compile("(?m)^\\s*([a-z/]*/)?(reboot|shutdown\\s+-r\\b.*|systemctl\\s+reboot|init\\s+6)\\s*\\z");

    /** systemctl(1): is-system-running waits for the boot to end, and fails where a unit has failed. */
    private static final String SETTLE = "if command -v systemctl >/dev/null; then"
            + " systemctl is-system-running --wait || { systemctl list-units --failed --plain --no-legend; exit 1; }; fi";

    @Override
    public String administrator() {
        return "root";
    }

    @Override
    public String command(Map<String, String> variables, List<String> words) {
        List<String> command = new ArrayList<>();
        if (!variables.isEmpty()) {
            command.add("env");
            new TreeMap<>(variables).forEach((name, value) -> command.add(name + "=" + value));
        }
        command.addAll(words);
        return ShellWords.command(command);
    }

    @Override
    public String text(String text) {
        return text;
    }

    @Override
    public String write(String path, String mode) {
        String file = ShellWords.quote(path);
        return "mkdir -p " + ShellWords.quote(folder(path)) + " && if [ -e " + file + " ]; then cat >" + file
                + "; else umask 077 && cat >" + file + " && chmod " + mode + " " + file + "; fi";
    }

    private static String folder(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    @Override
    public String read(String path) {
        return ShellWords.command(List.of("cat", "--", path));
    }

    @Override
    public String remove(Collection<String> paths) {
        List<String> words = new ArrayList<>(List.of("rm", "-f", "--"));
        words.addAll(paths);
        return ShellWords.command(words);
    }

    @Override
    public String scriptFile(String token) {
        return "/tmp/oz-" + token + "/script";
    }

    /** A script without #! is run by the shell itself; its status outlives the cleaning up. */
    @Override
    public String runScript(String file) {
        return "cd / && " + file + "; status=$?; rm -rf " + folder(file) + "; exit $status";
    }

    @Override
    public String sync() {
        return "sync";
    }

    @Override
    public String settle() {
        return SETTLE;
    }

    /** Source: Linux' random(4), or FreeBSD's sysctl(3). */
    @Override
    public String bootIdentity() {
        return "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime";
    }

    @Override
    public boolean restarts(String script) {
        return RESTART.matcher(script.strip()).find();
    }

    @Override
    public String powerOff() {
        return "poweroff";
    }

    @Override
    public String shown(String text) {
        return text;
    }
}
