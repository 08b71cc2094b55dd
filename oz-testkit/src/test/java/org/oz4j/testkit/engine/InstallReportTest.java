package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildCancelledException;
import org.oz4j.BuildEvent;
import org.oz4j.CancellationToken;
import org.oz4j.HypervisorException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstalledImage;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeHypervisor.Call;
import org.oz4j.testkit.GuestScript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What an install tells while it runs, and what one that failed leaves to be looked at, to the letter. */
class InstallReportTest {
    @TempDir
    private Path folder = Path.of("");

    private final CancellationToken token = CancellationToken.create();

    private Bench bench(FakeGuest guest) throws IOException {
        Bench bench = new Bench(folder, guest);
        bench.hypervisor.time().advance(Duration.ofMinutes(7)); // the host's clock does not begin with the build
        return bench;
    }

    private InstallFailedException failure(Bench bench) {
        return Objects.requireNonNull(catchThrowableOfType(
                InstallFailedException.class,
                () -> bench.oz.guest(bench.template("bad")).installer().install(bench.events::add, token)));
    }

    private static Set<String> names(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return new TreeSet<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private String events(Bench bench) {
        StringBuilder text = new StringBuilder();
        for (BuildEvent event : bench.events) {
            String line = event.toString().replace(folder.toString(), "FOLDER");
            text.append(line.lines().findFirst().orElse("")).append('\n');
        }
        return text.toString();
    }

    @Test
    void anInstallTellsItsStepsWithTheirDurationsAndHowFarItIs() throws Exception {
        try (Bench bench = bench(machine -> GuestScript.start()
                .prints("30% of nothing that we know\n")
                .after(Duration.ofSeconds(3))
                .prints("Copying files\n")
                .worksFor(Duration.ofMinutes(20))
                .installs()
                .says(1, machine.token(Bench.TOKEN) + "\n")
                .powersOff())) {
            InstalledImage image =
                    bench.oz.guest(bench.template("one")).installer().install(bench.events::add);

            assertThat(events(bench))
                    .isEqualTo(
                            """
                    Started[build=one, os=ScriptedOS 1 x86_64, at=2026-01-01T00:07:00Z, \
                    steps=[reserve, fetch, describe, medium, disk image, install, check, publish]]
                    StepStarted[build=one, step=reserve]
                    Notice[build=one, step=reserve, text=Guests run by KVM: the test says so]
                    StepFinished[build=one, step=reserve, took=PT0S]
                    StepStarted[build=one, step=fetch]
                    StepFinished[build=one, step=fetch, took=PT0S]
                    StepStarted[build=one, step=describe]
                    StepFinished[build=one, step=describe, took=PT0S]
                    StepStarted[build=one, step=medium]
                    StepFinished[build=one, step=medium, took=PT0S]
                    StepStarted[build=one, step=disk image]
                    StepFinished[build=one, step=disk image, took=PT0S]
                    StepStarted[build=one, step=install]
                    StepProgress[build=one, step=install, text=starting the installer, fraction=0.0, overall=0.16, \
                    done=OptionalLong.empty, total=OptionalLong.empty, unit=]
                    ConsoleLine[build=one, step=install, line=30% of nothing that we know]
                    ConsoleLine[build=one, step=install, line=Copying files]
                    StepProgress[build=one, step=install, text=copying, fraction=0.5, overall=0.56, \
                    done=OptionalLong.empty, total=OptionalLong.empty, unit=]
                    StepFinished[build=one, step=install, took=PT20M3S]
                    StepStarted[build=one, step=check]
                    StepFinished[build=one, step=check, took=PT0S]
                    StepStarted[build=one, step=publish]
                    StepFinished[build=one, step=publish, took=PT0S]
                    Succeeded[build=one, image=InstalledImage[name=one, os=ScriptedOS 1, arch=x86_64, \
                    disk=FOLDER/home/.oz/images/one.dsk, furtherDisks=[], format=RAW, virtualSize=4194304, \
                    firmware=BIOS, domainXml=FOLDER/home/.oz/images/one.xml, took=PT20M3S]]
                    """);
            assertThat(image.took()).isEqualTo(Duration.ofSeconds(1203));
        }
    }

    @Test
    void anInstallThatFailsTellsOfItAndLeavesItsReport() throws Exception {
        try (Bench bench = bench(machine -> GuestScript.start()
                .prints("Copying files\nFATAL: no such disk: /dev/xyz\n")
                .shows(new byte[] {1, 2, 3})
                .worksFor(Duration.ofHours(1)))) {
            InstallFailedException failure = failure(bench);

            Path evidence = failure.evidence().orElseThrow();
            assertThat(names(evidence))
                    .containsExactly(
                            "answers.txt", "console.log", "last-lines.txt", "machine.xml", "report.json", "screen.png");
            assertThat(evidence.resolve("screen.png")).hasBinaryContent(new byte[] {1, 2, 3});
            assertThat(evidence.resolve("answers.txt"))
                    .hasContent("label=SCRIPTED\npassword=********\ntoken=********\n");
            assertThat(evidence.resolve("last-lines.txt")).hasContent("Copying files\nFATAL: no such disk: /dev/xyz\n");
            assertThat(Files.readString(evidence.resolve("report.json"))
                            .replace(evidence.toString(), "EVIDENCE")
                            .replace(bench.iso.toUri().toString(), "MEDIUM"))
                    .isEqualTo(
                            """
                    {
                      "name" : "bad",
                      "os" : "ScriptedOS 1",
                      "arch" : "x86_64",
                      "kind" : "INSTALLER_ERROR",
                      "cause" : "UNKNOWN",
                      "words" : "FATAL: no such disk: /dev/xyz",
                      "doing" : "at 'copying'",
                      "problem" : "Installing 'bad' failed while at 'copying': the installer reported an error \
                    (an unknown cause: FATAL: no such disk: /dev/xyz); it showed last:\\n  | Copying files\\n  \
                    | FATAL: no such disk: /dev/xyz\\n",
                      "remedy" : "Read the message; the evidence is in EVIDENCE",
                      "failed" : "2026-01-01T00:07:03Z",
                      "seconds" : 3,
                      "medium" : "MEDIUM",
                      "hypervisor" : "fake:///kvm",
                      "hypervisorVersion" : "fake 1.0",
                      "virtType" : "KVM"
                    }""");
            assertThat(events(bench))
                    .endsWith(
                            """
                    ConsoleLine[build=bad, step=install, line=FATAL: no such disk: /dev/xyz]
                    StepFailed[build=bad, step=install, problem=Installing 'bad' failed while at 'copying': \
                    the installer reported an error (an unknown cause: FATAL: no such disk: /dev/xyz); it showed last:
                    Failed[build=bad, cause=org.oz4j.InstallFailedException: Installing 'bad' failed while at \
                    'copying': the installer reported an error (an unknown cause: FATAL: no such disk: /dev/xyz); \
                    it showed last:
                    """);
        }
    }

    @Test
    void anInstallThatWasCancelledTellsWhichStepWas() throws Exception {
        try (Bench bench = bench(machine -> GuestScript.start()
                .worksFor(Duration.ofMinutes(5))
                .runs(token::cancel)
                .worksFor(Duration.ofHours(1)))) {
            assertThatThrownBy(() ->
                            bench.oz.guest(bench.template("bad")).installer().install(bench.events::add, token))
                    .isInstanceOf(BuildCancelledException.class);

            List<BuildEvent> last = bench.events.subList(bench.events.size() - 2, bench.events.size());
            assertThat(last.get(0)).isEqualTo(new BuildEvent.StepFailed("bad", "install", "cancelled"));
            assertThat(last.get(1).toString()).startsWith("Failed[build=bad, cause=org.oz4j.BuildCancelledException: ");
        }
    }

    @Test
    void anInstallerThatEndsByItselfIsReportedWithTheMachineThatItHad() throws Exception {
        try (Bench bench = bench(machine -> GuestScript.start()
                .after(Duration.ofSeconds(10))
                .says(1, "E: no space\n")
                .powersOff())) {
            InstallFailedException failure = failure(bench);

            Path evidence = failure.evidence().orElseThrow();
            assertThat(failure)
                    .hasMessage("Installing 'bad' failed while starting the installer: the guest powered off without"
                            + " saying that it was installed; its log ends with:\n  | E: no space\n"
                            + ". See what the installer printed last; the evidence is in " + evidence);
            assertThat(names(evidence))
                    .containsExactly("answers.txt", "installer.log", "last-lines.txt", "machine.xml", "report.json");
            assertThat(evidence.resolve("machine.xml")).content().contains("<name>bad</name>");
            assertThat(evidence.resolve("report.json"))
                    .content()
                    .contains("\"doing\" : \"starting the installer\"")
                    .contains("\"seconds\" : 10,")
                    .doesNotContain("\"words\"");
        }
    }

    @Test
    void whatOfTheEvidenceCanNotBeHadIsLeftOutAndToldOf() throws Exception {
        try (Bench bench = bench(machine -> GuestScript.start().panics())) {
            bench.hypervisor.failing(
                    Call.SCREENSHOT,
                    new HypervisorException(
                            HypervisorException.Kind.REFUSED, "fake:///kvm", "no screen here", null, null));

            Path evidence = failure(bench).evidence().orElseThrow();

            assertThat(names(evidence)).contains("machine.xml", "report.json").doesNotContain("screen.png");
            assertThat(evidence.resolve("not-collected.txt")).hasContent("no screen here\n");
        }
    }
}
