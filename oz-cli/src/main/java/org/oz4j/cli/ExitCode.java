package org.oz4j.cli;

import org.oz4j.BuildCancelledException;
import org.oz4j.ConfigException;
import org.oz4j.TemplateException;
import org.oz4j.UnsupportedOsException;

/** The exit codes of {@code oz}. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    /** The shell's code for a program ended by Ctrl-C. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}

    /** The code for a command that threw that. */
    static int of(Throwable failure) {
        if (failure instanceof BuildCancelledException || failure instanceof InterruptedException) {
            return INTERRUPTED;
        }
        boolean input = failure instanceof TemplateException
                || failure instanceof ConfigException
                || failure instanceof UnsupportedOsException;
        return input ? USAGE : FAILED;
    }
}
