package org.oz4j.spi;

import java.util.List;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;

/**
 * One release of an operating system, as a row of a plugin's table.
 *
 * @param os the system's name in templates, such as {@code Debian}
 * @param version the version in templates, such as {@code 13}
 * @param aliases further versions in templates that mean this release, such as {@code trixie}
 * @param arches the architectures it is installed on
 * @param installTypes the kinds of medium it is installed from
 * @param support how sure we are of it
 * @param probe paths on the medium whose content the plugin wants to see, where they are there. In an install tree
 *     they are relative to the template's address
 * @param source the vendor's document or file that the facts of this row come from
 * @param features what a template of version 1.1 may ask of it, and is given
 * @param signers the fingerprints of the OpenPGP keys that its vendor signs media with, in upper-case hex
 */
public record OsRelease(
        String os,
        String version,
        List<String> aliases,
        Set<Arch> arches,
        Set<InstallType> installTypes,
        Support support,
        List<String> probe,
        String source,
        Set<Feature> features,
        List<String> signers) {

    /** How sure we are of a release. */
    public enum Support {
        /** Installed here by us, or confirmed by its vendor's documents. */
        SUPPORTED,
        /** Not confirmed. */
        EXPERIMENTAL
    }

    /** Copies the collections. */
    public OsRelease {
        aliases = List.copyOf(aliases);
        arches = Set.copyOf(arches);
        installTypes = Set.copyOf(installTypes);
        probe = List.copyOf(probe);
        features = Set.copyOf(features);
        signers = List.copyOf(signers);
    }

    /** A release that gives nothing of what only version 1.1 of the template language can ask for. */
    public OsRelease(
            String os,
            String version,
            List<String> aliases,
            Set<Arch> arches,
            Set<InstallType> installTypes,
            Support support,
            List<String> probe,
            String source) {
        this(os, version, aliases, arches, installTypes, support, probe, source, Set.of(), List.of());
    }

    /** The name for people, as in {@code Debian 13}. */
    public String title() {
        return os + " " + version;
    }
}
