package org.oz4j.engine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/** Reads what a guest prints on a serial port, as lines without control sequences, from the file where it is kept. */
final class ConsoleReader {
    private static final int KEPT_LINES = 60;
    private static final int LONGEST_LINE = 4000;
    // ECMA-48: CSI and two-character escape sequences, OSC strings, and single control characters but tab and newline.
    private static final Pattern CONTROL = Pattern.compile(
            "\u001b\\[[0-?]*[ -/]*[@-~]|\u001b\\][^\u0007\u001b]*(\u0007|\u001b\\\\)|\u001b[ -/]*[0-~]|[\u0000-\u0008\u000b-\u001f\u007f]");

    private static final byte ESCAPE = 0x1b;

    // Installers that run in screen(1) scroll by moving the cursor and deleting lines, and end no line with a newline:
    // whatever moves the cursor to another line ends the line (CUU, CUD, CNL, CPL, CUP, DL, IL, VPA, HVP of ECMA-48).
    private static final String LEAVES_THE_LINE = "ABEFHMLdf";

    private final Path file;
    private final Deque<String> last = new ArrayDeque<>();
    private byte[] rest = new byte[0];
    private long position;
    private boolean header; // in what screen(1) redraws each minute at the top, with a clock: no sign of life

    ConsoleReader(Path file) {
        this.file = file;
    }

    /** The lines completed since the last call; an unfinished line is left for later, and seen by {@link #prompt}. */
    List<String> poll() throws IOException {
        List<String> lines = new ArrayList<>();
        for (byte[] fresh = read(); fresh.length > 0; fresh = read()) {
            split(fresh, lines);
        }
        return lines;
    }

    private void split(byte[] fresh, List<String> lines) {
        byte[] all = new byte[rest.length + fresh.length];
        System.arraycopy(rest, 0, all, 0, rest.length);
        System.arraycopy(fresh, 0, all, rest.length, fresh.length);
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (i - start >= LONGEST_LINE) {
                end(all, start, i, lines);
                header = false;
                start = i;
            }
            if (all[i] == '\n') {
                end(all, start, i, lines);
                header = false;
                start = i + 1;
            } else if (all[i] == ESCAPE && i + 1 < all.length && all[i + 1] == '[') {
                int last = i + 2;
                while (last < all.length && (all[last] < '@' || all[last] > '~')) {
                    last++;
                }
                if (last == all.length) {
                    break; // the sequence goes on in what is not printed yet
                }
                if (LEAVES_THE_LINE.indexOf(all[last]) >= 0) {
                    end(all, start, i, lines);
                    header = all[last] == 'H' && last == i + 2;
                    start = last + 1;
                }
                i = last;
            }
        }
        rest = Arrays.copyOfRange(all, start, all.length);
    }

    private void end(byte[] bytes, int from, int to, List<String> lines) {
        String line = header ? "" : clean(bytes, from, to);
        if (!line.isBlank()) {
            lines.add(line);
            keep(line);
        }
    }

    private byte[] read() throws IOException {
        if (Files.notExists(file)) {
            return new byte[0];
        }
        try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) {
            long length = input.length();
            if (length < position) {
                position = 0; // libvirt's log daemon begins a new file once one is large
            }
            if (length == position) {
                return new byte[0];
            }
            input.seek(position);
            byte[] bytes = new byte[(int) Math.min(length - position, 1 << 20)];
            input.readFully(bytes);
            position += bytes.length;
            return bytes;
        }
    }

    private void keep(String line) {
        last.addLast(line);
        if (last.size() > KEPT_LINES) {
            last.removeFirst();
        }
    }

    private static String clean(byte[] bytes, int from, int to) {
        String text = new String(bytes, from, to - from, StandardCharsets.UTF_8).stripTrailing();
        // What a carriage return overwrites was a progress display.
        int overwritten = text.lastIndexOf('\r');
        return CONTROL.matcher(text.substring(overwritten + 1)).replaceAll("").stripTrailing();
    }

    /** The unfinished line at the end, as a prompt is; may be empty. */
    String prompt() {
        return header ? "" : clean(rest, 0, rest.length);
    }

    /** The last lines, with the unfinished one. */
    List<String> lastLines(int count) {
        List<String> lines = new ArrayList<>(last);
        String prompt = prompt();
        if (!prompt.isBlank()) {
            lines.add(prompt);
        }
        return List.copyOf(lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }
}
