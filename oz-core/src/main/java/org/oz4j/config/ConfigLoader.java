package org.oz4j.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.oz4j.ConfigException;
import org.oz4j.Problem;

/** Reads oz.cfg, then the environment over it. */
final class ConfigLoader {
    private static final String ENVIRONMENT = "environment";

    private final List<Problem> problems = new ArrayList<>();
    private final OzConfigBuilder builder;

    ConfigLoader(Path home) {
        builder = OzConfig.builder(home);
    }

    OzConfig load(Optional<Path> file, Map<String, String> environment) {
        file.ifPresent(this::readFile);
        readEnvironment(environment);
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return builder.build();
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
                problems.add(new Problem(file.toString(), entry.line(), entry.column(), unknown(entry)));
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
        problems.sort(java.util.Comparator.comparingInt(Problem::line));
    }

    private static String unknown(IniFile.Entry entry) {
        List<String> keys = Setting.keys(entry.section());
        return keys.isEmpty()
                ? "section [" + entry.section() + "] is not known; known are " + String.join(", ", Setting.sections())
                : "key \"" + entry.key() + "\" is not known in [" + entry.section() + "]; known are "
                        + String.join(", ", keys);
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
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(
                    source, line, column, name + " = \"" + value + "\" can't be used; allowed: " + e.getMessage()));
        }
    }
}
