package org.oz4j;

/** Installs one guest by running its vendor's own installer. */
public interface Installer {
    /**
     * Installs, and blocks until the image is complete.
     *
     * <p>An interrupt of the calling thread, or the token, cancels: within seconds there is no machine, no partial
     * image and no temporary file, and {@link BuildCancelledException} is thrown (the thread's interrupt flag is kept).
     *
     * @param listener is told of all that happens, on the calling thread
     * @throws OzException where anything fails; nothing is left behind but the evidence that it names
     */
    InstalledImage install(BuildListener listener, CancellationToken token);

    /** Installs, with no way to cancel but an interrupt. */
    default InstalledImage install(BuildListener listener) {
        return install(listener, CancellationToken.create());
    }

    /** Installs, telling nobody. */
    default InstalledImage install() {
        return install(BuildListener.NONE);
    }
}
