package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.Guest;
import org.oz4j.InstalledImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code oz icicle}. */
@Command(
        name = "icicle",
        mixinStandardHelpOptions = true,
        description = {
            "Lists what is installed in an image, as ICICLE XML.",
            "Boots the image on a throw-away overlay; the image itself is only read."
        })
final class IcicleCommand extends VisitCommand {
    @Option(
            names = {"-i", "--icicle", "--output"},
            paramLabel = "FILE",
            description = "Write the XML there, in place of standard output.")
    private @Nullable Path output;

    @Option(names = "--names-only", description = "Leave out what the first readers of ICICLE don't know: versions.")
    private boolean namesOnly;

    IcicleCommand(Context context) {
        super(context);
    }

    @Override
    void visit(Guest guest, InstalledImage installed, boolean debug) throws IOException {
        Builds.icicle(context, guest, installed, Optional.ofNullable(output), !namesOnly, debug);
    }
}
