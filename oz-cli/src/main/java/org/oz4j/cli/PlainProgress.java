package org.oz4j.cli;

import java.io.PrintWriter;
import java.util.List;

import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;

/** Writes plain lines, for logs: one a step, and one each time something else is done or a tenth more is done. */
final class PlainProgress implements BuildListener {
    private final PrintWriter out;
    private final boolean withConsole;
    private List<String> steps = List.of();
    private int tenths;
    private String doing = "";

    PlainProgress(PrintWriter out, boolean withConsole) {
        this.out = out;
        this.withConsole = withConsole;
    }

    @Override
    public void on(BuildEvent event) {
        if (event instanceof BuildEvent.Started started) {
            steps = started.steps();
            line(event, started.os());
        } else if (event instanceof BuildEvent.StepStarted step) {
            line(event, "[" + (steps.indexOf(step.step()) + 1) + "/" + steps.size() + "] " + step.step());
        } else if (event instanceof BuildEvent.StepProgress progress) {
            int now = (int) (progress.overall() * 10 + 1e-9);
            String text = progress.text().isEmpty() ? progress.step() : progress.text();
            if (now > tenths || !text.equals(doing)) {
                tenths = now;
                doing = text;
                line(event, Texts.percent(progress.overall()) + " " + text);
            }
        } else if (event instanceof BuildEvent.Notice notice) {
            line(event, "note: " + notice.text());
        } else if (event instanceof BuildEvent.ConsoleLine console && withConsole) {
            line(event, "console: " + console.line());
        } else if (event instanceof BuildEvent.CommandOutput output && withConsole) {
            line(event, output.command() + ": " + output.line());
        } else if (event instanceof BuildEvent.StepFailed step) {
            line(event, "failed: " + step.step());
        } else if (event instanceof BuildEvent.Succeeded succeeded) {
            line(event, "done in " + Texts.elapsed(succeeded.image().took()));
        }
    }

    private void line(BuildEvent event, String text) {
        out.println(event.build() + ": " + text);
    }
}
