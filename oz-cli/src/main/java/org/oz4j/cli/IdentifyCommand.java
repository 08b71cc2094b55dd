package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.oz4j.MediaException;
import org.oz4j.media.MediaIdentity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code oz identify}. */
@Command(
        name = "identify",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what an install medium is: system, version, editions, architecture, how it boots; and prints a template"
                    + " for it.",
            "Exits with 0 where every medium is recognised, else with 1."
        })
final class IdentifyCommand implements Callable<Integer> {
    private final Context context;

    @Parameters(paramLabel = "ISO", arity = "1..*", description = "ISO images.")
    private List<Path> media = new ArrayList<>();

    @Option(names = "--json", description = "Write one JSON object a line for each medium.")
    private boolean json;

    IdentifyCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        int status = ExitCode.OK;
        for (Path file : media) {
            try {
                Optional<MediaIdentity> identity = MediaIdentity.of(file);
                if (identity.isEmpty()) {
                    tell(file, "not recognised: nothing on it says what it is");
                    status = ExitCode.FAILED;
                } else if (json) {
                    context.out().println(Json.write(fields(file, identity.get())));
                } else {
                    print(file, identity.get());
                }
            } catch (MediaException e) {
                tell(file, e.problem());
                status = ExitCode.FAILED;
            } catch (NoSuchFileException e) {
                tell(file, "there is no such file");
                status = ExitCode.FAILED;
            }
        }
        return status;
    }

    private void tell(Path file, String problem) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("error", problem);
            context.out().println(Json.write(fields));
        } else {
            context.err().println("oz: " + file + ": " + problem);
        }
    }

    private void print(Path file, MediaIdentity identity) {
        line("Medium", file + ": " + identity.title());
        if (!identity.editions().isEmpty()) {
            line("Editions", String.join(", ", identity.editions()));
        }
        line("Label", identity.label());
        line("Boots by", identity.boots().isEmpty() ? "nothing" : String.join(", ", identity.boots()));
        line("Told by", identity.source());
        context.out().println("--- template");
        context.out().println(identity.template(file).toXml().stripTrailing());
    }

    private void line(String name, String text) {
        context.out().println(String.format(Locale.ROOT, "%-12s %s", name, text));
    }

    private static Map<String, Object> fields(Path file, MediaIdentity identity) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("os", identity.os());
        fields.put("version", identity.version());
        identity.edition().ifPresent(edition -> fields.put("edition", edition));
        fields.put("editions", identity.editions());
        identity.arch().ifPresent(arch -> fields.put("arch", arch.toString()));
        fields.put("label", identity.label());
        fields.put("boots", identity.boots());
        fields.put("source", identity.source());
        fields.put("template", identity.template(file).toXml());
        return fields;
    }
}
