package org.oz4j.spi;

/**
 * The file that answers the installer's questions.
 *
 * @param name its usual name, such as {@code preseed.cfg}
 * @param content its text; may hold secrets, so it is never shown or logged
 */
public record AnswerFile(String name, String content) {
    /** The name alone. */
    @Override
    public String toString() {
        return name;
    }
}
