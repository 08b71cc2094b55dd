package org.oz4j.disk;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

import org.jspecify.annotations.Nullable;
import org.oz4j.DiskException;
import org.oz4j.host.WorkFolder;

/**
 * A folder of the host with what was there before each edit: a file {@code 000001.edit} of properties for each, and
 * {@code 000001.content} with a file's old content. Each is synced and then renamed to its name, so it is whole or not
 * there.
 */
final class EditRecord {
    private static final String EDIT = ".edit";
    private static final String CONTENT = ".content";
    private static final int MOST_BYTES = 1 << 20;

    private final Path folder;
    private final List<Entry> entries = new ArrayList<>();

    /** Which property of a path an edit is about. */
    enum Kind {
        /** What is there, with its content. */
        CONTENT,
        /** One line of the content. */
        LINE,
        /** A folder that was made. */
        FOLDER,
        /** The permissions. */
        MODE,
        /** The owner. */
        OWNER
    }

    /**
     * An edit.
     *
     * @param number from 1
     * @param kind what it is about
     * @param path the guest's path
     * @param staging where something is made that then goes there
     * @param line the line that was added; else nothing
     * @param before what was there
     * @param after what the edit leaves there
     */
    record Entry(int number, Kind kind, String path, String staging, String line, PathState before, PathState after) {}

    private EditRecord(Path folder) {
        this.folder = folder;
    }

    static EditRecord create(Path folder) {
        try {
            WorkFolder.create(folder); // which who undoes takes away
            return new EditRecord(folder);
        } catch (IOException e) {
            throw unusable(folder, "can't be made: " + e, e);
        }
    }

    static EditRecord load(Path folder) {
        EditRecord record = new EditRecord(folder);
        if (!Files.isDirectory(folder)) {
            throw unusable(folder, "is not there", null);
        }
        for (int number = 1; Files.exists(record.file(number, EDIT)); number++) {
            record.entries.add(record.load(number));
        }
        return record;
    }

    private Entry load(int number) {
        Path file = file(number, EDIT);
        try (InputStream in = new FileInputStream(file.toFile())) {
            if (Files.size(file) > MOST_BYTES) {
                throw unusable(folder, "has a file that is too large: " + file.getFileName(), null);
            }
            Properties properties = new Properties();
            properties.load(in);
            return new Entry(
                    number,
                    Kind.valueOf(PathState.required(properties, "kind")),
                    GuestFilesystem.checked(PathState.required(properties, "path")),
                    GuestFilesystem.checked(PathState.required(properties, "staging")),
                    properties.getProperty("line", ""),
                    PathState.load(properties, "before."),
                    PathState.load(properties, "after."));
        } catch (IOException | RuntimeException e) {
            if (e instanceof DiskException known) {
                throw known;
            }
            throw unusable(folder, "has a file that can't be read, " + file.getFileName() + ": " + e.getMessage(), e);
        }
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** Where the content goes that the next edit replaces; it is synced by {@link #add}. */
    Path nextContent() {
        return file(entries.size() + 1, CONTENT);
    }

    Path content(Entry entry) {
        return file(entry.number(), CONTENT);
    }

    /** Writes an edit down that is about to be made. */
    Entry add(Kind kind, String path, String staging, String line, PathState before, PathState after) {
        Entry entry = new Entry(entries.size() + 1, kind, path, staging, line, before, after);
        Properties properties = new Properties();
        properties.setProperty("kind", kind.name());
        properties.setProperty("path", path);
        properties.setProperty("staging", staging);
        properties.setProperty("line", line);
        before.store(properties, "before.");
        after.store(properties, "after.");
        Path content = content(entry);
        Path making = file(entry.number(), ".new");
        try {
            if (Files.exists(content)) {
                try (RandomAccessFile file = new RandomAccessFile(content.toFile(), "rw")) {
                    file.getFD().sync();
                }
            }
            try (FileOutputStream out = new FileOutputStream(making.toFile())) {
                properties.store(out, null);
                out.getFD().sync();
            }
            Files.move(making, file(entry.number(), EDIT), StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel names = FileChannel.open(folder)) {
                names.force(true);
            }
        } catch (IOException e) {
            throw unusable(folder, "can't be written: " + e, e);
        }
        entries.add(entry);
        return entry;
    }

    void delete() {
        try {
            WorkFolder.delete(folder);
        } catch (IOException e) {
            throw unusable(folder, "can't be deleted: " + e, e);
        }
    }

    private Path file(int number, String end) {
        return folder.resolve(String.format(Locale.ROOT, "%06d", number) + end);
    }

    private static DiskException unusable(Path folder, String why, @Nullable Throwable cause) {
        return new DiskException(folder, "The record of edits " + folder + " " + why, null, cause);
    }
}
