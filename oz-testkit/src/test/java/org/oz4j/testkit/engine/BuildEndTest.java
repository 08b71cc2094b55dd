package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.BuildCancelledException;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.DiskException;
import org.oz4j.GuestOptions;
import org.oz4j.HypervisorException;
import org.oz4j.InstallFailedException;
import org.oz4j.MachineChoices;
import org.oz4j.Oz;
import org.oz4j.OzException;
import org.oz4j.PluginException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.host.FileLock;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.FakeHypervisor.Call;
import org.oz4j.testkit.FakeMirror;
import org.oz4j.testkit.FaultPlan;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What becomes of the machine, the name and the caller where a build ends otherwise than it should. */
class BuildEndTest {
    @TempDir
    private Path folder = Path.of("");

    private static GuestScript succeeding(FakeGuestContext machine) {
        return Bench.working(machine.token(Bench.TOKEN)).powersOff();
    }

    private static GuestScript panicking(FakeGuestContext machine) {
        return machine.spec().disks().isEmpty() || machine.boot() > 1
                ? succeeding(machine)
                : GuestScript.start().panics();
    }

    private static HypervisorException told(HypervisorException.Kind kind, String words) {
        return new HypervisorException(kind, "fake:///kvm", words, null, null);
    }

    private static <T extends OzException> T failure(Class<T> type, Bench bench, FaultPlan plan) throws Exception {
        AtomicReference<T> failure = new AtomicReference<>();
        plan.play(any -> failure.set(catchThrowableOfType(
                type,
                () -> bench.oz.guest(bench.template("one")).installer().install(bench.events::add, plan.token()))));
        return Objects.requireNonNull(failure.get());
    }

    private static Path lock(Bench bench) {
        return bench.config.dataDir().resolve("builds/one.lock");
    }

    /** Another program installs the same, and says that it cleaned up before. */
    private static void assertNextRunCleansUp(Bench bench) throws IOException {
        assertThat(lock(bench)).exists();
        bench.events.clear();
        try (Oz next = bench.open(Variant.standard())) {
            next.guest(bench.template("one")).installer().install(bench.events::add);
        }
        assertThat(bench.events)
                .contains(new BuildEvent.Notice(
                        "one",
                        "reserve",
                        "A build of 'one' was left half done by process "
                                + ProcessHandle.current().pid() + "; cleaning up after it"));
        bench.assertNothingLeft("one");
    }

