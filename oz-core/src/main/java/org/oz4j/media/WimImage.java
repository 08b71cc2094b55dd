package org.oz4j.media;

import java.util.List;
import java.util.Optional;

import org.oz4j.Arch;

/**
 * A system in a WIM file, as the file's XML data tell of it.
 *
 * @param index its number, counted from 1
 * @param name its name, by which an answer file chooses it, such as {@code Windows 11 Pro}
 * @param edition the edition's identifier, such as {@code Professional}
 * @param arch the architecture; empty where it is none that we know
 * @param server whether it is a server
 * @param major the first number of the version
 * @param minor the second one
 * @param build the build of the version
 * @param languages the languages, such as {@code en-US}
 */
record WimImage(
        int index,
        String name,
        Optional<String> edition,
        Optional<Arch> arch,
        boolean server,
        int major,
        int minor,
        int build,
        List<String> languages) {
    /** Copies the list. */
    WimImage {
        languages = List.copyOf(languages);
    }
}
