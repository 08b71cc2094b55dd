package org.oz4j.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Tests that are skipped where a program of the host is not installed. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Installed.class)
public @interface Needs {
    /** The program's name in {@code /usr/bin}. */
    String value();

    /** Looks for it. */
    final class Installed implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return AnnotationSupport.findAnnotation(context.getElement(), Needs.class)
                    .map(needs -> installed(needs.value()))
                    .orElse(ConditionEvaluationResult.enabled("what the class needs is installed"));
        }

        private static ConditionEvaluationResult installed(String program) {
            return Files.isExecutable(Path.of("/usr/bin", program))
                    ? ConditionEvaluationResult.enabled(program + " is installed")
                    : ConditionEvaluationResult.disabled(program + " is not installed");
        }
    }
}
