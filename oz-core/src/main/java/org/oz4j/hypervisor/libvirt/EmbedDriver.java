package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.HypervisorException;
import org.oz4j.HypervisorException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded driver: one connection for the whole process, which stays open until that ends.
 *
 * <p>libvirt keeps the first root of a process for good, and registers its drivers anew each time that the embedded one is
 * opened: after about twenty times it has no room for more ({@code src/libvirt.c}, MAX_DRIVERS). So the slot stays ours, and the
 * connection too.
 */
final class EmbedDriver {
    private static final Logger LOG = LoggerFactory.getLogger(EmbedDriver.class);

    private static volatile @Nullable EmbedRoot root; // read by endProbes while another thread opens it
    private static @Nullable Connection connection;

    private EmbedDriver() {}

    /** The connection; opened for the first user. */
    static synchronized Connection acquire(Optional<Path> wanted, Path dataDir) {
        EmbedRoot use = root;
        try {
            if (use == null) {
                use = wanted.isPresent() ? EmbedRoot.of(wanted.get()) : EmbedRoot.ofPool(dataDir);
                root = use;
                LOG.debug("libvirt's embedded driver keeps its files in {}", use.path());
            }
        } catch (IOException e) {
            throw new HypervisorException(
                    Kind.UNAVAILABLE,
                    "qemu:///embed",
                    "Can't make the folder of libvirt's embedded driver: " + e,
                    "Check that this user can write to the data folder " + dataDir,
                    e);
        }
        if (wanted.isPresent() && !wanted.get().toAbsolutePath().normalize().equals(use.path())) {
            throw new HypervisorException(
                    Kind.UNSUPPORTED,
                    "qemu:///embed?root=" + wanted.get(),
                    "This process already runs libvirt's embedded driver in " + use.path()
                            + ", and libvirt allows one folder a process",
                    "Use the same folder, or another process",
                    null);
        }
        Connection open = connection;
        if (open == null) {
            NativeCalls.logTo(use.path().resolve("libvirt.log"));
            open = Connection.open("qemu:///embed?root=" + use.path());
            connection = open;
        }
        return open;
    }

    /**
     * Ends the QEMU processes that libvirt has started to ask them what they can do. They are daemons, and would outlive
     * a program that ends while libvirt is being opened.
     */
    static void endProbes() {
        EmbedRoot open = root;
        if (open == null) {
            return;
        }
        String socket = "unix:" + open.path().resolve("lib/qemu/qmp-");
        ProcessHandle.allProcesses()
                .filter(process -> OrphanMachine.command(process).stream().anyMatch(word -> word.startsWith(socket)))
                .forEach(ProcessHandle::destroyForcibly);
    }
}
