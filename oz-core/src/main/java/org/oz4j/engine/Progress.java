package org.oz4j.engine;

import java.util.Locale;
import java.util.OptionalLong;

import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.TimeSource;
import org.oz4j.media.TransferListener;

/** Sends the events of one step; its fraction never goes back. */
final class Progress {
    private static final double SECOND = 1e9;

    private final BuildListener listener;
    private final String build;
    private final String step;
    private final double before;
    private final double share;
    private double fraction;

    /**
     * Makes the progress of one step.
     *
     * @param before the share of the steps before it, 0 to 1
     * @param share the share of this step
     */
    Progress(BuildListener listener, String build, String step, double before, double share) {
        this.listener = listener;
        this.build = build;
        this.step = step;
        this.before = before;
        this.share = share;
    }

    void at(double newFraction, String text) {
        send(newFraction, text, OptionalLong.empty(), OptionalLong.empty(), "");
    }

    /** Tells of a transfer, with its rate and the time left. */
    TransferListener transfer(String text, TimeSource time) {
        return new TransferListener() {
            private long began;
            private long first;
            private long last = Long.MAX_VALUE;

            @Override
            public void transferred(long done, long total) {
                long now = time.nanoTime();
                if (done < last) {
                    first = done; // a transfer may go on where another broke off, or begin anew
                    began = now;
                }
                last = done;
                send(
                        total > 0 ? (double) done / total : 0,
                        text + pace(done - first, now - began, total < 0 ? -1 : total - done),
                        OptionalLong.of(done),
                        total < 0 ? OptionalLong.empty() : OptionalLong.of(total),
                        "bytes");
            }
        };
    }

    /** As in {@code , 12.3 MB/s, 40 s left}; empty in the first second, when nothing is known. */
    static String pace(long bytes, long nanos, long left) {
        if (nanos < SECOND || bytes == 0) {
            return "";
        }
        double rate = (double) bytes * SECOND / nanos;
        String pace = String.format(Locale.ROOT, ", %.1f MB/s", rate / 1e6);
        return left <= 0 ? pace : pace + ", " + (long) Math.ceil(left / rate) + " s left";
    }

    private void send(double newFraction, String text, OptionalLong done, OptionalLong total, String unit) {
        fraction = Math.max(fraction, Math.min(1, newFraction));
        listener.on(
                new BuildEvent.StepProgress(build, step, text, fraction, before + share * fraction, done, total, unit));
    }

    void notice(String text) {
        listener.on(new BuildEvent.Notice(build, step, text));
    }

    void output(String command, String line) {
        listener.on(new BuildEvent.CommandOutput(build, step, command, line));
    }

    void consoleLine(String line) {
        listener.on(new BuildEvent.ConsoleLine(build, step, line));
    }
}
