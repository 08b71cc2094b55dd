package org.oz4j.hypervisor.libvirt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;
import org.libvirt.event.ConnectionCloseListener;
import org.libvirt.event.DomainEvent;
import org.libvirt.event.LifecycleListener;
import org.libvirt.jna.ConnectionPointer;
import org.oz4j.HostSetupException;
import org.oz4j.HypervisorException;
import org.oz4j.HypervisorException.Kind;
import org.oz4j.hypervisor.MachineState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to libvirt: guards its objects, hands events to the machines, and speaks in our exceptions. */
final class Connection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final List<String> PACKAGES =
            List.of("qemu-system-x86", "libvirt0", "libvirt-daemon", "libvirt-daemon-driver-qemu");

    private final String uri;
    private final RawConnect connect;
    private final ReadWriteLock lock = new ReentrantReadWriteLock(); // for writing: to close
    private final Map<UUID, List<StateTracker>> trackers = new ConcurrentHashMap<>();
    // Native code calls them, so nothing may collect them.
    private final LifecycleListener onLifecycle = this::lifecycle;
    private final ConnectionCloseListener onLost = (connection, reason) -> lost(String.valueOf(reason));
    private boolean closed;
    private int handlesLeft;

    /** The binding keeps its native pointer from all but its heirs. */
    private static final class RawConnect extends Connect {
        RawConnect(String uri) throws LibvirtException {
            super(uri, false);
        }

        ConnectionPointer pointer() {
            return vcp;
        }
    }

    /** What is done with libvirt's connection. */
    interface Call<T> {
        T with(Connect connect, ConnectionPointer pointer) throws LibvirtException;
    }

    private Connection(String uri, RawConnect connect) {
        this.uri = uri;
        this.connect = connect;
    }

    /** Connects; this can take seconds, and no interrupt ends it. */
    static Connection open(String uri) {
        try {
            EventLoop.start();
            Connection connection = new Connection(Uris.shown(uri), new RawConnect(uri));
            connection.listen();
            return connection;
        } catch (LibvirtException e) {
            throw unavailable(Uris.shown(uri), e);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
            throw new HostSetupException(
                    "libvirt's library, libvirt.so.0, can't be loaded",
                    "Install " + String.join(" ", PACKAGES),
                    PACKAGES,
                    e);
        }
    }

    private static RuntimeException unavailable(String uri, LibvirtException e) {
        String words = words(e);
        if (words.contains("Failed to parse user") || words.contains("Failed to parse group")) {
            return new HostSetupException(
                    "libvirt runs no QEMU for root without the system user it was built for (" + words + ")",
                    "Install libvirt-daemon-system, which makes that user, or run as another user than root",
                    List.of("libvirt-daemon-system"),
                    e);
        }
        if (words.contains("no connection driver available")) {
            return new HostSetupException(
                    "libvirt has no driver for " + uri + " (" + words + ")",
                    "Install " + String.join(" ", PACKAGES),
                    PACKAGES,
                    e);
        }
        return new HypervisorException(
                Kind.UNAVAILABLE,
                uri,
                "libvirt at " + uri + " does not let us in: " + words,
                "Check the address, that its daemon runs, and that this user may use it",
                e);
    }

    private void listen() throws LibvirtException {
        try {
            connect.addLifecycleListener(onLifecycle);
        } catch (LibvirtException e) {
            connect.close();
            throw e;
        }
        try {
            connect.registerCloseListener(onLost);
            connect.setKeepAlive(10, 3);
        } catch (LibvirtException e) {
            LOG.debug("{} can't tell when it is lost: {}", uri, words(e));
        }
    }

    String uri() {
        return uri;
    }

    /** Calls libvirt, while the connection stays open. */
    <T> T call(String what, Call<T> call) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw closed(what);
            }
            return call.with(connect, connect.pointer());
        } catch (LibvirtException e) {
            throw refused(what, e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Calls libvirt about a machine, which may have gone. */
    HypervisorException refused(String what, LibvirtException e) {
        ErrorNumber code = e.getError() == null ? null : e.getError().getCode();
        if (code == ErrorNumber.VIR_ERR_NO_DOMAIN || !alive()) {
            return new HypervisorException(Kind.LOST, uri, "Lost on the way to " + what + ": " + words(e), null, e);
        }
        boolean unsupported = code == ErrorNumber.VIR_ERR_NO_SUPPORT
                || code == ErrorNumber.VIR_ERR_OPERATION_UNSUPPORTED
                || code == ErrorNumber.VIR_ERR_CONFIG_UNSUPPORTED
                || code == ErrorNumber.VIR_ERR_ARGUMENT_UNSUPPORTED;
        // An unsupported configuration is refused as any other wrong one; what no hypervisor here can do is not.
        Kind kind = unsupported && code != ErrorNumber.VIR_ERR_CONFIG_UNSUPPORTED ? Kind.UNSUPPORTED : Kind.REFUSED;
        return new HypervisorException(kind, uri, "libvirt refused to " + what + ": " + words(e), null, e);
    }

    HypervisorException closed(String what) {
        return new HypervisorException(
                Kind.CLOSED, uri, "Asked to " + what + " after the hypervisor or machine was closed", null, null);
    }

    /** Fails where the connection is lost. */
    void check(String what) {
        if (!alive()) {
            throw new HypervisorException(
                    Kind.LOST, uri, "The connection to " + uri + " broke before we could " + what, "Try again", null);
        }
    }

    /** Whether the hypervisor can still be talked to. */
    boolean alive() {
        lock.readLock().lock();
        try {
            return !closed && connect.isAlive();
        } catch (LibvirtException e) {
            return false;
        } finally {
            lock.readLock().unlock();
        }
    }

    static String words(LibvirtException e) {
        return shortened(String.valueOf(e.getMessage()));
    }

    /** Without the command line of QEMU, which is pages of what nobody reads. */
    static String shortened(String message) {
        return message.replaceFirst("(?s)(Child process) \\(.*\\) (?=unexpected|failed)", "$1 ");
    }

    /** Follows a machine's state from now on; one that has not begun yet is about to be started. */
    StateTracker track(UUID uuid, boolean begun) {
        StateTracker tracker = new StateTracker(begun);
        trackers.compute(uuid, (key, list) -> {
            List<StateTracker> all = list == null ? new CopyOnWriteArrayList<>() : list;
            all.add(tracker);
            return all;
        });
        return tracker;
    }

    void forget(UUID uuid, StateTracker tracker) {
        trackers.computeIfPresent(uuid, (key, list) -> {
            list.remove(tracker);
            return list.isEmpty() ? null : list;
        });
    }

    private int lifecycle(Domain domain, DomainEvent event) {
        try {
            List<StateTracker> interested = trackers.get(UUID.fromString(domain.getUUIDString()));
            MachineState state = States.of(event);
            if (interested != null && state != null) {
                interested.forEach(tracker -> tracker.set(state));
            }
            domain.free();
        } catch (LibvirtException e) {
            LOG.warn("An event of a machine at {} is lost: {}", uri, words(e));
        }
        return 0;
    }

    private void lost(String reason) {
        failAll(new HypervisorException(
                Kind.LOST, uri, "The connection to " + uri + " broke (" + reason + ")", "Try again", null));
    }

    private void failAll(HypervisorException cause) {
        new ArrayList<>(trackers.values()).forEach(list -> list.forEach(tracker -> tracker.fail(cause)));
    }

    /** How many of libvirt's objects still held this connection when it was closed. */
    int handlesLeft() {
        return handlesLeft;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                connect.removeLifecycleListener(onLifecycle);
            } catch (LibvirtException e) {
                LOG.debug("{} keeps a listener: {}", uri, words(e));
            }
            try {
                handlesLeft = connect.close();
            } catch (LibvirtException e) {
                LOG.debug("{} was not closed: {}", uri, words(e));
            }
        } finally {
            lock.writeLock().unlock();
        }
        failAll(closed("wait for a machine"));
    }
}
