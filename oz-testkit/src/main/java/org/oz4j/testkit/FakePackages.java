package org.oz4j.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.oz4j.testkit.FakeSystem.Call;

/**
 * A package manager of a {@link FakeSystem}: installs what its repositories offer, knows what is installed, and fails in
 * the words and with the exit status of the real one where a package is unknown or another one holds the lock.
 *
 * <p>What is installed is a text file in the system's own files, in the form of dpkg and apk or a line for each package.
 * The words and statuses are meant as those of apt-get, dnf 4, yum 3, zypper, pkg (its {@code src/install.c}) and apk 2;
 * but for pkg's they were not looked up.
 * Dependencies, signatures and repositories' own files are not looked at.
 */
public final class FakePackages {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern TAG = Pattern.compile("%\\|EPOCH\\?\\{%\\{EPOCH}:}\\||%\\{(\\w+)}");
    private static final Pattern PKG_FIELD = Pattern.compile("%(\\w)");
    private static final String RPM_LIST = "/var/lib/rpm/packages";

    /** What one package manager does in its own way. */
    private enum Family {
        APT("apt-get", "/var/lib/dpkg/status", 100, 100),
        DNF("dnf", RPM_LIST, 1, 200),
        YUM("yum", RPM_LIST, 1, 1),
        ZYPPER("zypper", RPM_LIST, 104, 7),
        PKG("pkg", "/var/db/pkg/packages", 70, 75),
        APK("apk", "/lib/apk/db/installed", 1, 99);

        private final String program;
        private final String list;
        private final int unknown;
        private final int locked;

        Family(String program, String list, int unknown, int locked) {
            this.program = program;
            this.list = list;
            this.unknown = unknown;
            this.locked = locked;
        }
    }

    private final Family family;
    private final SortedMap<String, String> offered = new TreeMap<>();
    private final SortedMap<String, String> before = new TreeMap<>();
    private @Nullable VirtualTime clock;
    private Duration freeAt = Duration.ZERO;
    private @Nullable FakeSystem system;

    private FakePackages(Family family) {
        this.family = family;
    }

    /** Debian's: {@code apt-get} and {@code dpkg-query}. */
    public static FakePackages apt() {
        return new FakePackages(Family.APT);
    }

    /** Fedora's: {@code dnf} and {@code rpm}. */
    public static FakePackages dnf() {
        return new FakePackages(Family.DNF);
    }

    /** Enterprise Linux's until 7: {@code yum} and {@code rpm}. */
    public static FakePackages yum() {
        return new FakePackages(Family.YUM);
    }

    /** SUSE's: {@code zypper} and {@code rpm}. */
    public static FakePackages zypper() {
        return new FakePackages(Family.ZYPPER);
    }

    /** FreeBSD's: {@code pkg}. */
    public static FakePackages pkg() {
        return new FakePackages(Family.PKG);
    }

    /** Alpine's: {@code apk}. */
    public static FakePackages apk() {
        return new FakePackages(Family.APK);
    }

    /** A package that can be installed; of rpms, the version holds the release, as in {@code 2.12-1}. */
    public synchronized FakePackages offers(String name, String version) {
        offered.put(name, version);
        return this;
    }

    /** A package that is installed from the start. */
    public synchronized FakePackages has(String name, String version) {
        before.put(name, version);
        return this;
    }

    /**
     * Another one holds the lock for that long, as the updates that many systems begin at their first boot. Who waits by
     * itself or is told to, waits; another fails at once.
     */
    public synchronized FakePackages lockedFor(Duration time, VirtualTime of) {
        clock = of;
        freeAt = of.elapsed().plus(time);
        return this;
    }

    /** What is installed, with its version. */
    public SortedMap<String, String> installed() throws InterruptedException {
        SortedMap<String, String> all = new TreeMap<>();
        FakeSystem owner = owner();
        if (owner.files().exists(family.list)) {
            String text = new String(owner.files().read(family.list), StandardCharsets.UTF_8);
            String between = family == Family.APT || family == Family.APK ? "\n\n" : "\n";
            for (String entry : text.split(between, -1)) {
                read(entry).ifPresent(both -> all.put(both[0], both[1]));
            }
        }
        return all;
    }

    private FakeSystem owner() {
        if (system == null) {
            throw new IllegalStateException("FakeSystem.packages gives a package manager to a system");
        }
        return system;
    }

    private Optional<String[]> read(String entry) {
        return switch (family) {
            case APT -> both(entry, "Package: ", "Version: ");
            case APK -> both(entry, "P:", "V:");
            default -> Optional.of(entry.split("\t", 2)).filter(parts -> parts.length == 2);
        };
    }

    private static Optional<String[]> both(String entry, String name, String version) {
        String[] found = new String[2];
        entry.lines().forEach(line -> {
            if (line.startsWith(name)) {
                found[0] = line.substring(name.length());
            } else if (line.startsWith(version)) {
                found[1] = line.substring(version.length());
            }
        });
        return found[0] == null || found[1] == null ? Optional.empty() : Optional.of(found);
    }

