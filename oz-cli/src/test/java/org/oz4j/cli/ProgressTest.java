package org.oz4j.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.oz4j.BuildEvent;
import org.oz4j.Diagnosis;
import org.oz4j.InstallFailedException;
import org.oz4j.testkit.VirtualTime;

import static org.assertj.core.api.Assertions.assertThat;

class ProgressTest {
    private final StringWriter text = new StringWriter();
    private final PrintWriter out = new PrintWriter(text, true);

    @Test
    void writesALineForEachStepEachThingDoneAndEachTenth() {
        PlainProgress plain = new PlainProgress(out, false);

        Stage.events().forEach(plain::on);

        assertThat(text)
                .hasToString(
                        """
                web: Debian 13 x86_64
                web: [1/2] Fetching the medium
                web:   5 % debian.iso
                web:  10 % debian.iso
                web: [2/2] Running the installer
                web: note: KVM is not used
                web:  46 % Unpacking the base system
                web: done in 27:41
                """);
    }

    @Test
    void writesTheConsoleWhereItWasAskedFor() {
        PlainProgress plain = new PlainProgress(out, true);

        Stage.events().forEach(plain::on);

        assertThat(text.toString()).contains("web: console: Loading \"kernel\"\n");
    }

    @Test
    void writesOneJsonObjectForEachEvent() {
        JsonProgress json = new JsonProgress(out);

        Stage.events().forEach(json::on);

        assertThat(text)
                .hasToString(
                        """
                {"event":"started","build":"web","os":"Debian 13 x86_64","at":"1970-01-01T00:00:00Z","steps":["Fetching the medium","Running the installer"]}
                {"event":"stepStarted","build":"web","step":"Fetching the medium"}
                {"event":"stepProgress","build":"web","step":"Fetching the medium","text":"debian.iso","fraction":0.5,"overall":0.05,"done":50,"total":100,"unit":"bytes"}
                {"event":"stepProgress","build":"web","step":"Fetching the medium","text":"debian.iso","fraction":1.0,"overall":0.1,"done":100,"total":100,"unit":"bytes"}
                {"event":"stepFinished","build":"web","step":"Fetching the medium","seconds":1.5}
                {"event":"stepStarted","build":"web","step":"Running the installer"}
                {"event":"notice","build":"web","step":"Running the installer","text":"KVM is not used"}
                {"event":"consoleLine","build":"web","step":"Running the installer","line":"Loading \\"kernel\\""}
                {"event":"stepProgress","build":"web","step":"Running the installer","text":"Unpacking the base system","fraction":0.4,"overall":0.46}
                {"event":"stepProgress","build":"web","step":"Running the installer","text":"Unpacking the base system","fraction":0.42,"overall":0.48}
                {"event":"stepFinished","build":"web","step":"Running the installer","seconds":1200.0}
                {"event":"succeeded","build":"web","os":"Debian 13","arch":"x86_64","image":"/images/web.dsk","format":"raw","virtualSize":10737418240,"firmware":"BIOS","domainXml":"/images/web.xml","seconds":1661.0}
                """);
    }

    @Test
    void writesAFailureWithWhatTheInstallerSaid() {
        InstallFailedException cause = new InstallFailedException(
                InstallFailedException.Kind.PANIC,
                new Diagnosis(Diagnosis.Cause.KERNEL_PANIC, Optional.of("Kernel panic"), Optional.empty()),
                "The kernel gave up",
                "Give it more memory",
                List.of("Kernel panic"),
                Path.of("/evidence/web"),
                null);

        new JsonProgress(out).on(new BuildEvent.Failed("web", cause));

        assertThat(text)
                .hasToString(
                        """
                {"event":"failed","build":"web","type":"InstallFailedException","problem":"The kernel gave up","remedy":"Give it more memory","kind":"PANIC","cause":"KERNEL_PANIC","words":"Kernel panic","screen":["Kernel panic"],"evidence":"/evidence/web"}
                """);
    }

    @Test
    void drawsOneLineAgainAndAgain() {
        VirtualTime time = new VirtualTime();
        BarProgress bar = new BarProgress(out, time, 61);

        for (BuildEvent event : Stage.events()) {
            bar.on(event);
            time.advance(Duration.ofSeconds(20));
        }

        String redraw = "\r\u001b[K";
        assertThat(text.toString().split(Pattern.quote(redraw), -1))
                .containsExactly(
                        "web: Debian 13 x86_64\n",
                        "[--------------------]   0 % 0:00 ",
                        "[--------------------]   0 % 0:20 Fetching the medium",
                        "[#-------------------]   5 % 0:40 Fetching the medium: debi…",
                        "[##------------------]  10 % 1:00 Fetching the medium: debi…",
                        "[##------------------]  10 % 1:40 Running the installer",
                        "note: KVM is not used\n",
                        "[##------------------]  10 % 2:00 Running the installer",
                        "[#########-----------]  46 % 2:40 Running the installer: Un…",
                        "[#########-----------]  48 % 3:00 Running the installer: Un…",
                        "web: done in 27:41\n");
    }

    @Test
    void showsTheElapsedTimeWhileTheInstallerIsSilent() {
        VirtualTime time = new VirtualTime();
        BarProgress bar = new BarProgress(out, time, 80);
        bar.tick();
        assertThat(text).hasToString("");

        bar.on(new BuildEvent.StepStarted("web", "Running\u001b[2Jit"));
        time.advance(Duration.ofSeconds(3725));
        bar.tick();
        bar.clear();

        assertThat(text.toString()).endsWith("\r\u001b[K[--------------------]   0 % 1:02:05 Running [2Jit\r\u001b[K");
    }
}
