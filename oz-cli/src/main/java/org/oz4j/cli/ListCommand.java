package org.oz4j.cli;

import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.oz4j.Oz;
import org.oz4j.spi.OsRelease;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code oz list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists the operating systems that can be installed.")
final class ListCommand implements Callable<Integer> {
    private final Context context;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "Write one JSON object a line for each release.")
    private boolean json;

    ListCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        try (Oz oz = context.backend().open(config.read(context))) {
            if (json) {
                oz.releases().forEach(release -> context.out().println(Json.write(fields(release))));
            } else {
                table(oz.releases());
            }
            oz.brokenPlugins().forEach(broken -> context.err()
                    .println("oz: broken plugin " + broken.plugin() + ": " + broken.getMessage()));
        }
        return ExitCode.OK;
    }

    private static Map<String, Object> fields(OsRelease release) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("os", release.os());
        fields.put("names", release.names());
        fields.put("version", release.version());
        fields.put("aliases", release.aliases());
        fields.put("arches", release.arches().stream().sorted().toList());
        fields.put("installTypes", installTypes(release));
        fields.put("support", release.support().label());
        release.endOfLife().ifPresent(day -> fields.put("endOfLife", day));
        fields.put("source", release.source());
        return fields;
    }

    private static List<String> installTypes(OsRelease release) {
        return release.installTypes().stream()
                .sorted()
                .map(type -> type.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private void table(List<OsRelease> releases) {
        List<List<String>> rows = Stream.concat(
                        Stream.of(List.of("OS", "VERSION", "ARCHES", "INSTALL", "SUPPORT", "END OF LIFE", "SOURCE")),
                        releases.stream().map(ListCommand::row))
                .toList();
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            context.out().println(line.toString().stripTrailing());
        }
    }

    private static String with(String name, List<String> others) {
        return others.isEmpty() ? name : name + " (" + String.join(", ", others) + ")";
    }

    private static List<String> row(OsRelease release) {
        String names = with(release.os(), release.names());
        String version = with(release.version(), release.aliases());
        String arches = release.arches().stream().sorted().map(Object::toString).collect(Collectors.joining(","));
        return List.of(
                names,
                version,
                arches,
                String.join(",", installTypes(release)),
                release.support().label(),
                release.endOfLife().map(LocalDate::toString).orElse("-"),
                release.source());
    }
}
