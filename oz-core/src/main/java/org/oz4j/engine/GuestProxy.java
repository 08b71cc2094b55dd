package org.oz4j.engine;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.config.Loopback;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.PackageCache;

/** The proxy that keeps what guests download; it starts with the first guest that is to use it. */
final class GuestProxy implements AutoCloseable {
    private final LocalMediaStore media;
    private final boolean wanted;
    private @Nullable PackageCache cache;
    private boolean closed;

    /** Makes one that starts where it is wanted. */
    GuestProxy(LocalMediaStore media, boolean wanted) {
        this.media = media;
        this.wanted = wanted;
    }

    /**
     * Its address as a guest sees it; empty where none is wanted, or where guests can't reach it: it listens on this
     * host's loopback, which QEMU's user mode network shows to guests and to nobody else.
     */
    synchronized Optional<URI> of(Network network) {
        if (!wanted || closed || !(network instanceof Network.User)) {
            return Optional.empty();
        }
        if (cache == null) {
            cache = media.packages();
        }
        return Optional.of(URI.create("http://" + Loopback.HOST_IN_USER_NETWORK + ":" + cache.port() + "/"));
    }

    /** What it did so far. */
    synchronized String summary() {
        return cache == null
                ? ""
                : "Of what guests downloaded, " + megabytes(cache.reusedBytes()) + " were kept from before, and "
                        + megabytes(cache.fetchedBytes()) + " were fetched";
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (cache != null) {
            cache.close();
        }
    }
}
