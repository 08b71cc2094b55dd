package org.oz4j.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.oz4j.HostSetupException;
import org.oz4j.host.Commands;

/** Finds out whether the host has what Oz needs, and installs what is missing. */
final class Doctor {
    /** How a check came out. */
    enum Status {
        /** It is there. */
        OK,
        /** It is not there, and nothing goes without it. */
        MISSING,
        /** It could be better. */
        NOTE
    }

    /**
     * One thing that was looked at.
     *
     * @param name what
     * @param status how it came out
     * @param detail for people
     * @param packages the Debian packages that would mend it
     * @param command a command that would mend it, where packages don't; empty where there is none
     */
    record Check(String name, Status status, String detail, List<String> packages, List<String> command) {
        Check(String name, Status status, String detail, List<String> packages) {
            this(name, status, detail, packages, List.of());
        }
    }

    /** All that was looked at. */
    record Report(List<Check> checks) {
        /** Whether Oz can work here. */
        boolean ready() {
            return checks.stream().noneMatch(check -> check.status() == Status.MISSING);
        }

        /** The packages whose lack is in the way. */
        List<String> packages() {
            return checks.stream()
                    .filter(check -> check.status() == Status.MISSING)
                    .flatMap(check -> check.packages().stream())
                    .distinct()
                    .toList();
        }
    }

    private static final long LEAST_FREE = 2L << 30;
    private static final long GOOD_FREE = 10L << 30;
    private static final Duration APT_LIMIT = Duration.ofMinutes(20);

    // fields of group(5) and passwd(5)
    private static final int GROUP_ID = 2;
    private static final int MEMBERS = 3;
    private static final int USERS_GROUP = 3;

    private final Host host;
    private final Backend backend;

    Doctor(Host host, Backend backend) {
        this.host = host;
        this.backend = backend;
    }

    /** Looks at everything; images will go to that folder. */
    Report examine(Path images) {
        List<Check> checks = new ArrayList<>();
        checks.add(java());
        for (HostPackages.Need need : HostPackages.NEEDS) {
            checks.add(check(need));
        }
        if (host.superuser()) {
            checks.add(systemUser());
        }
        checks.add(tinyLinux());
        checks.add(kvm());
        checks.add(space(images));
        return new Report(checks);
    }

    /** The commands, as a user types them, that install what is missing; empty where nothing is. */
    String fixLine(Report report) {
        return fixCommands(report).stream()
                .map(command -> String.join(" ", command))
                .collect(Collectors.joining(" && "));
    }

    private List<List<String>> fixCommands(Report report) {
        List<List<String>> commands = new ArrayList<>();
        if (!report.packages().isEmpty()) {
            commands.addAll(HostPackages.installCommands(host.superuser(), report.packages()));
        }
        report.checks().stream()
                .filter(check -> check.status() != Status.OK && !check.command().isEmpty())
                .forEach(check -> commands.add(check.command()));
        return commands;
    }

    /**
     * Installs what is missing.
     *
     * @throws HostSetupException where apt-get fails, with its last words
     */
    void fix(Report report) throws InterruptedException {
        for (List<String> command : fixCommands(report)) {
            Commands.Result result = host.run(command, APT_LIMIT);
            if (result.status() != 0) {
                String words = Stream.concat(
                                result.output().lines(), result.errors().lines())
                        .filter(line -> line.startsWith("E:") || line.startsWith("sudo:"))
                        .collect(Collectors.joining(" "));
                throw new HostSetupException(
                        "The command '" + String.join(" ", command) + "' failed with status " + result.status() + ": "
                                + (words.isEmpty() ? result.errors().strip() : words),
                        "Run it as root and correct what it names",
                        List.of(),
                        null);
            }
        }
    }

    private static Check java() {
        int feature = Runtime.version().feature();
        return feature >= 17
                ? new Check("Java", Status.OK, Runtime.version().toString(), List.of())
                : new Check(
                        "Java",
                        Status.MISSING,
                        feature + " is too old; 17 is needed",
                        List.of("openjdk-17-jdk-headless"));
    }

