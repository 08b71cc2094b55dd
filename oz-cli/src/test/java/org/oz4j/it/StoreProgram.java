package org.oz4j.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.oz4j.TimeSource;
import org.oz4j.media.Checksum;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;
import org.oz4j.media.Remaster;
import org.oz4j.media.Stored;
import org.oz4j.media.TransferListener;

/** A program that fetches a medium, makes another of it and keeps both; tests kill it in the midst of that. */
final class StoreProgram {
    private StoreProgram() {}

    /** Takes the store's folder, the medium's address and its SHA-256; prints where the medium and the made one are. */
    public static void main(String[] args) throws Exception {
        MediaStore store = new LocalMediaStore(Path.of(args[0]), TimeSource.system());
        Optional<Checksum> sum = args[2].isEmpty() ? Optional.empty() : Optional.of(new Checksum("SHA-256", args[2]));
        try (Stored medium =
                        store.fetch(List.of(URI.create(args[1])), sum, MediaStore.Kind.MEDIA, TransferListener.NONE);
                Stored made = store.make(
                        MediaStore.Kind.MODIFIED,
                        store.key(Map.of("medium", args[2])),
                        "changed.iso",
                        folder -> remaster(medium.path(), folder))) {
            System.out.println(medium.path());
            System.out.println(made.path().resolve("medium.iso"));
        }
    }

    private static void remaster(Path medium, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Remaster.write(
                medium,
                folder.resolve("medium.iso"),
                new Remaster.Change(Map.of("added.txt", new byte[] {1, 2, 3}), Map.of(), Set.of(), Optional.empty()));
    }
}
