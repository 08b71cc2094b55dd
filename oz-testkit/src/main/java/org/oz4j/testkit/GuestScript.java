package org.oz4j.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.MachineState.Kind;

/**
 * What a guest of the fake hypervisor does, and when.
 *
 * <pre>{@code
 * GuestScript.start()
 *         .after(Duration.ofSeconds(3)).prints("Loading components\n")
 *         .worksFor(Duration.ofMinutes(20))
 *         .installs()
 *         .says(1, token).powersOff();
 * }</pre>
 *
 * <p>Immutable. After the last step the guest goes on doing nothing; asked to, it powers off within 5 seconds.
 */
public final class GuestScript {
    private static final Duration WORK = Duration.ofSeconds(10);

    /** One thing that a guest does. */
    interface Action {
        void on(FakeMachine machine) throws IOException;
    }

    /**
     * A step of the script.
     *
     * @param at when, since the start of the machine
     * @param what for people; empty for what is too small to tell
     * @param question asked again until its reply comes, which all later steps wait for
     */
    record Step(Duration at, String what, Action action, Optional<Question> question) {}

    /** A question on the console. */
    record Question(String text, String reply) {}

    private final List<Step> steps;
    private final Duration now;
    private final boolean obedient;

    private GuestScript(List<Step> steps, Duration now, boolean obedient) {
        this.steps = List.copyOf(steps);
        this.now = now;
        this.obedient = obedient;
    }

    /** A guest that has just been started and does nothing yet. */
    public static GuestScript start() {
        return new GuestScript(List.of(), Duration.ZERO, true);
    }

    List<Step> steps() {
        return steps;
    }

    boolean obedient() {
        return obedient;
    }

    GuestScript then(String what, Action action) {
        return then(new Step(now, what, action, Optional.empty()));
    }

    private GuestScript then(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new GuestScript(more, now, obedient);
    }

    /** Lets that much time pass before the next step. */
    public GuestScript after(Duration pause) {
        return new GuestScript(steps, now.plus(pause), obedient);
    }

    /** Prints to the console, the first serial port; a line ends where the text says so. */
    public GuestScript prints(String text) {
        return says(0, text);
    }

    /**
     * Prints a question to the console, with no end of line, and does nothing more until that reply is typed there; asks
     * again where another is. What is typed is echoed.
     */
    public GuestScript asks(String question, String reply) {
        return then(new Step(
                now,
                "asks: " + question.strip(),
                machine -> machine.writeSerial(0, question.getBytes(StandardCharsets.UTF_8)),
                Optional.of(new Question(question, reply))));
    }

    /** Writes to a serial port, counted from 0. */
    public GuestScript says(int port, String text) {
        return then(
                "says on serial port " + port + ": " + text.strip(),
                machine -> machine.writeSerial(port, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes to the virtio-serial port of that name. */
    public GuestScript saysVirtio(String port, String text) {
        return then(
                "says on virtio port " + port + ": " + text.strip(),
                machine -> machine.writeVirtio(port, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Reads and writes that many bytes on its disks, as far as the counters show. */
    public GuestScript usesDisk(long bytes) {
        return then("", machine -> machine.use(Duration.ZERO, bytes, 0));
    }

    /** Receives and sends that many bytes, as far as the counters show. */
    public GuestScript usesNetwork(long bytes) {
        return then("", machine -> machine.use(Duration.ZERO, 0, bytes));
    }

    /** Uses that much processor time, as far as the counters show. */
    public GuestScript usesCpu(Duration time) {
        return then("", machine -> machine.use(time, 0, 0));
    }

    /** Works for that long: uses processor, disk and network every 10 seconds, and prints nothing. */
    public GuestScript worksFor(Duration time) {
        GuestScript script = this;
        Duration end = now.plus(time);
        while (script.now.plus(WORK).compareTo(end) <= 0) {
            script = script.after(WORK).then("", machine -> machine.use(WORK.dividedBy(2), 1 << 20, 1 << 16));
        }
        return new GuestScript(script.steps, end, obedient);
    }

    /** Writes bytes into its first disk. */
    public GuestScript writesImage(long offset, byte[] bytes) {
        byte[] copy = bytes.clone();
        return then("writes " + copy.length + " bytes at " + offset + " of its disk", machine -> machine.image()
                .write(offset, copy));
    }

    /**
     * Leaves a disk that looks installed: boot code, a partition table and the beginning of an ext4 file system; where
     * the machine starts with UEFI, a GPT with an EFI system partition.
     */
    public GuestScript installs() {
        return then("leaves an installed system on its disk", FakeMachine::install);
    }

    /** Powers off. */
    public GuestScript powersOff() {
        return then("powers off", machine -> machine.stop(Kind.POWERED_OFF, "shutdown"));
    }

    /** Reboots; the machine stops where it is made so, and the script goes on otherwise. */
    public GuestScript reboots() {
        return then("reboots", FakeMachine::reboot);
    }

    /** Does nothing any more, and hears nothing. */
    public GuestScript hangs() {
        return then("hangs", FakeMachine::hang);
    }

    /** Prints a Linux kernel's panic and hangs. */
    public GuestScript panics() {
        return prints("[   12.345678] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n")
                .hangs();
    }

    /** Takes the hypervisor's process down with it. */
    public GuestScript crashes() {
        return then("crashes", machine -> machine.stop(Kind.CRASHED, "the process of the machine crashed"));
    }

    /** Is paused by the hypervisor, for that reason. */
    public GuestScript pauses(String reason) {
        return then("is paused: " + reason, machine -> machine.become(new MachineState(Kind.PAUSED, reason)));
    }

    /** Is paused because the host has no room left for its disk. */
    public GuestScript fillsTheDisk() {
        return pauses("I/O error: no space left on the host");
    }

    /** Is gone from one moment to the next, as if somebody else had pulled the plug. */
    public GuestScript vanishes() {
        return then("vanishes", machine -> machine.stop(Kind.DESTROYED, "the machine is gone"));
    }

    /** Shows that picture, a PNG image, from now on. */
    public GuestScript shows(byte[] png) {
        byte[] copy = png.clone();
        return then("shows another picture", machine -> machine.show(copy));
    }

    /** Runs the test's own code, as to interrupt or to cancel in the midst of an install; it must not wait. */
    public GuestScript runs(Runnable action) {
        return then("runs an action of the test", machine -> action.run());
    }

    /** Does not power off when asked to. */
    public GuestScript ignoresShutdown() {
        return new GuestScript(steps, now, false);
    }
}
