package org.oz4j.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code oz} itself: what all commands share. */
@Command(
        name = "oz",
        mixinStandardHelpOptions = true,
        versionProvider = OzVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Installs operating systems unattended, by their vendors' own installers.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:bad usage, or a template or configuration that can't be used",
            "130:interrupted; all is cleaned up"
        })
final class OzCommand {
    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show more: the guest's console in the progress, the log and stack traces on standard error.")
    private boolean debug;

    /** Whether the user wants to see everything. */
    boolean debug() {
        return debug;
    }
}
