package org.oz4j;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import org.oz4j.config.OzConfig;
import org.oz4j.disk.ImageOpener;
import org.oz4j.engine.OzEngine;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.media.MediaStore;
import org.oz4j.remote.GuestShell;
import org.oz4j.spi.OsPlugin;

/** Opens {@link Oz} with parts of the caller's own; what is not given comes from its usual place. */
public final class OzBuilder {
    private final List<OsPlugin> plugins = new ArrayList<>();
    private @Nullable OzConfig config;
    private @Nullable Hypervisor hypervisor;
    private @Nullable ImageOpener images;
    private @Nullable MediaStore media;
    private UnaryOperator<GuestShell> shells = UnaryOperator.identity();
    private TimeSource time = TimeSource.system();
    private boolean discover = true;

    OzBuilder() {}

    /** Uses that configuration in place of the files and variables of the host. */
    public OzBuilder config(OzConfig given) {
        config = given;
        return this;
    }

    /** Uses that plugin too; it comes before one of the same id that is found on the class path. */
    public OzBuilder plugin(OsPlugin plugin) {
        plugins.add(plugin);
        return this;
    }

    /** Uses only the plugins given, and looks for none on the class path. */
    public OzBuilder onlyGivenPlugins() {
        discover = false;
        return this;
    }

    /** Uses that hypervisor in place of libvirt; {@link Oz#close} leaves it open. */
    public OzBuilder hypervisor(Hypervisor given) {
        hypervisor = given;
        return this;
    }

    /** Opens images that no machine runs from with that, in place of libguestfs. */
    public OzBuilder imageOpener(ImageOpener given) {
        images = given;
        return this;
    }

    /**
     * Keeps media, and what was made of them, in that store, in place of the one in the data folder; what guests download
     * is kept there all the same.
     */
    public OzBuilder mediaStore(MediaStore given) {
        media = given;
        return this;
    }

    /** Has each talk with a guest go through that, as to write down what was said. */
    public OzBuilder shells(UnaryOperator<GuestShell> wrapper) {
        shells = wrapper;
        return this;
    }

    /** Reads the time from there. */
    public OzBuilder time(TimeSource source) {
        time = source;
        return this;
    }

    /**
     * Opens Oz.
     *
     * @throws ConfigException where the configuration is wrong
     */
    public Oz build() {
        return OzEngine.open(config, plugins, discover, hypervisor, images, media, shells, time);
    }
}
