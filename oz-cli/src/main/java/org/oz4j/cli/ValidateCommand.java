package org.oz4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

import org.oz4j.Problem;
import org.oz4j.template.ParseOptions;
import org.oz4j.template.TemplateReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code oz validate}. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = {
            "Checks templates, and prints one line for each thing found: file:line:column: message.",
            "Fetches nothing and starts nothing. Exits with 0 where all can be used, else with 1."
        })
final class ValidateCommand implements Callable<Integer> {
    private final Context context;

    @Parameters(paramLabel = "TEMPLATE", arity = "1..*", description = "Templates (TDL).")
    private List<Path> templates = new ArrayList<>();

    @Mixin
    private TemplateOptions reading = new TemplateOptions();

    @Option(names = "--json", description = "Write one JSON object a line for each template.")
    private boolean json;

    @Mixin
    private ConfigOption config = new ConfigOption();

    ValidateCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        ParseOptions options = reading.options()
                .withNetwork(config.read(context).network())
                .withCatalog(context.backend().catalog());
        List<String> lines = new ArrayList<>();
        boolean allValid = true;
        // Each template stands for itself, so that many are read on all processors; told in the order given.
        List<TemplateReport> reports = IntStream.range(0, templates.size())
                .parallel()
                .mapToObj(i -> context.backend().examine(templates.get(i), options))
                .toList();
        for (int i = 0; i < reports.size(); i++) {
            TemplateReport report = reports.get(i);
            boolean valid = report.template().isPresent();
            allValid &= valid;
            if (json) {
                lines.add(Json.write(fields(templates.get(i), valid, report.problems())));
            } else if (report.problems().isEmpty()) {
                lines.add(oneLine(templates.get(i) + ": valid"));
            } else {
                report.problems().forEach(problem -> lines.add(oneLine(problem.toString())));
            }
        }
        context.out().println(String.join(System.lineSeparator(), lines));
        return allValid ? ExitCode.OK : ExitCode.FAILED;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    private static Map<String, Object> fields(Path file, boolean valid, List<Problem> problems) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", file.toString());
        fields.put("valid", valid);
        fields.put(
                "findings",
                problems.stream().map(problem -> fields(file, problem)).toList());
        return fields;
    }

    private static Map<String, Object> fields(Path file, Problem problem) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (!problem.source().equals(file.toString())) {
            fields.put("file", problem.source());
        }
        fields.put("line", problem.line());
        fields.put("column", problem.column());
        fields.put("severity", problem.severity().name().toLowerCase(Locale.ROOT));
        fields.put("message", problem.message());
        return fields;
    }
}
