package org.oz4j.icicle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

import org.oz4j.Icicle;

/**
 * What two manifests differ in: their packages, by name. What one of the two tells of none of its packages, as a list of
 * names alone tells no versions, is not compared.
 *
 * @param added in the second alone, by name
 * @param removed in the first alone, by name
 * @param changed in both, with another version or architecture, by name
 */
public record IcicleDiff(List<Icicle.Item> added, List<Icicle.Item> removed, List<Change> changed) {
    /** Copies the lists. */
    public IcicleDiff {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        changed = List.copyOf(changed);
    }

    /**
     * A package before and after.
     *
     * @param before in the first manifest
     * @param after in the second
     */
    public record Change(Icicle.Item before, Icicle.Item after) {}

    /** Whether there is no difference. */
    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
    }

    /** Compares two manifests. */
    public static IcicleDiff between(Icicle first, Icicle second) {
        boolean versions = tellsVersions(first) && tellsVersions(second);
        boolean arches = tellsArches(first) && tellsArches(second);
        Map<String, Map<String, Icicle.Item>> before = byName(first, versions, arches);
        Map<String, Map<String, Icicle.Item>> after = byName(second, versions, arches);
        List<Icicle.Item> added = new ArrayList<>();
        List<Icicle.Item> removed = new ArrayList<>();
        List<Change> changed = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        for (String name : names) {
            // several of a name are installed side by side, as kernels are
            Map<String, Icicle.Item> gone = new LinkedHashMap<>(before.getOrDefault(name, Map.of()));
            Map<String, Icicle.Item> come = new LinkedHashMap<>(after.getOrDefault(name, Map.of()));
            gone.keySet().removeAll(after.getOrDefault(name, Map.of()).keySet());
            come.keySet().removeAll(before.getOrDefault(name, Map.of()).keySet());
            if (gone.size() == 1 && come.size() == 1) {
                changed.add(new Change(
                        gone.values().iterator().next(),
                        come.values().iterator().next()));
            } else {
                removed.addAll(gone.values());
                added.addAll(come.values());
            }
        }
        return new IcicleDiff(added, removed, changed);
    }

    private static boolean tellsVersions(Icicle icicle) {
        return icicle.packages().stream().anyMatch(item -> !item.version().isEmpty());
    }

    private static boolean tellsArches(Icicle icicle) {
        return icicle.packages().stream().anyMatch(item -> !item.arch().isEmpty());
    }

    private static Map<String, Map<String, Icicle.Item>> byName(Icicle icicle, boolean versions, boolean arches) {
        Map<String, Map<String, Icicle.Item>> all = new TreeMap<>();
        for (Icicle.Item item : icicle.packages()) {
            all.computeIfAbsent(item.name(), name -> new LinkedHashMap<>())
                    .put((versions ? item.version() : "") + "\n" + (arches ? item.arch() : ""), item);
        }
        return all;
    }
}
