package org.oz4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;

/** The library itself. */
final class LibraryBackend implements Backend {
    // STUB until the parts are merged: Template.parse, OzConfig.load (branch tdl), TinyLinux (branch tiny)
    @Override
    public Template template(Path file) {
        throw new UnsupportedOperationException("no template reader yet: " + file);
    }

    @Override
    public OzConfig config(Optional<Path> file) {
        return OzConfig.defaults(Path.of(System.getProperty("user.home")));
    }

    @Override
    public Oz open(OzConfig config) {
        return Oz.builder().config(config).build();
    }

    @Override
    public List<String> packagesMissingForTinyLinux() {
        return List.of();
    }

    @Override
    public Path tinyLinuxIso(Path folder, Path iso) {
        throw new UnsupportedOperationException("no TinyLinux yet: " + folder);
    }
}
