package org.oz4j.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.oz4j.ConfigException;
import org.oz4j.Problem;
import org.oz4j.Problem.Severity;

/** Reads oz.cfg, then the environment over it. */
final class ConfigLoader {
    private static final String ENVIRONMENT = "environment";

    private final List<Problem> problems = new ArrayList<>();
    private final Map<Setting, Place> places = new EnumMap<>(Setting.class);
    private final OzConfigBuilder builder;

    /** Where a value stands; line and column are 0 where it is in the environment. */
    private record Place(String source, int line, int column) {
        @Override
        public String toString() {
            return line > 0 ? source + ":" + line : source;
        }
    }

    ConfigLoader(OzConfigBuilder builder) {
        this.builder = builder;
    }

    LoadedConfig load(Optional<Path> file, Map<String, String> environment) {
        file.ifPresent(this::readFile);
        readEnvironment(environment);
        List<Problem> errors = problems.stream()
                .filter(problem -> problem.severity() == Severity.ERROR)
                .toList();
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        OzConfig config = builder.build();
        places.forEach((setting, place) -> setting.idle(config)
                .ifPresent(why -> problems.add(new Problem(
                        place.source,
                        place.line,
                        place.column,
                        Severity.WARNING,
                        "[" + setting.section + "] " + setting.key + " does nothing: " + why))));
        List<LoadedConfig.Value> values = Arrays.stream(Setting.values())
                .map(setting -> new LoadedConfig.Value(
                        setting.section,
                        setting.key,
                        setting.variable,
                        setting.valueIn(config),
                        places.containsKey(setting) ? places.get(setting).toString() : "default"))
                .toList();
        return new LoadedConfig(config, values, problems);
    }

    private void readFile(Path file) {
        IniFile ini;
        try {
            ini = IniFile.parse(file.toString(), Files.readAllLines(file));
        } catch (NoSuchFileException e) {
            problems.add(new Problem(file.toString(), 0, 0, "there is no such file"));
            return;
        } catch (CharacterCodingException e) {
            problems.add(new Problem(file.toString(), 0, 0, "the file is not UTF-8"));
            return;
        } catch (IOException e) {
            problems.add(new Problem(file.toString(), 0, 0, "the file can't be read: " + e.getMessage()));
            return;
        }
        problems.addAll(ini.problems());
        Map<Setting, Integer> seen = new TreeMap<>();
        for (IniFile.Entry entry : ini.entries()) {
            Optional<Setting> setting = Setting.of(entry.section(), entry.key());
            if (setting.isEmpty()) {
                problems.add(
                        new Problem(file.toString(), entry.line(), entry.column(), Severity.WARNING, unknown(entry)));
                continue;
            }
            Integer before = seen.putIfAbsent(setting.get(), entry.line());
            if (before != null) {
                problems.add(new Problem(
                        file.toString(),
                        entry.line(),
                        entry.column(),
                        "[" + entry.section() + "] " + entry.key() + " is set in line " + before + " already"));
                continue;
            }
            String name = "[" + entry.section() + "] " + entry.key();
            set(setting.get(), name, entry.value(), file.toString(), entry.line(), entry.column());
        }
        settle(file.toString(), seen.getOrDefault(Setting.NETWORK, 0));
        problems.sort(Comparator.comparingInt(Problem::line));
    }

    private static String unknown(IniFile.Entry entry) {
        String name = "[" + entry.section() + "] " + entry.key();
        if (entry.section().equals("libvirt") && entry.key().startsWith("rng_")) {
            return name + " does nothing: every guest has a generator of random numbers that the host's feeds";
        }
        String nearest = Arrays.stream(Setting.values())
                .map(setting -> "[" + setting.section + "] " + setting.key)
                .min(Comparator.comparingInt(known -> distance(name, known)))
                .orElseThrow();
        return name + " is not known and does nothing; the nearest that is known is " + nearest;
    }

    /** How many letters must be put in, taken out or changed to make the one of the other (Levenshtein). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }

    private void readEnvironment(Map<String, String> environment) {
        for (Setting setting : Setting.values()) {
            String value = environment.get(setting.variable);
            // A variable that is set to nothing is as good as not set.
            if (!setting.variable.isEmpty() && value != null && !value.isBlank()) {
                set(setting, setting.variable, value.strip(), ENVIRONMENT, 0, 0);
            }
        }
        settle(ENVIRONMENT, 0);
    }

    private void settle(String source, int line) {
        builder.settleNetwork().ifPresent(message -> {
            problems.add(new Problem(source, line, 0, message));
            builder.network(new OzConfig.Network.User());
        });
    }

    private void set(Setting setting, String name, String value, String source, int line, int column) {
        try {
            setting.set(builder, value);
            places.put(setting, new Place(source, line, column));
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(
                    source, line, column, name + " = \"" + value + "\" can't be used; allowed: " + e.getMessage()));
        }
    }
}
