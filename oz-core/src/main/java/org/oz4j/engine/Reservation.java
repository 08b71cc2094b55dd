package org.oz4j.engine;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
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
    private final FileLock lock;
    private final Path folder;
    private final UUID uuid;
    private @Nullable WorkFolder work;

    private Reservation(FileLock lock, Path folder, UUID uuid) {
        this.lock = lock;
        this.folder = folder;
        this.uuid = uuid;
    }

    /**
     * Reserves the name, and cleans up after a program that died while it built under it.
     *
     * @param folder where the build will work
     * @param notices is told of what was cleaned up
     */
    static Reservation make(Path locks, String name, Path folder, Hypervisor hypervisor, Progress notices)
            throws IOException, InterruptedException {
        Path file = locks.resolve(name + ".lock");
        FileLock lock = FileLock.tryAcquire(file).orElseThrow(() -> new NameInUseException(name, holder(file)));
        UUID uuid = UUID.randomUUID();
        boolean kept = false;
        try {
            if (!lock.leftText().isBlank()) {
                cleanUp(lock.leftText(), name, hypervisor, notices);
            }
            // A folder that no lock tells of was left by a program whose data folder is gone.
            WorkFolder.delete(folder);
            Properties state = new Properties();
            state.setProperty("process", Long.toString(ProcessHandle.current().pid()));
            state.setProperty("folder", folder.toString());
            state.setProperty("machine", uuid.toString());
            lock.write(print(state));
            Reservation reservation = new Reservation(lock, folder, uuid);
            reservation.work = WorkFolder.create(folder);
            kept = true;
            return reservation;
        } finally {
            if (!kept) {
                if (Files.exists(folder) || !lock.leftText().isBlank()) {
                    lock.release(); // the next run has to clean up
                } else {
                    lock.close();
                }
            }
        }
    }

    private static void cleanUp(String text, String name, Hypervisor hypervisor, Progress notices)
            throws IOException, InterruptedException {
        Properties left = parse(text);
        notices.notice("A build of '" + name + "' was left half done by process "
                + left.getProperty("process", "unknown") + "; cleaning up after it");
        String machine = left.getProperty("machine");
        if (machine != null) {
            end(hypervisor, UUID.fromString(machine));
        }
        String folder = left.getProperty("folder");
        if (folder != null && isBuildFolder(Path.of(folder))) {
            WorkFolder.delete(Path.of(folder));
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

    /** The folder that the build works in. */
    Path folder() {
        return folder;
    }

    /** The identity of the build's machine. */
    UUID machine() {
        return uuid;
    }

    /** Leaves what there is to the next run, which cleans up as after a program that died. */
    void leave() throws IOException {
        lock.release();
    }

    /** Takes the folder away, then gives the name back; the name is kept for the next run's clean-up where that fails. */
    @Override
    public void close() throws IOException {
        try {
            if (work != null) {
                work.close();
            }
        } catch (IOException e) {
            lock.release();
            throw e;
        }
        lock.close();
    }
}
