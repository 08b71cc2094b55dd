package org.oz4j.cli;

import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.List;

import org.oz4j.CustomizeFailedException;
import org.oz4j.HostSetupException;
import org.oz4j.InstallFailedException;
import org.oz4j.OzException;

/** Prints what went wrong: the problem, what to do, and what the installer said last. */
final class ErrorPrinter {
    private static final int SCREEN_LINES = 25;

    private ErrorPrinter() {}

    /** Prints to {@code err}; the stack trace only where it was asked for. */
    static void print(PrintWriter err, Throwable failure, boolean debug) {
        if (failure instanceof OzException problem) {
            print(err, problem);
        } else if (failure instanceof InterruptedException) {
            err.println("oz: interrupted");
        } else if (failure instanceof NoSuchFileException missing) {
            err.println("oz: there is no file " + missing.getFile());
        } else {
            err.println("oz: " + failure);
            if (failure instanceof RuntimeException) {
                err.println("    This is a fault in Oz; please report it with the output of --debug.");
            }
        }
        if (debug) {
            failure.printStackTrace(err);
        }
        err.flush();
    }

    private static void print(PrintWriter err, OzException failure) {
        err.println("oz: " + failure.problem());
        failure.remedy().ifPresent(remedy -> err.println("    " + remedy + "."));
        if (failure instanceof HostSetupException setup && !setup.packages().isEmpty()) {
            err.println("    Debian packages: " + String.join(" ", setup.packages())
                    + " (oz doctor --fix installs what is missing)");
        }
        if (failure instanceof InstallFailedException failed) {
            List<String> screen = failed.screen();
            if (!screen.isEmpty()) {
                err.println("    The installer's last lines:");
                screen.subList(Math.max(0, screen.size() - SCREEN_LINES), screen.size())
                        .forEach(line -> err.println("    | " + line));
            }
            failed.evidence().ifPresent(evidence -> err.println("    Evidence: " + evidence));
        }
        if (failure instanceof CustomizeFailedException failed) {
            failed.lastLines().forEach(line -> err.println("    | " + line));
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            err.println("    While cleaning up: " + suppressed.getMessage());
        }
    }
}
