package org.oz4j.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;
import org.oz4j.ImageFormat;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Disk;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.MachineState.Kind;

/** A machine of the fake's host, which plays its guest's script. */
final class FakeMachine {
    private static final Duration SHUTDOWN = Duration.ofSeconds(5);

    /** One black dot. */
    private static final byte[] BLACK = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==");

    private final FakeHost host;
    private final MachineSpec spec;
    private volatile MachineState state = MachineState.running();
    private volatile Activity activity = new Activity(0, 0, 0);
    private volatile byte[] picture = BLACK;
    private volatile boolean deaf;
    private volatile boolean hung;
    private final StringBuilder typed = new StringBuilder();
    private GuestScript.@Nullable Question asked;
    private @Nullable Runnable answered;
    private final List<Disk> disks;

    FakeMachine(FakeHost host, MachineSpec spec) {
        this.host = host;
        this.spec = spec;
        this.disks = new CopyOnWriteArrayList<>(spec.disks());
    }

    MachineSpec spec() {
        return spec;
    }

    MachineState state() {
        return state;
    }

    Activity activity() {
        return activity;
    }

    byte[] picture() {
        return picture;
    }

    /** Starts to play that script, in so many times its time. */
    void play(GuestScript script, int slowdown) {
        deaf = !script.obedient();
        play(script.steps(), host.time().elapsed(), slowdown);
    }

    private void play(List<GuestScript.Step> steps, Duration start, int slowdown) {
        for (int i = 0; i < steps.size(); i++) {
            GuestScript.Step step = steps.get(i);
            Duration after = step.at().multipliedBy(slowdown);
            if (step.question().isPresent()) {
                List<GuestScript.Step> rest = steps.subList(i + 1, steps.size());
                Runnable next = () -> play(rest, host.time().elapsed().minus(after), slowdown);
                host.time().at(start.plus(after), () -> {
                    await(step.question().get(), next);
                    play(step);
                });
                return;
            }
            host.time().at(start.plus(after), () -> play(step));
        }
    }

    private synchronized void await(GuestScript.Question question, Runnable then) {
        asked = question;
        answered = then;
    }

    /** Takes what is typed on the console, line by line; a guest that asks nothing takes no notice of it. */
    synchronized void type(String text) throws IOException {
        if (hung || asked == null || state.kind() != Kind.RUNNING) {
            return;
        }
        writeSerial(0, text.replace("\r", "\r\n").getBytes(StandardCharsets.UTF_8));
        typed.append(text);
        for (int end = typed.indexOf("\r"); end >= 0; end = typed.indexOf("\r")) {
            String line = typed.substring(0, end);
            typed.delete(0, end + 1);
            GuestScript.Question question = asked;
            Runnable then = answered;
            if (question != null && then != null && line.equals(question.reply())) {
                asked = null;
                answered = null;
                then.run();
            } else if (question != null) {
                writeSerial(0, question.text().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void play(GuestScript.Step step) {
        if (hung || state.kind() != Kind.RUNNING) {
            return;
        }
        if (!step.what().isEmpty()) {
            host.note(spec.name() + " " + step.what());
        }
        try {
            step.action().on(this);
        } catch (IOException e) {
            stop(Kind.CRASHED, "the guest's script failed: " + e);
        }
    }

    /** Pulls the plug. */
    void destroy() {
        stop(Kind.DESTROYED, "destroyed");
    }

    /** Makes a real overlay, which the machine writes to from then on; whether it has such a disk. */
    boolean snapshot(Path disk, Path overlay) throws InterruptedException {
        for (Disk written : disks) {
            if (written.path().equals(disk) && written.isHardDisk() && !state.stopped()) {
                FakeImage.createOverlay(overlay, disk, written.format());
                disks.set(
                        disks.indexOf(written),
                        new Disk(overlay, ImageFormat.QCOW2, written.bus(), written.disposable()));
                return true;
            }
        }
        return false;
    }

    void requestShutdown() {
        Duration due = host.time().elapsed().plus(SHUTDOWN);
        host.time().at(due, () -> {
            if (!deaf && state.kind() == Kind.RUNNING) {
                stop(Kind.POWERED_OFF, "shutdown");
            }
        });
    }

    void reboot() {
        if (spec.stopOnReboot()) {
            stop(Kind.POWERED_OFF, "reboot");
        }
    }

    void hang() {
        hung = true;
        deaf = true;
    }

    void stop(Kind kind, String detail) {
        become(new MachineState(kind, detail));
    }

    /** Changes the state; a machine that has stopped stays so. */
    void become(MachineState next) {
        synchronized (this) {
            if (state.stopped()) {
                return;
            }
            state = next;
        }
        host.note(spec.name() + " is " + next.kind() + " (" + next.detail() + ")");
        host.time().conditionsChanged();
    }

    synchronized void use(Duration cpu, long disk, long network) {
        activity = new Activity(
                activity.cpuNanos() + cpu.toNanos(), activity.diskBytes() + disk, activity.networkBytes() + network);
    }

    /** Sets what it has done so far. */
    synchronized void did(Activity so) {
        activity = so;
    }

    void show(byte[] png) {
        picture = png;
    }

    FakeImage image() throws IOException {
        return disks.stream()
                .filter(disk -> disk.isHardDisk())
                .findFirst()
                .map(disk -> new FakeImage(disk.path(), disk.format()))
                .orElseThrow(() -> new IOException("The machine has no disk"));
    }

    void install() throws IOException {
        image().install(spec.firmware());
        use(Duration.ZERO, 1 << 20, 0);
    }

    void writeSerial(int port, byte[] text) throws IOException {
        if (port >= spec.serials().size()) {
            throw new IOException("The machine has no serial port " + port);
        }
        append(spec.serials().get(port), text);
    }

    void writeVirtio(String port, byte[] text) throws IOException {
        Path log = spec.virtioPorts().stream()
                .filter(each -> each.name().equals(port))
                .findFirst()
                .map(MachineSpec.VirtioPort::log)
                .orElseThrow(() -> new IOException("The machine has no virtio-serial port " + port));
        append(log, text);
    }

    /** Makes the files that the hypervisor itself makes at the start. */
    void makeFiles() throws IOException {
        for (Path serial : spec.serials()) {
            append(serial, new byte[0]);
        }
        for (MachineSpec.VirtioPort port : spec.virtioPorts()) {
            append(port.log(), new byte[0]);
        }
        if (spec.nvram().isPresent() && !Files.exists(spec.nvram().get())) {
            Files.write(spec.nvram().get(), new byte[4096]);
        }
    }

    private static void append(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
