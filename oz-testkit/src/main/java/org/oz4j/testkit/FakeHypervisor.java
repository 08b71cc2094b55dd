package org.oz4j.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.HypervisorException;
import org.oz4j.HypervisorException.Kind;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState;

/**
 * A hypervisor in memory, whose guests follow scripts on a virtual clock: an install of half an hour takes
 * milliseconds.
 *
 * <pre>{@code
 * FakeHypervisor hypervisor = FakeHypervisor.tcg()
 *         .guest(machine -> GuestScript.start().worksFor(Duration.ofMinutes(20)).installs().powersOff());
 * try (Oz oz = Oz.builder().hypervisor(hypervisor).time(hypervisor.time()).build()) {
 *     ...
 * }
 * }</pre>
 *
 * <p>Time passes only while somebody waits on {@link #time()}, as {@link Machine#await} does. What is said about a
 * hypervisor ({@link #guest}, {@link #failing}) holds from then on. Safe for use by many threads.
 */
public final class FakeHypervisor implements Hypervisor {
    /** A call that can be made to fail. */
    public enum Call {
        /** {@link Hypervisor#host}. */
        HOST,
        /** {@link Hypervisor#start}. */
        START,
        /** {@link Hypervisor#find}. */
        FIND,
        /** {@link Hypervisor#describe} and {@link Machine#description}. */
        DESCRIBE,
        /** {@link Hypervisor#createOverlay}. */
        CREATE_OVERLAY,
        /** {@link Hypervisor#convert}. */
        CONVERT,
        /** {@link Machine#state}. */
        STATE,
        /** {@link Machine#await}. */
        AWAIT,
        /** {@link Machine#activity}. */
        ACTIVITY,
        /** {@link Machine#screenshot}. */
        SCREENSHOT,
        /** {@link Machine#sendKeys}. */
        SEND_KEYS,
        /** {@link Machine#type}. */
        TYPE,
        /** {@link Machine#requestShutdown}. */
        SHUTDOWN,
        /** {@link Machine#destroy}. */
        DESTROY,
        /** {@link Machine#endpoints}. */
        ENDPOINTS,
        /** {@link Machine#snapshot}. */
        SNAPSHOT
    }

    private record Failure(RuntimeException exception, boolean once) {}

    private final Builder made;
    private final FakeHost host;
    private final Map<Call, Failure> failures = new ConcurrentHashMap<>();
    private volatile FakeGuest guest;
    private volatile boolean closed;

    private FakeHypervisor(Builder made, FakeHost host) {
        this.made = made;
        this.host = host;
        this.guest = made.guest;
    }

    /** A 64-bit x86 host whose machines are run by its processor. */
    public static FakeHypervisor kvm() {
        return new Builder().build();
    }

    /** A 64-bit x86 host whose machines are run in software. */
    public static FakeHypervisor tcg() {
        return new Builder().virtType(VirtType.TCG).build();
    }

    /** The same, so slow that all a guest does takes ten times as long as its script says. */
    public static FakeHypervisor slow() {
        return new Builder().virtType(VirtType.TCG).slowdown(10).build();
    }

    /** A host with little room: a machine with larger disks (bytes, together) or more memory is refused. */
    public static FakeHypervisor tiny(long diskBytes, int memoryMiB) {
        return new Builder().tiny(diskBytes, memoryMiB).build();
    }

    /** Makes a host like this one, with a clock of its own and no machines. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.virtType = made.virtType;
        builder.firmware = made.firmware;
        builder.arches = made.arches;
        builder.diskLimit = made.diskLimit;
        builder.memoryLimit = made.memoryLimit;
        builder.screen = made.screen;
        builder.slowdown = made.slowdown;
        builder.guest = guest;
        return builder;
    }

    /** Another connection to the same host, as of a program that is started after another died. */
    public FakeHypervisor reconnect() {
        FakeHypervisor other = new FakeHypervisor(made, host);
        other.guest = guest;
        return other;
    }

    /** Makes a {@link FakeHypervisor}. */
    public static final class Builder {
        private VirtType virtType = VirtType.KVM;
        private Set<Firmware> firmware = Set.of(Firmware.BIOS, Firmware.UEFI);
        private Set<Arch> arches = Set.of(Arch.X86_64, Arch.I386);
        private long diskLimit = Long.MAX_VALUE;
        private int memoryLimit = Integer.MAX_VALUE;
        private boolean screen = true;
        private int slowdown = 1;
        private FakeGuest guest = machine -> GuestScript.start();
        private @Nullable VirtualTime time;

