package org.oz4j;

import java.time.Duration;
import java.time.Instant;

/** A time that stands still, and does something of the test's where somebody waits. */
public final class StoppedTime implements TimeSource {
    /** What happens where somebody waits. */
    @FunctionalInterface
    public interface Wait {
        /** Somebody waits that long. */
        void happens(Duration duration) throws InterruptedException;
    }

    private final Wait wait;

    /** Makes one. */
    public StoppedTime(Wait wait) {
        this.wait = wait;
    }

    @Override
    public Instant now() {
        return Instant.EPOCH;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        wait.happens(duration);
    }
}
