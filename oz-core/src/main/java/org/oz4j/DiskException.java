package org.oz4j;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/** A disk image can't be created, read or published. */
public final class DiskException extends OzException {
    private static final long serialVersionUID = 1L;

    private final transient Path image;

    /** Makes an exception about that image. */
    public DiskException(Path image, String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(problem, remedy, cause);
        this.image = image;
    }

    /** The image. */
    public Path image() {
        return image;
    }
}
