package org.oz4j.template;

import java.util.List;
import java.util.Optional;

import org.oz4j.Problem;
import org.oz4j.Problem.Severity;
import org.oz4j.TemplateException;

/**
 * What reading a template gave.
 *
 * @param template the template; empty where there is an error
 * @param problems errors and warnings, in the order of the file
 */
public record TemplateReport(Optional<Template> template, List<Problem> problems) {
    /** Copies the list. */
    public TemplateReport {
        problems = List.copyOf(problems);
    }

    /**
     * The template.
     *
     * @throws TemplateException where there are errors; it lists them all, and no warnings
     */
    public Template orThrow() {
        return template.orElseThrow(() -> new TemplateException(problems.stream()
                .filter(problem -> problem.severity() == Severity.ERROR)
                .toList()));
    }
}
