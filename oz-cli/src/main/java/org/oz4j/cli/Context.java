package org.oz4j.cli;

import java.io.PrintWriter;
import java.io.Writer;

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
    /** The same, with no output. */
    Context silent() {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        return new Context(nowhere, err, new Terminal(false, terminal.columns()), time, host, backend, token);
    }
}
