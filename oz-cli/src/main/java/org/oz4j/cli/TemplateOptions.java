package org.oz4j.cli;

import java.util.LinkedHashMap;
import java.util.Map;

import org.oz4j.template.ParseOptions;
import org.oz4j.template.ParseOptions.Includes;
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
}
