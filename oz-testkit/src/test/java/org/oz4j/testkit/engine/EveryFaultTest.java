package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.BuildCancelledException;
import org.oz4j.BuildListener;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.OzException;
import org.oz4j.VisitChoices;
import org.oz4j.host.FileLock;
import org.oz4j.host.WorkFolder;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.template.Template;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeMirror;
import org.oz4j.testkit.FakeSystem;
import org.oz4j.testkit.FaultPlan;
import org.oz4j.testkit.FaultPlan.Kind;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.Needs;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every single fault of an install, of customising and of listing what is inside, at the first and last passing of each
 * seam. {@code -Doz.faults=all} plays all of them; else each point of an install, and each third of a visit, which takes
 * longer, is played with one kind of fault, in turn.
 */
class EveryFaultTest {
    private static final boolean ALL = "all".equals(System.getProperty("oz.faults"));
    private static final Duration CANCELLED_WITHIN = Duration.ofSeconds(5);
    private static final String NAME = "web";

    @TempDir
    private Path folder;

    private final List<String> problems = new ArrayList<>();

    /** The virtual time that a cancelled run took to its end, at most. */
    private Duration longest = Duration.ZERO;

    /** What became of the faults of one kind. */
    private static final class Count {
        int played;
        int happened;
        int survivedUnharmed;
        int leftToTheNextRun;
    }

    /** What is played, and what it must leave. */
    private interface Scene {
        /** Plays it on a bench in that folder. */
        void play(Path place, FaultPlan plan) throws Exception;

        /** What must be there afterwards, and nothing else, whether it went well or not. */
        List<String> problems(Path place, boolean wentWell) throws Exception;
    }

    @Test
    @Needs("qemu-img")
    void anInstallSurvivesEverySingleFault() throws Exception {
        installs("install", false);
    }

    @Test
    @Needs("qemu-img")
    void anInstallThatReplacesAnImageSurvivesEverySingleFault() throws Exception {
        shareOfPoints = 3;
        installs("install in an image's place", true);
    }

    /** All that an image with two disks is. */
    private static final Set<String> IMAGE = Set.of("web.dsk", "web-disk2.vmdk", "web.xml", "web.provenance.json");

    private void installs(String what, boolean replaces) throws Exception {
        byte[] medium = Files.readAllBytes(new Bench(folder, machine -> GuestScript.start()).iso);
        try (FakeMirror mirror = FakeMirror.start().file("/install.iso", medium)) {
            Template template = Template.builder(NAME, "ScriptedOS", "1", Arch.X86_64)
                    .iso(mirror.uri("/install.iso"))
                    .checksum(new ChecksumSource.Sum("SHA-256", DigestUtils.sha256Hex(medium)))
                    .rootPassword("top secret")
                    .disk(new Template.Disk(OptionalLong.of(4 << 20), Optional.empty(), Optional.empty()))
                    .disk(new Template.Disk(OptionalLong.of(3 << 20), Optional.of(ImageFormat.VMDK), Optional.empty()))
                    .build();
            survives(what, new Scene() {
                @Override
                public void play(Path place, FaultPlan plan) throws Exception {
                    Path images = place.resolve("home/.oz/images");
                    if (replaces && Files.notExists(images)) {
                        Files.createDirectories(images);
                        for (String name : IMAGE) {
                            Files.writeString(images.resolve(name), "old");
                        }
                    }
                    plan.mirror(mirror);
                    try (Bench bench = new Bench(place, EveryFaultTest::installing, Variant.standard(), plan)) {
                        bench.oz
                                .guest(template, GuestOptions.defaults().withOverwrite(true))
                                .installer()
                                .install(BuildListener.NONE, plan.token());
                        assertThat(bench.hypervisor.running())
                                .as(bench.hypervisor.timeline())
                                .isEmpty();
                    }
                }

                @Override
                public List<String> problems(Path place, boolean wentWell) throws Exception {
                    Path folder = place.resolve("home/.oz/images");
                    Set<String> images = names(folder);
                    if (!replaces && !wentWell && images.isEmpty()) {
                        return List.of();
                    }
                    Set<String> old = new HashSet<>();
                    for (String name : IMAGE) {
                        if (images.contains(name) && Files.size(folder.resolve(name)) == "old".length()) {
                            old.add(name);
                        }
                    }
                    return images.containsAll(IMAGE) && (old.isEmpty() || (!wentWell && old.equals(IMAGE)))
                            ? List.of()
                            : List.of("half an image: " + images + ", of which these are old: " + old);
                }
            });
        }
    }

