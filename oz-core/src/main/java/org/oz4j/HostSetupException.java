package org.oz4j;

import java.util.List;

import org.jspecify.annotations.Nullable;

/** The host lacks something that the build needs. */
public final class HostSetupException extends OzException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> packages;

    /** Makes an exception that names the Debian packages to install; the list may be empty. */
    public HostSetupException(
            String problem, @Nullable String remedy, List<String> packages, @Nullable Throwable cause) {
        super(problem, remedy, cause);
        this.packages = List.copyOf(packages);
    }

    /** The Debian packages that would mend it; empty where no package does. */
    public List<String> packages() {
        return packages;
    }
}
