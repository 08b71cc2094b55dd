package org.oz4j.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.node.ArrayNode;
import org.oz4j.disk.ImageInspector;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.MachineState.Kind;

/** A machine that is told to a {@link Traffic}, each time that somebody looks at it. */
final class RecordedMachine implements Machine {
    static final String SERIAL = "serial";
    static final String VIRTIO = "virtio";
    static final String GIVEN = "given";
    static final String ACTIVITY = "activity";
    static final String SCREEN = "screen";
    static final String STATE = "state";
    static final String KEYS = "keys";
    static final String TYPE = "type";
    static final String SHUTDOWN = "shutdown";
    static final String DESTROY = "destroy";

    /** What Oz makes up for one run, as a success token. */
    static final Pattern MADE_UP = Pattern.compile("(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])");
    /** May be the first part of such, of which the guest has not written more yet. */
    private static final Pattern PART = Pattern.compile("[0-9a-f]{1,32}\\z");

    private static final int CONTEXT = 24;

    private final Machine real;
    private final MachineSpec spec;
    private final Traffic traffic;
    private final int number;
    private final Map<Path, Long> read = new HashMap<>();
    private final Map<String, Optional<String>> given = new HashMap<>();
    private Activity activity = new Activity(0, 0, 0);
    private Kind kind = Kind.RUNNING;
    private byte[] screen = {};

    RecordedMachine(Machine real, MachineSpec spec, Traffic traffic, int number) {
        this.real = real;
        this.spec = spec;
        this.traffic = traffic;
        this.number = number;
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public UUID uuid() {
        return real.uuid();
    }

    @Override
    public MachineState state() {
        return seen(real.state());
    }

    @Override
    public MachineState await(Duration time) throws InterruptedException {
        return seen(real.await(time));
    }

    private synchronized MachineState seen(MachineState state) {
        readPorts(state.stopped());
        if (state.kind() != kind) {
            kind = state.kind();
            boolean installed = state.stopped() && looksInstalled();
            traffic.tell(number, STATE, line -> line.put("kind", state.kind().name())
                    .put("detail", state.detail())
                    .put("installed", installed));
        }
        return state;
    }

    /** Whether the machine was not made to boot from its disk, and could be now. */
    private boolean looksInstalled() {
        if (spec.boot() instanceof MachineSpec.Boot.FromDisk) {
            return false;
        }
        Optional<MachineSpec.Disk> disk =
                spec.disks().stream().filter(MachineSpec.Disk::isHardDisk).findFirst();
        try {
            return disk.isPresent()
                    && ImageInspector.inspect(disk.get().path(), disk.get().format())
                            .looksInstalled();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public synchronized Activity activity() {
        Activity now = real.activity();
        readPorts(false);
        if (!now.equals(activity)) {
            activity = now;
            traffic.tell(number, ACTIVITY, line -> line.put("cpuNanos", now.cpuNanos())
                    .put("diskBytes", now.diskBytes())
                    .put("networkBytes", now.networkBytes()));
        }
        return now;
    }

    private void readPorts(boolean last) {
        for (int port = 0; port < spec.serials().size(); port++) {
            int index = port;
            readPort(spec.serials().get(port), last)
                    .ifPresent(text -> traffic.tell(
                            number, SERIAL, line -> line.put("port", index).put("text", text)));
        }
        for (MachineSpec.VirtioPort port : spec.virtioPorts()) {
            readPort(port.log(), last)
                    .ifPresent(text -> traffic.tell(number, VIRTIO, line -> line.put("port", port.name())
                            .put("text", text)));
        }
    }

    private Optional<String> readPort(Path file, boolean last) {
        long from = read.getOrDefault(file, 0L);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            byte[] fresh = Channels.newInputStream(channel.position(from)).readAllBytes();
            String text = new String(fresh, StandardCharsets.ISO_8859_1);
            Matcher part = PART.matcher(text);
            if (!last && part.find()) {
                text = text.substring(0, part.start());
            }
            read.put(file, from + text.length());
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            MADE_UP.matcher(text).replaceAll(found -> Matcher.quoteReplacement(named(found.group()))));
        } catch (IOException e) {
            throw new UncheckedIOException("A port's file can't be recorded", e);
        }
    }

    /** A name in place of what the machine was given for this run alone, which another run's has in the same place. */
    private String named(String madeUp) {
        return given.computeIfAbsent(madeUp, this::place).orElse(madeUp);
    }

    private Optional<String> place(String madeUp) {
        return new FakeGuestContext(spec, 1).before(madeUp, CONTEXT).map(behind -> {
            String name = "${given" + (given.size() + 1) + "}";
            traffic.tell(number, GIVEN, line -> line.put("name", name).put("behind", behind));
            return name;
        });
    }

    @Override
    public synchronized Optional<byte[]> screenshot() throws InterruptedException {
        Optional<byte[]> now = real.screenshot();
        if (now.isPresent() && !Arrays.equals(now.get(), screen)) {
            screen = now.get().clone();
            traffic.tell(number, SCREEN, line -> line.put("png", screen));
        }
        return now;
    }

    @Override
    public void sendKeys(List<Integer> keyCodes) {
        real.sendKeys(keyCodes);
        traffic.tell(number, KEYS, line -> {
            ArrayNode codes = line.putArray("codes");
            keyCodes.forEach(codes::add);
        });
    }

    @Override
    public void type(String text) throws InterruptedException {
        real.type(text);
        traffic.tell(number, TYPE, line -> line.put("text", text));
    }

    @Override
    public void requestShutdown() {
        real.requestShutdown();
        traffic.tell(number, SHUTDOWN, line -> {});
    }

    @Override
    public void destroy() {
        real.destroy();
        traffic.tell(number, DESTROY, line -> {});
    }

    @Override
    public List<InetSocketAddress> endpoints(int guestPort) {
        return real.endpoints(guestPort);
    }

    @Override
    public void snapshot(Path disk, Path overlay) throws InterruptedException {
        real.snapshot(disk, overlay);
    }

    @Override
    public String description() {
        return real.description();
    }

    @Override
    public synchronized void close() {
        readPorts(true);
        real.close();
    }
}
