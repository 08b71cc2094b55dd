package org.oz4j.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.oz4j.CancellationToken;
import org.oz4j.DiskException;
import org.oz4j.HypervisorException;
import org.oz4j.disk.ImageOpener;
import org.oz4j.hypervisor.Hypervisor;

/**
 * One fault at one place of a run: what is between a program and the world is wrapped, and the n-th time that the
 * program passes a seam something goes wrong there.
 *
 * <pre>{@code
 * FaultPlan.Run run = plan -> {
 *     OzConfig config = OzConfig.defaults(plan.files(folder));
 *     try (Oz oz = Oz.builder().config(config).hypervisor(plan.hypervisor(fake)).time(fake.time()).build()) {
 *         oz.guest(template).installer().install(BuildListener.NONE, plan.token());
 *     }
 * };
 * for (FaultPlan plan : FaultPlan.everySinglePointOf(run)) {
 *     plan.play(run);
 * }
 * }</pre>
 *
 * <p>Seams are the calls of the ports ({@link #hypervisor}, {@link #images}), what is done with files below a folder
 * ({@link #files}), the requests to a {@link FakeMirror}, what a {@link FakeSystem} is asked by ssh, and those that a
 * test names itself by {@link #pass}. Only one run is played on a plan. Safe for use by many threads.
 */
public final class FaultPlan {
    /** What goes wrong. */
    public enum Kind {
        /** It fails, and nothing is done. */
        FAILS,
        /** It fails when it is half done, or done: half of the bytes are written, or the machine runs and is lost. */
        HALF_DONE,
        /** It takes two hours of virtual time. */
        TAKES_LONG,
        /** The thread that plays the run is interrupted while it is done. */
        INTERRUPTED,
        /** {@link #token} is cancelled while it is done. */
        CANCELLED,
        /**
         * The program dies there, as by {@code kill -9}: from then on nothing that it does reaches the world. (It is only
         * cut off, so that its locks are given back; what it would have cleaned up stays.)
         */
        KILLED
    }

    /** What is played. */
    @FunctionalInterface
    public interface Run {
        /** Plays it, with all that it touches wrapped by the plan. */
        void play(FaultPlan plan) throws Exception;
    }

    /** The exception by which a port fails. */
    @FunctionalInterface
    interface Failing {
        Exception with(String words, boolean done);
    }

    private static final Duration LONG = Duration.ofHours(2);
    private static final Duration SOON = Duration.ofMillis(500);
    /** What the failures of all faults hold. */
    static final String WORDS = "a fault that the test wants";

    private final Optional<Kind> kind;
    private final String seam;
    private final int time;
    private final Map<String, Integer> passed = new LinkedHashMap<>();
    private final Map<String, Set<Kind>> possible = new LinkedHashMap<>();
    private final CancellationToken token = CancellationToken.create();
    private @Nullable VirtualTime clock;
    private @Nullable Thread player;
    private boolean over;
    private boolean dead;
    private @Nullable Duration happened;

    private FaultPlan(Optional<Kind> kind, String seam, int time) {
        this.kind = kind;
        this.seam = seam;
        this.time = time;
    }

    /** A plan of no fault. */
    public static FaultPlan nothing() {
        return new FaultPlan(Optional.empty(), "", 0);
    }

    /** A plan of a fault at the n-th passing of a seam, counted from 1; {@link #passed} of another run names them. */
    public static FaultPlan at(String seam, int time, Kind kind) {
        return new FaultPlan(Optional.of(kind), seam, time);
    }

    /** Plays a run once without a fault, and plans all faults that it could have had, a plan for each. */
    public static List<FaultPlan> everySinglePointOf(Run run) throws Exception {
        return everySinglePointOf(run, Integer.MAX_VALUE);
    }

    /**
     * Plays a run once without a fault, and plans the faults that it could have had, a plan for each.
     *
     * @param perSeam at how many passings of one seam: the first, the last, and some between
     */
    public static List<FaultPlan> everySinglePointOf(Run run, int perSeam) throws Exception {
        FaultPlan record = nothing();
        record.play(run);
        List<FaultPlan> plans = new ArrayList<>();
        record.passed().forEach((seam, times) -> {
            int count = Math.min(times, perSeam);
            for (int i = 0; i < count; i++) {
                int time = count == 1 ? 1 : 1 + (int) ((long) i * (times - 1) / (count - 1));
                for (Kind kind : record.possible(seam)) {
                    plans.add(at(seam, time, kind));
                }
            }
        });
        return plans;
    }

    private synchronized Set<Kind> possible(String name) {
        return new TreeSet<>(possible.getOrDefault(name, Set.of()));
    }

    /** Plays a run with this fault. */
    public void play(Run run) throws Exception {
        synchronized (this) {
            player = Thread.currentThread();
        }
        try {
            run.play(this);
        } finally {
            synchronized (this) {
                over = true;
            }
        }
    }

    /** What goes wrong; empty in a plan of no fault. */
    public Optional<Kind> kind() {
        return kind;
    }

