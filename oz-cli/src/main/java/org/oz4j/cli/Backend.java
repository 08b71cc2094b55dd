package org.oz4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.oz4j.Oz;
import org.oz4j.config.LoadedConfig;
import org.oz4j.config.OzConfig;
import org.oz4j.template.OsCatalog;
import org.oz4j.template.ParseOptions;
import org.oz4j.template.TemplateReport;

/** The library as the commands see it; a test gives its own. */
interface Backend {
    /** Reads a template and tells all that is to be said of it. */
    TemplateReport examine(Path file, ParseOptions options);

    /** The operating systems that can be installed. */
    OsCatalog catalog();

    /** Reads the configuration, from that file or from the usual places, and tells where its values come from. */
    LoadedConfig loadedConfig(Optional<Path> file);

    /** Opens Oz. */
    Oz open(OzConfig config);

    /** The Debian packages that this host lacks to build TinyLinux's ISO. */
    List<String> packagesMissingForTinyLinux();

    /** Builds TinyLinux's ISO, keeping what can be used again in that folder. */
    Path tinyLinuxIso(Path folder, Path iso) throws InterruptedException;
}
