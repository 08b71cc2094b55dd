package org.oz4j;

import java.nio.file.Path;

/** The image to be made is there already, and the caller did not allow to replace it. */
public final class ImageExistsException extends OzException {
    private static final long serialVersionUID = 1L;

    private final transient Path image;

    /** Makes an exception about that image. */
    public ImageExistsException(Path image) {
        super(
                "The image " + image + " exists already",
                "Move it away, or allow to replace it (GuestOptions.overwrite, oz install --force)",
                null);
        this.image = image;
    }

    /** The image in the way. */
    public Path image() {
        return image;
    }
}
