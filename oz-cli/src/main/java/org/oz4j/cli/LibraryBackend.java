package org.oz4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.oz4j.Oz;
import org.oz4j.config.LoadedConfig;
import org.oz4j.config.OzConfig;
import org.oz4j.template.OsCatalog;
import org.oz4j.template.ParseOptions;
import org.oz4j.template.Template;
import org.oz4j.template.TemplateReport;
import org.oz4j.testkit.tiny.TinyLinux;

/** The library itself. */
final class LibraryBackend implements Backend {
    @Override
    public TemplateReport examine(Path file, ParseOptions options) {
        return Template.examine(file, options);
    }

    @Override
    public OsCatalog catalog() {
        return Oz.catalog();
    }

    @Override
    public LoadedConfig loadedConfig(Optional<Path> file) {
        return LoadedConfig.read(file);
    }

    @Override
    public Oz open(OzConfig config) {
        return Oz.builder().config(config).build();
    }

    @Override
    public List<String> packagesMissingForTinyLinux() {
        return TinyLinux.missingPackages();
    }

    @Override
    public Path tinyLinuxIso(Path folder, Path iso) throws InterruptedException {
        return TinyLinux.create(folder).buildIso(iso);
    }
}
