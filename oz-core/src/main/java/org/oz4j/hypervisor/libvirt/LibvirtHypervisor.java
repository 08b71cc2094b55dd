package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.jna.DomainPointer;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.HostSetupException;
import org.oz4j.HypervisorException;
import org.oz4j.HypervisorException.Kind;
import org.oz4j.OzException;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.host.VirtTypes;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs machines through libvirt: its daemon's, another host's, or the driver embedded in this process. */
public final class LibvirtHypervisor implements Hypervisor {
    private static final int AGENT_SECONDS = 2; // that an agent has to answer
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHypervisor.class);
    /** A QEMU that libvirt probed has been seen to hang for ever, and libvirt with it. */
    private static final Duration OPENS_IN = Duration.ofMinutes(10);

    private static final String SYSTEM = "qemu:///system";
    private static final String EMBED = "qemu:///embed";
    private static final List<Path> SOCKETS =
            List.of(Path.of("/run/libvirt/libvirt-sock"), Path.of("/run/libvirt/virtqemud-sock"));
    private static final Duration START_EVENT = Duration.ofSeconds(5); // it comes at once
    private static final int PROBE_ROUNDS = 15;
    private static final int PROBE_ROUND_MILLIS = 100;
    private static final FileAttribute<?> OWN_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final OzConfig config;
    private final TimeSource time;
    private @Nullable CompletableFuture<Session> session;
    private final List<CompletableFuture<Session>> lost = new ArrayList<>();
    private @Nullable HostFacts facts;
    private boolean closed;

    /** An open connection, and how to give it back. */
    private record Session(Connection connection, boolean embedded, Runnable release) {}

    private LibvirtHypervisor(OzConfig config, TimeSource time) {
        this.config = config;
        this.time = time;
    }

    /**
     * A hypervisor at the address that the configuration names; where it names none, the system's daemon if one
     * answers, and else the embedded driver.
     *
     * <p>Nothing is connected yet.
     *
     * @param time measures how long a machine's process is waited for
     */
    @SuppressWarnings("UnusedVariable") // every adapter is made from the same two things
    public static LibvirtHypervisor open(OzConfig config, TimeSource time) {
        return new LibvirtHypervisor(config, time);
    }

    @Override
    public String uri() {
        CompletableFuture<Session> current;
        synchronized (this) {
            current = session;
        }
        if (current != null && current.isDone() && !current.isCompletedExceptionally()) {
            return current.join().connection().uri();
        }
        return config.hypervisorUri().map(Uris::shown).orElseGet(() -> daemonMayAnswer() ? SYSTEM : EMBED);
    }

    /** The connection that is used now. */
    Connection connection() throws InterruptedException {
        return session().connection();
    }

    private static boolean daemonMayAnswer() {
        return SOCKETS.stream().anyMatch(Files::exists);
    }

    /** The connection; an interrupt or the limit ends the wait for it, while it is still being made for the next call. */
    private Session session() throws InterruptedException {
        CompletableFuture<Session> current;
        synchronized (this) {
            if (closed) {
                throw new HypervisorException(
                        Kind.CLOSED, uri(), "The hypervisor was used after it was closed", null, null);
            }
            if (session != null && isLost(session)) {
                LOG.info("The connection to {} broke; it is made anew", uri());
                lost.add(session); // machines of it may still be asked, and fail
                session = null;
            }
            if (session == null || session.isCompletedExceptionally()) {
                CompletableFuture<Session> next = new CompletableFuture<>();
                Thread thread = new Thread(() -> complete(next), "oz-libvirt-open");
                thread.setDaemon(true);
                thread.start();
                session = next;
            }
            current = session;
        }
        try {
            return current.get(OPENS_IN.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new HypervisorException(
                    Kind.UNAVAILABLE,
                    uri(),
                    "libvirt at " + uri() + " has not come up within " + OPENS_IN.toSeconds() + " s",
                    "See whether a QEMU that libvirt asks for its abilities (-machine none) hangs, and end it with kill -9;"
                            + " libvirt goes on then",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OzException problem) {
                throw problem;
            }
            throw new IllegalStateException("libvirt could not be opened", e.getCause());
        }
    }

    private static boolean isLost(CompletableFuture<Session> session) {
        return session.isDone()
                && !session.isCompletedExceptionally()
                && !session.join().connection().alive();
    }

    private void complete(CompletableFuture<Session> next) {
        try {
            Session open = connect();
            try {
                HostFacts found = gather(open); // here, since it may probe QEMU for seconds, and no interrupt ends that
                synchronized (this) {
                    facts = found;
                }
            } catch (Throwable e) {
                open.release().run();
                throw e;
            }
            next.complete(open);
        } catch (Throwable e) { // whatever it is, the caller gets it
            next.completeExceptionally(e);
        }
    }

    private Session connect() {
        if (config.hypervisorUri().isPresent()) {
            String uri = config.hypervisorUri().get();
            return uri.startsWith(EMBED) ? embedded(Uris.embedRoot(uri)) : connected(uri);
        }
        if (daemonMayAnswer()) {
            try {
                return connected(SYSTEM);
            } catch (HypervisorException e) {
                LOG.info("No daemon answers at {} ({}), so the embedded driver is used", SYSTEM, e.problem());
            }
        }
        return embedded(Optional.empty());
    }

    private Session connected(String uri) {
        // Before libvirt's first call, even one that fails: what it logs would else go to our standard error.
        try {
            Files.createDirectories(config.dataDir());
            NativeCalls.logTo(config.dataDir().resolve("libvirt.log"));
        } catch (IOException e) {
            LOG.debug("libvirt logs to standard error, since {} can't be made", config.dataDir(), e);
        }
        Connection connection = Connection.open(uri);
        return new Session(connection, false, connection::close);
    }

    private Session embedded(Optional<Path> root) {
        return new Session(EmbedDriver.acquire(root, config.dataDir()), true, () -> {});
    }

    @Override
    public HostFacts host() throws InterruptedException {
        session();
        synchronized (this) {
            return Objects.requireNonNull(facts, "known once the session is open");
        }
    }

    private HostFacts gather(Session open) {
        Connection connection = open.connection();
        Capabilities capabilities = connection.call(
                "list its capabilities", (connect, pointer) -> Capabilities.parse(connect.getCapabilities()));
        if (open.embedded() && capabilities.guests().isEmpty()) {
            throw new HostSetupException(
                    "libvirt finds no QEMU on this host", "Install qemu-system-x86", List.of("qemu-system-x86"), null);
        }
        // libvirt's driver without machines takes any, whatever it lists.
        Set<Arch> guests = Uris.test(connection.uri()) ? EnumSet.allOf(Arch.class) : capabilities.guests();
        String version = connection.call(
                "tell its version",
                (connect, pointer) -> connect.getType() + " " + dotted(connect.getVersion()) + ", libvirt "
                        + dotted(connect.getLibVersion()));
        Arch arch = capabilities.hostArch();
        VirtTypes.Choice choice = choose(connection.uri(), capabilities);
        Set<Firmware> firmware = EnumSet.of(Firmware.BIOS);
        Map<String, String> unavailable = new HashMap<>();
        String type = domainType(choice.type());
        if (uefi(connection.uri(), arch, () -> capabilities(connection, arch, type))
                .isPresent()) {
            firmware.add(Firmware.UEFI);
        } else {
            unavailable.put("uefi", "no UEFI firmware for " + arch + "; install " + UefiFiles.packageFor(arch));
        }
        if (choice.type() == VirtType.TCG) {
            unavailable.put("kvm", choice.reason());
        }
        return new HostFacts(version, arch, choice.type(), choice.reason(), guests, firmware, unavailable);
    }

    private static String dotted(long version) {
        return version / 1_000_000 + "." + version / 1000 % 1000 + "." + version % 1000;
    }

    private VirtTypes.Choice choose(String uri, Capabilities capabilities) {
        return VirtTypes.choose(new VirtTypes.Facts(
                capabilities.hostArch(),
                capabilities.kvm().contains(capabilities.hostArch()),
                Uris.remote(uri),
                VirtTypes.cpuinfo(),
                device(uri),
                VirtTypes.variable(),
                config.virtType()));
    }

    private static VirtTypes.Device device(String uri) {
        VirtTypes.Device own = VirtTypes.device();
        // The system's daemon opens it, and this user need not be able to.
        return uri.equals(SYSTEM) && own == VirtTypes.Device.CLOSED ? VirtTypes.Device.USABLE : own;
    }

    /** The firmware's files: on this host those that are there, on another those that its libvirt found. */
    private static Optional<UefiFiles> uefi(String uri, Arch arch, Supplier<Optional<DomainCapabilities>> domains) {
        if (!Uris.remote(uri)) {
            return UefiFiles.find(arch, UefiFiles::areHere);
        }
        Set<Path> found = domains.get().map(DomainCapabilities::loaders).orElse(Set.of());
        return UefiFiles.find(arch, files -> found.contains(files.code())); // the variables lie beside
    }

    /** The modes of processors that QEMU has, where libvirt does not tell; that for POWER has no processor "max". */
    private static Set<String> usualCpuModes(Arch arch) {
        boolean power = arch == Arch.PPC64 || arch == Arch.PPC64LE;
        return power ? Set.of("host-passthrough") : Set.of("host-passthrough", "maximum");
    }

    /** What libvirt tells of such domains; empty where it does not. */
    private static Optional<DomainCapabilities> capabilities(Connection connection, Arch arch, String type) {
        return connection.call(
                "list the capabilities of " + arch + " domains",
                (connect, pointer) -> NativeCalls.domainCapabilities(pointer, DomainXml.archName(arch), type)
                        .map(DomainCapabilities::parse));
    }

    private static String domainType(VirtType type) {
        return type == VirtType.KVM ? "kvm" : "qemu";
    }

    @Override
    public String sketch(MachineSpec spec) {
        Arch here = Arch.of(System.getProperty("os.arch").replace("amd64", "x86_64"))
                .orElse(Arch.X86_64);
        String uri = uri();
        // What libvirt would say of KVM is taken to be yes; the processor and the device are asked as ever.
        VirtType type =
                choose(uri, new Capabilities(here, Set.of(here), Set.of(here))).type();
        // A host without the firmware can still plan.
        UefiFiles usual = new UefiFiles(Path.of("OVMF_CODE.fd"), Path.of("OVMF_VARS.fd"));
        return DomainXml.of(
                spec,
                new DomainXml.Host(
                        domainType(HostFacts.runBy(spec.arch(), here, type)),
                        uri.startsWith(EMBED),
                        runAs(uri),
                        Optional.of(
                                UefiFiles.find(spec.arch(), UefiFiles::areHere).orElse(usual)),
                        usualCpuModes(spec.arch())));
    }

    @Override
    public String describe(MachineSpec spec) throws InterruptedException {
        Session open = session();
        HostFacts host = host();
        Connection connection = open.connection();
        if (Uris.test(connection.uri())) {
            return DomainXml.of(spec, new DomainXml.Host("test", false, Optional.empty(), Optional.empty(), Set.of()));
        }
        String type = domainType(host.virtType(spec.arch()));
        Optional<DomainCapabilities> domains = capabilities(connection, spec.arch(), type);
        Optional<UefiFiles> uefi = uefi(connection.uri(), spec.arch(), () -> domains);
        if (spec.firmware() == Firmware.UEFI && uefi.isEmpty()) {
            throw new HypervisorException(
                    Kind.UNSUPPORTED,
                    uri(),
                    "The machine " + spec.name() + " needs UEFI, and the host has no firmware for " + spec.arch(),
                    "Install the package " + UefiFiles.packageFor(spec.arch()),
                    null);
        }
        if (spec.consoleInput()
                        .map(socket -> socket.toString().getBytes(StandardCharsets.UTF_8).length)
                        .orElse(0)
                > ConsoleInput.LONGEST_PATH) {
            throw new HypervisorException(
                    Kind.UNSUPPORTED,
                    uri(),
                    "The machine " + spec.name() + " is written to by a socket, whose path is too long: "
                            + spec.consoleInput().get(),
                    "Put the image into a folder with a shorter path (" + ConsoleInput.LONGEST_PATH + " bytes in all)",
                    null);
        }
        Set<String> cpuModes = domains.map(DomainCapabilities::cpuModes).orElse(usualCpuModes(spec.arch()));
        MachineSpec fitting = spec.toBuilder()
                .agent(spec.agent() && agentFits(connection.uri()))
                .build();
        return DomainXml.of(
                fitting, new DomainXml.Host(type, open.embedded(), runAs(connection.uri()), uefi, cpuModes));
    }

    /**
     * Whether libvirt can make a socket for a guest's agent: below the embedded driver's root its path may get too long.
     * An agent only helps to find a guest.
     */
    private static boolean agentFits(String uri) {
        return Uris.embedRoot(uri)
                .map(root -> root.toString().length() <= EmbedRoot.MAX_LENGTH_FOR_AGENT)
                .orElse(true);
    }

    /**
     * Whom the system's daemon is to run QEMU as: us, since it would else run it as a user of its own, who may neither
     * enter the folder of a build nor read the user's media, and would take the files away from us.
     */
    private static Optional<String> runAs(String uri) {
        if (Uris.remote(uri) || !Uris.system(uri)) {
            return Optional.empty();
        }
        try {
            Path self = Path.of("/proc/self");
            return Optional.of(
                    "+" + Files.getAttribute(self, "unix:uid") + ":+" + Files.getAttribute(self, "unix:gid"));
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("Our own user is not known, so the daemon runs QEMU as its own", e);
            return Optional.empty();
        }
    }

    @Override
    public Machine start(MachineSpec spec) throws InterruptedException {
        String xml = describe(spec);
        Connection connection = connection();
        LOG.debug("Starting {} at {}", spec.name(), connection.uri());
        if (!Uris.remote(connection.uri())) {
            makeLogs(spec);
        }
        StateTracker tracker = connection.track(spec.uuid(), false); // before the first event
        Optional<Machine> machine = Optional.empty();
        try {
            machine = connection.call("start the machine " + spec.name(), (connect, pointer) -> {
                Domain domain = connect.domainCreateXML(xml, 0);
                Optional<Machine> mine = NativeCalls.lookup(pointer, spec.uuid())
                        .map(own -> {
                            if (spec.agent()) {
                                NativeCalls.limitAgent(own, AGENT_SECONDS);
                            }
                            return new LibvirtMachine(connection, spec.name(), spec.uuid(), domain, own, tracker, time);
                        });
                if (mine.isEmpty()) {
                    domain.free();
                }
                return mine;
            });
        } finally {
            if (machine.isEmpty()) {
                connection.forget(spec.uuid(), tracker);
            }
        }
        if (machine.isPresent()) {
            tracker.awaitBegin(START_EVENT);
        }
        return machine.orElseThrow(() -> new HypervisorException(
                Kind.LOST,
                connection.uri(),
                "The machine " + spec.name() + " stopped as soon as it had started",
                null,
                null));
    }

    /** Makes the files that a daemon would else make as its own. */
    private void makeLogs(MachineSpec spec) {
        Stream.concat(spec.serials().stream(), spec.virtioPorts().stream().map(MachineSpec.VirtioPort::log))
                .filter(Files::notExists)
                .forEach(file -> {
                    try {
                        Files.createFile(file, OWN_FILE);
                    } catch (IOException e) {
                        throw new HypervisorException(
                                Kind.REFUSED, uri(), "The file " + file + " can't be made: " + e, null, e);
                    }
                });
    }

    @Override
    public Optional<Machine> find(UUID uuid) throws InterruptedException {
        Session open;
        try {
            open = session();
        } catch (HypervisorException e) {
            // The machines of a daemon that has ended run on.
            Optional<Machine> orphan = e.kind() == Kind.CLOSED ? Optional.empty() : OrphanMachine.find(uri(), uuid);
            if (orphan.isEmpty()) {
                throw e;
            }
            return orphan;
        }
        Connection connection = open.connection();
        StateTracker tracker = connection.track(uuid, true);
        Optional<Machine> machine = Optional.empty();
        try {
            machine = connection.call(
                    "look for the machine " + uuid, (connect, pointer) -> NativeCalls.lookup(pointer, uuid)
                            .flatMap(own -> running(connection, connect, own, uuid, tracker)));
        } finally {
            if (machine.isEmpty()) {
                connection.forget(uuid, tracker);
            }
        }
        return machine.or(() -> OrphanMachine.find(connection.uri(), uuid));
    }

    /** The machine of that pointer, which is freed where it does not run. */
    private Optional<Machine> running(
            Connection connection, Connect connect, DomainPointer own, UUID uuid, StateTracker tracker) {
        Optional<Machine> machine = Optional.empty();
        try {
            Domain domain = connect.domainLookupByUUID(uuid);
            try {
                if (domain.isActive() == 1) {
                    machine = Optional.of(
                            new LibvirtMachine(connection, domain.getName(), uuid, domain, own, tracker, time));
                }
            } finally {
                if (machine.isEmpty()) {
                    domain.free();
                }
            }
        } catch (LibvirtException e) {
            LOG.debug("The machine {} went away: {}", uuid, Connection.words(e));
        } finally {
            if (machine.isEmpty()) {
                NativeCalls.free(own);
            }
        }
        return machine;
    }

    @Override
    public void close() {
        CompletableFuture<Session> current;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            current = session;
            lost.forEach(old -> old.join().release().run());
        }
        if (current != null) {
            endOpening(current);
            // at once, or when it is open
            CompletableFuture<Void> unused =
                    current.thenAccept(open -> open.release().run());
        }
    }

    /** Cuts the embedded driver's probing of QEMU short, so that no process of it is left when the program ends. */
    private static void endOpening(CompletableFuture<Session> opening) {
        for (int round = 0; round < PROBE_ROUNDS && !opening.isDone(); round++) {
            EmbedDriver.endProbes();
            try {
                opening.get(PROBE_ROUND_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.debug("libvirt is still being opened");
            } catch (ExecutionException e) {
                return; // as was to be expected
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
