package org.oz4j.cli;

import java.time.Duration;

/** Small forms of text that several outputs share. */
final class Texts {
    private Texts() {}

    /** A fraction from 0 to 1, as in {@code  42 %}; rounded down, so that 100 % means done. */
    static String percent(double fraction) {
        return String.format("%3d %%", (int) (Math.max(0, Math.min(1, fraction)) * 100 + 1e-9));
    }

    /** A time, as in {@code 3:07} or {@code 1:03:07}. */
    static String elapsed(Duration time) {
        String minutes = time.toHours() > 0
                ? String.format("%d:%02d", time.toHours(), time.toMinutesPart())
                : String.valueOf(time.toMinutes());
        return String.format("%s:%02d", minutes, time.toSecondsPart());
    }

    /** The text cut to that many characters, with an ellipsis where something is cut off. */
    static String fit(String text, int columns) {
        if (text.length() <= columns) {
            return text;
        }
        return columns <= 1 ? text.substring(0, Math.max(0, columns)) : text.substring(0, columns - 1) + "…";
    }

    /** A number of bytes, as in {@code 1.5 GiB}. */
    static String size(long bytes) {
        return bytes >= 1L << 30
                ? String.format("%.1f GiB", bytes / (double) (1L << 30))
                : String.format("%d MiB", bytes >> 20);
    }
}
