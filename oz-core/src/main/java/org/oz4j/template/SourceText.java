package org.oz4j.template;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;

/** The text that a template was read from, to point at the start of a tag where the parser only knows its end. */
final class SourceText {
    private final String mainName;
    private final @Nullable String mainSystemId;
    private final byte[] main;
    private Charset charset = StandardCharsets.UTF_8;

    SourceText(String mainName, @Nullable String mainSystemId, byte[] main) {
        this.mainName = mainName;
        this.mainSystemId = mainSystemId;
        this.main = main;
    }

    String mainName() {
        return mainName;
    }

    /** Tells the encoding that the parser found. */
    void encoding(@Nullable String name) {
        if (name == null) {
            return;
        }
        try {
            charset = Charset.forName(name);
        } catch (IllegalArgumentException e) {
            // Places then point to a tag's end: no reason to fail.
            charset = StandardCharsets.ISO_8859_1;
        }
    }

    Problem problem(@Nullable Spot spot, String message) {
        if (spot == null) {
            return new Problem(mainName, 0, 0, message);
        }
        boolean inMain = spot.systemId() == null || Objects.equals(spot.systemId(), mainSystemId);
        String[] lines;
        String name;
        if (inMain) {
            name = mainName;
            lines = lines(main, charset);
        } else {
            Path file = path(spot.systemId());
            name = file == null ? String.valueOf(spot.systemId()) : file.toString();
            lines = file == null ? new String[0] : lines(read(file), StandardCharsets.UTF_8);
        }
        return at(name, lines, spot, message);
    }

    private static Problem at(String name, String[] lines, Spot end, String message) {
        // No tag holds a '<', so the last one before its end is its start.
        int line = end.line();
        int from = end.column() - 2;
        while (line >= 1 && line <= lines.length) {
            int start = lines[line - 1].lastIndexOf('<', from);
            if (start >= 0) {
                return new Problem(name, line, start + 1, message);
            }
            line--;
            from = Integer.MAX_VALUE;
        }
        return new Problem(name, Math.max(end.line(), 0), Math.max(end.column(), 0), message);
    }

    private static String[] lines(byte[] bytes, Charset charset) {
        String text = new String(bytes, charset);
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        return text.split("\r\n|\r|\n", -1);
    }

    private static @Nullable Path path(@Nullable String systemId) {
        try {
            return systemId == null ? null : Path.of(URI.create(systemId));
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            return null;
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