    @Test
    void aMachineWhoseHypervisorIsLostIsFoundAgainAndEnded() throws Exception {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start().panics())) {
            bench.hypervisor.failingOnce(Call.DESTROY, told(HypervisorException.Kind.LOST, "connection reset"));

            InstallFailedException failure = failure(InstallFailedException.class, bench, FaultPlan.nothing());

            assertThat(failure.getSuppressed()).isEmpty();
            bench.assertNoImage("one");
        }
    }

    @Test
    void aMachineThatCanNotBeEndedIsToldOfAndLeftToTheNextRun() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::panicking)) {
            bench.hypervisor.failing(Call.DESTROY, told(HypervisorException.Kind.LOST, "connection reset"));
            bench.hypervisor.failing(Call.FIND, told(HypervisorException.Kind.UNAVAILABLE, "nobody answers"));

            InstallFailedException failure = failure(InstallFailedException.class, bench, FaultPlan.nothing());

            assertThat(failure.getSuppressed()).singleElement().satisfies(lost -> assertThat(lost)
                    .hasMessage("connection reset")
                    .hasSuppressedException(told(HypervisorException.Kind.UNAVAILABLE, "nobody answers")));
            assertThat(bench.hypervisor.running()).containsExactly("one");
            bench.hypervisor.mend(Call.DESTROY).mend(Call.FIND);
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void aMachineThatIsRefusedToBeEndedIsNotLookedForButLeftToTheNextRun() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::panicking)) {
            bench.hypervisor.failing(Call.DESTROY, told(HypervisorException.Kind.REFUSED, "no permission"));
            bench.hypervisor.failing(Call.FIND, told(HypervisorException.Kind.UNAVAILABLE, "nobody answers"));

            InstallFailedException failure = failure(InstallFailedException.class, bench, FaultPlan.nothing());

            assertThat(failure.getSuppressed()).singleElement().satisfies(lost -> {
                assertThat(lost).hasMessage("no permission");
                assertThat(lost.getSuppressed()).isEmpty();
            });
            bench.hypervisor.mend(Call.DESTROY).mend(Call.FIND);
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void anInterruptWhileALostMachineIsLookedForIsKeptAndTheNextRunEndsIt() throws Exception {
        FaultPlan plan = FaultPlan.at("hypervisor find", 1, FaultPlan.Kind.INTERRUPTED);
        try (Bench bench = new Bench(folder, BuildEndTest::panicking, Variant.standard(), plan)) {
            bench.hypervisor.failingOnce(Call.DESTROY, told(HypervisorException.Kind.LOST, "connection reset"));

            BuildCancelledException failure = failure(BuildCancelledException.class, bench, plan);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(failure).hasMessageContaining("its machine could not be ended");
            assertThat(failure.getCause()).isInstanceOf(InstallFailedException.class);
            assertThat(failure.getCause().getSuppressed()).singleElement().satisfies(lost -> assertThat(lost)
                    .hasMessage("connection reset"));
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void aMachineThatStartedThoughItsStartFailedIsEnded() throws Exception {
        FaultPlan plan = FaultPlan.at("hypervisor start", 1, FaultPlan.Kind.HALF_DONE);
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding, Variant.standard(), plan)) {
            HypervisorException failure = failure(HypervisorException.class, bench, plan);

            assertThat(failure.kind()).isEqualTo(HypervisorException.Kind.LOST);
            assertThat(failure.getSuppressed()).isEmpty();
            assertThat(bench.hypervisor.machines()).hasSize(1);
            bench.assertNoImage("one");
        }
    }

    @Test
    void wasTheStartRefusedAndNobodyCanSayWhetherItRunsTheNextRunLooks() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding)) {
            bench.hypervisor.failingOnce(Call.START, told(HypervisorException.Kind.REFUSED, "no memory"));
            bench.hypervisor.failingOnce(Call.FIND, told(HypervisorException.Kind.UNAVAILABLE, "nobody answers"));

            HypervisorException failure = failure(HypervisorException.class, bench, FaultPlan.nothing());

            assertThat(failure).hasMessage("no memory");
            assertThat(failure.getSuppressed()).singleElement().satisfies(other -> assertThat(other)
                    .hasMessage("nobody answers"));
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void anInterruptWhileAMachineOfAFailedStartIsLookedForIsKept() throws Exception {
        FaultPlan plan = FaultPlan.at("hypervisor find", 1, FaultPlan.Kind.INTERRUPTED);
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding, Variant.standard(), plan)) {
            bench.hypervisor.failingOnce(Call.START, told(HypervisorException.Kind.LOST, "connection reset"));

            HypervisorException failure = failure(HypervisorException.class, bench, plan);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(failure).hasMessage("connection reset");
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void aFolderThatCanNotBeTakenAwayIsToldOfAndLeftToTheNextRun() throws Exception {
        FaultPlan plan = FaultPlan.at("delete .one.oz", 1, FaultPlan.Kind.FAILS);
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding, Variant.standard(), plan)) {
            DiskException failure = failure(DiskException.class, bench, plan);

            assertThat(failure.problem())
                    .startsWith("The image is complete, but cleaning up after it failed: java.io.IOException: ");
            assertThat(failure.remedy())
                    .hasValue("Take away the folder " + bench.config.outputDir().resolve(".one.oz"));
            assertThat(bench.image("one")).exists();
            assertThat(bench.events.get(bench.events.size() - 1)).isEqualTo(new BuildEvent.Failed("one", failure));
            Files.delete(bench.image("one"));
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void aFailureOfTheCleanUpDoesNotHideTheBuildsOwn() throws Exception {
        FaultPlan plan = FaultPlan.at("delete .one.oz", 1, FaultPlan.Kind.FAILS);
        try (Bench bench = new Bench(folder, BuildEndTest::panicking, Variant.standard(), plan)) {
            InstallFailedException failure = failure(InstallFailedException.class, bench, plan);

            assertThat(failure.getSuppressed()).singleElement().satisfies(other -> assertThat(other)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(".one.oz"));
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void aFailureOfAFileOfTheHostIsNoFaultOfThePlugin() throws Exception {
        FaultPlan plan = FaultPlan.at("make folder .one.oz", 1, FaultPlan.Kind.FAILS);
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding, Variant.standard(), plan)) {
            DiskException failure = failure(DiskException.class, bench, plan);

            assertThat(failure.problem())
                    .startsWith("Building 'one' failed on a file of the host: java.io.IOException: ");
            assertThat(failure.remedy()).hasValue("Check the free space and the rights of " + bench.config.outputDir());
            assertThat(lock(bench)).as("there is nothing to clean up").doesNotExist();
        }
    }

    @Test
    void whatNobodyFailsByIsToldWithThePluginAndTheStackTrace() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding)) {
            IllegalStateException fault = new IllegalStateException("broken");
            IllegalStateException again = new IllegalStateException("still broken");

            assertThatThrownBy(() -> bench.oz
                            .guest(bench.template("one"))
                            .installer()
                            .install(event -> {
                                if (event instanceof BuildEvent.StepProgress) {
                                    throw fault;
                                } else if (event instanceof BuildEvent.StepFailed
                                        || event instanceof BuildEvent.Failed) {
                                    throw again;
                                }
                            }))
                    .isInstanceOfSatisfying(PluginException.class, failure -> {
                        assertThat(failure.plugin()).isEqualTo("scripted");
                        assertThat(failure)
                                .hasMessage("Building 'one' failed unexpectedly: " + fault
                                        + ". Report it with the stack trace")
                                .hasCause(fault)
                                .hasSuppressedException(again);
                    });
            assertThat(fault).as("a listener that throws again hides nothing").hasSuppressedException(again);
            bench.assertNoImage("one");
        }
    }

    @Test
    void whatIsCancelledAfterwardsInterruptsNobody() throws Exception {
        CancellationToken token = CancellationToken.create();
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding)) {
            bench.oz.guest(bench.template("one")).installer().install(BuildListener.NONE, token);

            token.cancel();
            assertThat(Thread.interrupted()).isFalse();
            bench.oz.close();
            assertThat(Thread.interrupted()).isFalse();
            assertThat(bench.hypervisor.host().version())
                    .as("a hypervisor that was given stays open")
                    .isEqualTo("fake 1.0");
        }
    }

    /** What kill -9 leaves tells of the machine and the folder. */
    @Test
    void theLockOfABuildTellsWhatHasToBeCleanedUpShouldItsProgramDie() throws Exception {
        AtomicReference<String> text = new AtomicReference<>();
        AtomicReference<UUID> machine = new AtomicReference<>();
        Path lock = folder.resolve("home/.oz/builds/one.lock");
        try (Bench bench = new Bench(folder, guest -> {
            machine.set(guest.spec().uuid());
            text.set(FileLock.peek(lock));
            return succeeding(guest);
        })) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(lock(bench)).hasToString(lock.toString());
            assertThat(text.get())
                    .isEqualTo("folder=" + bench.config.outputDir().resolve(".one.oz") + "\nmachine=" + machine.get()
                            + "\nprocess=" + ProcessHandle.current().pid() + "\n");
        }
    }

    @Test
    void theFolderOfAProgramThatDiedIsTakenAwayWhereverItIs() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding)) {
            Path left = Files.createDirectories(folder.resolve("elsewhere/.one.oz"));
            Files.writeString(left.resolve("disk.img"), "half");
            leave(bench, left);

            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(left).doesNotExist();
            assertThat(left.getParent()).isDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"precious", ".precious", "precious.oz"})
    void aLockCanNotHaveAnotherFolderTakenAway(String name) throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding)) {
            Path kept = Files.createDirectories(folder.resolve(name));
            leave(bench, kept);

            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(kept).isDirectory();
        }
    }

    private static void leave(Bench bench, Path left) throws IOException {
        Files.createDirectories(lock(bench).getParent());
        Files.writeString(lock(bench), "process=1\nfolder=" + left + "\n");
    }

    @Test
    void aFolderOfABuildThatNoLockTellsOfIsInNobodysWay() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding)) {
            Files.createDirectories(bench.config.outputDir().resolve(".one.oz/sub"));

            bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            assertThat(bench.events.toString()).doesNotContain("half done");
            bench.assertNothingLeft("one");
        }
    }

    /** A failure that comes before anything is changed keeps what is known of the program that died. */
    @Test
    void whereTheNextRunCanNotCleanUpTheOneAfterItDoes() throws Exception {
        try (Bench bench = new Bench(
                folder,
                machine ->
                        machine.spec().disks().isEmpty() ? GuestScript.start().hangs() : succeeding(machine))) {
            UUID uuid = UUID.randomUUID();
            Files.createDirectories(lock(bench).getParent());
            Files.writeString(lock(bench), "process=" + ProcessHandle.current().pid() + "\nmachine=" + uuid + "\n");
            bench.orphan("one", uuid);
            bench.hypervisor.failingOnce(Call.FIND, told(HypervisorException.Kind.UNAVAILABLE, "nobody answers"));

            assertThat(failure(HypervisorException.class, bench, FaultPlan.nothing()))
                    .hasMessage("nobody answers");

            assertThat(bench.hypervisor.running()).containsExactly("one");
            assertNextRunCleansUp(bench);
        }
    }

    @Test
    void aMediumIsKeptAndLetGoOrElseGoesWithItsBuild() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding);
                FakeMirror mirror = FakeMirror.start().file("/x.iso", Files.readAllBytes(bench.iso))) {
            Path cache = bench.config.dataDir().resolve("cache");
            fetching(bench.oz, mirror, "one");
            assertThat(files(cache)).isNotEmpty().noneMatch(file -> file.contains("leases/"));
            fetching(bench.oz, mirror, "two");
            assertThat(mirror.requests("/x.iso")).isLessThanOrEqualTo(2); // the second asks whether it is the same
            Path data = bench.config.dataDir().resolveSibling("data");
            bench.config =
                    bench.config.toBuilder().dataDir(data).useCache(false).build();
            try (Oz oz = bench.open(Variant.standard())) {
                fetching(oz, mirror, "three");
            }
            assertThat(files(data.resolve("cache"))).isEmpty();
            bench.assertNothingLeft("three");
        }
    }

    @Test
    void aFileThatCanNotBeLetGoIsToldOfThoughTheImageIsComplete() throws Exception {
        FaultPlan plan = FaultPlan.at("delete *.*", 1, FaultPlan.Kind.FAILS); // the lease
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding, Variant.standard(), plan);
                FakeMirror mirror = FakeMirror.start().file("/x.iso", Files.readAllBytes(bench.iso))) {
            assertThatThrownBy(() -> plan.play(any -> fetching(bench.oz, mirror, "one")))
                    .isInstanceOf(DiskException.class)
                    .hasMessageStartingWith(
                            "The image is complete, but cleaning up after it failed: java.io.IOException: ");
            assertThat(bench.image("one")).exists();
        }
    }

    private static void fetching(Oz oz, FakeMirror mirror, String name) {
        oz.guest(Template.builder(name, "ScriptedOS", "1", Arch.X86_64)
                        .iso(mirror.uri("/x.iso"))
                        .build())
                .installer()
                .install();
    }

    private static List<String> files(Path place) throws IOException {
        if (Files.notExists(place)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(place)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> place.relativize(file).toString())
                    .toList();
        }
    }

    @Test
    void aBusThatTheInstallerIsNotToldOfIsRefusedBeforeAnyWork() throws Exception {
        try (Bench bench = new Bench(folder, BuildEndTest::succeeding)) {
            assertThatThrownBy(() -> bench.oz
                            .guest(bench.template("one"), on(DiskBus.IDE))
                            .installer()
                            .install())
                    .isInstanceOf(UnsupportedOsException.class)
                    .hasMessage("The installer of ScriptedOS 1 is not told of disks on the bus ide."
                            + " Leave the disk bus to Oz, which takes virtio");
            bench.assertNoImage("one");

            bench.oz
                    .guest(bench.template("one"), on(DiskBus.VIRTIO))
                    .installer()
                    .install();
            assertThat(bench.image("one")).exists();
            assertThat(bench.hypervisor.machines().get(0).nic().orElseThrow().network())
                    .isEqualTo(bench.config.network());
        }
    }

    private static GuestOptions on(DiskBus bus) {
        return GuestOptions.defaults()
                .withMachine(new MachineChoices(Optional.of(bus), Optional.empty(), Optional.empty()));
    }
}