    @Test
    void customisingSurvivesEverySingleFault() throws Exception {
        visits("customise", (bench, guest, image, plan) -> guest.customizer()
                .customize(image, BuildListener.NONE, plan.token()));
    }

    @Test
    void customisingThatKeepsWhatIsDoneSurvivesEverySingleFault() throws Exception {
        resumes = true;
        visits("customise with resuming", (bench, guest, image, plan) -> guest.customizer()
                .customize(image, BuildListener.NONE, plan.token()));
    }

    @Test
    void listingWhatIsInsideSurvivesEverySingleFault() throws Exception {
        lists = true;
        visits("ICICLE", (bench, guest, image, plan) -> guest.icicleGenerator()
                .generate(image, BuildListener.NONE, plan.token()));
    }

    private int shareOfPoints = 1;
    private boolean resumes;
    private boolean lists;

    private interface Visit {
        void of(Bench bench, Guest guest, InstalledImage image, FaultPlan plan) throws Exception;
    }

    private void visits(String what, Visit visit) throws Exception {
        shareOfPoints = 3;
        Path installed = Files.createDirectory(folder.resolve("installed"));
        try (Bench bench = new Bench(installed, EveryFaultTest::installing)) {
            bench.oz.guest(bench.template(NAME)).installer().install();
        }
        Path image = installed.resolve("home/.oz/images/web.dsk");
        byte[] old = Files.readAllBytes(image);
        byte[] changed = old.clone();
        if (!lists) {
            System.arraycopy(CHANGE, 0, changed, CHANGED_AT, CHANGE.length);
        }
        survives(what, new Scene() {
            @Override
            public void play(Path place, FaultPlan plan) throws Exception {
                Path images = place.resolve("home/.oz/images");
                if (Files.notExists(images)) {
                    Files.createDirectories(images);
                    Files.copy(image, images.resolve("web.dsk"));
                }
                visit(place, plan, visit);
            }

            @Override
            public List<String> problems(Path place, boolean wentWell) throws Exception {
                byte[] now = Files.readAllBytes(place.resolve("home/.oz/images/web.dsk"));
                boolean same = Arrays.equals(now, old);
                Set<String> images = names(place.resolve("home/.oz/images"));
                images.removeAll(Set.of("web.dsk", ".web.oz")); // the folder of a build: see left()
                if (resumes && !wentWell) {
                    images.remove(".web.oz-phases");
                }
                if (!images.isEmpty()) {
                    return List.of("left beside the image: " + images);
                }
                return (same && !(wentWell && !lists)) || Arrays.equals(now, changed)
                        ? List.of()
                        : List.of("the image is neither the old nor the new one");
            }
        });
    }

    private void visit(Path place, FaultPlan plan, Visit visit) throws Exception {
        AccessRecipe access = lists
                ? new AccessRecipe.SystemdCredentials("ssh.service", "/usr/sbin/sshd -D")
                : new AccessRecipe.OfflineEdit("ssh.service", "/usr/sbin/sshd -D");
        AtomicReference<FakeSystem> system = new AtomicReference<>();
        AtomicReference<Bench> benches = new AtomicReference<>();
        FakeGuest visited = machine -> GuestScript.start()
                .after(Duration.ofSeconds(8))
                .runs(() -> Objects.requireNonNull(benches.get())
                        .hypervisor
                        .forwards(22, Objects.requireNonNull(system.get()).boot(machine.spec())))
                .writesImage(CHANGED_AT, CHANGE)
                .worksFor(Duration.ofHours(1));
        try (Bench bench = new Bench(place, visited, Variant.standard().withAccess(access), plan);
                FakeSystem inside = FakeSystem.of(bench.files)) {
            benches.set(bench);
            system.set(inside);
            plan.system(inside);
            for (String name : List.of("refresh", "install")) {
                inside.program("scripted-" + name, call -> 0);
            }
            inside.program("scripted-list", call -> {
                call.prints("hello");
                return 0;
            });
            inside.makeFolders("/usr/lib/systemd/system");
            inside.makeFolders("/etc/systemd/system");
            bench.files.write("/usr/lib/systemd/system/ssh.service", "[Service]\n");
            Template template =
                    Template.parse(bench.template(NAME).toXml().replace("</template>", CHANGES + "</template>"));
            VisitChoices choices = VisitChoices.NONE.withSeal(!resumes).withResume(resumes);
            Guest guest = bench.oz.guest(template, GuestOptions.defaults().withVisit(choices));
            visit.of(bench, guest, guest.imageAt(bench.image(NAME)), plan);
            assertThat(bench.hypervisor.running())
                    .as(bench.hypervisor.timeline())
                    .isEmpty();
        }
    }

