package org.oz4j.hypervisor;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One running machine; closing it lets go of it and does not stop it. Safe for use by many threads. */
public interface Machine extends AutoCloseable {
    /** The machine's name. */
    String name();

    /** The machine's identity. */
    UUID uuid();

    /** What the machine does now; a machine that is gone has stopped. */
    MachineState state();

    /**
     * Waits until the machine has stopped or is paused, for that long at most.
     *
     * @return the state then: {@code RUNNING} where the time is over
     */
    MachineState await(Duration time) throws InterruptedException;

    /** What the machine has done so far. */
    Activity activity();

    /** The screen as a PNG image, where the machine has a screen. */
    Optional<byte[]> screenshot() throws InterruptedException;

    /** Presses keys at once and lets them go: codes of {@code linux/input-event-codes.h}. */
    void sendKeys(List<Integer> keyCodes);

    /**
     * Writes to the guest's console, the first serial port, as a person at a terminal would; the guest reads it when it
     * likes.
     *
     * @param text what is typed; Enter is a carriage return
     * @throws org.oz4j.HypervisorException where the machine was not made with a {@link MachineSpec#consoleInput}, or has
     *     stopped
     */
    void type(String text) throws InterruptedException;

    /** Asks the guest to power off (ACPI); returns at once. Does nothing where the machine has stopped. */
    void requestShutdown();

    /** Pulls the plug; does nothing where the machine has stopped. */
    void destroy();

    /**
     * Where a TCP port of the guest can be reached from this host: in user mode networking a port of the host's
     * loopback, forwarded from this call on; else the guest's addresses, as DHCP leases and neighbours tell them.
     *
     * @return best first; empty where no address is known, which can change
     */
    List<InetSocketAddress> endpoints(int guestPort);

    /**
     * Has the machine write to a new file from now on, while it runs: the one that it has written to so far stays as it is
     * now, and is read through the new one (an external snapshot).
     *
     * @param disk the file of one of its disks, in any format
     * @param overlay the new file, which is made, in the format qcow2
     * @throws org.oz4j.HypervisorException where the machine has no such disk, has stopped, or can't do that
     */
    void snapshot(Path disk, Path overlay) throws InterruptedException;

    /** The machine in the hypervisor's own terms (domain XML). */
    String description();

    /** Lets go of the machine. */
    @Override
    void close();
}
