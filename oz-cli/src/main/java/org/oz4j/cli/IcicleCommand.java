package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import org.oz4j.Guest;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.icicle.IcicleXml;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code oz icicle}. */
@Command(
        name = "icicle",
        mixinStandardHelpOptions = true,
        description = {
            "Lists what is installed in an image, as ICICLE XML.",
            "Boots the image on a throw-away overlay; the image itself is only read."
        })
final class IcicleCommand implements Callable<Integer> {
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

    @Option(
            names = {"-i", "--icicle", "--output"},
            paramLabel = "FILE",
            description = "Write the XML there, in place of standard output.")
    private @Nullable Path output;

    @Option(names = "--names-only", description = "Leave out what the first readers of ICICLE don't know: versions.")
    private boolean namesOnly;

    @ParentCommand
    private OzCommand oz = new OzCommand();

    IcicleCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        OzConfig config = context.backend().config(Optional.ofNullable(configFile));
        Icicle icicle;
        try (Oz opened = context.backend().open(config)) {
            Guest guest = opened.guest(
                    context.backend().template(templateFile, reading.options().withNetwork(config.network())));
            InstalledImage installed = guest.imageAt(Builds.imageOr(image, config, guest));
            // The XML is the output, so progress is told only where it goes elsewhere.
            Context told = output == null ? context.silent() : context;
            icicle = Builds.watched(told, false, oz.debug(), listener -> guest.icicleGenerator()
                    .generate(installed, listener, context.token()));
        }
        String xml = IcicleXml.write(icicle, !namesOnly);
        if (output == null) {
            context.out().print(xml);
        } else {
            Files.writeString(output, xml);
        }
        return ExitCode.OK;
    }
}
