package org.oz4j;

import java.util.List;

import org.oz4j.engine.OzEngine;
import org.oz4j.spi.OsRelease;
import org.oz4j.template.OsCatalog;
import org.oz4j.template.Template;

/**
 * Installs operating systems unattended, by their vendors' own installers.
 *
 * <pre>{@code
 * try (Oz oz = Oz.create()) {
 *     Guest guest = oz.guest(Template.parse(Path.of("debian-13.tdl")));
 *     InstalledImage image = guest.installer().install();
 * }
 * }</pre>
 *
 * <p>Safe for use by many threads. Closing cancels the builds that run and waits until they have cleaned up.
 */
public interface Oz extends AutoCloseable {
    /** Opens Oz with configuration, plugins and hypervisor from their usual places. */
    static Oz create() {
        return builder().build();
    }

    /** Opens Oz with parts of the caller's own. */
    static OzBuilder builder() {
        return new OzBuilder();
    }

    /** The operating systems of the plugins on the class path, for {@link org.oz4j.template.ParseOptions}. */
    static OsCatalog catalog() {
        return OzEngine.catalog();
    }

    /**
     * The guest that a template describes.
     *
     * @throws UnsupportedOsException where no plugin installs it
     */
    Guest guest(Template template, GuestOptions options);

    /** The guest that a template describes, with nothing further said. */
    default Guest guest(Template template) {
        return guest(template, GuestOptions.defaults());
    }

    /** Every release that can be installed, in the order of its name and version. */
    List<OsRelease> releases();

    /** What is wrong with plugins that were found and are not used; empty where all is well. */
    List<PluginException> brokenPlugins();

    /** Cancels what runs, waits until it has cleaned up, and lets go of the hypervisor. */
    @Override
    void close();
}
