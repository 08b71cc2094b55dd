package org.oz4j.os.windows;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** Reads a file of sections and values, as Setup reads {@code winnt.sif}. */
final class IniReader {
    private static final Pattern VALUE = Pattern.compile("([A-Za-z0-9]+)=\"([^\"]*)\"");

    private IniReader() {}

    /** The values, by section and name; whatever is none of them is an error. */
    static Map<String, String> read(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        String section = "";
        for (String line : text.split("\r\n", -1)) {
            if (line.isEmpty() || line.startsWith(";")) {
                continue;
            }
            if (line.matches("\\[[A-Za-z]+]")) {
                section = line.substring(1, line.length() - 1) + "/";
                continue;
            }
            Matcher value = VALUE.matcher(line);
            assertThat(value.matches()).as(line).isTrue();
            assertThat(values.put(section + value.group(1), value.group(2)))
                    .as(line + " for the second time")
                    .isNull();
        }
        return values;
    }
}
