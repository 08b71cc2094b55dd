package org.oz4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import org.oz4j.config.OzConfig;
import org.oz4j.template.ParseOptions;
import org.oz4j.template.ParseOptions.Includes;
import org.oz4j.template.Template;
import org.oz4j.template.TemplateReport;
import picocli.CommandLine.Option;

/** How templates are read: the options that every command has which reads them. */
final class TemplateOptions {
    @Option(
            names = "-D",
            paramLabel = "NAME=VALUE",
            description = "Set a parameter of the template; may be given more than once.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(
            names = "--untrusted",
            description = "Refuse all that would read files of this host: file: addresses and includes.")
    private boolean untrusted;

    @Option(
            names = "--allow-includes",
            description = "Let templates include any local file, not only those of their own folder and below.")
    private boolean anyIncludes;

    @Option(names = "--require-root-password", description = "Refuse templates without <rootpw>.")
    private boolean rootPasswordNeeded;

    ParseOptions options() {
        ParseOptions options = untrusted ? ParseOptions.untrusted() : ParseOptions.defaults();
        if (anyIncludes && !untrusted) {
            options = options.withIncludes(Includes.ANY_LOCAL);
        }
        return options.withParameters(parameters).withRootPasswordNeeded(rootPasswordNeeded);
    }

    /** Reads a template for a build; warnings go to the context's errors. */
    Template read(Context context, Path file, OzConfig config) {
        return read(context, file, config, options());
    }

    /** Reads a template for a build, in that way. */
    static Template read(Context context, Path file, OzConfig config, ParseOptions options) {
        TemplateReport report = context.backend()
                .examine(
                        file,
                        options.withNetwork(config.network())
                                .withCatalog(context.backend().catalog()));
        Template template = report.orThrow();
        report.problems().forEach(warning -> context.err().println("oz: " + warning));
        return template;
    }
}
