package org.oz4j.spi;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;

/**
 * One release of an operating system, as a row of a plugin's table.
 *
 * @param os the system's name in templates, such as {@code Debian}
 * @param names further names of the system in templates
 * @param version the version in templates, such as {@code 13}
 * @param aliases further versions in templates that mean this release, such as {@code trixie}
 * @param arches the architectures it is installed on
 * @param installTypes the kinds of medium it is installed from
 * @param support how sure we are of it
 * @param endOfLife the last day on which its vendor mends it, where that is known
 * @param probe paths on the medium whose content the plugin wants to see, where they are there. In an install tree
 *     they are relative to the template's address
 * @param source the vendor's document or file that the facts of this row come from
 * @param features what a template of version 1.1 may ask of it, and is given
 * @param signers the fingerprints of the OpenPGP keys that its vendor signs media with, in upper-case hex
 */
public record OsRelease(
        String os,
        List<String> names,
        String version,
        List<String> aliases,
        Set<Arch> arches,
        Set<InstallType> installTypes,
        Support support,
        Optional<LocalDate> endOfLife,
        List<String> probe,
        String source,
        Set<Feature> features,
        List<String> signers) {

    /** How sure we are of a release. */
    public enum Support {
        /** Its vendor's installer has installed it under our tests. */
        INSTALLED("installed"),
        /** Its medium and answers have gone through our tests with an installer that stands in for its vendor's. */
        STAND_IN("stand-in"),
        /** What we write for it is checked against its vendor's documents; no installer has read it under our tests. */
        CHECKED("checked"),
        /** What we know of it could not be confirmed. */
        EXPERIMENTAL("experimental");

        private final String label;

        Support(String label) {
            this.label = label;
        }

        /** Its name for people. */
        public String label() {
            return label;
        }
    }

    /** Copies the collections. */
    public OsRelease {
        names = List.copyOf(names);
        aliases = List.copyOf(aliases);
        arches = Set.copyOf(arches);
        installTypes = Set.copyOf(installTypes);
        probe = List.copyOf(probe);
        features = Set.copyOf(features);
        signers = List.copyOf(signers);
    }

    /** The name for people, as in {@code Debian 13}. */
    public String title() {
        return os + " " + version;
    }

    /** The same on those architectures, of which we are that sure. */
    public OsRelease on(Set<Arch> some, Support sure) {
        return new OsRelease(
                os, names, version, aliases, some, installTypes, sure, endOfLife, probe, source, features, signers);
    }

    /**
     * Begins a release.
     *
     * @param source the vendor's document or file that its facts come from
     */
    public static Builder builder(String os, String version, Support support, String source) {
        return new Builder(os, version, support, source);
    }

    /** Collects what is known of a release; x86_64 from an ISO image where nothing else is said. */
    public static final class Builder {
        private final String os;
        private final String version;
        private final Support support;
        private final String source;
        private List<String> names = List.of();
        private List<String> aliases = List.of();
        private Set<Arch> arches = Set.of(Arch.X86_64);
        private Set<InstallType> installTypes = Set.of(InstallType.ISO);
        private Optional<LocalDate> endOfLife = Optional.empty();
        private List<String> probe = List.of();
        private Set<Feature> features = Set.of();
        private List<String> signers = List.of();

        private Builder(String os, String version, Support support, String source) {
            this.os = os;
            this.version = version;
            this.support = support;
            this.source = source;
        }

        /** Further names of the system. */
        public Builder names(List<String> more) {
            names = more;
            return this;
        }

        /** Further versions that mean it. */
        public Builder aliases(List<String> more) {
            aliases = more;
            return this;
        }

        /** Its architectures. */
        public Builder arches(Set<Arch> all) {
            arches = all;
            return this;
        }

        /** The kinds of medium it is installed from. */
        public Builder installTypes(Set<InstallType> all) {
            installTypes = all;
            return this;
        }

        /** The last day on which its vendor mends it. */
        public Builder endOfLife(LocalDate day) {
            endOfLife = Optional.of(day);
            return this;
        }

        /** Paths on its medium that the plugin wants to see. */
        public Builder probe(List<String> paths) {
            probe = paths;
            return this;
        }

        /** What a template of version 1.1 may ask of it. */
        public Builder features(Set<Feature> all) {
            features = all;
            return this;
        }

        /** The fingerprints of its vendor's keys. */
        public Builder signers(List<String> fingerprints) {
            signers = fingerprints;
            return this;
        }

        /** The release. */
        public OsRelease build() {
            return new OsRelease(
                    os,
                    names,
                    version,
                    aliases,
                    arches,
                    installTypes,
                    support,
                    endOfLife,
                    probe,
                    source,
                    features,
                    signers);
        }
    }
}