    private Check check(HostPackages.Need need) {
        if (need.there().test(host)) {
            return new Check(need.name(), Status.OK, need.purpose(), List.of());
        }
        return new Check(
                need.name(),
                need.required() ? Status.MISSING : Status.NOTE,
                "not installed; " + need.purpose(),
                List.of(need.debianPackage()));
    }

    /**
     * Debian's libvirt looks that user up when root opens its QEMU driver, even where machines run as root. It is made such
     * as the package libvirt-daemon-system makes it, which leaves one that is there as it is: in the group kvm, or libvirt's
     * own machines could not use KVM.
     */
    private Check systemUser() {
        String name = "libvirt-qemu";
        Optional<String[]> user = entry("etc/passwd", name);
        Optional<String[]> kvm = entry("etc/group", "kvm");
        if (user.isEmpty()) {
            List<String> command = new ArrayList<>(List.of("useradd", "--system", "--user-group", "--no-create-home"));
            command.addAll(List.of("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"));
            kvm.ifPresent(group -> command.addAll(List.of("--groups", "kvm")));
            command.add(name);
            return new Check(
                    "user " + name,
                    Status.MISSING,
                    "not there; libvirt looks it up when root runs machines",
                    List.of(),
                    command);
        }
        boolean member = kvm.isEmpty()
                || kvm.get()[GROUP_ID].equals(user.get()[USERS_GROUP])
                || List.of(kvm.get()[MEMBERS].split(",")).contains(name);
        return member
                ? new Check("user " + name, Status.OK, "libvirt looks it up when root runs machines", List.of())
                : new Check(
                        "user " + name,
                        Status.NOTE,
                        "not in the group kvm, so that machines of the system's libvirt, where it runs them as that user,"
                                + " can't use KVM",
                        List.of(),
                        List.of("usermod", "--append", "--groups", "kvm", name));
    }

    /** The fields of what has that name in a file of passwd(5) or group(5). */
    private Optional<String[]> entry(String file, String name) {
        return host.text(file)
                .lines()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields[0].equals(name) && fields.length > MEMBERS)
                .findFirst();
    }

    private Check tinyLinux() {
        List<String> missing = backend.packagesMissingForTinyLinux();
        return missing.isEmpty()
                ? new Check("TinyLinux", Status.OK, "can be built here", List.of())
                : new Check(
                        "TinyLinux",
                        Status.MISSING,
                        "quickstart builds it; without " + String.join(", ", missing),
                        missing);
    }

    /** A device that is there proves nothing: where the processor shows no vmx or svm, stock kernels hang under it. */
    private Check kvm() {
        if (!host.hasFile("dev/kvm")) {
            return kvm("not there, so guests run in software (TCG), about ten times slower");
        }
        if (!host.canUse("dev/kvm")) {
            return kvm("/dev/kvm is there, and you may not use it (group kvm), so guests run in software (TCG)");
        }
        String processor = host.text("proc/cpuinfo");
        if (!processor.contains(" vmx") && !processor.contains(" svm")) {
            return kvm("/dev/kvm is there, but the processor shows no vmx or svm: a paravirtual KVM, under which stock"
                    + " kernels hang. Guests run in software (TCG)");
        }
        return new Check("KVM", Status.OK, "/dev/kvm can be used", List.of());
    }

    private static Check kvm(String why) {
        return new Check("KVM", Status.NOTE, why, List.of());
    }

    private Check space(Path images) {
        long free = host.freeBytes(images);
        String detail = Texts.size(free) + " free at " + images;
        if (free < LEAST_FREE) {
            return new Check(
                    "Disk space", Status.MISSING, detail + "; " + Texts.size(LEAST_FREE) + " are needed", List.of());
        }
        return new Check(
                "Disk space",
                free < GOOD_FREE ? Status.NOTE : Status.OK,
                free < GOOD_FREE ? detail + "; a big system takes " + Texts.size(GOOD_FREE) : detail,
                List.of());
    }
}
