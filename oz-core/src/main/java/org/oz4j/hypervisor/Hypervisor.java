package org.oz4j.hypervisor;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

import org.oz4j.ImageFormat;
import org.oz4j.disk.DiskImages;

/**
 * Runs virtual machines; safe for use by many threads.
 *
 * <p>Opening is left to the first call that needs it. After {@link #close} every call that needs the connection throws
 * {@link org.oz4j.HypervisorException} of kind {@code CLOSED}; those that make images need none.
 */
public interface Hypervisor extends AutoCloseable {
    /** The hypervisor's address, such as {@code qemu:///system}, without secrets. */
    String uri();

    /** What the host offers. */
    HostFacts host() throws InterruptedException;

    /**
     * Starts a machine that lives until it stops, and is forgotten then.
     *
     * @throws org.oz4j.HypervisorException of kind {@code REFUSED}, with the hypervisor's own words; no machine is left
     */
    Machine start(MachineSpec spec) throws InterruptedException;

    /** The running machine of that identity, as one left by a program that died. */
    Optional<Machine> find(UUID uuid) throws InterruptedException;

    /** The description of a machine in the hypervisor's own terms (domain XML), without starting it. */
    String describe(MachineSpec spec) throws InterruptedException;

    /** How the machine would be described, as far as that is known without asking the hypervisor. */
    default String sketch(MachineSpec spec) throws InterruptedException {
        return describe(spec);
    }

    /**
     * Creates an image for a machine that takes what is written to it, and reads all else from another, which is never
     * written to.
     *
     * @param overlay the new image, qcow2
     * @param format of the other image
     * @throws org.oz4j.DiskException where it can't be made, with the words of what makes it
     */
    default void createOverlay(Path overlay, Path image, ImageFormat format) throws InterruptedException {
        DiskImages.createOverlay(overlay, image, format);
    }

    /**
     * Copies an image, with all that it reads from others, into a new one.
     *
     * @param mode the new file's permissions, as in {@code rw-------}
     * @throws org.oz4j.DiskException where it can't be made, with the words of what makes it
     */
    default void convert(Path from, ImageFormat fromFormat, Path to, ImageFormat toFormat, String mode)
            throws InterruptedException {
        DiskImages.convert(from, fromFormat, to, toFormat, mode);
    }

    /** Ends the connection; machines go on. */
    @Override
    void close();
}
