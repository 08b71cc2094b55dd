package org.oz4j;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/** Something that was to be done in a guest failed; its image is unchanged. */
public final class CustomizeFailedException extends OzException {
    private static final long serialVersionUID = 1L;

    private final String guest;
    private final String action;
    private final int status;
    private final transient List<String> lastLines;
    private final transient @Nullable Path evidence;

    /**
     * Makes an exception.
     *
     * @param guest the template's name
     * @param action what was being done, such as {@code command enable}
     * @param status the exit status; -1 where there is none
     * @param lastLines what it printed last
     * @param evidence a folder with the console log and all output
     */
    public CustomizeFailedException(
            String guest, String action, int status, List<String> lastLines, @Nullable Path evidence) {
        super(
                "Customising '" + guest + "' failed: " + action
                        + (status < 0 ? " did not end well" : " ended with status " + status)
                        + (lastLines.isEmpty() ? "" : ": " + lastLines.get(lastLines.size() - 1)),
                evidence == null ? null : "All that was printed is in " + evidence,
                null);
        this.guest = guest;
        this.action = action;
        this.status = status;
        this.lastLines = List.copyOf(lastLines);
        this.evidence = evidence;
    }

    /** The template's name. */
    public String guest() {
        return guest;
    }

    /** What was being done. */
    public String action() {
        return action;
    }

    /** The exit status; -1 where there is none. */
    public int status() {
        return status;
    }

    /** What it printed last. */
    public List<String> lastLines() {
        return lastLines;
    }

    /** The folder with the console log and all output. */
    public Optional<Path> evidence() {
        return Optional.ofNullable(evidence);
    }
}
