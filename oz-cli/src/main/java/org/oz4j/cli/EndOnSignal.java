package org.oz4j.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.oz4j.CancellationToken;

/**
 * Cleans up when the program is told to end (Ctrl-C, SIGTERM).
 *
 * <p>The JVM then runs its shutdown hooks while the main thread goes on. Our hook cancels the token, waits for the main
 * thread to say that it is done, and ends the JVM itself: the main thread's own {@code System.exit} would wait for the
 * hooks, and the exit code of a signal would be told even where all was done.
 */
final class EndOnSignal {
    private static final long PATIENCE_SECONDS = 5;

    private final CancellationToken token;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile int status = ExitCode.INTERRUPTED;

    private EndOnSignal(CancellationToken token) {
        this.token = token;
    }

    /** From now on a signal cancels that token. */
    static EndOnSignal install(CancellationToken token) {
        EndOnSignal ending = new EndOnSignal(token);
        Runtime.getRuntime().addShutdownHook(new Thread(ending::end, "oz-end"));
        return ending;
    }

    /**
     * Says that nothing is left to be cleaned up.
     *
     * @param result what the program ends with: success, where the signal came too late to stop anything
     */
    void done(int result) {
        status = result;
        done.countDown();
    }

    private void end() {
        if (done.getCount() == 0) {
            return;
        }
        token.cancel();
        try {
            if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("oz: the clean-up takes too long; ending without it");
            }
        } catch (InterruptedException e) {
            // the JVM ends all the same
        }
        Runtime.getRuntime().halt(status);
    }
}
