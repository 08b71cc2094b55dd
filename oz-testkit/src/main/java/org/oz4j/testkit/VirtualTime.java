package org.oz4j.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.oz4j.TimeSource;

/**
 * A clock that stands still until somebody waits, and then leaps: hours pass in milliseconds.
 *
 * <p>A thread that sleeps moves the clock to whatever comes first: the end of its own sleep, the end of another
 * thread's, or an action due by {@link #at}; actions run on the thread that moves the clock. So with one thread the
 * order of all that happens is always the same.
 *
 * <p>With many threads the clock goes on only when every thread that lately slept on it sleeps again; one that takes
 * longer than 20 ms of real time to do so (it ended, waits for something else, or works) is no longer waited for. The
 * order of things at different times is then kept, and the order of things at the same time is not.
 */
public final class VirtualTime implements TimeSource {
    /** How long, in real time, the clock stands still for a thread that may be about to sleep again. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Far enough to be never, near enough not to overflow: 146 years. */
    private static final long NEVER = Long.MAX_VALUE / 2;

    private record Action(long due, long order, Runnable run) {}

    private record Sleeper(long due, BooleanSupplier awake) {}

    private final Instant start;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PriorityQueue<Action> actions =
            new PriorityQueue<>(Comparator.comparingLong(Action::due).thenComparingLong(Action::order));
    private final List<Sleeper> sleepers = new ArrayList<>();
    private final Set<Thread> latelyAwake = new HashSet<>();
    private @Nullable Thread acting;
    private long actionsMade;
    private volatile long elapsed;

    /** Makes a clock that stands at the first second of 2026, UTC. */
    public VirtualTime() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /** Makes a clock that stands at that instant. */
    public VirtualTime(Instant start) {
        this.start = start;
    }

    @Override
    public Instant now() {
        return start.plusNanos(elapsed);
    }

    @Override
    public long nanoTime() {
        return elapsed;
    }

    /** How much time has passed since the clock was made. */
    public Duration elapsed() {
        return Duration.ofNanos(elapsed);
    }

    /** Has an action run when that much time has passed since the clock was made; it must not wait on this clock. */
    public VirtualTime at(Duration sinceStart, Runnable action) {
        lock.lock();
        try {
            actions.add(new Action(nanos(sinceStart), actionsMade++, action));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** Lets that much time pass, with all that is due in it; is not ended by an interrupt. */
    public void advance(Duration duration) {
        long due = add(elapsed, nanos(duration));
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    sleepUntil(due, () -> false);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        sleep(duration, () -> false);
    }

    /** Sleeps that long, or until the condition holds, whichever comes first; the condition takes no locks. */
    void sleep(Duration duration, BooleanSupplier awake) throws InterruptedException {
        sleepUntil(add(elapsed, nanos(duration)), awake);
    }

    private void sleepUntil(long due, BooleanSupplier awake) throws InterruptedException {
        Sleeper self = new Sleeper(due, awake);
        lock.lock();
        try {
            if (acting == Thread.currentThread()) {
                throw new IllegalStateException(
                        "An action of the virtual clock waits for the clock, which never comes");
            }
            latelyAwake.remove(Thread.currentThread());
            sleepers.add(self);
            changed.signalAll();
            while (true) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (isAwake(self)) {
                    return;
                }
                if (acting != null || sleepers.stream().anyMatch(this::isAwake)) {
                    changed.await();
                } else if (latelyAwake.stream().anyMatch(Thread::isAlive)) {
                    if (changed.awaitNanos(GRACE_NANOS) <= 0) {
                        latelyAwake.clear();
                    }
                } else {
                    step();
                }
            }
        } finally {
            sleepers.remove(self);
            latelyAwake.removeIf(thread -> !thread.isAlive());
            latelyAwake.add(Thread.currentThread());
            changed.signalAll();
            lock.unlock();
        }
    }

    private boolean isAwake(Sleeper sleeper) {
        return sleeper.due <= elapsed || sleeper.awake.getAsBoolean();
    }

    /** Goes on to the next thing that happens: an action, or the end of a sleep. */
    private void step() {
        long wake = sleepers.stream().mapToLong(Sleeper::due).min().orElse(NEVER);
        Action next = actions.peek();
        if (next == null || next.due > wake) {
            elapsed = Math.max(elapsed, wake);
            changed.signalAll();
            return;
        }
        actions.remove();
        elapsed = Math.max(elapsed, next.due);
        acting = Thread.currentThread();
        // without the lock: an action takes locks of its own, whose holders may read this clock
        lock.unlock();
        try {
            next.run.run();
        } finally {
            lock.lock();
            acting = null;
            changed.signalAll();
        }
    }

    /** Wakes who sleeps until a condition holds, when it has come to hold by something that is no action. */
    void conditionsChanged() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofNanos(NEVER)) < 0 ? Math.max(0, duration.toNanos()) : NEVER;
    }

    private static long add(long time, long nanos) {
        return Math.min(NEVER, time + nanos);
    }
}
