package org.oz4j.engine;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import org.jspecify.annotations.Nullable;
import org.oz4j.Diagnosis;
import org.oz4j.DiskException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.OzException;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.Machine;
import org.slf4j.LoggerFactory;

/** Makes the exception of a failed install, and leaves all that there is to be looked at. */
final class InstallFailure {
    static final String REPORT = "report.json";
    static final String ANSWERS = "answers.txt";

    private static final int QUOTED_LINES = 8;

    private InstallFailure() {}

    /**
     * Makes it.
     *
     * @param progress of the step that failed
     * @param kind how it failed
     * @param doing what the installer was at; empty where it had ended
     * @param what happened, as the end of a sentence
     * @param advice what to do about it, where the cause is not known better
     * @param trouble the guest's line by which that was seen
     * @param running the machine, where it still runs
     */
    static InstallFailedException of(
            GuestBuild build,
            Progress progress,
            Kind kind,
            String doing,
            String what,
            String advice,
            Optional<String> trouble,
            @Nullable Machine running)
            throws IOException, InterruptedException {
        checkFolder(build);
        Evidence evidence = Evidence.collect(build, running);
        List<String> logged = new ArrayList<>(evidence.lastLogged());
        Optional<OzException> runsOn = Optional.empty();
        if (build.engine.looksIntoDisks()) {
            runsOn = end(build);
            if (runsOn.isEmpty()) {
                logged.addAll(installerLogs(build, evidence.folder(), progress));
            }
        }
        Diagnosis diagnosis = Diagnoser.diagnose(kind, trouble, evidence.lastLines(), logged);
        String cause = diagnosis.words().isPresent()
                ? " (" + diagnosis.cause().label() + ": " + diagnosis.words().get() + ")"
                : "";
        List<String> lines = evidence.lastLines();
        String quote =
                quote("; it showed last:", last(lines)) + quote("; its log ends with:", last(evidence.lastLogged()));
        InstallFailedException failure = new InstallFailedException(
                kind,
                diagnosis,
                "Installing '" + build.template.name() + "' failed" + (doing.isEmpty() ? "" : " while " + doing) + ": "
                        + what + cause + quote,
                diagnosis.remedy().orElse(advice) + "; the evidence is in " + evidence.folder(),
                lines,
                evidence.folder(),
                null);
        runsOn.ifPresent(failure::addSuppressed);
        try (Writer report = Files.newBufferedWriter(evidence.folder().resolve(REPORT))) {
            report(report, build, failure, doing);
            answers(build, evidence.folder());
        } catch (IOException | OzException e) {
            LoggerFactory.getLogger(InstallFailure.class)
                    .debug("Not all of the evidence could be kept in {}", evidence.folder(), e);
        }
        return failure;
    }

    /** Ends the machine, since nothing may write to the disk any more; returns what kept us from that. */
    private static Optional<OzException> end(GuestBuild build) {
        try {
            build.endMachine();
            return Optional.empty();
        } catch (OzException e) {
            return Optional.of(e);
        }
    }

    /** The last lines of the logs on the disk; whatever keeps them from us is told in the evidence. */
    private static List<String> installerLogs(GuestBuild build, Path evidence, Progress progress)
            throws InterruptedException {
        try {
            return InstallerLogs.copy(build, evidence, progress);
        } catch (IOException | OzException e) {
            Evidence.lack(evidence, "The installer's logs on the disk: " + e.getMessage());
            return List.of();
        }
    }

    /**
     * Holds that the files of the build are there.
     *
     * @throws DiskException where they were taken away
     */
    static void checkFolder(GuestBuild build) {
        Path folder = build.folder();
        if (!Files.isDirectory(folder)) {
            throw new DiskException(
                    folder,
                    "The folder " + folder + ", where '" + build.template.name()
                            + "' was being built, is gone: something else took it away",
                    "Find out what deletes there, and install again",
                    null);
        }
    }

    private static List<String> last(List<String> lines) {
        return lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size());
    }

    private static String quote(String title, List<String> lines) {
        return lines.isEmpty() ? "" : title + "\n  | " + String.join("\n  | ", lines) + "\n";
    }

    /** By the streaming writer, since a mapper of objects takes a program's first failure a tenth of a second to load. */
    private static void report(Writer target, GuestBuild build, InstallFailedException failure, String doing)
            throws IOException {
        Diagnosis diagnosis = failure.diagnosis();
        try (JsonGenerator json = new JsonFactory().createGenerator(target)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));
            json.writeStartObject();
            json.writeStringField("name", build.template.name());
            json.writeStringField("os", build.match.release().title());
            json.writeStringField("arch", build.template.os().arch().toString());
            json.writeStringField("kind", failure.kind().name());
            json.writeStringField("cause", diagnosis.cause().name());
            if (diagnosis.words().isPresent()) {
                json.writeStringField("words", diagnosis.words().get());
            }
            if (!doing.isEmpty()) {
                json.writeStringField("doing", doing);
            }
            json.writeStringField("problem", failure.problem());
            if (failure.remedy().isPresent()) {
                json.writeStringField("remedy", failure.remedy().get());
            }
            json.writeStringField("failed", build.engine.time().now().toString());
            long nanos = build.engine.time().nanoTime() - build.started;
            json.writeNumberField("seconds", Duration.ofNanos(nanos).toSeconds());
            json.writeStringField(
                    "medium", build.template.os().install().location().toString());
            json.writeStringField("hypervisor", build.engine.hypervisor().uri());
            HostFacts host = build.host;
            if (host != null) {
                json.writeStringField("hypervisorVersion", host.version());
                json.writeStringField(
                        "virtType", host.virtType(build.template.os().arch()).name());
            }
            json.writeEndObject();
        }
    }

    /** The plugin's answer file with stars in place of secrets; one of the user's own is theirs to look at. */
    private static void answers(GuestBuild build, Path folder) throws IOException {
        if (build.ownAnswers().isEmpty()) {
            Files.writeString(folder.resolve(ANSWERS), InstallSteps.maskedAnswers(build));
        }
    }
}
