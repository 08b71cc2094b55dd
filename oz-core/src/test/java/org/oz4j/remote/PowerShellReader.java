package org.oz4j.remote;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the texts out of a script as PowerShell does, by about_Quoting_Rules and about_Special_Characters.
 *
 * @param texts what stands in single quotes
 * @param rest the script with an empty text in place of each
 */
record PowerShellReader(List<String> texts, String rest) {
    private static final String SINGLE = "'\u2018\u2019\u201A\u201B";
    private static final String DOUBLE = "\"\u201C\u201D\u201E";

    static PowerShellReader read(String script) {
        List<String> texts = new ArrayList<>();
        StringBuilder rest = new StringBuilder();
        int at = 0;
        while (at < script.length()) {
            char one = script.charAt(at);
            if (SINGLE.indexOf(one) >= 0) {
                StringBuilder text = new StringBuilder();
                at = single(script, at + 1, text);
                texts.add(text.toString());
                rest.append("''");
            } else if (DOUBLE.indexOf(one) >= 0) {
                int end = doubled(script, at + 1);
                rest.append(script, at, end);
                at = end;
            } else if (one == '`') {
                rest.append(script, at, Math.min(at + 2, script.length()));
                at += 2;
            } else if (one == '#') {
                throw new IllegalArgumentException("a comment, which no script of ours has: " + script.substring(at));
            } else {
                rest.append(one);
                at++;
            }
        }
        return new PowerShellReader(texts, rest.toString());
    }

    /** The place behind a text in single quotes, in which two of them are one. */
    private static int single(String script, int from, StringBuilder text) {
        for (int at = from; at < script.length(); at++) {
            boolean quote = SINGLE.indexOf(script.charAt(at)) >= 0;
            if (quote && (at + 1 == script.length() || SINGLE.indexOf(script.charAt(at + 1)) < 0)) {
                return at + 1;
            }
            at += quote ? 1 : 0;
            text.append(script.charAt(at));
        }
        throw new IllegalArgumentException("a text that does not end: " + script.substring(from));
    }

    /** The place behind a text in double quotes, where a backtick takes what follows out of play. */
    private static int doubled(String script, int from) {
        for (int at = from; at < script.length(); at++) {
            char one = script.charAt(at);
            if (one == '`') {
                at++;
            } else if (DOUBLE.indexOf(one) >= 0) {
                return at + 1;
            }
        }
        throw new IllegalArgumentException("a text that does not end: " + script.substring(from));
    }
}
