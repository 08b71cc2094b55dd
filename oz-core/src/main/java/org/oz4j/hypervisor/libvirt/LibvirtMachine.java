package org.oz4j.hypervisor.libvirt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.Domain.InterfaceAddressesSource;
import org.libvirt.DomainBlockStats;
import org.libvirt.DomainInterface;
import org.libvirt.DomainInterfaceStats;
import org.libvirt.KeycodeSet;
import org.libvirt.LibvirtException;
import org.libvirt.Stream;
import org.libvirt.jna.DomainPointer;
import org.oz4j.HypervisorException;
import org.oz4j.HypervisorException.Kind;
import org.oz4j.TimeSource;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running domain of libvirt. */
final class LibvirtMachine implements Machine {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtMachine.class);
    private static final int KEY_MILLIS = 100;
    // virDomainSnapshotCreateFlags: NO_METADATA, DISK_ONLY, ATOMIC
    private static final int SNAPSHOT = 4 | 16 | 128;
    private static final Duration ANSWER = Duration.ofMinutes(1);
    private static final Duration MEASURES_IN = Duration.ofSeconds(10);
    private static final ExecutorService ASKING = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "oz-libvirt-machine");
        thread.setDaemon(true);
        return thread;
    });
    private static final int PORT_ATTEMPTS = 10;
    private static final int CHUNK = 64 * 1024;
    private static final List<Integer> ADDRESS_SOURCES = List.of(
            InterfaceAddressesSource.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
            InterfaceAddressesSource.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
            InterfaceAddressesSource.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT);

    private final Connection connection;
    private final String name;
    private final UUID uuid;
    private final Domain domain;
    private final DomainPointer pointer; // the binding hides its own
    private final StateTracker tracker;
    private final TimeSource clock;
    private final Optional<ProcessHandle> process; // QEMU's, where it is seen from here
    private final ReadWriteLock lock = new ReentrantReadWriteLock(); // for writing: to close
    private boolean closed;
    private final Map<Integer, Integer> forwards = new HashMap<>(); // from the guest's ports to the host's
    private @Nullable List<Xml> cards;
    private @Nullable ConsoleInput input;

    private final Object measures = new Object(); // what guards the next two
    private @Nullable Future<Activity> measuring;
    private Activity measured = new Activity(0, 0, 0);

    private interface Call<T> {
        T on(Connect connect) throws LibvirtException;
    }

    /** Takes over the domain, the pointer and the tracker. */
    LibvirtMachine(
            Connection connection,
            String name,
            UUID uuid,
            Domain domain,
            DomainPointer pointer,
            StateTracker tracker,
            TimeSource clock) {
        this.connection = connection;
        this.name = name;
        this.uuid = uuid;
        this.domain = domain;
        this.pointer = pointer;
        this.tracker = tracker;
        this.clock = clock;
        this.process = OrphanMachine.process(connection.uri(), uuid);
    }

    /**
     * Asks the machine's own process, which never answers where it stands still; libvirt waits for ever then, until the
     * machine is destroyed.
     *
     * @throws HypervisorException where there is no answer in time
     */
    private <T> T ask(String what, Call<T> call) {
        Future<T> answer = ASKING.submit(() -> call(what, call));
        return answered(answer, ANSWER)
                .orElseThrow(() -> new HypervisorException(
                        Kind.REFUSED,
                        connection.uri(),
                        "The process of the machine " + name + " has not answered for " + ANSWER.toSeconds()
                                + " s, asked to " + what + " it",
                        "See whether it was stopped (SIGSTOP), or waits for a disk or a network of the host",
                        null));
    }

    /** What came in time; an interrupt is kept for later. */
    private <T> Optional<T> answered(Future<T> answer, Duration limit) {
        boolean interrupted = false;
        long end = clock.nanoTime() + limit.toNanos();
        try {
            while (true) {
                try {
                    return Optional.of(answer.get(end - clock.nanoTime(), TimeUnit.NANOSECONDS));
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    return Optional.empty();
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof RuntimeException known) {
                        throw known;
                    }
                    throw new IllegalStateException(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T> T call(String what, Call<T> call) {
        lock.readLock().lock();
        try {
            String whole = what + " the machine " + name;
            if (closed) {
                throw connection.closed(whole);
            }
            return connection.call(whole, (connect, unused) -> call.on(connect));
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public UUID uuid() {
        return uuid;
    }

    @Override
    public MachineState state() {
        return explained(call("look at", connect -> {
            MachineState known = tracker.get();
            if (known.stopped()) {
                return known;
            }
            // Where it is gone, its last event is on the way, and knows better why.
            return NativeCalls.state(pointer).map(States::of).orElseGet(() -> {
                if (process.isEmpty() || process.get().isAlive()) {
                    connection.check("look at the machine " + name); // of whose end a lost daemon tells nothing
                }
                return new MachineState(MachineState.Kind.DESTROYED, "it is gone");
            });
        }));
    }

    /** A crash with what QEMU wrote of it, or where it wrote nothing. */
    private MachineState explained(MachineState state) {
        if (state.kind() != MachineState.Kind.CRASHED) {
            return state;
        }
        return QemuLog.file(connection.uri(), name, variable -> Optional.ofNullable(System.getenv(variable)))
                .map(log -> {
                    String words = QemuLog.lastWords(log);
                    return new MachineState(
                            state.kind(),
                            state.detail() + "; " + (words.isEmpty() ? "QEMU wrote nothing of it to " + log : words));
                })
                .orElse(state);
    }

    @Override
    public MachineState await(Duration time) throws InterruptedException {
        MachineState now = state();
        if (now.kind() == MachineState.Kind.PAUSED) {
            return now;
        }
        if (now.stopped() && !tracker.get().stopped()) {
            MachineState told = tracker.await(Duration.ofSeconds(1)); // for the event that says why
            return told.stopped() ? explained(told) : now;
        }
        return explained(tracker.await(time));
    }

    /** What was measured last, where the machine's process does not answer. */
    @Override
    public Activity activity() {
        synchronized (measures) {
            Future<Activity> now = measuring;
            if (now == null) {
                now = ASKING.submit(this::measure);
                measuring = now;
            } else if (!now.isDone()) {
                state(); // fails where the machine can't be asked at all
                return measured;
            }
            Optional<Activity> answer = answered(now, MEASURES_IN);
            if (answer.isPresent()) {
                measured = answer.get();
                measuring = null;
            }
            return measured;
        }
    }

    private Activity measure() {
        return call("measure", connect -> {
            long cpu = 0;
            long disk = 0;
            long network = 0;
            try {
                cpu = domain.getInfo().cpuTime;
                DomainBlockStats all = domain.blockStats(""); // the sum of all disks
                disk = sum(all.rd_bytes, all.wr_bytes);
                for (String tap : taps()) {
                    DomainInterfaceStats stats = domain.interfaceStats(tap);
                    network += sum(stats.rx_bytes, stats.tx_bytes);
                }
            } catch (LibvirtException e) {
                LOG.trace("{} does not count everything: {}", name, Connection.words(e));
            }
            return new Activity(cpu, disk, network);
        });
    }

    /** The sum of counters; one below zero is not counted. */
    private static long sum(long in, long out) {
        return Math.max(0, in) + Math.max(0, out);
    }

    /** The host's side of the network cards; a card on user mode networking has none. */
    private List<String> taps() throws LibvirtException {
        return cards().stream()
                .filter(card -> !card.attribute("type").equals("user"))
                .flatMap(card -> card.all("target").stream())
                .map(target -> target.attribute("dev"))
                .toList();
    }

    private synchronized List<Xml> cards() throws LibvirtException {
        List<Xml> known = cards;
        if (known == null) {
            known = Xml.parse(domain.getXMLDesc(0)).all("interface");
            cards = known;
        }
        return known;
    }

    @Override
    public Optional<byte[]> screenshot() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (state().stopped()) {
            return Optional.empty();
        }
        byte[] picture;
        try {
            picture = ask("take a picture of", this::picture);
        } catch (HypervisorException e) {
            if (e.kind() == Kind.UNSUPPORTED) {
                return Optional.empty();
            }
            throw e;
        }
        try {
            return Optional.of(Png.of(picture));
        } catch (IOException e) {
            throw new HypervisorException(
                    Kind.REFUSED, connection.uri(), "libvirt gave no usable picture of " + name, null, e);
        }
    }

    private byte[] picture(Connect connect) throws LibvirtException {
        Stream stream = connect.streamNew(0);
        try {
            domain.screenshot(stream, 0);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] chunk = new byte[CHUNK];
            int count = stream.receive(chunk);
            while (count > 0) {
                bytes.write(chunk, 0, count);
                count = stream.receive(chunk);
            }
            stream.finish();
            return bytes.toByteArray();
        } finally {
            stream.free();
        }
    }

    @Override
    public void sendKeys(List<Integer> keyCodes) {
        int[] codes = keyCodes.stream().mapToInt(Integer::intValue).toArray();
        ask("send keys to", connect -> {
            domain.sendKey(KeycodeSet.LINUX, KEY_MILLIS, codes);
            return true;
        });
    }

    @Override
    public void type(String text) {
        if (state().stopped()) {
            throw refused("it has stopped", null);
        }
        try {
            input().write(text);
        } catch (IOException e) {
            throw refused(String.valueOf(e.getMessage()), e);
        }
    }

    /** The connection to the console, which lasts as long as this hold of the machine. */
    private synchronized ConsoleInput input() throws IOException {
        ConsoleInput known = input;
        if (known == null) {
            Path socket = call("find the console of", connect -> Xml.parse(domain.getXMLDesc(0)).all("serial").stream()
                            .filter(serial -> serial.attribute("type").equals("unix"))
                            .flatMap(serial -> serial.all("source").stream())
                            .map(source -> Path.of(source.attribute("path")))
                            .findFirst())
                    .orElseThrow(() -> refused("it was made without a way to", null));
            known = ConsoleInput.open(socket, name);
            input = known;
        }
        return known;
    }

    private HypervisorException refused(String words, @Nullable Exception cause) {
        return new HypervisorException(
                Kind.REFUSED, connection.uri(), "The console of " + name + " can't be typed on: " + words, null, cause);
    }

    @Override
    public void requestShutdown() {
        end(() -> ask("shut down", connect -> {
            domain.shutdown();
            return true;
        }));
    }

    @Override
    public void destroy() {
        end(() -> call("destroy", connect -> {
            domain.destroy();
            return true;
        }));
    }

    private void end(Runnable ending) {
        if (state().stopped()) {
            return;
        }
        try {
            ending.run();
        } catch (HypervisorException e) {
            if (e.kind() == Kind.CLOSED || !state().stopped()) { // it may have stopped meanwhile
                throw e;
            }
        }
    }

    @Override
    public List<InetSocketAddress> endpoints(int guestPort) {
        if (call("look at", connect -> userMode())) {
            synchronized (forwards) {
                int port = forwards.computeIfAbsent(guestPort, this::forward);
                return List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        }
        Set<InetSocketAddress> found = new LinkedHashSet<>();
        ask("ask for the addresses of", connect -> {
            for (int source : ADDRESS_SOURCES) {
                for (InetAddress address : addresses(source)) {
                    if (!address.isLoopbackAddress() && !address.isLinkLocalAddress()) {
                        found.add(new InetSocketAddress(address, guestPort));
                    }
                }
            }
            return true;
        });
        return List.copyOf(found);
    }

    private boolean userMode() throws LibvirtException {
        return cards().stream().anyMatch(card -> card.attribute("type").equals("user"));
    }

    /** What one source knows; a network without leases knows nothing. */
    private List<InetAddress> addresses(int source) {
        List<InetAddress> found = new ArrayList<>();
        try {
            for (DomainInterface card : domain.interfaceAddresses(source, 0)) {
                card.addrs.forEach(address -> found.add(address.address));
            }
        } catch (LibvirtException e) {
            LOG.trace("No addresses of {} from source {}: {}", name, source, Connection.words(e));
        }
        return found;
    }

    private int forward(int guestPort) {
        String answer = "";
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            int port = freePort();
            // libvirt calls the first card's backend so.
            String command = "hostfwd_add hostnet0 tcp:127.0.0.1:" + port + "-:" + guestPort;
            answer = ask("forward a port to", connect -> NativeCalls.monitor(pointer, command));
            if (answer.isEmpty()) {
                return port;
            }
            if (!answer.contains("could not set up host forwarding")) {
                break; // another try will not do: the port is not what is wrong
            }
        }
        throw new HypervisorException(
                Kind.REFUSED,
                connection.uri(),
                "The port " + guestPort + " of the machine " + name + " can't be forwarded: " + answer,
                null,
                null);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("the host has no free port", e);
        }
    }

    @Override
    public void snapshot(Path disk, Path overlay) {
        String xml = DomainXml.snapshot(disk, overlay);
        ask("take a snapshot of a disk of", connect -> domain.snapshotCreateXML(xml, SNAPSHOT)
                .free());
    }

    @Override
    public String description() {
        return ask("describe", connect -> domain.getXMLDesc(0));
    }

    private synchronized void endInput() {
        if (input != null) {
            input.close();
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            connection.forget(uuid, tracker);
            NativeCalls.free(pointer);
            domain.free();
        } catch (LibvirtException e) {
            LOG.debug("{} was not let go: {}", name, Connection.words(e));
        } finally {
            lock.writeLock().unlock();
        }
        endInput();
        tracker.fail(connection.closed("wait for the machine " + name));
    }
}
