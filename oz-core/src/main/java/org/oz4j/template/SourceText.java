package org.oz4j.template;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;

/** The text that a template was read from, to point at the start of a tag where the parser only knows its end. */
final class SourceText {
    private final String name;
    private final byte[] bytes;
    private Charset charset = StandardCharsets.UTF_8;

    SourceText(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    /** Tells the encoding that the parser found. */
    void encoding(@Nullable String found) {
        if (found == null) {
            return;
        }
        try {
            charset = Charset.forName(found);
        } catch (IllegalArgumentException e) {
            // Places may then be off by some columns: no reason to fail.
            charset = StandardCharsets.ISO_8859_1;
        }
    }

    Problem problem(@Nullable Spot spot, String message) {
        if (spot == null) {
            return new Problem(name, 0, 0, message);
        }
        String text = new String(bytes, charset);
        String[] lines = (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\r\n|\r|\n", -1);
        // No tag holds a '<', so the last one before its end is its start.
        int from = spot.column() - 2;
        for (int line = Math.min(spot.line(), lines.length); line >= 1; line--) {
            int start = lines[line - 1].lastIndexOf('<', from);
            if (start >= 0) {
                return new Problem(name, line, start + 1, message);
            }
            from = Integer.MAX_VALUE;
        }
        return new Problem(name, Math.max(spot.line(), 0), Math.max(spot.column(), 0), message);
    }
}
