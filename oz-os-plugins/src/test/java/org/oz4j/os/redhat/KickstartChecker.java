package org.oz4j.os.redhat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads a kickstart file as the installer of a Fedora would, and tells what it refuses or warns of: commands and options that
 * it does not know yet or no more, deprecated ones, sections without an end, what is there twice or missing.
 *
 * <p>Source of the tables: pykickstart's documentation of commands and sections ("Added in", "Changed in", "Deprecated in",
 * "Removed in") and its handlers by version; for levels below 3 (see {@code Anaconda}) the kickstart chapters of the
 * Customization Guides of Red Hat Linux 7.0 to 9 and Enterprise Linux 2.1 and 3. Enterprise Linux 5 alone has {@code key}.
 */
final class KickstartChecker {
    private static final int ALWAYS = -3;
    private static final int NEVER = 1000;

    /**
     * A command.
     *
     * @param from the first level that knows it
     * @param to the first that knows it no more, or warns of it
     * @param least how many words beside options it takes at least
     * @param most how many it takes at most
     * @param often whether it may be there more than once
     * @param options by name: the levels that know it, and whether it takes a value
     */
    private record Command(int from, int to, int least, int most, boolean often, Map<String, Option> options) {}

    private record Option(int from, int to, boolean value) {}

    private static final Map<String, Command> COMMANDS = new TreeMap<>();

    private static void command(String name, int from, int to, int least, int most, boolean often, String... options) {
        Map<String, Option> known = new HashMap<>();
        for (String text : options) {
            // --name[=][from[..to]]
            String[] parts = text.split(" ");
            int first = parts.length > 1 ? Integer.parseInt(parts[1]) : ALWAYS;
            int last = parts.length > 2 ? Integer.parseInt(parts[2]) : NEVER;
            known.put(parts[0].replace("=", ""), new Option(first, last, parts[0].endsWith("=")));
        }
        COMMANDS.put(name, new Command(from, to, least, most, often, known));
    }

