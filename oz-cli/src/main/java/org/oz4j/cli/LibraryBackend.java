package org.oz4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;

/** The library itself. */
final class LibraryBackend implements Backend {
    @Override
    public Template template(Path file) {
        return Template.parse(file);
    }

    @Override
    public OzConfig config(Optional<Path> file) {
        return file.map(given -> OzConfig.load(given, System.getenv(), Path.of(System.getProperty("user.home"))))
                .orElseGet(OzConfig::load);
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
