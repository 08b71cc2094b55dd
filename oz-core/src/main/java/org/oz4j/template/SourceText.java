package org.oz4j.template;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;
import org.oz4j.Problem.Severity;

/** The text that a template was read from, to point at the start of a tag where the parser only knows its end. */
final class SourceText {
    private final String name;
    private final byte[] bytes;
    private Charset charset = StandardCharsets.UTF_8;
    private String @Nullable [] lines;

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

    InputStream stream() {
        return new ByteArrayInputStream(bytes);
    }

    /** The file's name as the user knows it. */
    String name() {
        return name;
    }

    Problem problem(@Nullable Spot spot, Severity severity, String message) {
        if (spot == null) {
            return new Problem(name, 0, 0, severity, message);
        }
        String[] lines = lines();
        // No tag holds a '<', so the last one before its end is its start.
        int from = spot.column() - 2;
        for (int line = Math.min(spot.line(), lines.length); line >= 1; line--) {
            int start = lines[line - 1].lastIndexOf('<', from);
            if (start >= 0) {
                return new Problem(name, line, start + 1, severity, message);
            }
            from = Integer.MAX_VALUE;
        }
        return new Problem(name, Math.max(spot.line(), 0), Math.max(spot.column(), 0), severity, message);
    }

    private String[] lines() {
        if (lines == null) {
            String text = new String(bytes, charset);
            lines = (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\r\n|\r|\n", -1);
        }
        return lines;
    }
}
