package org.oz4j.cli;

import java.util.Collection;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** Writes JSON: maps, collections, strings, numbers, booleans and null, on one line. */
final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    /** The value as JSON; anything that JSON has no form for is written as its text. */
    static String write(@Nullable Object value) {
        Json json = new Json();
        json.value(value);
        return json.text.toString();
    }

    private void value(@Nullable Object value) {
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            text.append(value);
        } else if (value instanceof Double number) {
            text.append(Double.isFinite(number) ? number.toString() : "null");
        } else if (value instanceof Map<?, ?> map) {
            object(map);
        } else if (value instanceof Collection<?> list) {
            // not any Iterable: a path is one too, and of itself
            array(list);
        } else {
            string(value.toString());
        }
    }

    private void object(Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(separator);
            string(String.valueOf(entry.getKey()));
            text.append(':');
            value(entry.getValue());
            separator = ",";
        }
        text.append(map.isEmpty() ? "{}" : "}");
    }

    private void array(Collection<?> list) {
        text.append('[');
        String separator = "";
        for (Object each : list) {
            text.append(separator);
            value(each);
            separator = ",";
        }
        text.append(']');
    }

    private void string(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    // half a surrogate pair has no UTF-8 form; line separators break readers that take lines
                    if (c < ' '
                            || (c >= 0x7f && c < 0xa0)
                            || c == 0x2028
                            || c == 0x2029
                            || isLoneSurrogate(string, i)) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean isLoneSurrogate(String string, int i) {
        char c = string.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == string.length() || !Character.isLowSurrogate(string.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(string.charAt(i - 1)));
    }
}
