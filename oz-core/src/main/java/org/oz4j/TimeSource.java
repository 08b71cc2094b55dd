package org.oz4j;

import java.time.Duration;
import java.time.Instant;

/** Where the library reads the time and waits; a test gives one whose hours pass in milliseconds. */
public interface TimeSource {
    /** The wall clock; it may jump, so it is for showing and for names alone. */
    Instant now();

    /** A clock in nanoseconds that never jumps, for measuring; its zero is arbitrary. */
    long nanoTime();

    /** Waits that long. */
    void sleep(Duration duration) throws InterruptedException;

    /** The time of the host. */
    static TimeSource system() {
        return SystemTimeSource.INSTANCE;
    }
}
