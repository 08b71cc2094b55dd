package org.oz4j.template;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;
import org.oz4j.TemplateException;

/** What was found wrong with a template, by the parser, the schema and our own checks. */
final class Findings {
    private record Finding(@Nullable Spot spot, String message, boolean bySchema) {}

    private final List<Finding> found = new ArrayList<>();
    private final SourceText texts;

    Findings(SourceText texts) {
        this.texts = texts;
    }

    void add(Tdl.@Nullable Node at, String message) {
        add(at == null ? null : at.spot, message);
    }

    void add(@Nullable Spot at, String message) {
        found.add(new Finding(at, message, false));
    }

    void addFromSchema(@Nullable Spot at, String message) {
        found.add(new Finding(at, message, true));
    }

    /** Throws all of it at once, in the order of the file; does nothing where nothing was found. */
    void throwIfAny() {
        if (found.isEmpty()) {
            return;
        }
        List<Problem> problems = found.stream()
                .filter(one -> !one.bySchema || !isSaidBetter(one))
                .map(one -> texts.problem(one.spot, one.message))
                .distinct()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .toList();
        throw new TemplateException(problems);
    }

    /** Our own checks name the value and the reason, where the schema only says that something is amiss. */
    private boolean isSaidBetter(Finding schema) {
        boolean unknownAttribute = schema.message.contains("attribute") && schema.message.contains("not allowed here");
        boolean stray = schema.message.startsWith("text not allowed");
        return !unknownAttribute
                && !stray
                && found.stream().anyMatch(one -> !one.bySchema && Objects.equals(one.spot, schema.spot));
    }
}
