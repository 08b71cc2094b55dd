package org.oz4j;

/**
 * One mistake in an input file.
 *
 * @param source the file's name as the user knows it
 * @param line the line, from 1; 0 where the mistake has no place
 * @param column the column, from 1; 0 where it is not known
 * @param message what is wrong, with the offending value and what is allowed
 */
public record Problem(String source, int line, int column, String message) {
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
        return text.append(": ").append(message).toString();
    }
}
