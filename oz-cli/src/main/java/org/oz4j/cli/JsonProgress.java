package org.oz4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CustomizeFailedException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstalledImage;
import org.oz4j.OzException;

/** Writes one JSON object a line for each event; docs/commands.md lists the fields. */
final class JsonProgress implements BuildListener {
    private final PrintWriter out;

    JsonProgress(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void on(BuildEvent event) {
        out.println(Json.write(fields(event)));
    }

    private static Map<String, Object> fields(BuildEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", name(event));
        fields.put("build", event.build());
        if (event instanceof BuildEvent.Started started) {
            fields.put("os", started.os());
            fields.put("at", started.at());
            fields.put("steps", started.steps());
        } else if (event instanceof BuildEvent.StepStarted step) {
            fields.put("step", step.step());
        } else if (event instanceof BuildEvent.StepProgress progress) {
            progress(fields, progress);
        } else if (event instanceof BuildEvent.ConsoleLine console) {
            fields.put("step", console.step());
            fields.put("line", console.line());
        } else if (event instanceof BuildEvent.CommandOutput output) {
            fields.put("step", output.step());
            fields.put("command", output.command());
            fields.put("line", output.line());
        } else if (event instanceof BuildEvent.Notice notice) {
            fields.put("step", notice.step());
            fields.put("text", notice.text());
        } else if (event instanceof BuildEvent.StepFinished step) {
            fields.put("step", step.step());
            fields.put("seconds", seconds(step.took()));
        } else if (event instanceof BuildEvent.StepFailed step) {
            fields.put("step", step.step());
            fields.put("problem", step.problem());
        } else if (event instanceof BuildEvent.Succeeded succeeded) {
            image(fields, succeeded.image());
        } else if (event instanceof BuildEvent.Failed failed) {
            failure(fields, failed.cause());
        }
        return fields;
    }

    private static String name(BuildEvent event) {
        String type = event.getClass().getSimpleName();
        return Character.toLowerCase(type.charAt(0)) + type.substring(1);
    }

    private static void progress(Map<String, Object> fields, BuildEvent.StepProgress progress) {
        fields.put("step", progress.step());
        fields.put("text", progress.text());
        fields.put("fraction", progress.fraction());
        fields.put("overall", progress.overall());
        putIfKnown(fields, "done", progress.done());
        putIfKnown(fields, "total", progress.total());
        if (!progress.unit().isEmpty()) {
            fields.put("unit", progress.unit());
        }
    }

    private static void image(Map<String, Object> fields, InstalledImage image) {
        fields.put("os", image.os());
        fields.put("arch", image.arch());
        fields.put("image", image.disk());
        fields.put("format", image.format().label());
        fields.put("virtualSize", image.virtualSize());
        fields.put("firmware", image.firmware());
        fields.put("domainXml", image.domainXml());
        fields.put("seconds", seconds(image.took()));
    }

    private static void failure(Map<String, Object> fields, OzException cause) {
        fields.put("type", cause.getClass().getSimpleName());
        fields.put("problem", cause.problem());
        cause.remedy().ifPresent(remedy -> fields.put("remedy", remedy));
        if (cause instanceof InstallFailedException failed) {
            fields.put("kind", failed.kind());
            fields.put("cause", failed.diagnosis().cause());
            failed.diagnosis().words().ifPresent(words -> fields.put("words", words));
            fields.put("screen", failed.screen());
            failed.evidence().ifPresent(evidence -> fields.put("evidence", evidence));
        }
        if (cause instanceof CustomizeFailedException failed) {
            fields.put("action", failed.action());
            fields.put("status", failed.status());
            fields.put("lastLines", failed.lastLines());
            failed.evidence().ifPresent(evidence -> fields.put("evidence", evidence));
        }
    }

    private static void putIfKnown(Map<String, Object> fields, String name, OptionalLong value) {
        value.ifPresent(known -> fields.put(name, known));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
