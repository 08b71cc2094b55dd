package org.oz4j.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.TimeSource;

/** Prints when an install came how far, and keeps what its console said. */
final class Timeline implements BuildListener {
    private static final TimeSource TIME = TimeSource.system();

    private final String name;
    private final long start = TIME.nanoTime();
    private final List<String> console = new ArrayList<>();
    private String last = "";

    Timeline(String name) {
        this.name = name;
    }

    @Override
    public void on(BuildEvent event) {
        if (event instanceof BuildEvent.StepStarted step) {
            print(step.step());
        } else if (event instanceof BuildEvent.StepProgress progress
                && !sort(progress.text()).equals(last)) {
            last = sort(progress.text());
            print(progress.step() + ": " + progress.text());
        } else if (event instanceof BuildEvent.ConsoleLine line) {
            console.add(line.line());
        }
    }

    // without its figures
    private static String sort(String text) {
        return text.replaceAll("[0-9].*", "");
    }

    private void print(String text) {
        System.out.printf("%s: %4d s %s%n", name, seconds(), text);
    }

    /** Seconds since it was made. */
    long seconds() {
        return Duration.ofNanos(TIME.nanoTime() - start).toSeconds();
    }

    /** The lines that the console printed. */
    List<String> console() {
        return console;
    }
}
