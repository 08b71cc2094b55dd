package org.oz4j.media;

/** Hears how far a transfer is. */
@FunctionalInterface
public interface TransferListener {
    /** Hears nothing. */
    TransferListener NONE = (done, total) -> {};

    /**
     * Some bytes have come.
     *
     * @param done bytes so far
     * @param total bytes in all; -1 where that is not known
     */
    void transferred(long done, long total);
}
