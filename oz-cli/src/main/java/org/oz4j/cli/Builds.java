package org.oz4j.cli;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.oz4j.CancellationToken;
import org.oz4j.Guest;
import org.oz4j.InstalledImage;

/** Runs an install and shows how it goes. */
final class Builds {
    private Builds() {}

    /** Installs; progress goes to the context's output, as JSON, as a bar or as lines. */
    static InstalledImage install(Context context, Guest guest, boolean json, boolean debug) {
        if (json) {
            return guest.installer().install(new JsonProgress(context.out()), context.token());
        }
        if (!context.terminal().interactive() || debug) {
            return guest.installer().install(new PlainProgress(context.out(), debug), context.token());
        }
        BarProgress bar = new BarProgress(
                context.out(), context.time(), context.terminal().columns());
        ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "oz-progress");
            thread.setDaemon(true);
            return thread;
        });
        try {
            // an installer may say nothing for minutes; the elapsed time shows that we live
            var unused = ticker.scheduleAtFixedRate(bar::tick, 1, 1, TimeUnit.SECONDS);
            return guest.installer().install(bar, context.token());
        } finally {
            ticker.shutdownNow();
            bar.clear();
        }
    }

    /** Runs something that has no token of its own; a cancellation interrupts it. */
    static <T> T interruptible(CancellationToken token, Interruptible<T> work) throws Exception {
        Thread thread = Thread.currentThread();
        try (CancellationToken.Registration registration = token.onCancel(thread::interrupt)) {
            return work.run();
        }
    }

    /** Work that ends early on an interrupt. */
    interface Interruptible<T> {
        T run() throws Exception;
    }
}
