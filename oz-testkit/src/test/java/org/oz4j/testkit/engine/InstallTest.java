package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.BuildCancelledException;
import org.oz4j.BuildEvent;
import org.oz4j.CancellationToken;
import org.oz4j.Diagnosis.Cause;
import org.oz4j.GuestOptions;
import org.oz4j.ImageExistsException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.InstalledImage;
import org.oz4j.MediaException;
import org.oz4j.NameInUseException;
import org.oz4j.Oz;
import org.oz4j.OzException;
import org.oz4j.Provenance;
import org.oz4j.UnsupportedOsException;
import org.oz4j.disk.DiskImages;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.icicle.ProvenanceFile;
import org.oz4j.media.IsoWriter;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Prompt;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

class InstallTest {
    @TempDir
    Path folder;

    private static GuestScript succeeding(FakeGuestContext machine) {
        return Bench.working(machine.token(Bench.TOKEN)).powersOff();
    }

    @Test
    void leavesAnImageAndItsDescriptionAndNothingElse() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            InstalledImage image =
                    bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            assertThat(image.disk()).isEqualTo(bench.image("one")).exists();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image.disk())))
                    .isEqualTo("rw-------");
            assertThat(image.virtualSize()).isEqualTo(4 << 20);
            assertThat(image.domainXml()).exists().content().contains("<name>one</name>");
            assertThat(image.took()).isBetween(Duration.ofMinutes(20), Duration.ofMinutes(21));
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void tellsWhatTheImageWasMadeOfWithoutAnySecret() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            Template template = bench.template("one");
            Provenance first = provenance(bench, template);

            assertThat(first.os()).isEqualTo("ScriptedOS 1");
            assertThat(first.installed()).isEqualTo(bench.hypervisor.time().now());
            assertThat(first.media())
                    .containsExactly(
                            new Provenance.Medium("install.iso", DigestUtils.sha256Hex(Files.readAllBytes(bench.iso))));
            assertThat(first.templateSha256()).hasSize(64);
            // of the password nothing remains that it could be guessed from, nor of this install's salt and token
            assertThat(first.answersSha256())
                    .contains(DigestUtils.sha256Hex("label=SCRIPTED\npassword=********\ntoken=********\n"));
            Provenance second =
                    provenance(bench, Template.parse(template.toXml().replace("top secret", "other secret")));
            assertThat(second.templateSha256()).isEqualTo(first.templateSha256());
            assertThat(second.answersSha256()).isEqualTo(first.answersSha256());
            Provenance third = provenance(
                    bench,
                    Template.parse(template.toXml().replace("</rootpw>", "</rootpw><kernelparam>quiet</kernelparam>")));
            assertThat(third.templateSha256()).isNotEqualTo(first.templateSha256());
        }
    }

    private static Provenance provenance(Bench bench, Template template) throws IOException {
        InstalledImage image = bench.oz
                .guest(template, GuestOptions.defaults().withOverwrite(true))
                .installer()
                .install();
        String text = Files.readString(ProvenanceFile.beside(image.disk()));
        assertThat(text).doesNotContain("secret", "$6$");
        return ProvenanceFile.of(image.disk()).orElseThrow();
    }

    @Test
    void ofAnAnswerFileOfTheUsersOwnNothingIsTold() throws IOException {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start()
                .worksFor(Duration.ofMinutes(1))
                .installs()
                .powersOff())) {
            Path answers = Files.writeString(folder.resolve("own.txt"), "password=guess me");
            InstalledImage image = bench.oz
                    .guest(bench.template("one"), GuestOptions.defaults().withAnswerFile(answers))
                    .installer()
                    .install();

            assertThat(ProvenanceFile.of(image.disk()).orElseThrow().answersSha256())
                    .isEmpty();
        }
    }

    @Test
    void tellsItsEventsInTheOrderOfTheGrammar() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            StringBuilder word = new StringBuilder();
            double overall = 0;
            for (BuildEvent event : bench.events) {
                assertThat(event.build()).isEqualTo("one");
                word.append(letter(event));
                if (event instanceof BuildEvent.StepProgress progress) {
                    assertThat(progress.overall()).isBetween(overall, 1.0);
                    overall = progress.overall();
                }
            }
            assertThat(word.toString()).matches("B(S[pcn]*F)+K");
            assertThat(bench.events).anySatisfy(event -> assertThat(event)
                    .isEqualTo(new BuildEvent.ConsoleLine("one", "install", "Copying files")));
            assertThat(overall).isGreaterThan(0.5);
        }
    }

    @Test
    void followsTheInstallersOwnPercentagesPastAMark() throws IOException {
        FakeGuest guest = machine -> GuestScript.start()
                .prints("60% of what nobody knows\nCopying files\n")
                .after(Duration.ofSeconds(2))
                .prints("... 20%... 40%\n")
                .after(Duration.ofSeconds(2))
                .prints("... 10%\n")
                .after(Duration.ofSeconds(2))
                .prints("... 100%\n")
                .after(Duration.ofSeconds(2))
                .prints("Closing\n")
                .installs()
                .says(1, machine.token(Bench.TOKEN) + "\n")
                .powersOff();
        try (Bench bench = new Bench(folder, guest)) {
            bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            assertThat(bench.events)
                    .filteredOn(BuildEvent.StepProgress.class::isInstance)
                    .map(BuildEvent.StepProgress.class::cast)
                    .filteredOn(progress -> progress.text().matches("copying|closing"))
                    .extracting(BuildEvent.StepProgress::text, BuildEvent.StepProgress::fraction)
                    .containsExactly(
                            tuple("copying", 0.5),
                            tuple("copying", 0.66),
                            tuple("copying", 0.9),
                            tuple("closing", 0.9));
        }
    }

    private static char letter(BuildEvent event) {
        if (event instanceof BuildEvent.Started) {
            return 'B';
        } else if (event instanceof BuildEvent.StepStarted) {
            return 'S';
        } else if (event instanceof BuildEvent.StepProgress) {
            return 'p';
        } else if (event instanceof BuildEvent.ConsoleLine) {
            return 'c';
        } else if (event instanceof BuildEvent.Notice) {
            return 'n';
        } else if (event instanceof BuildEvent.StepFinished) {
            return 'F';
        } else if (event instanceof BuildEvent.StepFailed) {
            return 'X';
        } else if (event instanceof BuildEvent.Succeeded) {
            return 'K';
        } else {
            return 'E';
        }
    }

    /** A script that fails, and how it must be told. */
    record Failing(Kind kind, Cause cause, String told, GuestScript script) {
        @Override
        public String toString() {
            return kind.toString();
        }
    }

    static Stream<Failing> failingScripts() {
        GuestScript begun = GuestScript.start().after(Duration.ofSeconds(2)).prints("Copying files\n");
        return Stream.of(
                new Failing(
                        Kind.NO_SUCCESS_TOKEN,
                        Cause.UNKNOWN,
                        "Copying files",
                        begun.installs().powersOff()),
                new Failing(
                        Kind.INSTALLER_ERROR,
                        Cause.UNKNOWN,
                        "FATAL: no such disk: /dev/xyz",
                        begun.prints("FATAL: no such disk: /dev/xyz\nSee the log\n")
                                .worksFor(Duration.ofHours(3))),
                new Failing(
                        Kind.QUESTION,
                        Cause.QUESTION,
                        "Which keyboard?",
                        begun.prints("Which keyboard?\nAnswer?").worksFor(Duration.ofHours(3))),
                new Failing(Kind.PANIC, Cause.KERNEL_PANIC, "Unable to mount root", begun.panics()),
                new Failing(Kind.MACHINE_FAILED, Cause.HOST_TROUBLE, "no space left", begun.fillsTheDisk()),
                new Failing(Kind.MACHINE_FAILED, Cause.HOST_TROUBLE, "crashed", begun.crashes()),
                new Failing(Kind.MACHINE_FAILED, Cause.HOST_TROUBLE, "gone", begun.vanishes()),
                new Failing(
                        Kind.INACTIVE,
                        Cause.TIME_LIMIT,
                        "300 s",
                        begun.worksFor(Duration.ofMinutes(3)).hangs()),
                new Failing(Kind.TIME_LIMIT, Cause.TIME_LIMIT, "3600 s", begun.worksFor(Duration.ofHours(3))));
    }

    @ParameterizedTest
    @MethodSource("failingScripts")
    void tellsTheCauseAndKeepsTheEvidence(Failing failing) throws IOException {
        try (Bench bench = new Bench(folder, machine -> failing.script())) {
            InstallFailedException failure = catchThrowableOfType(
                    InstallFailedException.class,
                    () -> bench.oz.guest(bench.template("bad")).installer().install(bench.events::add));

            assertThat(failure.kind()).isEqualTo(failing.kind());
            assertThat(failure).hasMessageContaining("'bad'").hasMessageContaining(failing.told());
            Path evidence = failure.evidence().orElseThrow();
            assertThat(evidence.resolve("console.log")).content().contains("Copying files");
            assertThat(evidence.resolve("machine.xml")).isNotEmptyFile();
            assertThat(failure.diagnosis().cause()).isEqualTo(failing.cause());
            assertThat(evidence.resolve("report.json"))
                    .content()
                    .contains("\"name\" : \"bad\"")
                    .contains("\"kind\" : \"" + failing.kind() + "\"")
                    .contains("\"cause\" : \"" + failing.cause() + "\"");
            assertThat(evidence.resolve("answers.txt"))
                    .content()
                    .contains("password=********")
                    .doesNotContain("$6$");
            assertThat(bench.events.get(bench.events.size() - 1)).isEqualTo(new BuildEvent.Failed("bad", failure));
            bench.assertNoImage("bad");
        }
    }

    @Test
    void failsWithinFifteenSecondsOfTheQuestion() throws IOException {
        GuestScript asking = GuestScript.start()
                .worksFor(Duration.ofMinutes(10))
                .prints("Answer?")
                .worksFor(Duration.ofHours(2));
        try (Bench bench = new Bench(folder, machine -> asking)) {
            long before = bench.hypervisor.time().nanoTime();

            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("bad")).installer().install())
                    .isInstanceOf(InstallFailedException.class);
            assertThat(Duration.ofNanos(bench.hypervisor.time().nanoTime() - before))
                    .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(10).plusSeconds(15));
        }
    }

    @Test
    void letsAnInstallerAnswerItsOwnQuestion() throws IOException {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start()
                .prints("Answer?")
                .after(Duration.ofSeconds(3))
                .prints(" never mind\ngoing on\n")
                .worksFor(Duration.ofMinutes(1))
                .says(1, machine.token(Bench.TOKEN))
                .powersOff())) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.image("one")).exists();
        }
    }

    @Test
    void tellsTheEndOfTheInstallersLogAndTakesNoTokenOutOfALineOfIt() throws IOException {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start()
                .prints("Unable to install busybox\n")
                .says(1, "will run: echo " + machine.token(Bench.TOKEN) + "\nE: not enough free space\n")
                .powersOff())) {
            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("bad")).installer().install())
                    .isInstanceOfSatisfying(InstallFailedException.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(InstallFailedException.Kind.NO_SUCCESS_TOKEN);
                        assertThat(failure)
                                .hasMessageContaining("showed last:\n  | Unable to install busybox")
                                .hasMessageContaining("its log ends with:\n  | will run: echo ")
                                .hasMessageContaining("\n  | E: not enough free space\n");
                        assertThat(failure.evidence().orElseThrow().resolve("installer.log"))
                                .content()
                                .endsWith("E: not enough free space\n");
                    });
        }
    }

    @Test
    void takesTheTokenFromAVirtioPort() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine -> GuestScript.start()
                        .saysVirtio("org.oz4j.token", machine.token(Bench.TOKEN))
                        .powersOff(),
                Variant.standard().withSignal(new SuccessSignal.VirtioToken("org.oz4j.token")))) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.image("one")).exists();
            assertThat(bench.hypervisor.machines()).singleElement().satisfies(machine -> assertThat(machine.serials())
                    .hasSize(1));
        }
    }

    @Test
    void anInstallerThatOnlyLogsIsNotTakenForOneThatHangs() throws IOException {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start()
                .prints("Copying files\n")
                .after(Duration.ofMinutes(4))
                .says(1, "loading templates\n")
                .after(Duration.ofMinutes(4))
                .says(1, "reading answers\n")
                .after(Duration.ofMinutes(4))
                .installs()
                .says(1, machine.token(Bench.TOKEN))
                .powersOff())) {
            bench.oz.guest(bench.template("slow")).installer().install();

            assertThat(bench.image("slow")).exists();
        }
    }

    @Test
    void keepsTheLogThatComesThroughAVirtioPort() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine -> GuestScript.start()
                        .saysVirtio("org.oz4j.token", "E: not enough free space\n")
                        .powersOff(),
                Variant.standard().withSignal(new SuccessSignal.VirtioToken("org.oz4j.token")))) {
            InstallFailedException failure = catchThrowableOfType(
                    InstallFailedException.class,
                    () -> bench.oz.guest(bench.template("one")).installer().install());

            assertThat(failure).hasMessageContaining("its log ends with").hasMessageContaining("not enough free space");
            assertThat(failure.evidence().orElseThrow().resolve("installer.log"))
                    .exists();
        }
    }

    @Test
    void startsAgainFromTheDiskAfterEachReboot() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine -> machine.boot() < 3
                        ? GuestScript.start().worksFor(Duration.ofMinutes(1)).reboots()
                        : Bench.working(machine.token(Bench.TOKEN)).powersOff(),
                Variant.standard().withReboots(2))) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.machines())
                    .extracting(MachineSpec::boot)
                    .containsExactly(new Boot.FromCd(), new Boot.FromDisk(), new Boot.FromDisk());
        }
    }

    @Test
    void pressesKeysAtTheFirstStartAlone() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine -> machine.boot() < 2
                        ? GuestScript.start().worksFor(Duration.ofMinutes(1)).reboots()
                        : Bench.working(machine.token(Bench.TOKEN)).powersOff(),
                Variant.standard()
                        .withReboots(1)
                        .pressing(new InstallFlow.Keys(List.of(28), Duration.ofSeconds(10))))) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.timeline().split("is sent keys \\[28]", -1))
                    .as(bench.hypervisor.timeline())
                    .hasSizeBetween(10, 11);
        }
    }

    @Test
    void pressesNoKeysWhereNoneAreAskedFor() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.timeline()).doesNotContain("is sent keys");
        }
    }

    @Test
    void answersEachQuestionAsOftenAsItMay() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine -> GuestScript.start()
                        .after(Duration.ofSeconds(30))
                        .prints("Welcome.\r\n")
                        .asks("(I)nstall or (S)hell? ", "s")
                        .asks("# ", "sh /run")
                        .after(Duration.ofSeconds(3))
                        .prints("running\n")
                        .asks("# ", "sh /run")
                        .prints("ran\n")
                        .installs()
                        .says(1, machine.token(Bench.TOKEN) + "\n")
                        .powersOff(),
                Variant.standard()
                        .answering(
                                new Prompt("\\(S\\)hell\\?$", "s"),
                                new Prompt(Pattern.compile("^# ?$"), "sh /run", 2)))) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.timeline().lines().filter(line -> line.contains("is typed on")))
                    .extracting(line -> line.replaceFirst(".* is typed on: ", ""))
                    .containsExactly("s", "sh /run", "sh /run");
            assertThat(bench.hypervisor.machines().get(0).consoleInput()).isPresent();
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void aQuestionThatComesTooOftenIsLeftUnansweredAndEndsTheInstall() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine -> GuestScript.start().asks("Password? ", "no reply of ours"),
                Variant.standard().answering(new Prompt(Pattern.compile("Password\\?$"), "guess", 3)))) {
            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("one")).installer().install())
                    .isInstanceOfSatisfying(InstallFailedException.class, e -> assertThat(e.kind())
                            .isEqualTo(InstallFailedException.Kind.INACTIVE))
                    .hasMessageContaining("Password? guess");
            assertThat(bench.hypervisor.timeline().split("is typed on: guess", -1))
                    .hasSize(4);
            bench.assertNoImage("one");
        }
    }

    /** The guest echoes nothing, so the question still stands there. */
    @Test
    void aReplyIsTypedOnceUntilTheGuestTakesNoticeOfIt() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine -> GuestScript.start()
                        .prints("Go on? ")
                        .after(Duration.ofSeconds(90))
                        .installs()
                        .says(1, machine.token(Bench.TOKEN) + "\n")
                        .powersOff(),
                Variant.standard().answering(new Prompt(Pattern.compile("Go on\\?"), "", 9)))) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.timeline().split("is typed on: ", -1)).hasSize(2);
        }
    }

    @Test
    void aMachineOfNoQuestionsHasAConsoleThatIsOnlyRead() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.machines().get(0).consoleInput()).isEmpty();
            assertThat(bench.hypervisor.timeline()).doesNotContain("is typed on");
        }
    }

    @Test
    void carriesKernelParametersByStartingTheKernelItself() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            bench.oz
                    .guest(bench.template("one", Optional.of("debug=1")))
                    .installer()
                    .install();

            Boot.Kernel kernel =
                    (Boot.Kernel) bench.hypervisor.machines().get(0).boot();
            assertThat(kernel.arguments()).isEqualTo("console=ttyS0 debug=1");
        }
    }

    @Test
    void refusesBeforeAnyWorkWhatNoWayCarries() throws IOException {
        Variant volumeOnly = new Variant(
                0,
                new SuccessSignal.SerialToken(),
                List.of(new MediaRecipe.AnswerVolume("ANSWERS", "answers.txt", Map.of())));
        try (Bench bench = new Bench(folder, InstallTest::succeeding, volumeOnly)) {
            assertThatThrownBy(() -> bench.oz
                            .guest(bench.template("one", Optional.of("debug=1")))
                            .installer()
                            .install())
                    .isInstanceOf(UnsupportedOsException.class)
                    .hasMessageContaining("kernelparam");
            assertThat(bench.hypervisor.machines()).isEmpty();
            bench.assertNoImage("one");
        }
    }

    @Test
    void putsTheAnswersOnAFloppyBesideTheMediumAsItIs() throws IOException {
        Variant floppy = new Variant(
                0, new SuccessSignal.SerialToken(), List.of(new MediaRecipe.Floppy("answers.txt", Map.of())));
        try (Bench bench = new Bench(folder, InstallTest::succeeding, floppy)) {
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(bench.hypervisor.machines().get(0).disks())
                    .extracting(MachineSpec.Disk::kind)
                    .containsExactly(
                            MachineSpec.Disk.Kind.HARD_DISK, MachineSpec.Disk.Kind.CD, MachineSpec.Disk.Kind.FLOPPY);
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void startsTheKernelOfTheMediumWithTheAnswersOnAVolumeBesideIt() throws IOException {
        MediaRecipe.BootFile kernel = new MediaRecipe.BootFile("kernel", Optional.empty());
        MediaRecipe.BootFile initrd = new MediaRecipe.BootFile("initrd", Optional.empty());
        Variant both = new Variant(
                0,
                new SuccessSignal.SerialToken(),
                List.of(new MediaRecipe.KernelAndVolume(
                        kernel, initrd, "autoinstall", "ANSWERS", "answers.txt", Map.of("meta-data", ""))));
        try (Bench bench = new Bench(folder, InstallTest::succeeding, both)) {
            bench.oz
                    .guest(bench.template("one", Optional.of("debug=1")))
                    .installer()
                    .install();

            MachineSpec machine = bench.hypervisor.machines().get(0);
            assertThat(machine.disks())
                    .extracting(MachineSpec.Disk::kind)
                    .containsExactly(
                            MachineSpec.Disk.Kind.HARD_DISK, MachineSpec.Disk.Kind.CD, MachineSpec.Disk.Kind.CD);
            assertThat(((MachineSpec.Boot.Kernel) machine.boot()).arguments()).isEqualTo("autoinstall debug=1");
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void putsExtrasOnTheAnswerVolumeWhereTheInstallerLooksForThem() throws IOException {
        Path driver = Files.writeString(folder.resolve("driver.inf"), "token-of-the-driver");
        Variant windows = new Variant(
                0,
                new SuccessSignal.SerialToken(),
                List.of(
                        new MediaRecipe.AnswerVolume("PLAIN", "answers.txt", Map.of()),
                        new MediaRecipe.AnswerVolume("DRIVERS", "answers.txt", Map.of(), true)));
        List<String> seen = new ArrayList<>();
        FakeGuest looking = machine -> {
            machine.find(Pattern.compile("token-of-the-driver")).ifPresent(seen::add);
            return succeeding(machine);
        };
        try (Bench bench = new Bench(folder, looking, windows)) {
            Template extras = Template.parse(bench.template("one")
                    .toXml()
                    .replace(
                            "</iso>",
                            "</iso><extras><file source='" + driver.toUri()
                                    + "' destination='drivers/net/driver.inf'/></extras>"));
            bench.oz.guest(extras).installer().install();

            assertThat(seen).isNotEmpty();
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void refusesBeforeAnyWorkWhatTheMediumCanNotCarry() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            Template plain = bench.template("one");
            Template extras = Template.parse(plain.toXml()
                    .replace("</iso>", "</iso><extras><file source='http://127.0.0.1:1/a' destination='a'/></extras>"));

            assertThatThrownBy(() -> bench.oz.guest(extras).installer().install())
                    .isInstanceOf(UnsupportedOsException.class)
                    .hasMessageContaining("extras");
            bench.assertNoImage("one");
        }
    }

    @Test
    void refusesTheMediumOfAnotherSystemBeforeAGuestStarts() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            Files.delete(bench.iso);
            IsoWriter.write(
                    bench.iso,
                    "OTHER",
                    Map.of(".discinfo", "1.0\nFedora 21\nx86_64\n".getBytes(StandardCharsets.US_ASCII)));

            MediaException failure = catchThrowableOfType(
                    MediaException.class,
                    () -> bench.oz.guest(bench.template("one")).installer().install());

            assertThat(failure.kind()).isEqualTo(MediaException.Kind.WRONG_MEDIUM);
            assertThat(failure).hasMessageContaining("ScriptedOS 1").hasMessageContaining("Fedora 21 x86_64");
            assertThat(bench.hypervisor.machines()).isEmpty();
            bench.assertNoImage("one");
        }
    }

    @Test
    void theSameInstallIsTakenFromWhatWasKeptAndAnotherIsNot() throws Exception {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            bench.config = bench.config.toBuilder().cacheJeos(true).build();
            try (Oz oz = bench.open(Variant.standard())) {
                oz.guest(bench.template("one")).installer().install();
                Path copy = folder.resolve("copy.dsk");
                oz.guest(bench.template("one"), GuestOptions.defaults().withImage(copy))
                        .installer()
                        .install();

                assertThat(bench.hypervisor.machines()).hasSize(1);
                assertThat(DiskImages.virtualSize(copy, bench.config.imageFormat()))
                        .isEqualTo(DiskImages.virtualSize(bench.image("one"), bench.config.imageFormat()));
                Template other = Template.builder("one", "ScriptedOS", "1", Arch.X86_64)
                        .iso(bench.iso.toUri())
                        .rootPassword("another secret")
                        .build();
                oz.guest(other, GuestOptions.defaults().withImage(folder.resolve("other.dsk")))
                        .installer()
                        .install();

                assertThat(bench.hypervisor.machines())
                        .as("the password is part of it")
                        .hasSize(2);
            }
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void judgesAnOwnAnswerFileByLookingAtTheDisk() throws IOException {
        Path answers = Files.writeString(folder.resolve("mine.txt"), "mine=yes\n");
        try (Bench bench = new Bench(folder, machine -> machine.find(Pattern.compile("mine=yes"))
                .map(found -> GuestScript.start().installs().powersOff())
                .orElseThrow())) {
            bench.oz
                    .guest(bench.template("one"), GuestOptions.defaults().withAnswerFile(answers))
                    .installer()
                    .install();

            assertThat(bench.image("one")).exists();
        }
    }

    @Test
    void refusesAnEmptyDiskAfterAnOwnAnswerFile() throws IOException {
        Path answers = Files.writeString(folder.resolve("mine.txt"), "mine=yes\n");
        try (Bench bench = new Bench(folder, machine -> GuestScript.start().powersOff())) {
            InstallFailedException failure = catchThrowableOfType(InstallFailedException.class, () -> bench.oz
                    .guest(bench.template("bad"), GuestOptions.defaults().withAnswerFile(answers))
                    .installer()
                    .install());

            assertThat(failure.kind()).isEqualTo(Kind.IMAGE_CHECK);
            assertThat(failure).hasMessageContaining("empty");
            bench.assertNoImage("bad");
        }
    }

    @Test
    void aTokenCancelsInTheMidstOfAnInstall() throws IOException {
        CancellationToken token = CancellationToken.create();
        try (Bench bench = new Bench(folder, machine -> GuestScript.start()
                .worksFor(Duration.ofMinutes(5))
                .runs(token::cancel)
                .worksFor(Duration.ofHours(1)))) {
            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("one")).installer().install(bench.events::add, token))
                    .isInstanceOf(BuildCancelledException.class);

            assertThat(Thread.currentThread().isInterrupted())
                    .as("a token leaves no interrupt behind")
                    .isFalse();
            bench.assertNoImage("one");
        }
    }

    @Test
    void anInterruptCancelsAndIsKept() throws IOException {
        Thread self = Thread.currentThread();
        try (Bench bench = new Bench(folder, machine -> GuestScript.start()
                .worksFor(Duration.ofMinutes(5))
                .runs(self::interrupt)
                .worksFor(Duration.ofHours(1)))) {
            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("one")).installer().install())
                    .isInstanceOf(BuildCancelledException.class);

            assertThat(Thread.interrupted()).isTrue();
            bench.assertNoImage("one");
        }
    }

    @Test
    void aTokenThatIsCancelledAlreadyLetsNothingBegin() throws IOException {
        CancellationToken token = CancellationToken.create();
        token.cancel();
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("one")).installer().install(bench.events::add, token))
                    .isInstanceOf(BuildCancelledException.class);
            assertThat(bench.hypervisor.machines()).isEmpty();
            bench.assertNoImage("one");
        }
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aListenerThatThrowsAtAStepFailsTheBuildAndLeavesNothing(String step) throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            assertThatThrownBy(() -> bench.oz
                            .guest(bench.template("one"))
                            .installer()
                            .install(event -> {
                                if (event instanceof BuildEvent.StepFinished done
                                        && done.step().equals(step)) {
                                    throw new IllegalStateException("listener broke");
                                }
                            }))
                    .isInstanceOf(OzException.class)
                    .hasMessageContaining("listener broke");
            bench.assertNothingLeft("one");
        }
    }

    static List<String> steps() {
        return List.of("reserve", "fetch", "describe", "medium", "disk image", "install", "check");
    }

    @Test
    void oneNameIsBuiltOnceAtATime() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Bench bench = new Bench(folder, InstallTest::succeeding);
                Oz other = bench.open(Variant.standard())) {
            CompletableFuture<InstalledImage> first = CompletableFuture.supplyAsync(
                    () -> bench.oz.guest(bench.template("one")).installer().install(event -> {
                        if (event instanceof BuildEvent.StepStarted started
                                && started.step().equals("fetch")) {
                            inside.countDown();
                            awaitQuietly(goOn);
                        }
                    }));
            assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();

            assertThatThrownBy(
                            () -> other.guest(bench.template("one")).installer().install())
                    .isInstanceOf(NameInUseException.class)
                    .hasMessageContaining("'one'")
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));

            goOn.countDown();
            assertThat(first.get(60, TimeUnit.SECONDS).disk()).exists();
            bench.assertNothingLeft("one");
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void closingOzCancelsWhatRuns() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            CompletableFuture<InstalledImage> build = CompletableFuture.supplyAsync(
                    () -> bench.oz.guest(bench.template("one")).installer().install(event -> {
                        if (event instanceof BuildEvent.StepStarted started
                                && started.step().equals("medium")) {
                            inside.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }
                    }));
            assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();

            bench.oz.close();

            assertThatThrownBy(() -> build.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(BuildCancelledException.class);
            bench.assertNoImage("one");
            assertThatThrownBy(() -> bench.oz.guest(bench.template("one"))).hasMessageContaining("closed");
        }
    }

    @Test
    void cleansUpAfterAProgramThatDied() throws IOException {
        try (Bench bench = new Bench(
                folder,
                machine ->
                        machine.spec().disks().isEmpty() ? GuestScript.start().hangs() : succeeding(machine))) {
            // What kill -9 leaves: an unlocked lock file with its text, a folder with half an image, a running machine.
            Path left = bench.config.outputDir().resolve(".one.oz");
            Files.createDirectories(left);
            Files.writeString(left.resolve("disk.img"), "half");
            UUID uuid = UUID.randomUUID();
            Files.createDirectories(bench.config.dataDir().resolve("builds"));
            Files.writeString(
                    bench.config.dataDir().resolve("builds/one.lock"),
                    "process=1\nfolder=" + left + "\nmachine=" + uuid + "\n");
            bench.orphan("one", uuid);
            assertThat(bench.hypervisor.running()).hasSize(1);

            bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            assertThat(bench.image("one")).exists();
            assertThat(bench.events)
                    .filteredOn(BuildEvent.Notice.class::isInstance)
                    .anySatisfy(event ->
                            assertThat(((BuildEvent.Notice) event).text()).contains("left half done by process 1"));
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void doesNotReplaceAnImageUnasked() throws IOException {
        try (Bench bench = new Bench(folder, InstallTest::succeeding)) {
            Files.createDirectories(bench.config.outputDir());
            Files.writeString(bench.image("one"), "precious");

            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("one")).installer().install())
                    .isInstanceOf(ImageExistsException.class);
            assertThat(bench.image("one")).hasContent("precious");
            assertThat(bench.hypervisor.machines()).isEmpty();

            bench.oz
                    .guest(bench.template("one"), GuestOptions.defaults().withOverwrite(true))
                    .installer()
                    .install();
            assertThat(bench.image("one")).hasSize(4 << 20);
        }
    }

    @Test
    void keepsTheOldImageWhenTheNewOneFails() throws IOException {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start().panics())) {
            Files.createDirectories(bench.config.outputDir());
            Files.writeString(bench.image("one"), "precious");

            assertThatThrownBy(() -> bench.oz
                            .guest(
                                    bench.template("one"),
                                    GuestOptions.defaults().withOverwrite(true))
                            .installer()
                            .install())
                    .isInstanceOf(InstallFailedException.class);

            assertThat(bench.image("one")).hasContent("precious");
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void showsNoSecretInEventsOrEvidence() throws IOException {
        try (Bench bench = new Bench(folder, machine -> GuestScript.start().panics())) {
            InstallFailedException failure = catchThrowableOfType(
                    InstallFailedException.class,
                    () -> bench.oz.guest(bench.template("bad")).installer().install(bench.events::add));

            assertThat(bench.events.toString()).doesNotContain("top secret").doesNotContain("$6$");
            try (Stream<Path> files = Files.list(failure.evidence().orElseThrow())) {
                assertThat(files).isNotEmpty().allSatisfy(file -> assertThat(
                                Files.readString(file, StandardCharsets.ISO_8859_1))
                        .doesNotContain("top secret")
                        .doesNotContain("$6$"));
            }
        }
    }
}
