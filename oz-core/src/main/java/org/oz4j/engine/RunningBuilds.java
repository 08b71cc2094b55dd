package org.oz4j.engine;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.oz4j.CancellationToken;

/**
 * The builds that run, so that closing Oz, or the end of the program, cancels them and waits for their clean-up.
 *
 * <p>The end of the program is heard of by a shutdown hook, which is there only while builds run.
 */
final class RunningBuilds {
    private static final long SHUTDOWN_SECONDS = 5;

    private final Optional<Semaphore> turns;
    private final CancellationToken closing = CancellationToken.create();
    private final Set<Thread> threads = new HashSet<>();
    private @Nullable Thread hook;
    private boolean closed;

    /** Lets so many builds run at once; 0 for any number. */
    RunningBuilds(int parallel) {
        turns = parallel == 0 ? Optional.empty() : Optional.of(new Semaphore(parallel, true));
    }

    /** Waits until fewer builds run than may; each that came before goes first. */
    void awaitTurn(Runnable onWait) throws InterruptedException {
        if (turns.isPresent() && !turns.get().tryAcquire()) {
            onWait.run();
            turns.get().acquire();
        }
    }

    /** Lets the next build run. */
    void endTurn() {
        turns.ifPresent(Semaphore::release);
    }

    CancellationToken closing() {
        return closing;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized void enter() {
        if (threads.isEmpty()) {
            Thread fresh = new Thread(this::shutDown, "oz-shutdown");
            try {
                Runtime.getRuntime().addShutdownHook(fresh);
                hook = fresh;
            } catch (IllegalStateException e) {
                closing.cancel(); // the program is ending already
            }
        }
        threads.add(Thread.currentThread());
    }

    synchronized void leave() {
        threads.remove(Thread.currentThread());
        if (threads.isEmpty() && hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // the hook runs, and waits for us
            }
            hook = null;
        }
        notifyAll();
    }

    /** Cancels all and waits for their clean-up; a build that calls this itself is not waited for. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        closing.cancel();
        boolean interrupted = false;
        synchronized (this) {
            while (threads.stream().anyMatch(thread -> thread != Thread.currentThread())) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void shutDown() {
        closing.cancel();
        synchronized (this) {
            try {
                for (long left = TimeUnit.SECONDS.toMillis(SHUTDOWN_SECONDS) / 50;
                        left > 0 && !threads.isEmpty();
                        left--) {
                    wait(50);
                }
            } catch (InterruptedException e) {
                // the program ends now
            }
        }
    }
}