        private Builder() {}

        /** How guests are run. */
        public Builder virtType(VirtType type) {
            virtType = type;
            return this;
        }

        /** What machines can start with. */
        public Builder firmware(Set<Firmware> offered) {
            firmware = Set.copyOf(offered);
            return this;
        }

        /** The architectures that machines can have. */
        public Builder arches(Set<Arch> offered) {
            arches = Set.copyOf(offered);
            return this;
        }

        /** Gives the host little room: a machine with larger disks (bytes, together) or more memory is refused. */
        public Builder tiny(long diskBytes, int memoryMiB) {
            diskLimit = diskBytes;
            memoryLimit = memoryMiB;
            return this;
        }

        /** Has all that a guest does take so many times as long as its script says. */
        public Builder slowdown(int times) {
            slowdown = times;
            return this;
        }

        /** Gives machines no screen. */
        public Builder headless() {
            screen = false;
            return this;
        }

        /** What guests do. */
        public Builder guest(FakeGuest script) {
            guest = script;
            return this;
        }

        /** Shares that clock, in place of one of its own. */
        public Builder time(VirtualTime clock) {
            time = clock;
            return this;
        }

        /** Makes the hypervisor. */
        public FakeHypervisor build() {
            return new FakeHypervisor(this, new FakeHost(time == null ? new VirtualTime() : time));
        }
    }

    /** Has guests that start from now on do that; without it they do nothing, and power off when asked. */
    public FakeHypervisor guest(FakeGuest script) {
        guest = script;
        return this;
    }

    /** Has a call throw that, each time, until {@link #mend}. */
    public FakeHypervisor failing(Call call, RuntimeException exception) {
        failures.put(call, new Failure(exception, false));
        return this;
    }

    /** Has a call throw that the next time. */
    public FakeHypervisor failingOnce(Call call, RuntimeException exception) {
        failures.put(call, new Failure(exception, true));
        return this;
    }

    /** Has a call work again. */
    public FakeHypervisor mend(Call call) {
        failures.remove(call);
        return this;
    }

    /** Has an action run when that much virtual time has passed in all; it must not wait. */
    public FakeHypervisor at(Duration sinceStart, Runnable action) {
        host.time().at(sinceStart, action);
        return this;
    }

    /**
     * Has that port of every guest be reached at that port of the host's loopback. Without this, guests in user mode
     * networking have a free one, and others no address.
     */
    public FakeHypervisor forwards(int guestPort, int hostPort) {
        host.forwards().put(guestPort, hostPort);
        return this;
    }

    /** The clock that its guests live by; give it to what is tested too. */
    public VirtualTime time() {
        return host.time();
    }

    /** All that happened on the host, for people: a line each, with its virtual time. */
    public String timeline() {
        return String.join("\n", host.timeline());
    }

    /** Every machine that was ever started, in order. */
    public List<MachineSpec> machines() {
        return host.machines().stream().map(FakeMachine::spec).toList();
    }

    /** The last machine of that name, with what became of it. */
    Optional<FakeMachine> last(String name) {
        List<FakeMachine> all = host.machines();
        return IntStream.iterate(all.size() - 1, i -> i >= 0, i -> i - 1)
                .mapToObj(all::get)
                .filter(machine -> machine.spec().name().equals(name))
                .findFirst();
    }

    /** The names of the machines that live now, paused ones too, in the order of their start. */
    public List<String> running() {
        return host.living().stream().map(machine -> machine.spec().name()).toList();
    }

    @Override
    public String uri() {
        return made.virtType == VirtType.KVM ? "fake:///kvm" : "fake:///tcg";
    }

    @Override
    public HostFacts host() throws InterruptedException {
        enter(Call.HOST);
        checkInterrupt();
        return new HostFacts(
                "fake 1.0",
                Arch.X86_64,
                made.virtType,
                "the test says so",
                made.arches,
                made.firmware,
                made.firmware.contains(Firmware.UEFI) ? Map.of() : Map.of("uefi", "the test says so"));
    }

