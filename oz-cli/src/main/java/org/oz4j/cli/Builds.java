package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Guest;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.icicle.IcicleXml;

/** Runs builds and shows how they go. */
final class Builds {
    private Builds() {}

    /** Installs; progress goes to the context's output, as JSON, as a bar or as lines. */
    static InstalledImage install(Context context, Guest guest, boolean json, boolean debug) {
        return watched(context, json, debug, listener -> guest.installer().install(listener, context.token()));
    }

    /** Customises an image; progress goes likewise. */
    static void customize(Context context, Guest guest, InstalledImage image, boolean json, boolean debug) {
        watched(context, json, debug, listener -> guest.customizer().customize(image, listener, context.token()));
    }

    /** Lists what is inside an image, as XML in that file or the context's output. */
    static void icicle(
            Context context,
            Guest guest,
            InstalledImage image,
            Optional<Path> file,
            boolean withVersions,
            boolean debug)
            throws IOException {
        // The XML is the output, so progress is told only where it goes elsewhere.
        Context told = file.isPresent() ? context : context.silent();
        Icicle icicle = watched(
                told, false, debug, listener -> guest.icicleGenerator().generate(image, listener, context.token()));
        String xml = IcicleXml.write(icicle, withVersions);
        if (file.isPresent()) {
            Files.writeString(file.get(), xml);
            context.out().println("ICICLE XML was written to " + file.get());
        } else {
            context.out().print(xml);
        }
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
