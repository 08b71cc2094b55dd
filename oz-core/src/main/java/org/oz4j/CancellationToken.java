package org.oz4j;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Cancels builds from another thread.
 *
 * <p>A token may be shared by many builds, and is cancelled for good: a build started with a cancelled token ends at
 * once with {@link BuildCancelledException}. Safe for use by many threads.
 */
public final class CancellationToken {
    /** Ends a registration made with {@link #onCancel}. */
    public interface Registration extends AutoCloseable {
        /** Takes the callback back; after the return it neither runs nor will run. */
        @Override
        void close();
    }

    private final Object lock = new Object();
    private final List<Runnable> callbacks = new ArrayList<>();
    private boolean cancelled;

    /** Makes a token that is not cancelled. */
    public static CancellationToken create() {
        return new CancellationToken();
    }

    private CancellationToken() {}

    /** Cancels; the first call runs the registered callbacks on the calling thread, further calls do nothing. */
    public void cancel() {
        synchronized (lock) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            callbacks.forEach(Runnable::run);
            callbacks.clear();
        }
    }

    /** Whether the token was cancelled. */
    public boolean isCancelled() {
        synchronized (lock) {
            return cancelled;
        }
    }

    /** Has a short, non-blocking callback run at the cancellation; at once where that has been. */
    public Registration onCancel(Runnable callback) {
        synchronized (lock) {
            if (cancelled) {
                callback.run();
            } else {
                callbacks.add(callback);
            }
        }
        AtomicReference<Runnable> registered = new AtomicReference<>(callback);
        return () -> {
            Runnable own = registered.getAndSet(null);
            if (own != null) {
                synchronized (lock) {
                    callbacks.removeIf(each -> each == own);
                }
            }
        };
    }
}
