package org.oz4j.engine;

import java.util.OptionalLong;

import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;

/** Sends the events of one step; its fraction never goes back. */
final class Progress {
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

    /** Bytes moved; the total is -1 where it is not known. */
    void bytes(long done, long total, String text) {
        send(
                total > 0 ? (double) done / total : 0,
                text,
                OptionalLong.of(done),
                total < 0 ? OptionalLong.empty() : OptionalLong.of(total),
                "bytes");
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