    static {
        command("install", ALWAYS, 28, 0, 0, false); // deprecated by 29 and Enterprise Linux 8
        command("upgrade", ALWAYS, 20, 0, 0, false, "--root-device= 11");
        command("text", ALWAYS, NEVER, 0, 0, false, "--non-interactive 26");
        command("cmdline", 1, NEVER, 0, 0, false);
        command("graphical", 3, NEVER, 0, 0, false, "--non-interactive 26");
        command("interactive", ALWAYS, 14, 0, 0, false);
        command("autostep", ALWAYS, 34, 0, 0, false, "--autoscreenshot 3");
        command("reboot", ALWAYS, NEVER, 0, 0, false, "--eject 6", "--kexec 23");
        command("poweroff", 3, NEVER, 0, 0, false, "--eject 6");
        command("halt", 3, NEVER, 0, 0, false, "--eject 6");
        command("shutdown", 3, NEVER, 0, 0, false, "--eject 6");
        command("firstboot", 3, NEVER, 0, 0, false, "--disable", "--disabled", "--enable", "--enabled", "--reconfig");
        command("cdrom", ALWAYS, NEVER, 0, 0, false);
        command(
                "url",
                ALWAYS,
                NEVER,
                0,
                0,
                false,
                "--url=",
                "--proxy= 13",
                "--noverifyssl 14",
                "--mirrorlist= 18",
                "--metalink= 27",
                "--sslcacert= 30");
        command("nfs", ALWAYS, NEVER, 0, 0, false, "--server=", "--dir=", "--opts= 6");
        command("harddrive", ALWAYS, NEVER, 0, 0, false, "--partition=", "--dir=");
        command("repo", 6, NEVER, 0, 0, true, "--name=", "--baseurl=", "--mirrorlist=", "--cost= 11", "--proxy= 13");
        command("lang", ALWAYS, NEVER, 1, 1, false, "--addsupport= 19");
        command("langsupport", -2, 5, 0, 99, false, "--default=");
        command("keyboard", ALWAYS, NEVER, 0, 1, false, "--vckeymap= 18", "--xlayouts= 18", "--switch= 18");
        command("mouse", ALWAYS, 3, 1, 1, false, "--device=", "--emulthree");
        command("skipx", ALWAYS, NEVER, 0, 0, false);
        command(
                "timezone",
                ALWAYS,
                NEVER,
                1,
                1,
                false,
                "--utc",
                "--isUtc 4 33",
                "--nontp 18 33",
                "--ntpservers= 18 33");
        command(
                "network",
                ALWAYS,
                NEVER,
                0,
                0,
                true,
                "--bootproto=",
                "--device= -1",
                "--hostname= 0",
                "--ip=",
                "--netmask=",
                "--gateway=",
                "--nameserver=",
                "--nodns 0",
                "--onboot= 3",
                "--activate 15",
                "--noipv6 7");
        command(
                "firewall",
                -2,
                NEVER,
                0,
                0,
                false,
                "--high -2 1",
                "--medium -2 1",
                "--dhcp -2 1",
                "--ssh",
                "--enabled 1",
                "--enable 3",
                "--disabled",
                "--disable 3",
                "--trust=",
                "--port=",
                "--service= 10");
        command("auth", ALWAYS, 28, 0, 0, false, "--useshadow", "--enableshadow 1", "--enablemd5", "--passalgo= 6");
        command("authselect", 28, NEVER, 1, 9, false);
        command("rootpw", ALWAYS, NEVER, 1, 1, false, "--iscrypted", "--lock 8", "--plaintext 8", "--allow-ssh 37");
        command("user", 6, NEVER, 0, 0, true, "--name=", "--password=", "--iscrypted", "--groups=", "--gecos= 12");
        command("sshkey", 22, NEVER, 1, 1, true, "--username=");
        command("selinux", 3, NEVER, 0, 0, false, "--enforcing", "--permissive", "--disabled");
        command("services", 6, NEVER, 0, 0, false, "--enabled=", "--disabled=");
        command("ignoredisk", 3, NEVER, 0, 0, false, "--drives=", "--only-use= 8", "--interactive 13 29");
        command("zerombr", ALWAYS, NEVER, 0, 1, false);
        command(
                "clearpart",
                ALWAYS,
                NEVER,
                0,
                0,
                false,
                "--all",
                "--linux",
                "--none 3",
                "--initlabel 0",
                "--drives= 0");
        command("autopart", 0, NEVER, 0, 0, false, "--type= 17", "--nohome 26", "--nolvm 16", "--encrypted 6");
        command(
                "part",
                ALWAYS,
                NEVER,
                1,
                1,
                true,
                "--size=",
                "--grow",
                "--maxsize=",
                "--ondisk=",
                "--onpart=",
                "--asprimary",
                "--fstype= -1",
                "--noformat -1",
                "--recommended 0",
                "--label= 4");
        command("volgroup", 0, NEVER, 2, 99, true, "--pesize= 3", "--useexisting 3", "--noformat 3");
        command(
                "logvol",
                0,
                NEVER,
                1,
                1,
                true,
                "--vgname=",
                "--name=",
                "--size=",
                "--grow",
                "--fstype=",
                "--percent= 3");
        command("reqpart", 23, NEVER, 0, 0, false, "--add-boot");
        command("lilo", ALWAYS, 0, 0, 0, false, "--location=", "--append=", "--linear");
        command(
                "bootloader",
                -1,
                NEVER,
                0,
                0,
                false,
                "--location=",
                "--append=",
                "--driveorder= 3",
                "--timeout= 8",
                "--boot-drive= 17",
                "--upgrade -1 29",
                "--useLilo -1 1",
                "--lba32 -1 12");
        command("key", 6, 7, 0, 1, false, "--skip");
    }

