package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.slf4j.LoggerFactory;

/**
 * Renames files into their places, and can take that back: what was in a place comes back, what was in none is gone.
 *
 * <p>A file that is replaced gets a second name (a hard link) in the working folder first, so that each place has its old
 * or its new file at every moment, also for one who is killed. Where the file system has no hard links, a replaced file
 * does not come back.
 */
final class Publication {
    /** A renamed file; the old one, if there was any, is in {@code kept}. */
    private record Renamed(Path place, Path kept, boolean replaced) {}

    private final Path folder;
    private final Deque<Renamed> renamed = new ArrayDeque<>();

    /** With a folder for what is replaced, on the file system of the places. */
    Publication(Path folder) {
        this.folder = folder;
    }

    /** Renames a finished file into its place. */
    void move(Path from, Path to) throws IOException {
        begin(to); // first, since a rename may be done and fail all the same
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes a file of the old image that the new one does not have. */
    void delete(Path place) throws IOException {
        begin(place);
        Files.deleteIfExists(place);
    }

    private void begin(Path place) {
        Path kept = folder.resolve("replaced" + renamed.size());
        boolean replaced = Files.exists(place, LinkOption.NOFOLLOW_LINKS);
        if (replaced) {
            keep(place, kept);
        }
        renamed.push(new Renamed(place, kept, replaced));
    }

    private static void keep(Path place, Path kept) {
        try {
            Files.createLink(kept, place);
        } catch (IOException | UnsupportedOperationException e) {
            LoggerFactory.getLogger(Publication.class)
                    .debug("{} has no second name, and will not come back if publishing fails", place, e);
        }
    }

    /** Takes it all back, the last first; one that won't go back keeps none of the others. */
    void takeBack() throws IOException {
        List<Renamed> all = List.copyOf(renamed);
        renamed.clear();
        InAnyCase.run(all.stream().map(each -> () -> takeBack(each)));
    }

    private static void takeBack(Renamed each) throws IOException {
        if (!each.replaced) {
            Files.deleteIfExists(each.place);
        } else if (Files.exists(each.kept, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(each.kept, each.place, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
