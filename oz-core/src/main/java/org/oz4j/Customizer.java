package org.oz4j;

/** Puts a template's repositories, packages, files and commands into an installed image. */
public interface Customizer {
    /**
     * Customises, and blocks until the image is complete; the image is the old one or the finished new one, never
     * something between. Cancelled like {@link Installer#install(BuildListener, CancellationToken)}.
     *
     * @throws OzException where anything fails; the image is unchanged then
     */
    InstalledImage customize(InstalledImage image, BuildListener listener, CancellationToken token);
}