    /** The sections: whether there may be several, and from which level on they take an option. */
    private static final Map<String, Map<String, Integer>> SECTIONS = Map.of(
            "%packages", Map.of("--resolvedeps", ALWAYS, "--nobase", 6, "--ignoremissing", 0, "--exclude-weakdeps", 32),
            "%pre", Map.of("--interpreter", ALWAYS, "--erroronfail", 6, "--log", 6),
            "%post", Map.of("--interpreter", ALWAYS, "--nochroot", ALWAYS, "--erroronfail", 6, "--log", 6),
            "%onerror", Map.of("--interpreter", 24),
            "%traceback", Map.of("--interpreter", 6));

    private static final int RESOLVEDEPS_GONE = 3;
    private static final int NOBASE_GONE = 18;
    private static final int END = 8;

    private final int level;
    private final boolean key;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<String>> sections = new TreeMap<>();
    private final Map<String, List<List<String>>> commands = new TreeMap<>();

    private KickstartChecker(int level, boolean key) {
        this.level = level;
        this.key = key;
    }

    /**
     * What is found.
     *
     * @param problems what the installer refuses or warns of, with the line's number
     * @param commands the words of the commands, by name
     * @param sections the lines of the sections, by their header, such as {@code %post --erroronfail}
     */
    record Report(
            List<String> problems, Map<String, List<List<String>>> commands, Map<String, List<String>> sections) {}

    /**
     * Reads a file.
     *
     * @param level of the installer
     * @param key whether it knows {@code key}
     */
    static Report check(String text, int level, boolean key) {
        KickstartChecker checker = new KickstartChecker(level, key);
        checker.read(text.lines().toList());
        return new Report(checker.problems, checker.commands, checker.sections);
    }

