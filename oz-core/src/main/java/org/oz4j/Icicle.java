package org.oz4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is inside an image.
 *
 * @param description the template's
 * @param packages the installed packages, in the order of the guest's package manager
 */
public record Icicle(Optional<String> description, List<Item> packages) {
    /** Copies the list. */
    public Icicle {
        packages = List.copyOf(packages);
    }

    /**
     * A package.
     *
     * @param name its name
     * @param version its version; empty where the package manager told none
     * @param arch its architecture, in the package manager's own word; likewise
     * @param extra what the template's icicle command printed for it
     */
    public record Item(String name, String version, String arch, Optional<String> extra) {}

    /**
     * Makes a manifest of what a package manager and the template's icicle command printed.
     *
     * @param lines {@code NAME VERSION ARCH}, of which the last two may be missing
     * @param extra a line for each package, in the same order; may be empty
     * @throws IllegalArgumentException where there are extra lines, and not as many as packages
     */
    public static Icicle of(Optional<String> description, List<String> lines, List<String> extra) {
        if (!extra.isEmpty() && extra.size() != lines.size()) {
            throw new IllegalArgumentException("The icicle command printed " + extra.size() + " lines for "
                    + lines.size() + " packages; it must print one for each, in their order");
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).strip().split("\\s+");
            if (!words[0].isEmpty()) {
                items.add(new Item(
                        words[0],
                        words.length > 1 ? words[1] : "",
                        words.length > 2 ? words[2] : "",
                        extra.isEmpty() ? Optional.empty() : Optional.of(extra.get(i))));
            }
        }
        return new Icicle(description, items);
    }
}
