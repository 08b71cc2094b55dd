package org.oz4j.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;
import org.oz4j.Problem.Severity;
import org.oz4j.TemplateException;

/** What was found wrong with a template, by the parser, the schema and our own checks. */
final class Findings {
    private record Finding(@Nullable Spot spot, Severity severity, String message, boolean bySchema) {}

    private final List<Finding> found = new ArrayList<>();
    private final SourceText main;

    Findings(SourceText main) {
        this.main = main;
    }

    void add(Tdl.@Nullable Node at, String message) {
        add(at == null ? null : at.spot, message);
    }

    void add(@Nullable Spot at, String message) {
        found.add(new Finding(at, Severity.ERROR, message, false));
    }

    void warn(Tdl.@Nullable Node at, String message) {
        found.add(new Finding(at == null ? null : at.spot, Severity.WARNING, message, false));
    }

    void addFromSchema(@Nullable Spot at, String message) {
        found.add(new Finding(at, Severity.ERROR, message, true));
    }

    /** Whether the template can't be used. */
    boolean anyError() {
        return found.stream().anyMatch(one -> one.severity == Severity.ERROR);
    }

    /** All of it, in the order of the file, and then of the files that it includes. */
    List<Problem> problems() {
        return found.stream()
                .filter(one -> !one.bySchema || !isSaidBetter(one))
                .map(one -> (one.spot == null ? main : one.spot.text()).problem(one.spot, one.severity, one.message))
                .distinct()
                .sorted(Comparator.comparing((Problem one) -> !one.source().equals(main.name()))
                        .thenComparing(Problem::source)
                        .thenComparingInt(Problem::line)
                        .thenComparingInt(Problem::column))
                .toList();
    }

    /** Throws all of it at once; does nothing where there is no error. */
    void throwIfAny() {
        if (anyError()) {
            throw new TemplateException(problems());
        }
    }

    /** Our own checks name the value and the reason, where the schema only says that something is amiss. */
    private boolean isSaidBetter(Finding schema) {
        boolean unknownAttribute = schema.message.contains("attribute") && schema.message.contains("not allowed here");
        boolean stray = schema.message.startsWith("text not allowed");
        return !unknownAttribute
                && !stray
                && found.stream()
                        .anyMatch(one -> !one.bySchema
                                && one.severity == Severity.ERROR
                                && Objects.equals(one.spot, schema.spot));
    }
}
