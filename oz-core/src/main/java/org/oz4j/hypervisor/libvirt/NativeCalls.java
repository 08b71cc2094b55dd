package org.oz4j.hypervisor.libvirt;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls of libvirt that its Java binding lacks. */
final class NativeCalls {
    private static final Logger LOG = LoggerFactory.getLogger(NativeCalls.class);
    private static final int HMP = 1; // VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP

    private static final Virt VIRT = Native.load("virt", Virt.class);

    private NativeCalls() {}

    /** libvirt.so. */
    interface Virt extends Library {
        @Nullable
        DomainPointer virDomainLookupByUUIDString(ConnectionPointer connection, String uuid);

        int virDomainGetState(DomainPointer domain, IntByReference state, IntByReference reason, int flags);

        int virDomainFree(DomainPointer domain);

        int virDomainAgentSetResponseTimeout(DomainPointer domain, int seconds, int flags);

        @Nullable
        Pointer virConnectGetDomainCapabilities(
                ConnectionPointer connection,
                @Nullable String emulator,
                String arch,
                @Nullable String machine,
                String type,
                int flags);

        @Nullable
        String virGetLastErrorMessage();
    }

    /** libvirt-qemu.so. */
    interface VirtQemu extends Library {
        int virDomainQemuMonitorCommand(DomainPointer domain, String command, PointerByReference result, int flags);
    }

    // Loaded by those who use it: the library is apart, and other hypervisors have no monitor.
    private static final class Qemu {
        static final VirtQemu LIBRARY = Native.load("virt-qemu", VirtQemu.class);
    }

    /** The C library. */
    interface LibC extends Library {
        int setenv(String name, String value, int overwrite);
    }

    /**
     * Has libvirt write its own log to a file and not to our standard error output; a choice made in the environment is
     * kept. Works before the first call of libvirt only, which reads the environment then.
     */
    static void logTo(Path file) {
        Native.load("c", LibC.class).setenv("LIBVIRT_LOG_OUTPUTS", "3:file:" + file, 0);
    }

    /** A domain's state and the reason for it, as libvirt numbers them. */
    record State(int state, int reason) {}

    /** The domain of that identity, to be freed. */
    static Optional<DomainPointer> lookup(ConnectionPointer connection, UUID uuid) {
        return Optional.ofNullable(VIRT.virDomainLookupByUUIDString(connection, uuid.toString()));
    }

    static void free(DomainPointer domain) {
        VIRT.virDomainFree(domain);
    }

    /** The domain's state; empty where the domain is gone. */
    static Optional<State> state(DomainPointer domain) {
        IntByReference state = new IntByReference();
        IntByReference reason = new IntByReference();
        return VIRT.virDomainGetState(domain, state, reason, 0) < 0
                ? Optional.empty()
                : Optional.of(new State(state.getValue(), reason.getValue()));
    }

    /** How long libvirt waits for an answer of the guest's agent; without, it waits for ever. */
    static void limitAgent(DomainPointer domain, int seconds) {
        if (VIRT.virDomainAgentSetResponseTimeout(domain, seconds, 0) < 0) {
            LOG.debug("No time limit for the guest agent: {}", lastError());
        }
    }

    /**
     * What domains of that architecture and type can have, as XML: libvirt's formatdomaincaps.
     *
     * @return empty where the hypervisor has no such domains, or does not tell
     */
    static Optional<String> domainCapabilities(ConnectionPointer connection, String arch, String type) {
        Pointer text = VIRT.virConnectGetDomainCapabilities(connection, null, arch, null, type, 0);
        if (text == null) {
            LOG.debug("No domain capabilities for {} {}: {}", type, arch, lastError());
            return Optional.empty();
        }
        return Optional.of(taken(text));
    }

    /** A text that is ours to free. */
    private static String taken(Pointer text) {
        try {
            return text.getString(0, "UTF-8");
        } finally {
            Native.free(Pointer.nativeValue(text));
        }
    }

    /** What went wrong in this thread's last call. */
    private static String lastError() {
        return Objects.requireNonNullElse(VIRT.virGetLastErrorMessage(), "no message");
    }

    /** Runs a command of QEMU's human monitor: its answer, or why it could not be asked; empty where all went well. */
    static String monitor(DomainPointer domain, String command) {
        PointerByReference result = new PointerByReference();
        if (Qemu.LIBRARY.virDomainQemuMonitorCommand(domain, command, result, HMP) < 0) {
            return lastError();
        }
        return taken(result.getValue()).strip();
    }
}
