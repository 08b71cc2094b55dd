package org.oz4j;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that can't be used; every mistake in it is listed, not the first alone. */
public final class ConfigException extends OzException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /** Makes an exception out of all problems found; there is at least one. */
    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")), null, null);
        this.problems = List.copyOf(problems);
    }

    /** Every problem found, in the order of the file. */
    public List<Problem> problems() {
        return problems;
    }
}
