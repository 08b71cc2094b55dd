package org.oz4j;

/** Lists what is inside an installed image. */
public interface IcicleGenerator {
    /**
     * Boots the image on a throw-away overlay, and lists what is inside; the image is unchanged. Cancelled like
     * {@link Installer#install(BuildListener, CancellationToken)}.
     *
     * @throws OzException where anything fails
     */
    Icicle generate(InstalledImage image, BuildListener listener, CancellationToken token);
}
