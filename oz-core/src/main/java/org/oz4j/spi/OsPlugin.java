package org.oz4j.spi;

import java.net.URI;
import java.util.List;

/**
 * Knows one family of operating systems.
 *
 * <p>A plugin is a pure function to data: it does no I/O, keeps no state, and answers the same question with the same
 * answer. It is found through {@link java.util.ServiceLoader}, and may be called by many threads.
 */
public interface OsPlugin {
    /** A short lower-case name, unique among plugins, such as {@code debian}. */
    String id();

    /** The releases that this plugin installs. */
    List<OsRelease> releases();

    /**
     * The address of the install tree, which probed paths and boot files are relative to; by default the address as
     * the template gives it. A plugin overrides this where users commonly name a folder inside of the tree.
     */
    default URI tree(URI location) {
        return location;
    }

    /**
     * Describes how to install what the request asks for.
     *
     * @throws org.oz4j.UnsupportedOsException where the template asks for something that this OS has not
     */
    GuestProfile profile(ProfileRequest request);
}
