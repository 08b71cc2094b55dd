package org.oz4j.disk.guestfs;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The output of GNU sha256sum: the sum, two characters, the name; where the line begins with a backslash, newlines,
 * carriage returns and backslashes in the name are {@code \n}, {@code \r} and {@code \\} (GNU coreutils manual,
 * "md5sum invocation").
 */
final class SumLines {
    private static final int DIGITS = 64;
    private static final String PREFIX = "./";

    private SumLines() {}

    /** The sums by the path in the folder that the program ran in. */
    static Map<String, String> parse(List<String> lines) {
        Map<String, String> sums = new HashMap<>();
        for (String line : lines) {
            boolean escaped = line.startsWith("\\");
            String plain = escaped ? line.substring(1) : line;
            String name = plain.length() > DIGITS + 2 ? plain.substring(DIGITS + 2) : "";
            if (name.startsWith(PREFIX)) { // else the sum of nothing, where there are no files
                String path = name.substring(PREFIX.length());
                sums.put(escaped ? unescape(path) : path, plain.substring(0, DIGITS));
            }
        }
        return sums;
    }

    private static String unescape(String name) {
        StringBuilder text = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char next = name.charAt(i);
            if (next == '\\' && i + 1 < name.length()) {
                char code = name.charAt(++i);
                next = code == 'n' ? '\n' : code == 'r' ? '\r' : code;
            }
            text.append(next);
        }
        return text.toString();
    }
}
