package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.VisitChoices;
import org.oz4j.config.OzConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** A command that boots an installed image. */
abstract class VisitCommand implements Callable<Integer> {
    final Context context;

    @Parameters(index = "0", paramLabel = "TEMPLATE", description = "The template that the image was installed from.")
    Path template = Path.of("");

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "IMAGE",
            description = "The image; by default the configured folder and the template's name.")
    @Nullable
    Path image;

    @Option(
            names = "--access",
            paramLabel = "WAY",
            description = "The way into the guest, in place of the cheapest that its system has; oz plan lists them.")
    private @Nullable String access;

    @Mixin
    private TemplateOptions reading = new TemplateOptions();

    @Mixin
    private ConfigOption config = new ConfigOption();

    @ParentCommand
    private OzCommand oz = new OzCommand();

    VisitCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        OzConfig settings = config.read(context);
        try (Oz opened = context.backend().open(settings)) {
            Guest guest = opened.guest(reading.read(context, template, settings), options());
            visit(guest, guest.imageAt(image == null ? guest.imagePath() : image), oz.debug());
        }
        return ExitCode.OK;
    }

    GuestOptions options() {
        VisitChoices choices = choices();
        return GuestOptions.defaults().withVisit(access == null ? choices : choices.withAccess(access));
    }

    /** What is chosen besides the way in. */
    abstract VisitChoices choices();

    abstract void visit(Guest guest, InstalledImage installed, boolean debug) throws IOException;
}