    private static final int CHANGED_AT = 1 << 20;
    private static final byte[] CHANGE =
            "customised".repeat(10_000).substring(0, 1 << 16).getBytes(StandardCharsets.US_ASCII);

    private static final String CHANGES =
            """
            <packages><package name="hello"/></packages>
            <files><file name="/etc/motd">welcome</file></files>
            <commands><command name="last">echo 'it''s done' &gt;/etc/done</command></commands>
            """;

    private static GuestScript installing(org.oz4j.testkit.FakeGuestContext machine) {
        return GuestScript.start()
                .after(Duration.ofSeconds(2))
                .prints("Copying files\n")
                .worksFor(Duration.ofSeconds(20))
                .installs()
                .says(1, machine.token(Bench.TOKEN) + "\n")
                .powersOff();
    }

    private static Set<String> names(Path place) throws IOException {
        if (Files.notExists(place)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(place)) {
            return new HashSet<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private void survives(String what, Scene scene) throws Exception {
        long began = System.nanoTime();
        FaultPlan.Run record = plan -> scene.play(Files.createDirectory(folder.resolve(what + "-record")), plan);
        List<FaultPlan> every = FaultPlan.everySinglePointOf(record, 2);
        List<FaultPlan> plans = ALL ? every : some(every, shareOfPoints);
        Map<Kind, Count> counts = new EnumMap<>(Kind.class);
        int number = 0;
        for (FaultPlan plan : plans) {
            number++;
            Path place = Files.createDirectory(folder.resolve(what + "-" + number));
            one(scene, place, plan, counts.computeIfAbsent(plan.kind().orElseThrow(), any -> new Count()));
            WorkFolder.delete(place);
        }
        StringBuilder report = new StringBuilder();
        counts.forEach((kind, count) -> report.append(String.format(
                Locale.ROOT,
                "%n  %-12s %4d played, %4d happened, %4d without harm to the result, %4d left to the next run",
                kind,
                count.played,
                count.happened,
                count.survivedUnharmed,
                count.leftToTheNextRun)));
        System.out.printf(
                Locale.ROOT,
                "Faults of %s: %d of %d enumerated are played, %d problems, cancelled within %d ms of virtual time, %d s%s%n",
                what,
                plans.size(),
                every.size(),
                problems.size(),
                longest.toMillis(),
                (System.nanoTime() - began) / 1_000_000_000L,
                report);
        assertThat(problems).isEmpty();
    }

    /** Of every so many points one, with one of the kinds of fault that it can have; the next has the next kind. */
    private static List<FaultPlan> some(List<FaultPlan> every, int share) {
        Map<String, List<FaultPlan>> points = new LinkedHashMap<>();
        every.forEach(plan ->
                points.computeIfAbsent(plan.point(), any -> new ArrayList<>()).add(plan));
        List<FaultPlan> chosen = new ArrayList<>();
        int number = 0;
        for (List<FaultPlan> point : points.values()) {
            if (number++ % share == 0) {
                chosen.add(point.get(chosen.size() % point.size()));
            }
        }
        return chosen;
    }

    private void one(Scene scene, Path place, FaultPlan plan, Count count) throws Exception {
        count.played++;
        Throwable failure = null;
        try {
            plan.play(now -> scene.play(place, now));
        } catch (Exception | AssertionError e) {
            failure = e;
        }
        Duration endedAt = plan.elapsed();
        longest = failure != null
                        && kindStops(plan)
                        && longest.compareTo(endedAt.minus(plan.happenedAt().orElse(endedAt))) < 0
                ? endedAt.minus(plan.happenedAt().orElse(endedAt))
                : longest;
        boolean interrupted = Thread.interrupted();
        count.happened += plan.happened() ? 1 : 0;
        count.survivedUnharmed += failure == null ? 1 : 0;
        List<String> found = new ArrayList<>();
        Kind kind = plan.kind().orElseThrow();
        // what the guest fails with comes in the words of ssh
        boolean told =
                failure != null && (plan.seam().startsWith("ssh ") || tells(failure, "a fault that the test wants"));
        if (failure != null && kind != Kind.KILLED) {
            boolean stop = kindStops(plan);
            if (!(failure instanceof OzException)) {
                found.add("no OzException: " + failure);
            } else if (stop && !(failure instanceof BuildCancelledException)) {
                found.add("no cancellation: " + failure);
            } else if (!stop && kind != Kind.TAKES_LONG && !told) {
                found.add("does not tell its cause: " + failure);
            }
            Duration after = plan.happenedAt().map(at -> endedAt.minus(at)).orElse(Duration.ZERO);
            if (stop && after.compareTo(CANCELLED_WITHIN) > 0) {
                found.add("it ended " + after.toMillis() + " ms after it was cancelled");
            }
            if (interrupted && kind != Kind.INTERRUPTED) {
                found.add("the caller is interrupted");
            }
        }
        List<String> left = left(place);
        if (!left.isEmpty()) {
            count.leftToTheNextRun++;
            if (kind != Kind.KILLED && !told) {
                found.add("left without a word: " + left);
            }
        }
        if (kind != Kind.KILLED) {
            found.addAll(scene.problems(place, failure == null));
        }
        try {
            if (left.isEmpty() && found.isEmpty() && kind != Kind.KILLED && count.played % 10 != 0) {
                return; // as if nothing had been: the next run is the first one again
            }
            FaultPlan.nothing().play(now -> scene.play(place, now));
            found.addAll(left(place).stream()
                    .map(each -> "left by the next run: " + each)
                    .toList());
            found.addAll(scene.problems(place, true));
        } catch (Exception | AssertionError e) {
            found.add("the next run fails: " + e);
        }
        for (String each : found) {
            problems.add(plan + ": " + each.lines().findFirst().orElse(""));
            System.out.println(problems.get(problems.size() - 1));
        }
    }

    private static boolean kindStops(FaultPlan plan) {
        Kind kind = plan.kind().orElseThrow();
        return kind == Kind.INTERRUPTED || kind == Kind.CANCELLED;
    }

    private static boolean tells(@Nullable Throwable failure, String words) {
        if (failure == null) {
            return false;
        }
        return String.valueOf(failure.getMessage()).contains(words)
                || tells(failure.getCause(), words)
                || Arrays.stream(failure.getSuppressed()).anyMatch(each -> tells(each, words));
    }

    /** An empty file keeps nobody out; a lease's counts all the same, since nobody would ever take it away. */
    private static boolean isFreeLock(Path file) {
        try {
            return file.toString().endsWith(".lock")
                    && Files.readString(file).isEmpty()
                    && FileLock.tryAcquire(file).map(EveryFaultTest::released).orElse(false);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean released(FileLock lock) {
        try {
            lock.close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** What no run shall leave: locks, folders of builds, half written files. */
    private static List<String> left(Path place) throws IOException {
        Path home = place.resolve("home");
        if (Files.notExists(home)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(home)) {
            return all.map(file -> home.relativize(file).toString())
                    .filter(file -> file.matches(".*(\\.new|\\.lock|/\\.[^/]+\\.oz|remaster-[^/]*)")
                            || file.matches(".*(builds|leases)/.*"))
                    .filter(file -> !isFreeLock(home.resolve(file)))
                    .toList();
        }
    }
}
