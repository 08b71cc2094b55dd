package org.oz4j.hypervisor;

import java.util.Optional;
import java.util.UUID;

/**
 * Runs virtual machines; safe for use by many threads.
 *
 * <p>Opening is left to the first call that needs it. After {@link #close} every call throws
 * {@link org.oz4j.HypervisorException} of kind {@code CLOSED}.
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

    /** Ends the connection; machines go on. */
    @Override
    void close();
}
