package org.oz4j.cli;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Sets up what is logged to standard error: warnings, or all that Oz does. */
final class Logging {
    // the log manager forgets loggers that nobody holds
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger OZ = Logger.getLogger("org.oz4j");

    private Logging() {}

    /** Sets the levels. */
    static void set(boolean debug) {
        ROOT.setLevel(Level.WARNING);
        OZ.setLevel(debug ? Level.FINE : Level.WARNING);
        for (Handler handler : ROOT.getHandlers()) {
            handler.setLevel(Level.FINE);
        }
    }

    /** Has one record take one line; to be called before the first record. */
    static void useShortFormat() {
        System.setProperty("java.util.logging.SimpleFormatter.format", "oz: %4$s: %5$s%6$s%n");
    }
}