    private void read(List<String> lines) {
        String section = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String at = "line " + (i + 1) + " '" + line + "': ";
            if (line.startsWith("%end")) {
                if (level < END || section.isEmpty()) {
                    problems.add(at + "ends nothing");
                }
                section = "";
            } else if (line.startsWith("%")) {
                if (!section.isEmpty() && level >= END) {
                    problems.add(at + section + " has no %end");
                }
                section = line;
                begin(line, at);
            } else if (!section.isEmpty()) {
                sections.computeIfAbsent(section, any -> new ArrayList<>()).add(line);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                command(line, at);
            }
        }
        if (!section.isEmpty() && level >= END) {
            problems.add(section + " has no %end");
        }
        required();
    }

    private void begin(String line, String at) {
        List<String> words = List.of(line.split(" "));
        Map<String, Integer> options = SECTIONS.get(words.get(0));
        if (options == null) {
            problems.add(at + "unknown section");
        } else {
            for (String option : words.subList(1, words.size())) {
                int gone = option.equals("--resolvedeps")
                        ? RESOLVEDEPS_GONE
                        : option.equals("--nobase") ? NOBASE_GONE : NEVER;
                if (options.getOrDefault(option, NEVER) > level || level >= gone) {
                    problems.add(at + "unknown option " + option);
                }
            }
        }
        if (sections.keySet().stream().anyMatch(other -> other.split(" ")[0].equals(words.get(0)))) {
            problems.add(at + "a second " + words.get(0));
        }
        sections.put(line, new ArrayList<>());
    }

    private void command(String line, String at) {
        List<String> words;
        try {
            words = words(line);
        } catch (IllegalArgumentException e) {
            problems.add(at + e.getMessage());
            return;
        }
        String name = words.get(0);
        Command command = COMMANDS.get(name);
        if (command == null || level < command.from() || level >= command.to() || (name.equals("key") && !key)) {
            problems.add(at + "unknown or deprecated command " + name);
            return;
        }
        if (commands.containsKey(name) && !command.often()) {
            problems.add(at + "a second " + name);
        }
        commands.computeIfAbsent(name, any -> new ArrayList<>()).add(words.subList(1, words.size()));
        int more = 0;
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                more++;
                continue;
            }
            int equals = word.indexOf('=');
            String option = equals < 0 ? word : word.substring(0, equals);
            Option known = command.options().get(option);
            if (known == null || level < known.from() || level >= known.to()) {
                problems.add(at + "unknown or deprecated option " + option);
            } else if (known.value() != (equals >= 0)) {
                problems.add(at + option + (known.value() ? " has no value" : " has a value"));
            } else if (equals == word.length() - 1) {
                problems.add(at + option + " has an empty value");
            }
            if (!seen.add(option)) {
                problems.add(at + option + " twice");
            }
        }
        if (more < command.least() || more > command.most()) {
            problems.add(at + more + " words beside options");
        }
        if (name.equals("zerombr") && (more == 1) != (level < 9)) {
            problems.add(at + "'yes' is needed before Fedora 9, and deprecated since");
        }
    }

    private void required() {
        for (String name : List.of("lang", "keyboard", "rootpw", "timezone", "clearpart", "zerombr", "network")) {
            need(name);
        }
        need(level < -1 ? "lilo" : "bootloader");
        need("url", "cdrom", "nfs", "harddrive");
        need("part", "autopart");
        need("text", "cmdline");
        need("reboot", "poweroff");
        if (level < 28) {
            need("auth");
        }
        if (level >= -2 && level < 5) {
            need("langsupport");
        }
        if (level < 3) {
            need("mouse");
        }
        if (level >= 18
                && commands.getOrDefault("keyboard", List.of()).stream()
                        .flatMap(List::stream)
                        .noneMatch(word -> word.startsWith("--"))) {
            problems.add("keyboard tells neither --vckeymap nor --xlayouts");
        }
        if (!sections.keySet().stream().anyMatch(header -> header.startsWith("%packages"))) {
            problems.add("no %packages");
        }
        Set<String> groups = new HashSet<>();
        commands.getOrDefault("volgroup", List.of()).forEach(words -> groups.add(words.get(0)));
        commands.getOrDefault("logvol", List.of()).stream()
                .flatMap(List::stream)
                .filter(word -> word.startsWith("--vgname=") && !groups.contains(word.substring(9)))
                .forEach(word -> problems.add("no volgroup for " + word));
    }

    private void need(String... names) {
        List<String> there =
                List.of(names).stream().filter(commands::containsKey).toList();
        if (there.size() != 1) {
            problems.add("needs one of " + List.of(names) + ", has " + there);
        }
    }

    /** Words as Python's shlex takes them: quotes, and a backslash before any sign, but between single quotes. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean open = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char sign = line.charAt(i);
            if (quote == '\'' && sign != quote) {
                word.append(sign);
            } else if (sign == '\\') {
                char next = i + 1 < line.length() ? line.charAt(++i) : 0;
                word.append(quote == '"' && next != '"' && next != '\\' ? "\\" + next : String.valueOf(next));
                open = true;
            } else if (quote != 0 && sign == quote) {
                quote = 0;
            } else if (quote == 0 && (sign == '\'' || sign == '"')) {
                quote = sign;
                open = true;
            } else if (quote == 0 && (sign == ' ' || sign == '\t')) {
                if (open) {
                    words.add(word.toString());
                }
                word.setLength(0);
                open = false;
            } else if (quote == 0 && sign == '#') {
                break;
            } else {
                word.append(sign);
                open = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("no closing quotation");
        }
        if (open) {
            words.add(word.toString());
        }
        return words;
    }

    /** Words as popt takes them, which read the commands before Fedora Core 3. */
    static List<String> poptWords(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean open = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char sign = line.charAt(i);
            if (quote == sign && quote != 0) {
                quote = 0;
            } else if (quote != 0) {
                if (sign == '\\') {
                    sign = line.charAt(++i);
                    if (sign != quote) {
                        word.append('\\');
                    }
                }
                word.append(sign);
            } else if (sign == ' ' || sign == '\t') {
                if (open) {
                    words.add(word.toString());
                }
                word.setLength(0);
                open = false;
            } else if (sign == '"' || sign == '\'') {
                quote = sign;
                open = true;
            } else {
                word.append(sign == '\\' ? line.charAt(++i) : sign);
                open = true;
            }
        }
        if (open) {
            words.add(word.toString());
        }
        return words;
    }
}
