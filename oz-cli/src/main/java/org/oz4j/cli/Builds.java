package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Guest;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.Provenance;
import org.oz4j.icicle.IcicleFormat;
import org.oz4j.icicle.IcicleXml;
import org.oz4j.icicle.ProvenanceFile;

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

    /**
     * A list that is to be written.
     *
     * @param details whether ICICLE XML gets more than names
     * @param file where to; empty for the context's output
     */
    record Wanted(IcicleFormat format, boolean details, Optional<Path> file) {
        /** ICICLE XML with all that is known. */
        static List<Wanted> xml(@Nullable Path file) {
            return List.of(new Wanted(IcicleFormat.ICICLE, true, Optional.ofNullable(file)));
        }
    }

    /** Lists what is inside an image, in one boot for all that is wanted. */
    static void icicle(Context context, Guest guest, InstalledImage image, List<Wanted> wanted, boolean debug)
            throws IOException {
        // A list may be the output; then progress is not told.
        boolean quiet = wanted.stream().anyMatch(one -> one.file().isEmpty());
        // before the guest boots, so that a broken file is told of at once
        Optional<Provenance> provenance = wanted.stream().allMatch(one -> one.format() == IcicleFormat.ICICLE)
                ? Optional.empty()
                : ProvenanceFile.of(image.disk());
        Icicle icicle = watched(quiet ? context.silent() : context, false, debug, listener -> guest.icicleGenerator()
                .generate(image, listener, context.token()));
        Instant now = context.time().now();
        for (Wanted one : wanted) {
            String text = one.format() == IcicleFormat.ICICLE
                    ? IcicleXml.write(icicle, one.details())
                    : one.format().write(icicle, provenance, now);
            if (one.file().isPresent()) {
                Files.writeString(one.file().get(), text);
                if (!quiet) {
                    context.out()
                            .println(one.format().title() + " was written to "
                                    + one.file().get());
                }
            } else {
                context.out().print(text);
            }
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
