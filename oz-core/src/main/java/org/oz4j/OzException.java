package org.oz4j;

import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything that goes wrong in Oz: what failed, on which input, and what to do about it.
 *
 * <p>The message holds both {@link #problem()} and {@link #remedy()}, so that a log line alone is enough to act on.
 * Failures met while cleaning up are attached as suppressed exceptions; they never replace the cause.
 */
public abstract class OzException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String problem;
    private final @Nullable String remedy;

    /**
     * Makes an exception.
     *
     * @param problem what failed and on which input, a sentence without a full stop
     * @param remedy what the reader can do, a sentence without a full stop, or null where nothing is known
     */
    protected OzException(String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(remedy == null ? problem : problem + ". " + remedy, cause);
        this.problem = problem;
        this.remedy = remedy;
    }

    /** What failed, and on which input. */
    public String problem() {
        return problem;
    }

    /** What to do about it, where that is known. */
    public Optional<String> remedy() {
        return Optional.ofNullable(remedy);
    }

    /** Whether the same call may go through later with nothing changed, as after a mirror's hiccup. */
    public boolean isRetryable() {
        return false;
    }
}
