package org.oz4j.testkit.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.BuildEvent;
import org.oz4j.DiskException;
import org.oz4j.HypervisorException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.OzException;
import org.oz4j.host.WorkFolder;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Prompt;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeHypervisor.Call;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** When the watch over an installer ends it, to the second, and what it takes for a sign of life. */
class InstallWatchTest {
    @TempDir
    private Path folder = Path.of("");

    /** A guest, how it ends, and after how long. */
    record Ending(Kind kind, Duration after, GuestScript script) {}

    static List<Ending> endings() {
        GuestScript begun = GuestScript.start().after(Duration.ofSeconds(10)).prints("Copying files\n");
        return List.of(
                new Ending(Kind.INACTIVE, Duration.ofSeconds(310), begun.hangs()),
                new Ending(Kind.TIME_LIMIT, Duration.ofSeconds(3600), begun.worksFor(Duration.ofHours(3))),
                new Ending(
                        Kind.INSTALLER_ERROR,
                        Duration.ofSeconds(13),
                        begun.prints("FATAL\n").worksFor(Duration.ofHours(3))),
                new Ending(
                        Kind.QUESTION,
                        Duration.ofSeconds(16),
                        begun.prints("Answer?").worksFor(Duration.ofHours(3))),
                new Ending(Kind.PANIC, Duration.ofSeconds(11), begun.panics()));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void endsAnInstallAsSoonAsItsLimitIsReached(Ending ending) throws Exception {
        try (Bench bench = new Bench(folder, machine -> ending.script())) {
            bench.hypervisor.time().advance(Duration.ofMinutes(7));

            InstallFailedException failure = failure(InstallFailedException.class, bench);

            assertThat(failure.kind()).isEqualTo(ending.kind());
            assertThat(failure).hasMessageContaining(" while at 'copying': ");
            assertThat(bench.hypervisor.time().elapsed().minusMinutes(7)).isEqualTo(ending.after());
        }
    }

    private static <T extends OzException> T failure(Class<T> type, Bench bench) {
        return Objects.requireNonNull(catchThrowableOfType(
                type, () -> bench.oz.guest(bench.template("one")).installer().install(bench.events::add)));
    }

    /** Disk, network and log each are one, also where they go on by the same number of bytes. */
    @Test
    void anInstallerThatOnlyReadsOrFetchesOrLogsIsNotTakenForOneThatHangs() throws Exception {
        Duration most = Duration.ofMinutes(4);
        try (Bench bench = new Bench(folder, machine -> GuestScript.start()
                .after(most)
                .usesDisk(100)
                .usesNetwork(100)
                .after(most)
                .usesDisk(5)
                .says(1, "four\n")
                .after(most)
                .usesNetwork(5)
                .says(1, "five\n")
                .after(most)
                .installs()
                .says(1, machine.token(Bench.TOKEN) + "\n")
                .powersOff())) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.image("one")).exists();
        }
    }

    @Test
    void aFolderThatIsTakenAwayInTheMidstIsToldOfAtOnce() throws Exception {
        Path gone = folder.resolve("home/.oz/images/.one.oz");
        assertFolderIsMissed(gone, machine -> GuestScript.start()
                .after(Duration.ofSeconds(30))
                .runs(() -> delete(gone))
                .hangs());
    }

    @Test
    void aMachineThatEndsForWantOfItsFilesIsToldOfByThem() throws Exception {
        Path gone = folder.resolve("home/.oz/images/.one.oz");
        assertFolderIsMissed(gone, machine -> GuestScript.start()
                .after(Duration.ofSeconds(30))
                .runs(() -> delete(gone))
                .vanishes());
    }

    private void assertFolderIsMissed(Path gone, FakeGuest guest) throws Exception {
        try (Bench bench = new Bench(folder, guest)) {
            DiskException failure = failure(DiskException.class, bench);

            assertThat(failure)
                    .hasMessage("The folder " + gone + ", where 'one' was being built, is gone: something else"
                            + " took it away. Find out what deletes there, and install again");
            assertThat(bench.hypervisor.time().elapsed()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(31));
            bench.assertNoImage("one");
        }
    }

    private static void delete(Path place) {
        try {
            WorkFolder.delete(place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aReplyThatCanNotBeTypedFailsTheInstallUnlessTheMachineHasStopped() throws Exception {
        Variant asked = Variant.standard().answering(new Prompt("Go on\\?$", "yes"));
        HypervisorException refused =
                new HypervisorException(HypervisorException.Kind.REFUSED, "fake:///kvm", "no console here", null, null);
        FakeGuest guest = machine -> GuestScript.start().asks("Go on? ", "yes").powersOff();
        try (Bench bench = new Bench(folder, guest, asked)) {
            bench.hypervisor.failing(Call.TYPE, refused);

            assertThat(failure(HypervisorException.class, bench)).isSameAs(refused);
            bench.assertNoImage("one");
        }
    }

    @Test
    void keysArePressedEachSecondForAsLongAsTheyAreAskedFor() throws Exception {
        Variant pressing = Variant.standard().pressing(new InstallFlow.Keys(List.of(28), Duration.ofSeconds(10)));
        try (Bench bench = new Bench(folder, machine -> GuestScript.start().hangs(), pressing)) {
            bench.hypervisor.failingOnce(
                    Call.SEND_KEYS,
                    new HypervisorException(HypervisorException.Kind.LOST, "fake:///kvm", "gone", null, null));

            assertThat(failure(InstallFailedException.class, bench).kind()).isEqualTo(Kind.INACTIVE);

            assertThat(bench.hypervisor.timeline().split("is sent keys \\[28]", -1))
                    .as("one of nine was missed, which is no failure")
                    .hasSize(9);
        }
    }

    @Test
    void anInstallerThatCanNotSayThatItSucceededIsStartedForEachOfItsReboots() throws Exception {
        Variant silent = Variant.standard().withReboots(1).withSignal(new SuccessSignal.ImageCheck());
        try (Bench bench = new Bench(
                folder,
                machine -> machine.boot() == 1
                        ? GuestScript.start().prints("Copying\n").reboots()
                        : GuestScript.start().installs().powersOff(),
                silent)) {
            bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            assertThat(bench.hypervisor.machines()).hasSize(2);
            assertThat(bench.events)
                    .filteredOn(BuildEvent.StepProgress.class::isInstance)
                    .map(BuildEvent.StepProgress.class::cast)
                    .filteredOn(progress -> progress.step().equals("install"))
                    .extracting(BuildEvent.StepProgress::text)
                    .containsExactly("starting the installer", "copying", "copying");
        }
    }

    @Test
    void aMachineThatIsPausedIsToldWithItsReason() throws Exception {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start().fillsTheDisk())) {
            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("one")).installer().install())
                    .isInstanceOf(InstallFailedException.class)
                    .hasMessageContaining("the machine was paused (I/O error: no space left on the host)")
                    .hasMessageContaining("Check the free space beside the image; the evidence is in ");
        }
    }

    private static final GuestScript CRASHES =
            GuestScript.start().after(Duration.ofSeconds(3)).crashes();

    private static FakeGuest crashingFirst(int times) {
        return machine -> machine.boot() <= times
                ? CRASHES
                : GuestScript.start()
                        .installs()
                        .says(1, machine.token(Bench.TOKEN) + "\n")
                        .powersOff();
    }

    @Test
    void aMachineThatCrashesBeforeItsGuestDidAnythingIsStartedAgain() throws Exception {
        try (Bench bench = new Bench(folder, crashingFirst(1))) {
            bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            assertThat(bench.image("one")).exists();
            assertThat(bench.hypervisor.machines()).hasSize(2);
            assertThat(bench.events)
                    .filteredOn(BuildEvent.Notice.class::isInstance)
                    .extracting(event -> ((BuildEvent.Notice) event).text())
                    .contains("The machine's process crashed before the guest did anything"
                            + " (the process of the machine crashed), so it is started again");
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void aMachineThatCrashesAtOnceWhereItIsStartedFromItsDiskIsStartedFromItAgain() throws Exception {
        Variant rebooting = Variant.standard().withReboots(1).withSignal(new SuccessSignal.ImageCheck());
        try (Bench bench = new Bench(
                folder,
                machine -> switch (machine.boot()) {
                    case 1 -> GuestScript.start().prints("Copying\n").installs().reboots();
                    case 2 -> CRASHES;
                    default -> GuestScript.start().powersOff();
                },
                rebooting)) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.machines())
                    .extracting(spec -> spec.boot().getClass().getSimpleName())
                    .containsExactly("FromCd", "FromDisk", "FromDisk");
        }
    }

    @Test
    void aMachineThatCrashesAtOnceASecondTimeFailsTheInstall() throws Exception {
        try (Bench bench = new Bench(folder, crashingFirst(2))) {
            assertThat(failure(InstallFailedException.class, bench))
                    .hasMessageContaining("while starting the installer: the machine ended by itself (the process of");

            assertThat(bench.hypervisor.machines()).hasSize(2);
            bench.assertNoImage("one");
        }
    }

    static List<GuestScript> beginnings() {
        GuestScript start = GuestScript.start();
        return List.of(
                start.prints("a"), start.says(1, "a"), start.writesImage(1 << 20, new byte[] {1}), start.installs());
    }

    @ParameterizedTest
    @MethodSource("beginnings")
    void aMachineThatCrashesAfterItsGuestDidSomethingFailsTheInstall(GuestScript begun) throws Exception {
        try (Bench bench = new Bench(
                folder,
                machine -> machine.boot() == 1
                        ? begun.after(Duration.ofSeconds(3)).crashes()
                        : GuestScript.start().powersOff())) {
            assertThat(failure(InstallFailedException.class, bench).kind()).isEqualTo(Kind.MACHINE_FAILED);

            assertThat(bench.hypervisor.machines()).hasSize(1);
        }
    }

    @Test
    void keysArePressedAnewWhereAMachineIsStartedAgain() throws Exception {
        Variant pressing = Variant.standard().pressing(new InstallFlow.Keys(List.of(28), Duration.ofSeconds(10)));
        try (Bench bench = new Bench(
                folder,
                machine -> machine.boot() == 1
                        ? GuestScript.start().after(Duration.ofMillis(6500)).crashes()
                        : GuestScript.start().hangs(),
                pressing)) {
            assertThat(failure(InstallFailedException.class, bench).kind()).isEqualTo(Kind.INACTIVE);

            assertThat(bench.hypervisor.timeline().split("is sent keys \\[28]", -1))
                    .as("six, and nine")
                    .hasSize(16);
        }
    }
}
