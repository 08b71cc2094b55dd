package org.oz4j;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/** The installer ran and did not succeed; holds what it said last and where the evidence lies. */
public final class InstallFailedException extends OzException {
    private static final long serialVersionUID = 1L;

    /** How the install failed. */
    public enum Kind {
        /** The installer printed that it failed. */
        INSTALLER_ERROR,
        /** The installer stopped to ask a question that the answer file leaves open. */
        QUESTION,
        /** The guest's kernel gave up. */
        PANIC,
        /** The guest powered off without saying that the install succeeded. */
        NO_SUCCESS_TOKEN,
        /** The guest powered off, and its disk does not look installed. */
        IMAGE_CHECK,
        /** The guest did nothing (disk, network, console) for too long. */
        INACTIVE,
        /** The install took longer than allowed. */
        TIME_LIMIT,
        /** The hypervisor stopped, paused or lost the machine. */
        MACHINE_FAILED
    }

    private final Kind kind;
    private final transient Diagnosis diagnosis;
    private final transient List<String> screen;
    private final transient @Nullable Path evidence;

    /**
     * Makes an exception.
     *
     * @param diagnosis why, as far as it is known
     * @param screen the last lines that the installer showed, in order; may be empty
     * @param evidence the folder with the screenshot, the console log and the machine's description
     */
    public InstallFailedException(
            Kind kind,
            Diagnosis diagnosis,
            String problem,
            @Nullable String remedy,
            List<String> screen,
            @Nullable Path evidence,
            @Nullable Throwable cause) {
        super(problem, remedy, cause);
        this.kind = kind;
        this.diagnosis = diagnosis;
        this.screen = List.copyOf(screen);
        this.evidence = evidence;
    }

    /** How the install failed. */
    public Kind kind() {
        return kind;
    }

    /** Why the install failed, as far as what the guest printed tells. */
    public Diagnosis diagnosis() {
        return diagnosis;
    }

    /** The last lines that the installer showed, in order. */
    public List<String> screen() {
        return screen;
    }

    /**
     * The folder with the report ({@code report.json}), screenshot, console log, installer's log, the answer file without its secrets, and
     * the machine's description.
     */
    public Optional<Path> evidence() {
        return Optional.ofNullable(evidence);
    }
}
