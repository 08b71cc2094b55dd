package org.oz4j.testkit;

import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.oz4j.TimeSource;

/** What passes at the ports of a run, as a JSON object for each event, with its time since the beginning. */
final class Traffic {
    static final String MILLIS = "ms";
    static final String MACHINE = "machine";
    static final String EVENT = "event";

    private final TimeSource time;
    private final long start;
    private final Consumer<ObjectNode> sink;
    private int machines;

    Traffic(TimeSource time, Consumer<ObjectNode> sink) {
        this.time = time;
        this.start = time.nanoTime();
        this.sink = sink;
    }

    /** Counts one more machine; gives its number, from 1. */
    synchronized int newMachine() {
        return ++machines;
    }

    /** The number of the machine that was started last; 0 where none was. */
    synchronized int lastMachine() {
        return machines;
    }

    synchronized void tell(int machine, String event, Consumer<ObjectNode> details) {
        ObjectNode line = JsonNodeFactory.instance
                .objectNode()
                .put(MILLIS, (time.nanoTime() - start) / 1_000_000)
                .put(MACHINE, machine)
                .put(EVENT, event);
        details.accept(line);
        sink.accept(line);
    }
}
