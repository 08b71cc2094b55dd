package org.oz4j.host;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Work that an interrupt does not reach by itself, such as reading from a socket or waiting for a disk. */
public final class Blocking {
    private Blocking() {}

    /**
     * Does work on a thread of its own, which does not keep the program from ending; an interrupt of the caller's returns
     * at once.
     *
     * @param abort ends the work, or nothing where that can be left to end by itself; run at an interrupt
     */
    public static <T> T interruptibly(Callable<T> work, Runnable abort) throws IOException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "oz-blocking");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            abort.run();
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof IOException known) {
                throw known;
            }
            if (cause instanceof RuntimeException known) {
                throw known;
            }
            throw new IOException(String.valueOf(cause), cause);
        }
    }

    /** Waits until a thread has ended, however often we are interrupted; an interrupt is kept. */
    public static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
