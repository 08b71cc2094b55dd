package org.oz4j.cli;

import java.util.Optional;

import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code oz customize}. */
@Command(
        name = "customize",
        mixinStandardHelpOptions = true,
        description = {
            "Puts a template's repositories, packages, files and commands into an installed image.",
            "The image is the old one until all is done; where anything fails it stays as it was."
        })
final class CustomizeCommand extends VisitCommand {
    @Option(names = "--keep-evidence", description = "Keep the logs of a success too.")
    private boolean keepEvidence;

    @Option(names = "--json", description = "Write one JSON object a line for each event to standard output.")
    private boolean json;

    CustomizeCommand(Context context) {
        super(context);
    }

    @Override
    GuestOptions options() {
        return new GuestOptions(Optional.empty(), Optional.empty(), false, keepEvidence);
    }

    @Override
    void visit(Guest guest, InstalledImage installed, boolean debug) {
        Builds.customize(context, guest, installed, json, debug);
        if (!json) {
            context.out().println("Image:  " + installed.disk());
        }
    }
}
