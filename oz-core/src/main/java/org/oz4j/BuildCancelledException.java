package org.oz4j;

import org.jspecify.annotations.Nullable;

/** The build was cancelled, by an interrupt or by its token, and has cleaned up. */
public final class BuildCancelledException extends OzException {
    private static final long serialVersionUID = 1L;

    /** Makes an exception about the build of that name. */
    public BuildCancelledException(String name, @Nullable Throwable cause) {
        this(name, false, cause);
    }

    /**
     * Makes an exception about the build of that name.
     *
     * @param machineLeft whether its machine could not be ended
     */
    public BuildCancelledException(String name, boolean machineLeft, @Nullable Throwable cause) {
        super(
                "The build of '" + name + "' was cancelled; "
                        + (machineLeft
                                ? "its machine could not be ended, which the next build of that name does"
                                : "nothing of it was left behind"),
                null,
                cause);
    }
}
