package org.oz4j.cli;

import java.io.PrintWriter;

import org.oz4j.CancellationToken;
import org.oz4j.TimeSource;

/**
 * What a command works with.
 *
 * @param out takes results and progress
 * @param err takes errors and warnings
 * @param terminal what {@code out} goes to
 * @param time for the elapsed time
 * @param host what {@code doctor} looks at
 * @param backend the library
 * @param token is cancelled when the program is told to end
 */
record Context(
        PrintWriter out,
        PrintWriter err,
        Terminal terminal,
        TimeSource time,
        Host host,
        Backend backend,
        CancellationToken token) {
    /** The same, with output that goes elsewhere. */
    Context silent(PrintWriter elsewhere) {
        return new Context(elsewhere, err, new Terminal(false, terminal.columns()), time, host, backend, token);
    }
}
