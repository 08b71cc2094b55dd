package org.oz4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code oz install}. */
@Command(
        name = "install",
        mixinStandardHelpOptions = true,
        description = "Installs the operating system that a template describes into a disk image.")
final class InstallCommand implements Callable<Integer> {
    private final Context context;

    @Parameters(paramLabel = "TEMPLATE", description = "The template, in Oz's template language (TDL).")
    private Path templateFile = Path.of("");

    @Option(
            names = {"-a", "--answer-file"},
            paramLabel = "FILE",
            description = "An answer file (preseed, kickstart, ...) in place of the one that Oz would write.")
    private @Nullable Path answerFile;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "IMAGE",
            description = "Where to put the image; by default the configured folder and the template's name.")
    private @Nullable Path image;

    @Option(names = "--force", description = "Replace an image that is there already, once the new one is complete.")
    private boolean force;

    @Option(names = "--keep-evidence", description = "Keep the console log of a successful install too.")
    private boolean keepEvidence;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private TemplateOptions reading = new TemplateOptions();

    @Option(names = "--json", description = "Write one JSON object a line for each event to standard output.")
    private boolean json;

    @ParentCommand
    private OzCommand oz = new OzCommand();

    @Spec
    private @Nullable CommandSpec spec;

    InstallCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        readable("template", templateFile);
        readable("answer file", answerFile);
        readable("configuration", config.file());
        OzConfig settings = config.read(context);
        Template template = reading.read(context, templateFile, settings);
        GuestOptions options = new GuestOptions(
                Optional.ofNullable(answerFile).map(Path::toAbsolutePath),
                Optional.ofNullable(image).map(Path::toAbsolutePath),
                force,
                keepEvidence);
        try (Oz opened = context.backend().open(settings)) {
            InstalledImage installed = Builds.install(context, opened.guest(template, options), json, oz.debug());
            if (!json) {
                context.out().println("Image:  " + installed.disk());
                context.out().println("Domain: " + installed.domainXml());
            }
        }
        return ExitCode.OK;
    }

    private void readable(String what, @Nullable Path file) {
        if (file == null || (Files.isReadable(file) && !Files.isDirectory(file))) {
            return;
        }
        String problem =
                Files.isDirectory(file) ? "is a folder" : Files.exists(file) ? "can't be read" : "is not there";
        String message = "The " + what + " " + file + " " + problem;
        throw spec == null ? new IllegalStateException(message) : new ParameterException(spec.commandLine(), message);
    }
}