    private void keep(SortedMap<String, String> all) throws InterruptedException {
        StringBuilder text = new StringBuilder();
        all.forEach((name, version) -> text.append(
                switch (family) {
                    case APT ->
                        "Package: " + name + "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " + version
                                + "\nMaintainer: The Testers <t@example.org>\n\n";
                    case APK -> "P:" + name + "\nV:" + version + "\nA:x86_64\no:" + name + "\nL:MIT\n\n";
                    default -> name + "\t" + version + "\n";
                }));
        FakeSystem owner = owner();
        owner.makeFolders(family.list.substring(0, family.list.lastIndexOf('/')));
        owner.write(family.list, new byte[0], text.toString().getBytes(StandardCharsets.UTF_8));
    }

    void installInto(FakeSystem owner) throws InterruptedException {
        system = owner;
        keep(before);
        owner.program(family.program, this::run);
        switch (family) {
            case APT -> owner.program("dpkg-query", this::dpkgQuery);
            case APK -> owner.program("awk", this::awk);
            case PKG -> {}
            default -> owner.program("rpm", this::rpm);
        }
    }

    /** The package manager itself. */
    private int run(Call call) throws InterruptedException {
        List<String> words = new ArrayList<>();
        boolean options = true;
        for (int i = 0; i < call.arguments().size(); i++) {
            String word = call.arguments().get(i);
            boolean takesValue =
                    Set.of("-o", "--wait", "--from", "-r", "--repository").contains(word);
            if (options && word.equals("--")) {
                options = false;
            } else if (options && takesValue) {
                i++;
            } else if (!options || !word.startsWith("-")) {
                words.add(word);
            }
        }
        String command = words.isEmpty() ? "" : words.get(0);
        if (family == Family.PKG && command.equals("query")) {
            return pkgQuery(words.get(words.size() - 1), call);
        }
        Optional<Integer> blocked = awaitLock(call);
        if (blocked.isPresent()) {
            return blocked.get();
        }
        return switch (command) {
            case "install", "localinstall", "add", "in" -> install(words.subList(1, words.size()), call);
            case "update", "makecache", "refresh", "clean" -> {
                call.prints("Done");
                yield 0;
            }
            default -> {
                call.complains(family.program + ": the fake knows no command '" + command + "'");
                yield 2;
            }
        };
    }

