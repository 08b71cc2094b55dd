package org.oz4j.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code oz customize}. */
@Command(
        name = "customize",
        mixinStandardHelpOptions = true,
        description = {
            "Puts a template's repositories, packages, files and commands into an installed image.",
            "The image is the old one until all is done; where anything fails it stays as it was."
        })
final class CustomizeCommand implements Callable<Integer> {
    private final Context context;

    @Parameters(index = "0", paramLabel = "TEMPLATE", description = "The template that the image was installed from.")
    private Path templateFile = Path.of("");

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "IMAGE",
            description = "The image; by default the configured folder and the template's name.")
    private @Nullable Path image;

    @Mixin
    private TemplateOptions reading = new TemplateOptions();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration, in place of the usual places.")
    private @Nullable Path configFile;

    @Option(names = "--keep-evidence", description = "Keep the logs of a success too.")
    private boolean keepEvidence;

    @Option(names = "--json", description = "Write one JSON object a line for each event to standard output.")
    private boolean json;

    @ParentCommand
    private OzCommand oz = new OzCommand();

    CustomizeCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        OzConfig config = context.backend().config(Optional.ofNullable(configFile));
        GuestOptions options = new GuestOptions(Optional.empty(), Optional.empty(), false, keepEvidence);
        try (Oz opened = context.backend().open(config)) {
            Guest guest = opened.guest(
                    context.backend().template(templateFile, reading.options().withNetwork(config.network())), options);
            InstalledImage installed = guest.imageAt(Builds.imageOr(image, config, guest));
            Builds.watched(context, json, oz.debug(), listener -> guest.customizer()
                    .customize(installed, listener, context.token()));
            if (!json) {
                context.out().println("Image:  " + installed.disk());
            }
        }
        return ExitCode.OK;
    }
}
