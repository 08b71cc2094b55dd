package org.oz4j;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What is inside an image.
 *
 * @param description the template's
 * @param os the system that it is a list of; empty where the list was read from a file that does not tell
 * @param packages the installed packages, in the order of the guest's package manager
 */
public record Icicle(Optional<String> description, Optional<Os> os, List<Item> packages) {
    /** Copies the list. */
    public Icicle {
        packages = List.copyOf(packages);
    }

    /**
     * The installed system.
     *
     * @param name such as {@code Debian}
     * @param version such as {@code 13}
     * @param arch the guest's architecture
     * @param purlType the type of its packages in package URLs: {@code deb}, {@code rpm}, {@code apk}, {@code generic}
     */
    public record Os(String name, String version, String arch, String purlType) {
        private static final Pattern PURL_TYPE = Pattern.compile("[a-z][a-z0-9.+-]*");

        /** Refuses a type that no package URL can have. */
        public Os {
            if (!PURL_TYPE.matcher(purlType).matches()) {
                throw new IllegalArgumentException("\"" + purlType + "\" is no type of a package URL");
            }
        }

        /** The name as it is in package URLs and in os-release(5), such as {@code debian}. */
        public String id() {
            return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-");
        }
    }

    /**
     * A package. What its package manager does not tell is empty.
     *
     * @param name its name, as the package manager prints it
     * @param version its version, with all parts that it has there: epoch and release too
     * @param arch its architecture, in the package manager's own word
     * @param source what it was built from
     * @param vendor its vendor or maintainer
     * @param licence its licence, in the package manager's own words
     * @param installed when it was installed or upgraded last
     * @param homepage the address of its project's pages
     * @param extra what the template's icicle command printed for it
     */
    public record Item(
            String name,
            String version,
            String arch,
            Optional<Source> source,
            Optional<String> vendor,
            Optional<String> licence,
            Optional<Instant> installed,
            Optional<String> homepage,
            Optional<String> extra) {
        /** A package of which no more is known. */
        public Item(String name, String version, String arch) {
            this(
                    name,
                    version,
                    arch,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        /** The same package, with what the template's icicle command printed for it. */
        public Item withExtra(String text) {
            return new Item(name, version, arch, source, vendor, licence, installed, homepage, Optional.of(text));
        }
    }

    /**
     * A source package.
     *
     * @param name its name; of RPMs the name of its file
     * @param version its version; empty where that is unknown
     */
    public record Source(String name, String version) {}

    /**
     * Makes a manifest of what a package manager and the template's icicle command printed.
     *
     * @param lines what the package manager printed
     * @param reader what it says that a line tells; empty for a line that tells of no installed package
     * @param extra a line for each line of the package manager, in the same order; may be empty
     * @throws IllegalArgumentException where there are extra lines, and not as many
     */
    public static Icicle of(
            Optional<String> description,
            Os os,
            List<String> lines,
            Function<String, Optional<Item>> reader,
            List<String> extra) {
        if (!extra.isEmpty() && extra.size() != lines.size()) {
            throw new IllegalArgumentException("The icicle command printed " + extra.size() + " lines for "
                    + lines.size() + " packages; it must print one for each, in their order");
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Optional<Item> item = reader.apply(lines.get(i));
            if (item.isPresent()) {
                items.add(extra.isEmpty() ? item.get() : item.get().withExtra(extra.get(i)));
            }
        }
        return new Icicle(description, Optional.of(os), items);
    }
}
