package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.oz4j.Diagnosis;
import org.oz4j.DiskException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.OzException;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.Machine;
import org.oz4j.icicle.JsonText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the exception of a failed install, and leaves all that there is to be looked at. */
final class InstallFailure {
    static final String REPORT = "report.json";
    static final String ANSWERS = "answers.txt";

    private static final Logger LOG = LoggerFactory.getLogger(InstallFailure.class);
    private static final int QUOTED_LINES = 8;

    private InstallFailure() {}

    /**
     * Makes it.
     *
     * @param kind how it failed
     * @param doing what the installer was at; empty where it had ended
     * @param what happened, as the end of a sentence
     * @param advice what to do about it, where the cause is not known better
     * @param trouble the guest's line by which that was seen
     * @param running the machine, where it still runs
     */
    static InstallFailedException of(
            GuestBuild build,
            Kind kind,
            String doing,
            String what,
            String advice,
            Optional<String> trouble,
            @Nullable Machine running)
            throws IOException, InterruptedException {
        checkFolder(build);
        Evidence evidence = Evidence.collect(build, running);
        Diagnosis diagnosis = Diagnoser.diagnose(kind, trouble, evidence.lastLines(), evidence.lastLogged());
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
        try {
            Files.writeString(evidence.folder().resolve(REPORT), report(build, failure, doing));
            answers(build, evidence.folder());
        } catch (IOException | OzException e) {
            LOG.debug("Not all of the evidence could be kept in {}", evidence.folder(), e);
        }
        return failure;
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

    private static String report(GuestBuild build, InstallFailedException failure, String doing) {
        Diagnosis diagnosis = failure.diagnosis();
        ObjectNode report = JsonText.object()
                .put("name", build.template.name())
                .put("os", build.match.release().title())
                .put("arch", build.template.os().arch().toString())
                .put("kind", failure.kind().name())
                .put("cause", diagnosis.cause().name());
        diagnosis.words().ifPresent(words -> report.put("words", words));
        if (!doing.isEmpty()) {
            report.put("doing", doing);
        }
        report.put("problem", failure.problem());
        failure.remedy().ifPresent(remedy -> report.put("remedy", remedy));
        report.put("failed", build.engine.time().now().toString())
                .put(
                        "seconds",
                        Duration.ofNanos(build.engine.time().nanoTime() - build.started)
                                .toSeconds())
                .put("medium", build.template.os().install().location().toString())
                .put("hypervisor", build.engine.hypervisor().uri());
        HostFacts host = build.host;
        if (host != null) {
            report.put("hypervisorVersion", host.version())
                    .put("virtType", host.virtType(build.template.os().arch()).name());
        }
        return JsonText.write(report);
    }

    /** The plugin's answer file with stars in place of secrets; one of the user's own is theirs to look at. */
    private static void answers(GuestBuild build, Path folder) throws IOException {
        if (build.ownAnswers().isEmpty()) {
            Files.writeString(folder.resolve(ANSWERS), InstallSteps.maskedAnswers(build));
        }
    }
}
