package org.oz4j.cli;

import java.io.PrintWriter;
import java.time.Duration;

import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.TimeSource;

/** Draws one line again and again: a bar, the percentage, the elapsed time, and what is being done. */
final class BarProgress implements BuildListener {
    private static final String REDRAW = "\r\u001b[K";
    private static final int BAR = 20;

    private final PrintWriter out;
    private final TimeSource time;
    private final int columns;
    private final long start;
    private double overall;
    private String step = "";
    private String text = "";
    private boolean drawn;

    BarProgress(PrintWriter out, TimeSource time, int columns) {
        this.out = out;
        this.time = time;
        // the last column stays free: some terminals wrap there
        this.columns = columns - 1;
        this.start = time.nanoTime();
    }

    @Override
    public synchronized void on(BuildEvent event) {
        if (event instanceof BuildEvent.Started started) {
            above(event.build() + ": " + started.os());
            draw();
        } else if (event instanceof BuildEvent.StepStarted begun) {
            step = begun.step();
            text = "";
            draw();
        } else if (event instanceof BuildEvent.StepProgress progress) {
            overall = progress.overall();
            text = progress.text();
            draw();
        } else if (event instanceof BuildEvent.Notice notice) {
            above("note: " + notice.text());
            draw();
        } else if (event instanceof BuildEvent.Succeeded succeeded) {
            above(event.build() + ": done in " + Texts.elapsed(succeeded.image().took()));
        } else if (event instanceof BuildEvent.Failed) {
            clear();
        }
    }

    /** Draws the line with the time of now, where one is drawn. */
    synchronized void tick() {
        if (drawn) {
            draw();
        }
    }

    /** Takes the line away. */
    synchronized void clear() {
        if (drawn) {
            out.print(REDRAW);
            out.flush();
            drawn = false;
        }
    }

    private void above(String line) {
        clear();
        out.println(line);
    }

    private void draw() {
        int filled = (int) (overall * BAR + 1e-9);
        String what = text.isEmpty() || text.equals(step) ? step : step + ": " + text;
        String line = "[" + "#".repeat(filled) + "-".repeat(BAR - filled) + "] " + Texts.percent(overall) + " "
                + Texts.elapsed(Duration.ofNanos(time.nanoTime() - start)) + " " + printable(what);
        out.print(REDRAW + Texts.fit(line, columns));
        out.flush();
        drawn = true;
    }

    /** A guest's words may hold anything; a control character would break the line. */
    private static String printable(String line) {
        return line.replaceAll("\\p{Cntrl}", " ");
    }
}
