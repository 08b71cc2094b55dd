package org.oz4j.cli;

import java.io.IOException;
import java.util.concurrent.Callable;

import org.oz4j.config.OzConfig;
import org.oz4j.media.MediaStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code oz cleanup-cache}. */
@Command(
        name = "cleanup-cache",
        mixinStandardHelpOptions = true,
        description = "Deletes kept install media. What is being fetched just now stays.")
final class CleanupCacheCommand implements Callable<Integer> {
    private final Context context;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--dry-run", description = "Only say what would be deleted.")
    private boolean dryRun;

    CleanupCacheCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        return clean(context, config.read(context), dryRun);
    }

    static int clean(Context context, OzConfig config, boolean dryRun) throws IOException {
        MediaStore store = new MediaStore(config.dataDir().resolve("cache"), context.time());
        long bytes = 0;
        for (MediaStore.Kept kept : store.kept()) {
            boolean gone = dryRun || store.remove(kept);
            context.out().println((gone ? "" : "in use: ") + kept.file() + "  " + Texts.size(kept.bytes()));
            bytes += gone ? kept.bytes() : 0;
        }
        context.out().println((dryRun ? "Would free " : "Freed ") + Texts.size(bytes));
        return ExitCode.OK;
    }
}
