package org.oz4j.host;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

import org.oz4j.TimeSource;

/**
 * A lock between threads and programs that dies with its owner: a locked file, with some text in it.
 *
 * <p>The file is deleted when the lock is given back. A file that is there and is not locked was left by an owner that
 * died; {@link #leftText} tells what that owner had written.
 */
public final class FileLock implements AutoCloseable {
    private static final int MAX_TEXT = 64 * 1024;
    private static final Duration RETRY = Duration.ofMillis(100);

    // The operating system's locks belong to the whole process, so threads are kept apart here, with what they wrote.
    private static final Map<Path, String> HELD = new HashMap<>();

    private final Path path;
    private final RandomAccessFile file; // not a channel of ours: an interrupt would close it, and lose the lock
    private final String leftText;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FileLock(Path path, RandomAccessFile file, String leftText) {
        this.path = path;
        this.file = file;
        this.leftText = leftText;
    }

    /** Takes the lock if it is free; makes the file, and its folder, where they are missing. */
    public static Optional<FileLock> tryAcquire(Path file) throws IOException {
        Path path = file.toAbsolutePath().normalize();
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        synchronized (HELD) {
            if (HELD.containsKey(path)) {
                return Optional.empty();
            }
            Optional<FileLock> lock = open(path);
            lock.ifPresent(taken -> HELD.put(path, taken.leftText));
            return lock;
        }
    }

    private static Optional<FileLock> open(Path path) throws IOException {
        while (true) {
            try {
                Files.createFile(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } catch (FileAlreadyExistsException e) {
                // held, or left
            }
            RandomAccessFile file;
            try {
                file = new RandomAccessFile(path.toFile(), "rwd");
            } catch (FileNotFoundException e) {
                if (Files.notExists(path)) {
                    continue; // its owner deleted it just now
                }
                if (!Files.isWritable(path)) {
                    throw new AccessDeniedException(path.toString());
                }
                throw e;
            }
            boolean kept = false;
            try {
                if (file.getChannel().tryLock() == null) {
                    return Optional.empty();
                }
                byte[] left = new byte[(int) Math.min(file.length(), MAX_TEXT)];
                file.readFully(left);
                if (isStillAt(path, file)) {
                    kept = true;
                    return Optional.of(
                            new FileLock(path, file, new String(left, StandardCharsets.UTF_8).replace("\0", "")));
                }
                // The owner before us deleted the file between our opening and our locking it: once more.
            } catch (OverlappingFileLockException e) {
                return Optional.empty();
            } finally {
                if (!kept) {
                    file.close();
                }
            }
        }
    }

    /** Whether the file at that path is the one we have open, and not a later one of the same name. */
    private static boolean isStillAt(Path path, RandomAccessFile file) throws IOException {
        // A length made up here must be seen through the path. The file must not be opened for that: POSIX gives up a
        // process's locks of a file as soon as the process closes any descriptor of it.
        long before = file.length();
        long mark = before + 1 + ThreadLocalRandom.current().nextLong(1L << 30);
        file.setLength(mark);
        try {
            return Files.size(path) == mark;
        } catch (NoSuchFileException e) {
            return false;
        } finally {
            file.setLength(before);
        }
    }

    /** Takes the lock, and waits for it where it is held. */
    public static FileLock acquire(Path file, TimeSource time) throws IOException, InterruptedException {
        while (true) {
            Optional<FileLock> lock = tryAcquire(file);
            if (lock.isPresent()) {
                return lock.get();
            }
            time.sleep(RETRY);
        }
    }

    /** What the last owner had written and not taken back, which means that it died; empty where there was none. */
    public String leftText() {
        return leftText;
    }

    /** Writes text for whoever finds the file if we die; it replaces what was there, and is on the disk on return. */
    public void write(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT) {
            throw new IllegalArgumentException("a lock holds " + MAX_TEXT + " bytes of text at most");
        }
        file.seek(0);
        file.write(bytes);
        file.setLength(bytes.length);
        synchronized (HELD) {
            HELD.put(path, text);
        }
    }

    /** What the present owner of a lock has written; empty where nobody holds it, or wrote nothing. */
    public static String peek(Path file) throws IOException {
        synchronized (HELD) {
            String ours = HELD.get(file.toAbsolutePath().normalize());
            if (ours != null) {
                return ours; // opening the file would lose our lock
            }
            try {
                return Files.readString(file);
            } catch (NoSuchFileException e) {
                return "";
            }
        }
    }

    /** Deletes the file and gives the lock back. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            try {
                Files.deleteIfExists(path);
            } finally {
                letGo();
            }
        }
    }

    /** Gives the lock back, and leaves the file and its text to the next owner. */
    public void release() throws IOException {
        if (closed.compareAndSet(false, true)) {
            letGo();
        }
    }

    private void letGo() throws IOException {
        synchronized (HELD) {
            HELD.remove(path);
            file.close();
        }
    }
}
