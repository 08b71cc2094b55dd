package org.oz4j.hypervisor;

/**
 * What a machine does.
 *
 * @param kind whether it runs
 * @param detail the hypervisor's reason, for people; may be empty
 */
public record MachineState(Kind kind, String detail) {
    /** Whether a machine runs. */
    public enum Kind {
        /** It runs. */
        RUNNING,
        /** It is paused; {@link MachineState#detail} says why, as by an I/O error. */
        PAUSED,
        /** The guest powered off, or rebooted where a reboot stops the machine. */
        POWERED_OFF,
        /** Somebody pulled the plug. */
        DESTROYED,
        /** The guest or the hypervisor's process crashed. */
        CRASHED
    }

    /** Whether the machine is gone. */
    public boolean stopped() {
        return kind != Kind.RUNNING && kind != Kind.PAUSED;
    }

    /** A running machine. */
    public static MachineState running() {
        return new MachineState(Kind.RUNNING, "");
    }
}
