package org.oz4j.cli;

/**
 * What the output goes to.
 *
 * @param interactive whether a line can be drawn again
 * @param columns the width of a line
 */
record Terminal(boolean interactive, int columns) {
    private static final int USUAL_COLUMNS = 80;

    /** What the launcher found out: since JDK 22 the JVM has a console where there is no terminal, too. */
    static Terminal detect() {
        boolean interactive = Boolean.getBoolean("oz.terminal");
        Integer columns = Integer.getInteger("oz.columns");
        return new Terminal(interactive, columns == null || columns < 20 ? USUAL_COLUMNS : columns);
    }
}