    @Override
    public Machine start(MachineSpec spec) throws InterruptedException {
        enter(Call.START);
        checkInterrupt();
        checkRoom(spec);
        FakeMachine machine = new FakeMachine(host, spec);
        int boot = 1
                + (int) machines().stream()
                        .filter(other -> other.name().equals(spec.name()))
                        .count();
        GuestScript script;
        try {
            script = guest.script(new FakeGuestContext(spec, boot));
            if (!host.add(machine)) {
                throw refused("a machine named " + spec.name() + " or with UUID " + spec.uuid() + " exists already");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The guest's script could not be made", e);
        }
        try {
            machine.makeFiles();
        } catch (IOException e) {
            machine.destroy();
            throw refused("cannot make a file of the machine " + spec.name() + ": " + e);
        }
        host.note(spec.name() + " is started (" + spec.arch() + ", " + spec.memoryMiB() + " MiB, "
                + spec.boot().getClass().getSimpleName() + ")");
        machine.play(script, made.slowdown);
        return new Handle(machine);
    }

    @Override
    public Optional<Machine> find(UUID uuid) throws InterruptedException {
        enter(Call.FIND);
        checkInterrupt();
        return host.living(uuid).map(Handle::new);
    }

    @Override
    public String describe(MachineSpec spec) throws InterruptedException {
        enter(Call.DESCRIBE);
        checkInterrupt();
        return xml(spec);
    }

    /** Makes a real overlay, without any program where the other image is raw or qcow2. */
    @Override
    public void createOverlay(Path overlay, Path image, ImageFormat format) throws InterruptedException {
        failIfWanted(Call.CREATE_OVERLAY);
        checkInterrupt();
        FakeImage.createOverlay(overlay, image, format);
    }

    /** Makes a real image, without qemu-img where all are raw or all are qcow2. */
    @Override
    public void convert(Path from, ImageFormat fromFormat, Path to, ImageFormat toFormat, String mode)
            throws InterruptedException {
        failIfWanted(Call.CONVERT);
        checkInterrupt();
        FakeImage.convert(from, fromFormat, to, toFormat, mode);
    }

    @Override
    public void close() {
        closed = true;
    }

    private void enter(Call call) {
        if (closed) {
            throw new HypervisorException(
                    Kind.CLOSED, uri(), "The connection to " + uri() + " was used after it was closed", null, null);
        }
        failIfWanted(call);
    }

    private void failIfWanted(Call call) {
        Failure failure = failures.get(call);
        if (failure != null && (!failure.once || failures.remove(call, failure))) {
            host.note("! " + call + " fails: " + failure.exception);
            throw failure.exception;
        }
    }

    private static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private void checkRoom(MachineSpec spec) {
        if (!made.arches.contains(spec.arch())) {
            throw refused("no machines of architecture " + spec.arch());
        }
        if (!made.firmware.contains(spec.firmware())) {
            throw refused("no firmware " + spec.firmware());
        }
        if (spec.memoryMiB() > made.memoryLimit) {
            throw refused("cannot allocate memory: " + spec.memoryMiB() + " MiB wanted, " + made.memoryLimit
                    + " MiB available");
        }
        List<Path> files = new ArrayList<>();
        spec.disks().forEach(disk -> files.add(disk.path()));
        if (spec.boot() instanceof MachineSpec.Boot.Kernel kernel) {
            files.add(kernel.kernel());
            files.add(kernel.initrd());
        }
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw refused("cannot access file '" + file + "'");
            }
        }
        long size = 0;
        try {
            for (MachineSpec.Disk disk : spec.disks()) {
                size += disk.isHardDisk() ? new FakeImage(disk.path(), disk.format()).virtualSize() : 0;
            }
        } catch (IOException e) {
            throw refused("cannot read a disk: " + e);
        }
        if (size > made.diskLimit) {
            throw refused("no space for disks of " + size + " bytes, " + made.diskLimit + " available");
        }
    }

    private HypervisorException refused(String words) {
        host.note("! refused: " + words);
        return new HypervisorException(Kind.REFUSED, uri(), "The fake hypervisor refuses: " + words, null, null);
    }

    private String xml(MachineSpec spec) {
        StringBuilder xml = new StringBuilder()
                .append("<domain type='")
                .append(made.virtType == VirtType.KVM ? "kvm" : "qemu")
                .append("'>\n  <name>")
                .append(escaped(spec.name()))
                .append("</name>\n  <uuid>")
                .append(spec.uuid())
                .append("</uuid>\n  <memory unit='MiB'>")
                .append(spec.memoryMiB())
                .append("</memory>\n  <vcpu>")
                .append(spec.cpus())
                .append("</vcpu>\n  <os>\n");
        spec.nvram()
                .ifPresent(
                        file -> xml.append("    <nvram>").append(escaped(file)).append("</nvram>\n"));
        if (spec.boot() instanceof MachineSpec.Boot.Kernel kernel) {
            xml.append("    <kernel>").append(escaped(kernel.kernel())).append("</kernel>\n");
            xml.append("    <initrd>").append(escaped(kernel.initrd())).append("</initrd>\n");
            xml.append("    <cmdline>").append(escaped(kernel.arguments())).append("</cmdline>\n");
        } else {
            xml.append("    <boot dev='")
                    .append(spec.boot() instanceof MachineSpec.Boot.FromCd ? "cdrom" : "hd")
                    .append("'/>\n");
        }
        xml.append("  </os>\n  <devices>\n");
        for (MachineSpec.Disk disk : spec.disks()) {
            String device =
                    switch (disk.kind()) {
                        case HARD_DISK -> "disk";
                        case CD -> "cdrom";
                        case FLOPPY -> "floppy";
                    };
            xml.append("    <disk type='file' device='").append(device).append("'><driver type='");
            xml.append(disk.format().label()).append("'/><source file='");
            xml.append(escaped(disk.path())).append("'/></disk>\n");
        }
        return xml.append("  </devices>\n</domain>\n").toString();
    }

    private static String escaped(Object text) {
        return text.toString().replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;");
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One connection's hold of a machine. */
    private final class Handle implements Machine {
        private final FakeMachine machine;
        private volatile boolean released;

        Handle(FakeMachine machine) {
            this.machine = machine;
        }

        private void use(Call call) {
            if (released) {
                throw new HypervisorException(
                        Kind.CLOSED, uri(), "The machine " + name() + " was used after it was let go", null, null);
            }
            enter(call);
        }

        @Override
        public String name() {
            return machine.spec().name();
        }

        @Override
        public UUID uuid() {
            return machine.spec().uuid();
        }

        @Override
        public MachineState state() {
            use(Call.STATE);
            return machine.state();
        }

        @Override
        public MachineState await(Duration duration) throws InterruptedException {
            use(Call.AWAIT);
            host.time().sleep(duration, () -> machine.state().kind() != MachineState.Kind.RUNNING);
            return machine.state();
        }

        @Override
        public Activity activity() {
            use(Call.ACTIVITY);
            return machine.activity();
        }

        @Override
        public Optional<byte[]> screenshot() throws InterruptedException {
            use(Call.SCREENSHOT);
            checkInterrupt();
            return made.screen ? Optional.of(machine.picture().clone()) : Optional.empty();
        }

        @Override
        public void sendKeys(List<Integer> keyCodes) {
            use(Call.SEND_KEYS);
            host.note(name() + " is sent keys " + keyCodes);
        }

        @Override
        public void type(String text) throws InterruptedException {
            use(Call.TYPE);
            checkInterrupt();
            if (machine.spec().consoleInput().isEmpty()) {
                throw refused("the console of " + name() + " can't be typed on: it was made without a way to");
            }
            if (machine.state().stopped()) {
                throw refused("the console of " + name() + " can't be typed on: it has stopped");
            }
            host.note(name() + " is typed on: " + text.strip());
            try {
                machine.type(text);
            } catch (IOException e) {
                throw refused("the console of " + name() + " can't be typed on: " + e);
            }
        }

        @Override
        public void requestShutdown() {
            use(Call.SHUTDOWN);
            host.note(name() + " is asked to power off");
            machine.requestShutdown();
        }

        @Override
        public void destroy() {
            use(Call.DESTROY);
            machine.destroy();
        }

        @Override
        public List<InetSocketAddress> endpoints(int guestPort) {
            use(Call.ENDPOINTS);
            boolean userMode = machine.spec()
                    .nic()
                    .filter(nic -> nic.network() instanceof Network.User)
                    .isPresent();
            Integer port = userMode
                    ? host.forwards().computeIfAbsent(guestPort, any -> freePort())
                    : host.forwards().get(guestPort);
            return port == null ? List.of() : List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        @Override
        public void snapshot(Path disk, Path overlay) throws InterruptedException {
            use(Call.SNAPSHOT);
            if (!machine.snapshot(disk, overlay)) {
                throw refused(name() + " does not write to " + disk);
            }
        }

        @Override
        public String description() {
            use(Call.DESCRIBE);
            return xml(machine.spec());
        }

        @Override
        public void close() {
            released = true;
        }
    }
}
