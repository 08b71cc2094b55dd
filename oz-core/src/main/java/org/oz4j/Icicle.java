package org.oz4j;

import java.util.List;
import java.util.Optional;

/**
 * What is inside an image.
 *
 * @param packages the installed packages, as the guest's package manager lists them
 * @param extra the output of the template's own icicle command
 */
public record Icicle(List<String> packages, Optional<String> extra) {
    /** Copies the list. */
    public Icicle {
        packages = List.copyOf(packages);
    }
}
