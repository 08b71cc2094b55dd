package org.oz4j.engine;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

import org.oz4j.NameInUseException;
import org.oz4j.host.FileLock;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;

/**
 * The right to build under a name: a lock that tells, should we die, what has to be cleaned up.
 *
 * <p>Its text is written before the folder or the machine is made, so that no moment leaves something unknown behind.
 */
final class Reservation implements AutoCloseable {
    /** The lock in the build's folder: a program with another data folder, as another user's, sees no other. */
    private static final String PLACE_LOCK = "lock";

    private final FileLock lock;
    private final UUID uuid;
    private final WorkFolder work;
    private final FileLock place;

    private Reservation(FileLock lock, UUID uuid, WorkFolder work, FileLock place) {
        this.lock = lock;
        this.uuid = uuid;
        this.work = work;
        this.place = place;
    }

    /**
     * Reserves the name, and cleans up after a program that died while it built under it.
     *
     * @param folder where the build will work
     * @param notices is told of what was cleaned up
     */
    static Reservation make(Path locks, String name, Path folder, Hypervisor hypervisor, Progress notices)
            throws IOException, InterruptedException {
        FileLock lock = acquire(locks.resolve(name + ".lock"), name);
        UUID uuid = UUID.randomUUID();
        boolean told = false;
        boolean kept = false;
        try {
            if (!lock.leftText().isBlank()) {
                cleanUp(lock.leftText(), name, hypervisor, notices);
            }
            clear(folder, name, hypervisor);
            Properties state = new Properties();
            state.setProperty("process", Long.toString(ProcessHandle.current().pid()));
            state.setProperty("folder", folder.toString());
            state.setProperty("machine", uuid.toString());
            lock.write(print(state));
            told = true;
            WorkFolder work = WorkFolder.create(folder);
            FileLock place;
            try {
                place = lockPlace(folder, name, state);
            } catch (IOException e) {
                deleteAfter(e, work);
                throw e;
            }
            kept = true;
            return new Reservation(lock, uuid, work, place);
        } finally {
            if (!kept) {
                if (!lock.leftText().isBlank() || (told && Files.exists(folder))) {
                    lock.release(); // the next run has to clean up
                } else {
                    lock.close();
                }
            }
        }
    }

    private static FileLock lockPlace(Path folder, String name, Properties state) throws IOException {
        FileLock place = acquire(folder.resolve(PLACE_LOCK), name);
        try {
            place.write(print(state));
        } catch (IOException e) {
            place.release();
            throw e;
        }
        return place;
    }

    private static void deleteAfter(IOException failure, WorkFolder work) {
        try {
            work.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static FileLock acquire(Path file, String name) throws IOException {
        try {
            return FileLock.tryAcquire(file).orElseThrow(() -> new NameInUseException(name, holder(file)));
        } catch (AccessDeniedException e) {
            if (Files.notExists(file)) {
                throw e; // it is the folder that is closed to us
            }
            Path owned = Files.exists(file) ? file : file.getParent();
            throw new NameInUseException(name, "user " + Files.getOwner(owned).getName() + ", by " + owned);
        }
    }

    private static void cleanUp(String text, String name, Hypervisor hypervisor, Progress notices)
            throws IOException, InterruptedException {
        Properties left = parse(text);
        notices.notice("A build of '" + name + "' was left half done by process "
                + left.getProperty("process", "unknown") + "; cleaning up after it");
        end(hypervisor, left);
        String folder = left.getProperty("folder");
        if (folder != null && isBuildFolder(Path.of(folder))) {
            clear(Path.of(folder), name, hypervisor);
        }
    }

    /** Deletes a folder that nobody builds in, and ends the machine of whoever left it; it may have had another data folder. */
    private static void clear(Path folder, String name, Hypervisor hypervisor)
            throws IOException, InterruptedException {
        if (Files.exists(folder)) {
            try (FileLock abandoned = acquire(folder.resolve(PLACE_LOCK), name)) {
                end(hypervisor, parse(abandoned.leftText()));
                WorkFolder.delete(folder);
            }
        }
    }

    private static void end(Hypervisor hypervisor, Properties left) throws InterruptedException {
        String machine = left.getProperty("machine");
        if (machine != null) {
            end(hypervisor, UUID.fromString(machine));
        }
    }

    /** Pulls the plug of a machine that nobody holds any more, where it runs. */
    static void end(Hypervisor hypervisor, UUID machine) throws InterruptedException {
        Optional<Machine> orphan = hypervisor.find(machine);
        if (orphan.isPresent()) {
            try (Machine running = orphan.get()) {
                running.destroy();
            }
        }
    }

    /** The folder that a build of that name works in, beside its image. */
    static Path folderFor(Path image, String name) {
        return image.resolveSibling("." + name + ".oz");
    }

    private static boolean isBuildFolder(Path folder) {
        String name = folder.getFileName().toString();
        return name.startsWith(".") && name.endsWith(".oz");
    }

    private static String holder(Path file) {
        try {
            return "process " + parse(FileLock.peek(file)).getProperty("process", "unknown");
        } catch (IOException e) {
            return "process unknown";
        }
    }

    private static Properties parse(String text) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    private static String print(Properties properties) {
        StringBuilder text = new StringBuilder();
        properties.stringPropertyNames().stream().sorted().forEach(key -> text.append(key)
                .append('=')
                .append(properties.getProperty(key).replace("\\", "\\\\").replace("\n", "\\n"))
                .append('\n'));
        return text.toString();
    }

    /** The identity of the build's machine. */
    UUID machine() {
        return uuid;
    }

    /** Leaves what there is to the next run, which cleans up as after a program that died. */
    void leave() throws IOException {
        place.release();
        lock.release();
    }

    /** Takes the folder away, then gives the name back; the name is kept for the next run's clean-up where that fails. */
    @Override
    public void close() throws IOException {
        try {
            work.close();
        } catch (IOException e) {
            leave();
            throw e;
        }
        place.release();
        lock.close();
    }
}
