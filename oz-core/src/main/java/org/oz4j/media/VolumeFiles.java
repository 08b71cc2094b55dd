package org.oz4j.media;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/** The files, folders and symbolic links of a volume, by their path without a leading slash. */
final class VolumeFiles {
    private static final int MOST_ENTRIES = 500_000;
    private static final long MOST_FOLDER_BYTES = 256L << 20;
    private static final long MOST_PATH_CHARACTERS = 64L << 20;
    private static final int DEEPEST = 128;
    private static final int MOST_LINKS = 40;

    /** A run of bytes of a file: where they lie in the image, or that they are zeros that were never written. */
    record Extent(long offset, long size) {
        private static final long NOWHERE = -1;

        static Extent zeros(long size) {
            return new Extent(NOWHERE, size);
        }

        boolean isZeros() {
            return offset == NOWHERE;
        }
    }

    private sealed interface Node permits PlainFile, Folder, Link {}

    private record PlainFile(List<Extent> extents) implements Node {}

    private record Folder() implements Node {}

    private record Link(String target) implements Node {}

    private static final Folder FOLDER = new Folder();

    private final ImageBytes image;
    private final Map<String, Node> nodes = new HashMap<>();
    private final Deque<Long> open = new ArrayDeque<>();
    private long folderBytes;
    private long characters;

    VolumeFiles(ImageBytes image) {
        this.image = image;
    }

    /** Adds a file, unless its name is taken; every part of it must lie in the image. */
    void addFile(String path, List<Extent> extents) {
        long total = 0;
        for (Extent extent : extents) {
            total += extent.size();
            boolean inside = extent.isZeros() || extent.offset() <= image.size() - extent.size();
            if (extent.size() < 0 || total < 0 || (extent.size() > 0 && !inside)) {
                throw image.bad("the file '" + path + "' lies behind its end; it was cut, or is damaged");
            }
        }
        add(path, new PlainFile(extents));
    }

    /** Adds a symbolic link, unless its name is taken. */
    void addLink(String path, String target) {
        add(path, new Link(target));
    }

    private void add(String path, Node node) {
        characters += path.length();
        if (nodes.size() >= MOST_ENTRIES || characters > MOST_PATH_CHARACTERS) {
            throw image.bad("it has more than " + MOST_ENTRIES + " files, or absurdly long names");
        }
        nodes.putIfAbsent(path, node);
    }

    /**
     * Begins a folder, whose records are read next.
     *
     * @param path empty for the root
     * @param offset where its records lie; no folder holds itself
     */
    void enter(String path, long offset) {
        if (open.contains(offset)) {
            throw image.bad("the folder '" + path + "' holds itself");
        }
        if (open.size() >= DEEPEST) {
            throw image.bad("the folder '" + path + "' is more than " + DEEPEST + " deep");
        }
        open.push(offset);
        if (!path.isEmpty()) {
            add(path, FOLDER);
        }
    }

    /** Ends the folder that was entered last. */
    void leave() {
        open.pop();
    }

    /** Counts what is read to list the volume, so that no image makes us read for hours. */
    void countBytes(long bytes) {
        folderBytes += bytes;
        if (bytes < 0 || folderBytes > MOST_FOLDER_BYTES) {
            throw image.bad("its folders have more than " + MOST_FOLDER_BYTES + " bytes");
        }
    }

    Set<String> paths() {
        return Collections.unmodifiableSet(nodes.keySet());
    }

    /** The parts of a file, where there is one of that path; symbolic links on the way are followed. */
    Optional<List<Extent>> extents(String path) {
        return Optional.ofNullable(find(path))
                .flatMap(node -> node instanceof PlainFile file ? Optional.of(file.extents()) : Optional.empty());
    }

    void eachFile(BiConsumer<String, List<Extent>> consumer) {
        nodes.forEach((path, node) -> {
            if (node instanceof PlainFile file) {
                consumer.accept(path, file.extents());
            }
        });
    }

    private @Nullable Node find(String path) {
        Node direct = nodes.get(path);
        if (direct != null && !(direct instanceof Link)) {
            return direct;
        }
        Deque<String> names = new ArrayDeque<>(List.of(path.split("/")));
        List<String> place = new ArrayList<>();
        int links = 0;
        Node node = FOLDER;
        while (!names.isEmpty()) {
            String name = names.pop();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                if (!place.isEmpty()) {
                    place.remove(place.size() - 1);
                }
                node = FOLDER;
                continue;
            }
            place.add(name);
            node = nodes.get(String.join("/", place));
            if (node instanceof Link link) {
                if (++links > MOST_LINKS) {
                    return null;
                }
                place.remove(place.size() - 1);
                if (link.target().startsWith("/")) {
                    place.clear();
                }
                String[] target = link.target().split("/");
                for (int i = target.length - 1; i >= 0; i--) {
                    names.push(target[i]);
                }
                node = FOLDER;
            } else if (node == null || (node instanceof PlainFile && !names.isEmpty())) {
                return null;
            }
        }
        return node;
    }
}
