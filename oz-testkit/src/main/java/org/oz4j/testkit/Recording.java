package org.oz4j.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.oz4j.TimeSource;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.remote.GuestShell;

/**
 * Writes down what passes between Oz and the machines of a real run, for a {@link Replay} without machines.
 *
 * <pre>{@code
 * try (Recording recording = Recording.to(file, TimeSource.system());
 *         Oz oz = Oz.builder().hypervisor(recording.hypervisor(libvirt)).shells(recording::shell).build()) {
 *     ...
 * }
 * }</pre>
 *
 * <p>The file has a JSON object in each line, in the order of time: what a machine was made of, what it wrote to its ports, its
 * counters, screens and states, what was typed on it, and each command that was run in it by ssh, with what it printed. Of
 * files that were sent, the sum alone is kept. It holds what the guest printed and what the template had it run, so only its
 * owner may read it. Machines are recorded that run one after the other; what is done with files of images is not.
 */
public final class Recording implements AutoCloseable {
    private final Writer lines;
    private final Traffic traffic;

    private Recording(Writer lines, TimeSource time) {
        this.lines = lines;
        this.traffic = new Traffic(time, line -> {
            try {
                lines.write(line + "\n");
                lines.flush();
            } catch (IOException e) {
                throw new UncheckedIOException("The run can't be recorded any more", e);
            }
        });
    }

    /**
     * Begins a recording.
     *
     * @param file must not be there
     * @param time the clock that the run has
     */
    public static Recording to(Path file, TimeSource time) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new Recording(Files.newBufferedWriter(file), time);
    }

    /** The same hypervisor, recorded; closing it closes the real one. */
    public Hypervisor hypervisor(Hypervisor real) {
        return new RecordedHypervisor(real, traffic);
    }

    /** The same talk with a guest, recorded as one with the machine that was started last. */
    public GuestShell shell(GuestShell real) {
        return new RecordedShell(real, traffic);
    }

    /** Ends the file. */
    @Override
    public void close() throws IOException {
        lines.close();
    }
}