    private synchronized Optional<Integer> awaitLock(Call call) {
        VirtualTime time = clock;
        if (time == null || time.elapsed().compareTo(freeAt) >= 0) {
            return Optional.empty();
        }
        Duration left = freeAt.minus(time.elapsed());
        Duration patience = patience(call);
        if (patience.compareTo(left) >= 0) {
            call.prints(
                    switch (family) {
                        case APT ->
                            "Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by"
                                    + " process 1234 (apt-get)...";
                        case DNF -> "Waiting for process with pid 1234 to finish.";
                        case YUM -> "Another app is currently holding the yum lock; waiting for it to exit...";
                        default -> "Waiting for the lock";
                    });
            time.advance(left);
            return Optional.empty();
        }
        time.advance(patience);
        call.complains(
                switch (family) {
                    case APT ->
                        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt-get)";
                    case ZYPPER -> "System management is locked by the application with pid 1234 (zypper).";
                    case PKG -> "pkg: Cannot get an advisory lock on a database, it is locked by another process";
                    case APK -> "ERROR: Unable to lock database: temporary error (try again later)";
                    default -> "Another process holds the lock";
                });
        return Optional.of(family.locked);
    }

    /** How long it waits for the lock. */
    private Duration patience(Call call) {
        Map<String, String> environment = call.environment();
        return switch (family) {
            case APT ->
                seconds(call.arguments().stream()
                        .filter(word -> word.startsWith("DPkg::Lock::Timeout="))
                        .map(word -> word.substring(word.indexOf('=') + 1))
                        .findFirst());
            case DNF, YUM -> Duration.ofDays(1);
            case ZYPPER -> seconds(Optional.ofNullable(environment.get("ZYPP_LOCK_TIMEOUT")));
            case PKG ->
                seconds(Optional.ofNullable(environment.get("LOCK_RETRIES")))
                        .multipliedBy(seconds(Optional.of(environment.getOrDefault("LOCK_WAIT", "1")))
                                .toSeconds());
            case APK -> {
                int wait = call.arguments().indexOf("--wait");
                yield wait < 0
                        ? Duration.ZERO
                        : seconds(Optional.of(call.arguments().get(wait + 1)));
            }
        };
    }

    private static Duration seconds(Optional<String> text) {
        return text.map(number -> Duration.ofSeconds(Long.parseLong(number))).orElse(Duration.ZERO);
    }

    private synchronized int install(List<String> wanted, Call call) throws InterruptedException {
        SortedMap<String, String> all = installed();
        List<String> unknown = wanted.stream()
                .filter(name -> !offered.containsKey(name) && !all.containsKey(name))
                .toList();
        if (!unknown.isEmpty()) {
            unknown.forEach(name -> complain(name, call));
            boolean passesOver = family == Family.YUM && unknown.size() < wanted.size();
            if (!passesOver) {
                return family.unknown;
            }
        }
        for (String name : wanted) {
            if (all.containsKey(name)) {
                call.prints(
                        family == Family.APT
                                ? name + " is already the newest version (" + all.get(name) + ")."
                                : "Package " + name + " is already installed.");
            } else if (offered.containsKey(name)) {
                call.prints(
                        switch (family) {
                            case APT -> "Setting up " + name + " (" + offered.get(name) + ") ...";
                            case APK -> "(1/1) Installing " + name + " (" + offered.get(name) + ")";
                            default -> "Installing " + name + "-" + offered.get(name);
                        });
                all.put(name, offered.get(name));
            }
        }
        keep(all);
        return 0;
    }

    private void complain(String name, Call call) {
        switch (family) {
            case APT -> call.complains("E: Unable to locate package " + name);
            case DNF -> {
                call.prints("No match for argument: " + name);
                call.complains("Error: Unable to find a match: " + name);
            }
            case YUM -> call.prints("No package " + name + " available.");
            case ZYPPER -> call.complains("No provider of '" + name + "' found.");
            case PKG ->
                call.complains("pkg: No packages available to install matching '" + name
                        + "' have been found in the repositories");
            case APK ->
                call.complains("ERROR: unable to select packages:\n  " + name
                        + " (no such package):\n    required by: world[" + name + "]");
        }
    }

    private int dpkgQuery(Call call) throws InterruptedException {
        String format = "${Package}\t${Version}\n";
        List<String> names = new ArrayList<>();
        for (String word : call.arguments()) {
            if (word.startsWith("--showformat=") || word.startsWith("-f=")) {
                format = word.substring(word.indexOf('=') + 1);
            } else if (!word.startsWith("-")) {
                names.add(word);
            }
        }
        String plain = format.replace("\\t", "\t").replace("\\n", "\n");
        return query(names, call, "dpkg-query: no packages found matching ", (name, version) -> VARIABLE.matcher(plain)
                .replaceAll(field -> switch (field.group(1)) {
                    case "db:Status-Status" -> "installed";
                    case "Package", "binary:Package", "source:Package" -> name;
                    case "Version", "source:Version" -> version;
                    case "Architecture" -> "amd64";
                    default -> "";
                }));
    }

    private int rpm(Call call) throws InterruptedException {
        String format = "%{NAME}-%{VERSION}-%{RELEASE}\n";
        List<String> names = new ArrayList<>();
        for (int i = 0; i < call.arguments().size(); i++) {
            String word = call.arguments().get(i);
            if (word.equals("--queryformat") || word.equals("--qf")) {
                format = call.arguments().get(++i);
            } else if (!word.startsWith("-")) {
                names.add(word);
            }
        }
        String plain = format.replace("\\t", "\t").replace("\\n", "\n");
        return query(names, call, "package is not installed: ", (name, version) -> {
            int dash = version.indexOf('-');
            return TAG.matcher(plain).replaceAll(tag -> switch (tag.group(1) == null ? "" : tag.group(1)) {
                case "NAME" -> name;
                case "VERSION" -> dash < 0 ? version : version.substring(0, dash);
                case "RELEASE" -> dash < 0 ? "1" : version.substring(dash + 1);
                case "ARCH" -> "x86_64";
                case "" -> "";
                default -> "(none)";
            });
        });
    }

    private int pkgQuery(String format, Call call) throws InterruptedException {
        return query(
                List.of(),
                call,
                "",
                (name, version) -> PKG_FIELD.matcher(format).replaceAll(field -> switch (field.group(1)) {
                            case "n" -> name;
                            case "v" -> version;
                            case "q" -> "FreeBSD:14:amd64";
                            case "o" -> "misc/" + name;
                            default -> "";
                        })
                        + "\n");
    }

    /** The one program by which Oz reads apk's database, a line for each record. */
    private int awk(Call call) throws InterruptedException {
        return query(
                List.of(),
                call,
                "",
                (name, version) -> String.join("\t", name, version, "x86_64", name, "", "MIT", "") + "\n");
    }

    private interface Shown {
        String of(String name, String version);
    }

    private int query(List<String> names, Call call, String unknown, Shown shown) throws InterruptedException {
        SortedMap<String, String> all = installed();
        int status = 0;
        for (String name : names.isEmpty() ? new ArrayList<>(all.keySet()) : names) {
            String version = all.get(name);
            if (version == null) {
                call.complains(unknown + name);
                status = 1;
            } else {
                call.copies(shown.of(name, version).getBytes(StandardCharsets.UTF_8));
            }
        }
        return status;
    }
}
