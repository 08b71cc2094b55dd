package org.oz4j;

import org.jspecify.annotations.Nullable;

/** The hypervisor can't be reached, refuses, or lost a machine. */
public final class HypervisorException extends OzException {
    private static final long serialVersionUID = 1L;

    /** What went wrong between us and the hypervisor. */
    public enum Kind {
        /** There is no hypervisor at that address, or it lets us not in. */
        UNAVAILABLE,
        /** It answers, and refuses what was asked; its own words are in the message. */
        REFUSED,
        /** It can't do what was asked on this host. */
        UNSUPPORTED,
        /** The connection or the machine is gone. */
        LOST,
        /** The object was used after it was closed: a fault in the caller. */
        CLOSED
    }

    private final Kind kind;
    private final String hypervisor;

    /** Makes an exception about the hypervisor at that address. */
    public HypervisorException(
            Kind kind, String hypervisor, String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(problem, remedy, cause);
        this.kind = kind;
        this.hypervisor = hypervisor;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }

    /** The hypervisor's address, such as {@code qemu:///system}. */
    public String hypervisor() {
        return hypervisor;
    }

    @Override
    public boolean isRetryable() {
        return kind == Kind.LOST;
    }
}
