package org.oz4j.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.HypervisorException;
import org.oz4j.Oz;
import org.oz4j.PluginException;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.disk.ImageOpener;
import org.oz4j.disk.guestfs.Guestfs;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.media.Downloads;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;
import org.oz4j.remote.GuestShell;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.template.OsCatalog;
import org.oz4j.template.Template;

/** Puts the parts together behind the front door. */
public final class OzEngine implements Oz {
    private final Engine engine;
    private final PluginRegistry plugins;
    private final boolean ownsHypervisor;

    private OzEngine(Engine engine, PluginRegistry plugins, boolean ownsHypervisor) {
        this.engine = engine;
        this.plugins = plugins;
        this.ownsHypervisor = ownsHypervisor;
    }

    /** Opens Oz; what is null comes from its usual place. */
    public static Oz open(
            @Nullable OzConfig config,
            List<OsPlugin> plugins,
            boolean discover,
            @Nullable Hypervisor hypervisor,
            @Nullable ImageOpener images,
            @Nullable MediaStore media,
            UnaryOperator<GuestShell> shells,
            TimeSource time) {
        OzConfig known = config == null ? OzConfig.load() : config;
        LocalMediaStore local = new LocalMediaStore(known.dataDir().resolve("cache"), time, known.cacheSize());
        Engine engine = new Engine(
                known,
                hypervisor == null ? LibvirtHypervisor.open(known, time) : hypervisor,
                images == null ? new Guestfs(known.virtType(), time) : images,
                images != null || hypervisor == null,
                shells,
                media == null ? local : media,
                local.downloads(),
                new GuestProxy(local, known.cachePackages()),
                time,
                new RunningBuilds(known.parallel()));
        return new OzEngine(engine, PluginRegistry.of(plugins, discover), hypervisor == null);
    }

    /** The operating systems of the plugins on the class path. */
    public static OsCatalog catalog() {
        return PluginRegistry.of(List.of(), true);
    }

    @Override
    public Guest guest(Template template, GuestOptions options) {
        if (engine.running().isClosed()) {
            throw new HypervisorException(
                    HypervisorException.Kind.CLOSED, engine.hypervisor().uri(), "This Oz was closed", null, null);
        }
        return new EngineGuest(engine, plugins.find(template), template, options);
    }

    @Override
    public List<OsRelease> releases() {
        return plugins.releases();
    }

    @Override
    public List<PluginException> brokenPlugins() {
        return new ArrayList<>(plugins.broken());
    }

    @Override
    public void close() {
        engine.running().close();
        engine.proxy().close();
        if (ownsHypervisor) {
            engine.hypervisor().close();
        }
    }

    /**
     * What every build needs of the world.
     *
     * @param looksIntoDisks whether a failed install's disk may be opened; not with a hypervisor of the user's own but no
     *     opener, since there may be no real disk then, and libguestfs would be started for nothing
     */
    record Engine(
            OzConfig config,
            Hypervisor hypervisor,
            ImageOpener images,
            boolean looksIntoDisks,
            UnaryOperator<GuestShell> shells,
            MediaStore media,
            Downloads downloads,
            GuestProxy proxy,
            TimeSource time,
            RunningBuilds running) {}
}
