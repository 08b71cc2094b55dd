package org.oz4j.engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What closing Oz does with the builds that run. */
@Timeout(60)
class RunningBuildsTest {
    private final RunningBuilds running = new RunningBuilds(0);

    @Test
    void closingWaitsForTheCleanUpOfABuildThoughItIsInterrupted() throws Exception {
        Thread closer = Thread.currentThread();
        CountDownLatch entered = new CountDownLatch(1);
        AtomicBoolean cleanedUp = new AtomicBoolean();
        AtomicBoolean returned = new AtomicBoolean();
        Thread build = new Thread(() -> {
            running.enter();
            entered.countDown();
            while (!returned.get() && closer.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            cleanedUp.set(true);
            running.leave();
        });
        build.start();
        entered.await();

        closer.interrupt();
        running.close();
        boolean first = cleanedUp.get();
        returned.set(true);

        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        assertThat(first).isTrue();
        build.join();
    }

    @Test
    void aBuildThatClosesOzIsCancelledAndNotWaitedFor() {
        AtomicBoolean cancelled = new AtomicBoolean();
        running.enter();
        running.closing().onCancel(() -> cancelled.set(true));
        assertThat(running.isClosed()).isFalse();

        running.close();

        assertThat(running.isClosed()).isTrue();
        assertThat(cancelled).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        running.leave();
    }
}
