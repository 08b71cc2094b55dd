package org.oz4j.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;

import org.oz4j.config.LoadedConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code oz config}. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Prints each setting, its value, and where the value came from.")
final class ConfigCommand implements Callable<Integer> {
    private final Context context;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "Write one JSON object a line for each setting.")
    private boolean json;

    ConfigCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        LoadedConfig loaded = config.load(context);
        String section = "";
        for (LoadedConfig.Value value : loaded.values()) {
            if (json) {
                context.out().println(Json.write(fields(value)));
                continue;
            }
            if (!value.section().equals(section)) {
                section = value.section();
                context.out().println("[" + section + "]");
            }
            String unset = value.value().isEmpty() ? "# " : "";
            context.out()
                    .println(unset + value.key() + " = " + value.value() + "  ; " + value.source()
                            + (value.variable().isEmpty() ? "" : ", " + value.variable()));
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> fields(LoadedConfig.Value value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("section", value.section());
        fields.put("key", value.key());
        fields.put("variable", value.variable());
        fields.put("value", value.value());
        fields.put("source", value.source());
        return fields;
    }
}