    /** Where it goes wrong. */
    public String seam() {
        return seam;
    }

    /** Where and at which passing it goes wrong. */
    public String point() {
        return seam + " #" + time;
    }

    /** How much time has passed on the clock of the run. */
    public synchronized Duration elapsed() {
        return clock == null ? Duration.ZERO : clock.elapsed();
    }

    /** Whether the seam was passed that often, so that the fault happened. */
    public synchronized boolean happened() {
        return happened != null;
    }

    /** When the fault happened, since the clock was made; empty where it did not. */
    public synchronized Optional<Duration> happenedAt() {
        return Optional.ofNullable(happened);
    }

    /** The seams that were passed, in the order of their first time, and how often. */
    public synchronized Map<String, Integer> passed() {
        return new LinkedHashMap<>(passed);
    }

    /** The token that {@link Kind#CANCELLED} cancels; give it to what is run. */
    public CancellationToken token() {
        return token;
    }

    /** A hypervisor whose calls, and those of its machines, are seams; its files are below {@link #files} or not. */
    public Hypervisor hypervisor(FakeHypervisor fake) {
        clock(fake.time());
        return FaultyPort.of(
                Hypervisor.class,
                fake,
                this,
                (words, done) -> new HypervisorException(
                        done ? HypervisorException.Kind.LOST : HypervisorException.Kind.REFUSED,
                        fake.uri(),
                        words,
                        null,
                        null));
    }

    /** The same for what opens images, and the files in them. */
    public ImageOpener images(ImageOpener images) {
        return FaultyPort.of(
                ImageOpener.class,
                images,
                this,
                (words, done) -> new DiskException(Path.of("/the/image"), words, null, null));
    }

    /**
     * The same file or folder, where all that changes it or what is below it is a seam, and opening a file for reading too.
     * Paths that are made from it are so as well.
     */
    public Path files(Path path) {
        return new FaultyFiles(this).wrap(path);
    }

    /** Has the requests to a mirror be seams. */
    public void mirror(FakeMirror mirror) {
        mirror.faults(this);
    }

    /** Has what a system is asked by ssh be seams. */
    public void system(FakeSystem system) {
        system.faults(this);
    }

    /** Takes the time from there, where no {@link #hypervisor} is wrapped. */
    public synchronized void clock(VirtualTime time) {
        clock = time;
    }

    /**
     * Passes a seam of the test's own.
     *
     * @param possible what can go wrong there, which the caller does by itself: {@code FAILS}, {@code HALF_DONE}; the
     *     other kinds are done here
     * @return what the caller has to do: {@code FAILS} or {@code HALF_DONE}; empty where all is well
     */
    public Optional<Kind> pass(String name, Collection<Kind> possible) {
        Optional<Kind> now = arrive(name, possible, false);
        if (now.isPresent() && now.get() == Kind.KILLED) {
            return Optional.of(Kind.FAILS);
        }
        return now;
    }

    /**
     * Passes a seam: does what can be done here, and returns what the caller has to do: {@code FAILS}, as ever once the
     * program is dead, {@code HALF_DONE}, or {@code KILLED} where it dies.
     *
     * @param waits whether what is done takes virtual time, so that the fault is in its midst
     */
    Optional<Kind> arrive(String name, Collection<Kind> kinds, boolean waits) {
        Thread thread;
        VirtualTime running;
        synchronized (this) {
            if (dead) {
                return Optional.of(Kind.FAILS);
            }
            if (over) {
                return Optional.empty();
            }
            int count = passed.merge(name, 1, Integer::sum);
            possible.computeIfAbsent(name, any -> new TreeSet<>()).addAll(kinds);
            if (kind.isEmpty() || !name.equals(seam) || count != time) {
                return Optional.empty();
            }
            running = clock;
            happened = running == null ? Duration.ZERO : running.elapsed();
            thread = Objects.requireNonNull(player, "a plan is played by play()");
            dead = kind.get() == Kind.KILLED;
        }
        switch (kind.get()) {
            case INTERRUPTED -> soon(thread::interrupt, waits, running);
            case CANCELLED -> soon(token::cancel, waits, running);
            case TAKES_LONG -> {
                if (running != null) {
                    running.advance(LONG);
                }
            }
            case FAILS, HALF_DONE, KILLED -> {
                return kind;
            }
        }
        return Optional.empty();
    }

    private static void soon(Runnable action, boolean waits, @Nullable VirtualTime clock) {
        if (waits && clock != null) {
            clock.at(clock.elapsed().plus(SOON), action);
        } else {
            action.run();
        }
    }

    /** What a fault is told as. */
    String words() {
        return WORDS + ", at: " + seam;
    }

    /** The failure of a file. */
    IOException fileFailure(String file) {
        return new IOException(file + ": No space left on device (" + words() + ")");
    }

    @Override
    public String toString() {
        return kind.map(what -> what.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " at passing " + time + " of '"
                        + seam + "'")
                .orElse("no fault");
    }
}
