package org.oz4j.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How two file trees differ.
 *
 * @param added the paths that only the second one has, sorted
 * @param removed the paths that only the first one has, sorted
 * @param changed the others that differ, sorted by path
 */
public record TreeDiff(List<String> added, List<String> removed, List<Change> changed) {
    /** Copies the lists. */
    public TreeDiff {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        changed = List.copyOf(changed);
    }

    /**
     * A path that both trees have, and that differs.
     *
     * @param path the path
     * @param what what differs, as in {@code mode 644 -> 600}
     */
    public record Change(String path, List<String> what) {
        /** Copies the list. */
        public Change {
            what = List.copyOf(what);
        }
    }

    /** Which times of modification are compared. */
    public enum Times {
        /** None. */
        IGNORED,
        /** Those of all but folders, which change with each name in them. */
        OF_FILES,
        /** All. */
        OF_ALL
    }

    /** Compares two trees as {@link GuestFilesystem#walk} gives them. */
    public static TreeDiff between(Map<String, FileEntry> first, Map<String, FileEntry> second, Times times) {
        List<Change> changed = new ArrayList<>();
        for (String path : new TreeSet<>(first.keySet())) {
            FileEntry after = second.get(path);
            if (after != null) {
                List<String> what = changes(Objects.requireNonNull(first.get(path)), after, times);
                if (!what.isEmpty()) {
                    changed.add(new Change(path, what));
                }
            }
        }
        return new TreeDiff(missing(second, first), missing(first, second), changed);
    }

    private static List<String> missing(Map<String, FileEntry> from, Map<String, FileEntry> in) {
        return from.keySet().stream()
                .filter(path -> !in.containsKey(path))
                .sorted()
                .toList();
    }

    private static List<String> changes(FileEntry before, FileEntry after, Times times) {
        FileStat one = before.stat();
        FileStat other = after.stat();
        List<String> what = new ArrayList<>();
        compare(what, "type", one.type(), other.type());
        compare(what, "mode", Integer.toOctalString(one.mode()), Integer.toOctalString(other.mode()));
        compare(what, "owner", one.uid() + ":" + one.gid(), other.uid() + ":" + other.gid());
        compare(what, "content", content(before), content(after));
        compare(what, "target", one.target().orElse("none"), other.target().orElse("none"));
        if (times == Times.OF_ALL || (times == Times.OF_FILES && one.type() != FileType.FOLDER)) {
            compare(what, "time", one.modified(), other.modified());
        }
        Stream.of(before, after)
                .flatMap(entry -> entry.xattrs().keySet().stream())
                .distinct()
                .sorted()
                .forEach(name -> compare(what, "attribute " + name, xattr(before, name), xattr(after, name)));
        return what;
    }

    private static String content(FileEntry entry) {
        return entry.sha256().map(sum -> entry.stat().size() + " bytes " + sum).orElse("none");
    }

    private static Object xattr(FileEntry entry, String name) {
        return Objects.requireNonNullElse(entry.xattrs().get(name), "none");
    }

    private static void compare(List<String> what, String property, Object before, Object after) {
        if (!before.equals(after)) {
            what.add(property + " " + before + " -> " + after);
        }
    }

    /** Whether nothing differs. */
    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
    }

    /** For people, a line for each path: what was added begins with +, what was removed with -. */
    @Override
    public String toString() {
        return Stream.of(
                        added.stream().map(path -> "+ " + path),
                        removed.stream().map(path -> "- " + path),
                        changed.stream().map(change -> "~ " + change.path() + ": " + String.join(", ", change.what())))
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n"));
    }
}
