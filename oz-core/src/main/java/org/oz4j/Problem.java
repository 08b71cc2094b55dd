package org.oz4j;

/**
 * One thing to tell about an input file.
 *
 * @param source the file's name as the user knows it
 * @param line the line, from 1; 0 where it has no place
 * @param column the column, from 1; 0 where it is not known
 * @param severity whether the file can be used all the same
 * @param message what is wrong, with the offending value and what is allowed
 */
public record Problem(String source, int line, int column, Severity severity, String message) {
    /** How bad a problem is. */
    public enum Severity {
        /** The file can't be used. */
        ERROR,
        /** The file can be used, but may not mean what its author thinks. */
        WARNING
    }

    /** An error. */
    public Problem(String source, int line, int column, String message) {
        this(source, line, column, Severity.ERROR, message);
    }

    /** The problem as compilers print it: {@code file:line:column: message}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(source);
        if (line > 0) {
            text.append(':').append(line);
            if (column > 0) {
                text.append(':').append(column);
            }
        }
        return text.append(severity == Severity.WARNING ? ": warning: " : ": ")
                .append(message)
                .toString();
    }
}
