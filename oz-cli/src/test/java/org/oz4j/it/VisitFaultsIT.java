package org.oz4j.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.host.Commands;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Faults at random moments of customising, with the real program and a real guest, and the run after each.
 *
 * <p>In CI on the embedded driver, where libvirt is part of our own process: killing the one is killing the other. With a
 * daemon of libvirt, which is killed too, where {@code -Doz.it.excluded=none} asks for it.
 */
@Tag("vm")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class VisitFaultsIT {
    // one of each; -Doz.faults says how many
    private static final int ROUNDS = Integer.getInteger("oz.faults", Fault.WITHOUT_DAEMON.size());
    private static final int MEMORY = 256;
    private static final String NAME = "hit";
    private static final long PARTITION = 1 << 20; // where the tiny Linux has its file system
    private static final Duration LIMIT = Duration.ofMinutes(6);
    private static final long TICK = 50;

    enum Fault {
        /** QEMU outlives it. */
        KILLED_PROGRAM,
        KILLED_MACHINE,
        /** All that the program writes is on it. */
        FULL_DISK,
        PANIC("echo c >/proc/sysrq-trigger"),
        /** The guest's ssh server stops to answer, and its connections stay open. */
        SILENT_SERVER("killall -STOP dropbear"),
        /** It is there again when the next run begins. */
        KILLED_DAEMON,
        /** It is there again at once. */
        RESTARTED_DAEMON;

        static final List<Fault> WITHOUT_DAEMON =
                List.of(KILLED_PROGRAM, KILLED_MACHINE, FULL_DISK, PANIC, SILENT_SERVER);
        static final List<Fault> OF_DAEMON = List.of(KILLED_DAEMON, RESTARTED_DAEMON);

        private final String inGuest;

        Fault() {
            this("");
        }

        Fault(String inGuest) {
            this.inGuest = inGuest;
        }
    }

    /** How long a customising takes from its start, in milliseconds: until it changes things, until that is done, in all. */
    private record Pace(long changes, long changed, long ends) {
        /** When that fault is to come: in the guest counted from the first command. */
        long moment(Fault fault, Random random) {
            return random.nextLong(1 + (fault.inGuest.isEmpty() ? ends : changed - changes));
        }
    }

    @TempDir
    static Path folder;

    private static Path iso = Path.of("not built yet");
    private static Path big = Path.of("not written yet");
    private static Path disk = Path.of("not made yet");
    private static Path image = Path.of("not installed yet");
    private static boolean mounted;
    private static Optional<Libvirtd> daemon = Optional.empty();

    @BeforeAll
    static void installsAnImage() throws Exception {
        iso = Lab.tinyIso(folder);
        byte[] content = new byte[4 << 20];
        new Random(5).nextBytes(content);
        big = Files.write(folder.resolve("big"), content);
        disk = Files.createDirectory(folder.resolve("disk"));
        mounted = Commands.run(
                                List.of("mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", disk.toString()),
                                Duration.ofMinutes(1))
                        .status()
                == 0;
        try (Oz oz = Oz.builder().config(Lab.config(disk, MEMORY)).build()) {
            image = oz.guest(Template.parse(TinyLinux.template(NAME, iso)))
                    .installer()
                    .install()
                    .disk();
        }
    }

    @AfterAll
    static void unmounts() throws Exception {
        if (mounted) {
            // as soon as nobody uses it: what a failure left there must not keep it
            assertThat(Commands.run(List.of("umount", "-l", disk.toString()), Duration.ofMinutes(1))
                            .status())
                    .isZero();
        }
    }

    @Test
    void leaveTheOldImageOrTheFinishedNewOneAndTheNextRunGoesThrough() throws Exception {
        hits(Fault.WITHOUT_DAEMON, ROUNDS);
    }

    @Tag("long")
    @Test
    void soDoesADaemonOfLibvirtThatIsKilled() throws Exception {
        try (Libvirtd own = Libvirtd.start(folder.resolve("libvirt"))) {
            daemon = Optional.of(own);
            hits(Fault.OF_DAEMON, Integer.getInteger("oz.faults", Fault.OF_DAEMON.size()));
        } finally {
            daemon = Optional.empty();
        }
    }

    private static void hits(List<Fault> faults, int rounds) throws Exception {
        Random random = new Random();
        Pace pace = undisturbed("none", "before the first fault");
        List<Path> files = files();
        int through = 0;
        for (int round = 1; round <= rounds; round++) {
            Fault fault = faults.get((round - 1) % faults.size());
            if (fault == Fault.FULL_DISK && !mounted) {
                System.out.println("round " + round + ": skipped, since no file system can be mounted");
                continue;
            }
            long moment = pace.moment(fault, random);
            String what = "round " + round + ", " + fault + " after " + moment + " ms";
            through += hit(what, "first-" + round, fault, moment, files) ? 1 : 0;
            if (daemon.isPresent() && !daemon.get().isAlive()) {
                daemon.get().restart();
            }
            pace = undisturbed("second-" + round, what + ", the next run");
            assertNothingLeft(files, what + ", the next run", Lab.read(log()));
        }
        System.out.println(rounds + " rounds, of which " + through + " went through all the same");
    }

    /** One fault; whether the run went through all the same. */
    private static boolean hit(String round, String mark, Fault fault, long moment, List<Path> files) throws Exception {
        String before = sum();
        long began = TimeSource.system().nanoTime();
        Process oz = customize(mark, fault, moment);
        try {
            happens(fault, moment, oz);
            assertEnds(oz, round);
        } finally {
            oz.destroyForcibly().waitFor();
            Files.deleteIfExists(ballast());
        }
        String said = Lab.read(log());
        String what = round + ", exit status " + oz.exitValue() + " after " + millisSince(began) + " ms";
        System.out.println(what + ": " + lastWords(said));

        boolean changed = !sum().equals(before);
        if (changed) {
            assertFinished(mark, what, said);
        }
        if (fault != Fault.KILLED_PROGRAM) {
            assertThat(changed).as("%s: the image is a new one%n%s", what, said).isEqualTo(oz.exitValue() == 0);
            assertThat(oz.exitValue()).as("%s%n%s", what, said).isIn(0, 1);
            assertThat(said).as(what).doesNotContain("failed unexpectedly", "\tat org.oz4j");
            assertNothingLeft(files, what, said);
        }
        return changed;
    }

    /** A run without a fault, which goes through. */
    private static Pace undisturbed(String mark, String what) throws Exception {
        long began = TimeSource.system().nanoTime();
        List<Long> times = new ArrayList<>();
        Process oz = customize(mark, Fault.KILLED_PROGRAM, -1);
        try {
            for (String step : List.of("] change", "] shut down")) {
                while (!Lab.read(log()).contains(step) && !oz.waitFor(TICK, TimeUnit.MILLISECONDS)) {
                    // it is yet to come
                }
                times.add(millisSince(began));
            }
            assertEnds(oz, what);
            times.add(millisSince(began));
        } finally {
            oz.destroyForcibly().waitFor();
        }
        assertThat(oz.exitValue()).as("%s%n%s", what, Lab.read(log())).isZero();
        assertFinished(mark, what, Lab.read(log()));
        return new Pace(times.get(0), times.get(1), times.get(2));
    }

    /** What the program says of its failure; else its last line. */
    private static String lastWords(String said) {
        return said.lines().filter(line -> line.startsWith("oz: ")).findFirst().orElseGet(() -> said.lines()
                .reduce("nothing", (one, other) -> other));
    }

    private static void assertEnds(Process oz, String what) throws Exception {
        assertThat(oz.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                .as("%s: it ends%n%s", what, Lab.read(log()))
                .isTrue();
    }

    private static long millisSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(TimeSource.system().nanoTime() - nanoTime);
    }

    /** What the program of the last run says. */
    private static Path log() {
        return folder.resolve("log");
    }

    private static void happens(Fault fault, long moment, Process oz) throws Exception {
        if (!fault.inGuest.isEmpty() || oz.waitFor(moment, TimeUnit.MILLISECONDS)) {
            return;
        }
        switch (fault) {
            case KILLED_PROGRAM -> oz.destroyForcibly();
            case KILLED_DAEMON -> daemon.orElseThrow().kill();
            case RESTARTED_DAEMON -> daemon.orElseThrow().restart();
            case KILLED_MACHINE -> {
                while (Lab.machines(disk).isEmpty() && !oz.waitFor(TICK, TimeUnit.MILLISECONDS)) {
                    // it is yet to be started
                }
                Lab.machines(disk).forEach(ProcessHandle::destroyForcibly);
            }
            default -> {
                do {
                    fill();
                } while (!oz.waitFor(TICK, TimeUnit.MILLISECONDS));
            }
        }
    }

    private static Path ballast() {
        return disk.resolve("ballast");
    }

    /** Takes all the room that there is on the disk. */
    private static void fill() {
        for (int chunk = 1 << 20; chunk > 0; chunk /= 16) {
            try (OutputStream out =
                    Files.newOutputStream(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(new byte[chunk]);
                }
            } catch (IOException e) {
                // that much does not go in any more
            }
        }
    }

    /** Starts a customising that leaves a mark; in the guest the fault comes that long after the first command. */
    private static Process customize(String mark, Fault fault, long moment) throws IOException {
        String trap = fault.inGuest.isEmpty() || moment < 0
                ? ""
                : "(usleep " + moment * 1000 + "; " + fault.inGuest + ") </dev/null >/dev/null 2>&1 &";
        Path template = Files.writeString(
                folder.resolve("hit.tdl"),
                TinyLinux.template(NAME, iso)
                        .replace(
                                "</template>",
                                """
                                <packages><package name="hello"/><package name="moo"/></packages>
                                <files><file name="/srv/mark">%1$s</file><file name="/srv/big" type="url">%2$s</file></files>
                                <precommands><command name="trap"><![CDATA[%3$s
                                true]]></command></precommands>
                                <commands><command name="last">printf %1$s >/srv/last; sync; sleep 1</command></commands>
                                </template>
                                """
                                        .formatted(mark, big.toUri(), trap)));
        List<String> arguments = new ArrayList<>(List.of("customize", template.toString()));
        if (daemon.isPresent()) {
            Path config = Files.writeString(
                    folder.resolve("oz.cfg"), "[libvirt]\nuri = " + daemon.get().uri() + "\n");
            arguments.addAll(List.of("-c", config.toString()));
        }
        return Lab.oz(disk, log(), MEMORY, arguments.toArray(new String[0]));
    }

    private static String sum() throws Exception {
        Commands.Result result = Commands.run(List.of("sha256sum", image.toString()), Duration.ofMinutes(1));
        assertThat(result.status()).as(result.errors()).isZero();
        return result.output();
    }

    /** The image holds all that was asked for, in a file system that was left in order. */
    private static void assertFinished(String mark, String what, String log) throws Exception {
        String fileSystem = image + "?offset=" + PARTITION;
        Commands.Result check = Commands.run(List.of("/sbin/e2fsck", "-fn", fileSystem), Duration.ofMinutes(1));
        assertThat(check.status()).as("%s: %s%n%s", what, check, log).isZero();
        for (String file : List.of("/srv/mark", "/srv/last")) {
            assertThat(inside(fileSystem, "cat " + file))
                    .as("%s: %s%n%s", what, file, log)
                    .isEqualTo(mark);
        }
        assertThat(inside(fileSystem, "cat /var/lib/tpk/installed/moo/version"))
                .as("%s: the package%n%s", what, log)
                .isEqualTo("1.1\n");
        Path copy = folder.resolve("copy");
        inside(fileSystem, "dump /srv/big " + copy);
        assertThat(Files.mismatch(copy, big))
                .as("%s: the big file%n%s", what, log)
                .isEqualTo(-1);
        Files.delete(copy);
    }

    private static String inside(String fileSystem, String request) throws Exception {
        return Commands.run(List.of("/sbin/debugfs", "-R", request, fileSystem), Duration.ofMinutes(1))
                .output();
    }

    private static void assertNothingLeft(List<Path> files, String what, String log) throws Exception {
        try {
            Lab.assertNothingLeft(disk, NAME);
            assertThat(Lab.machines(disk)).as("machines").isEmpty();
            assertThat(files()).as("files").isEqualTo(files);
        } catch (AssertionError e) {
            throw new AssertionError(what + ": " + e.getMessage() + "\n" + log, e);
        }
    }

    /** What lies about but evidence and what speeds the next run up. */
    private static List<Path> files() throws Exception {
        try (Stream<Path> all = Files.walk(disk)) {
            return all.filter(Files::isRegularFile)
                    .map(disk::relativize)
                    .filter(path -> !path.toString().matches("evidence/.*|data/(cache|embed)/.*"))
                    .sorted()
                    .toList();
        }
    }
}
