package org.oz4j.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;

import org.oz4j.config.OzConfig;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;
import org.oz4j.media.MediaStore.Kind;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code oz cleanup-cache}. */
@Command(
        name = "cleanup-cache",
        mixinStandardHelpOptions = true,
        description = {
            "Deletes what is kept: install media, what was made of them, and what is left of both.",
            "What is in use stays."
        })
final class CleanupCacheCommand implements Callable<Integer> {
    /** The kinds, for {@code --help} and the shell's completion. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Kind.values()).map(Kind::label).iterator();
        }
    }

    /** Reads a kind. */
    static final class ToKind implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String label) {
            return Arrays.stream(Kind.values())
                    .filter(kind -> kind.label().equals(label.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "\"" + label + "\" is none of " + String.join(", ", new Kinds())));
        }
    }

    private final Context context;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--dry-run", description = "Only say what would be deleted.")
    private boolean dryRun;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            converter = ToKind.class,
            completionCandidates = Kinds.class,
            description = "Only these kinds, of: ${COMPLETION-CANDIDATES}.")
    private Set<Kind> kinds = EnumSet.allOf(Kind.class);

    CleanupCacheCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        return clean(context, config.read(context), kinds, dryRun);
    }

    static int clean(Context context, OzConfig config, Set<Kind> kinds, boolean dryRun)
            throws IOException, InterruptedException {
        MediaStore store = new LocalMediaStore(config.dataDir().resolve("cache"), context.time());
        long bytes = 0;
        for (MediaStore.Kept kept : store.kept()) {
            if (kinds.contains(kept.kind())) {
                boolean gone = dryRun || store.remove(kept);
                context.out()
                        .println((gone ? "" : "in use: ") + kept.kind().label() + "  " + kept.name() + "  "
                                + Texts.size(kept.bytes()));
                bytes += gone ? kept.bytes() : 0;
            }
        }
        context.out().println((dryRun ? "Would free " : "Freed ") + Texts.size(bytes));
        return ExitCode.OK;
    }
}
