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
 * The embedded driver: one connection for the whole process, counted.
 *
 * <p>libvirt keeps the first root of a process for good, so the slot stays ours until the process ends.
 */
final class EmbedDriver {
    private static final Logger LOG = LoggerFactory.getLogger(EmbedDriver.class);

    private static @Nullable EmbedRoot root;
    private static @Nullable Connection connection;
    private static int users;

    private EmbedDriver() {}

    /** The connection, to be given back; opened for the first user. */
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
            open = Connection.open("qemu:///embed?root=" + use.path());
            connection = open;
        }
        users++;
        return open;
    }

    /** Gives the connection back; closed after the last user. */
    static synchronized void release() {
        users--;
        Connection open = connection;
        if (users == 0 && open != null) {
            connection = null;
            open.close();
        }
    }
}
