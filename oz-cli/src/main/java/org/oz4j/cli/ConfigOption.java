package org.oz4j.cli;

import java.nio.file.Path;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.config.LoadedConfig;
import org.oz4j.config.OzConfig;
import picocli.CommandLine.Option;

/** Which configuration is read: the option that every command has which reads one. */
final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration, in place of the usual places.")
    private @Nullable Path file;

    /** Reads it; warnings go to the context's errors. */
    OzConfig read(Context context) {
        return load(context).config();
    }

    /** Reads it, and tells where its values come from. */
    LoadedConfig load(Context context) {
        LoadedConfig loaded = context.backend().loadedConfig(Optional.ofNullable(file));
        loaded.warnings().forEach(warning -> context.err().println("oz: warning: " + warning));
        return loaded;
    }

    /** The file that was named. */
    @Nullable
    Path file() {
        return file;
    }
}
