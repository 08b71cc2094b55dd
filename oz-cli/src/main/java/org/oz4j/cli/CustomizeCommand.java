package org.oz4j.cli;

import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import org.oz4j.VisitChoices;
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

    @Option(
            names = "--verify",
            description =
                    "Boot the new image before it takes the old one's place, and refuse it where a service fails.")
    private boolean verify;

    @Option(
            names = "--seal",
            description =
                    "In the end, take out what one machine has of its own: machine-id, the ssh server's keys, leases, "
                            + "logs, cloud-init's state and random seeds. Needs libguestfs.")
    private boolean seal;

    @Option(
            names = "--resume",
            description =
                    "Keep what was done where something fails, and go on there the next time: at the first repository, "
                            + "package, file or command that failed or that the template now has otherwise.")
    private boolean resume;

    @Option(names = "--json", description = "Write one JSON object a line for each event to standard output.")
    private boolean json;

    CustomizeCommand(Context context) {
        super(context);
    }

    @Override
    GuestOptions options() {
        return super.options().withKeepEvidence(keepEvidence);
    }

    @Override
    VisitChoices choices() {
        return VisitChoices.NONE.withSeal(seal).withVerify(verify).withResume(resume);
    }

    @Override
    void visit(Guest guest, InstalledImage installed, boolean debug) {
        Builds.customize(context, guest, installed, json, debug);
        if (!json) {
            context.out().println("Image:  " + installed.disk());
        }
    }
}
