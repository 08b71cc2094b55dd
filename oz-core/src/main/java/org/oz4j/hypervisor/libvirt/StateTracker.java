package org.oz4j.hypervisor.libvirt;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.oz4j.HypervisorException;
import org.oz4j.hypervisor.MachineState;

/** The last known state of one machine: events set it, and whoever waits for the machine waits here. */
final class StateTracker {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private MachineState state = MachineState.running();
    private @Nullable HypervisorException failure;
    private boolean begun;

    /**
     * Makes a tracker.
     *
     * @param begun whether the machine runs already; where it is yet to be started, what comes before the event of its
     *     start is about an earlier machine of the same identity, whose last events were still on the way
     */
    StateTracker(boolean begun) {
        this.begun = begun;
    }

    /** Takes note of a state; one that has stopped stays so. */
    void set(MachineState next) {
        lock.lock();
        try {
            begun |= next.kind() == MachineState.Kind.RUNNING;
            if (begun && !state.stopped()) {
                state = next;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the event of the machine's start, for that long at most. Who starts a machine waits for it: once it has
     * come, what is still on the way about an earlier machine of the same identity has come too, but its end at most.
     * An interrupt ends the wait, and stays to be seen.
     */
    void awaitBegin(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!begun && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the machine runs, and its starter has to get it
        } finally {
            lock.unlock();
        }
    }

    /** Makes all who wait, and will wait, fail, unless the machine has stopped. */
    void fail(HypervisorException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    MachineState get() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the machine does not run, for that long at most. */
    MachineState await(Duration time) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = time.toNanos();
            while (state.kind() == MachineState.Kind.RUNNING && left > 0 && failure == null) {
                left = changed.awaitNanos(left);
            }
            if (failure != null && !state.stopped()) {
                // The one that waits gets its own stack trace.
                throw new HypervisorException(
                        failure.kind(),
                        failure.hypervisor(),
                        failure.problem(),
                        failure.remedy().orElse(null),
                        failure);
            }
            return state;
        } finally {
            lock.unlock();
        }
    }
}
