package org.oz4j.cli;

import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Guest;
import org.oz4j.InstalledImage;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;

/** Runs an install and shows how it goes. */
final class Builds {
    private Builds() {}

    /** Installs; progress goes to the context's output, as JSON, as a bar or as lines. */
    static InstalledImage install(Context context, Guest guest, boolean json, boolean debug) {
        return watched(context, json, debug, listener -> guest.installer().install(listener, context.token()));
    }

    /** The image that was named, or the one that an install of the guest would make. */
    static Path imageOr(@Nullable Path named, OzConfig config, Guest guest) {
        return named != null
                ? named
                : config.outputDir()
                        .resolve(guest.template().name()
                                + guest.template().disks().stream()
                                        .findFirst()
                                        .flatMap(Template.Disk::format)
                                        .orElse(config.imageFormat())
                                        .extension());
    }

    /** Runs a build; progress goes to the context's output, as JSON, as a bar or as lines. */
    static <T> T watched(Context context, boolean json, boolean debug, Function<BuildListener, T> build) {
        if (json) {
            return build.apply(new JsonProgress(context.out()));
        }
        if (!context.terminal().interactive() || debug) {
            return build.apply(new PlainProgress(context.out(), debug));
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
            return build.apply(bar);
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
