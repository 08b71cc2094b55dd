package org.oz4j.hypervisor.libvirt;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.libvirt.event.DomainEvent;
import org.libvirt.event.DomainEventDetail;
import org.libvirt.event.StoppedDetail;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.MachineState.Kind;

/** Tells libvirt's states in our terms. */
final class States {
    // virDomainState, and the reasons of virDomainPausedReason and virDomainShutoffReason
    private static final int PAUSED = 3;
    private static final int SHUTOFF = 5;
    private static final int CRASHED = 6;
    private static final int PMSUSPENDED = 7;
    private static final List<String> PAUSED_REASONS =
            List.of("", "by a user", "migration", "save", "dump", "I/O error", "watchdog", "snapshot", "shutting down");
    private static final List<String> SHUTOFF_REASONS =
            List.of("", "shut down", "destroyed", "crashed", "migrated", "saved", "failed to start");

    private States() {}

    /** The state that an event brings; null where it brings none. */
    static @Nullable MachineState of(DomainEvent event) {
        return switch (event.getType()) {
            case STARTED, RESUMED -> MachineState.running();
            case SUSPENDED, PMSUSPENDED -> new MachineState(Kind.PAUSED, detail(event));
            case CRASHED -> new MachineState(Kind.CRASHED, detail(event));
            case STOPPED -> stopped(event);
            default -> null; // SHUTDOWN: the guest is done, and STOPPED follows
        };
    }

    private static MachineState stopped(DomainEvent event) {
        DomainEventDetail detail = event.getDetail();
        Kind kind = Kind.DESTROYED;
        if (detail == StoppedDetail.SHUTDOWN) {
            kind = Kind.POWERED_OFF;
        } else if (detail == StoppedDetail.CRASHED || detail == StoppedDetail.FAILED) {
            kind = Kind.CRASHED;
        }
        return new MachineState(kind, detail(event));
    }

    private static String detail(DomainEvent event) {
        DomainEventDetail detail = event.getDetail();
        return String.valueOf(detail);
    }

    /** The state by libvirt's numbers. */
    static MachineState of(NativeCalls.State state) {
        return switch (state.state()) {
            case PAUSED -> new MachineState(Kind.PAUSED, name(PAUSED_REASONS, state.reason()));
            case PMSUSPENDED -> new MachineState(Kind.PAUSED, "suspended by the guest");
            case CRASHED -> new MachineState(Kind.CRASHED, "");
            case SHUTOFF ->
                new MachineState(
                        switch (state.reason()) {
                            case 1 -> Kind.POWERED_OFF;
                            case 3, 6 -> Kind.CRASHED;
                            default -> Kind.DESTROYED;
                        },
                        name(SHUTOFF_REASONS, state.reason()));
            default -> MachineState.running();
        };
    }

    private static String name(List<String> names, int index) {
        return index >= 0 && index < names.size() ? names.get(index) : "reason " + index;
    }
}
