package org.oz4j.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.oz4j.Problem;

/**
 * An INI file: sections in brackets, {@code key = value} or {@code key: value}, comments after {@code #} or {@code ;}.
 *
 * @param entries its settings, in order
 * @param problems lines that are none of this
 */
record IniFile(List<Entry> entries, List<Problem> problems) {

    /** One setting and its place. Section and key are in lower case. */
    record Entry(String section, String key, String value, int line, int column) {}

    static IniFile parse(String source, List<String> lines) {
        List<Entry> entries = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        Optional<String> section = Optional.empty();
        for (int number = 1; number <= lines.size(); number++) {
            String raw = lines.get(number - 1);
            String line = raw.strip();
            int column = raw.length() - raw.stripLeading().length() + 1;
            if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
                continue;
            }
            if (line.startsWith("[") && line.endsWith("]")) {
                section =
                        Optional.of(line.substring(1, line.length() - 1).strip().toLowerCase(Locale.ROOT));
                continue;
            }
            int end = separator(line);
            if (end < 1) {
                problems.add(
                        new Problem(source, number, column, "\"" + line + "\" is neither [section] nor key = value"));
            } else if (section.isEmpty()) {
                problems.add(new Problem(source, number, column, "\"" + line + "\" stands before any [section]"));
            } else {
                String key = line.substring(0, end).strip().toLowerCase(Locale.ROOT);
                entries.add(
                        new Entry(section.get(), key, line.substring(end + 1).strip(), number, column));
            }
        }
        return new IniFile(entries, problems);
    }

    private static int separator(String line) {
        int equals = line.indexOf('=');
        int colon = line.indexOf(':');
        if (equals < 0 || colon < 0) {
            return Math.max(equals, colon);
        }
        return Math.min(equals, colon);
    }
}
