package org.oz4j.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.oz4j.Diagnosis;
import org.oz4j.Diagnosis.Cause;
import org.oz4j.InstallFailedException.Kind;

/**
 * Tells the cause of a failed install by what the guest printed: by a table of what installers, kernels and firmware say,
 * each row with its source.
 */
final class Diagnoser {
    /** A row: the cause, what finds its message, what to do about it, and where it was taken from. */
    static final class Rule {
        private final Cause cause;
        private final String expression;
        private final String remedy;
        private final String source;
        private @Nullable Pattern pattern;

        private Rule(String row) {
            String[] cells = row.split("\t", -1);
            cause = Cause.valueOf(cells[0]);
            expression = cells[1];
            remedy = cells[2];
            source = cells[3];
        }

        Cause cause() {
            return cause;
        }

        /** Compiled when it is first asked for, since most failures are told by one of the first rules. */
        synchronized Pattern message() {
            if (pattern == null) {
                pattern = Pattern.compile(expression, Pattern.MULTILINE);
            }
            return pattern;
        }

        String remedy() {
            return remedy;
        }

        String source() {
            return source;
        }

        @Override
        public String toString() {
            return cause + " " + expression;
        }
    }

    private static final class Table {
        /** By cause: one that comes first explains those behind it, as a missing network does a mirror's silence. */
        static final List<Rule> RULES = read();

        private static List<Rule> read() {
            try (BufferedReader table = new BufferedReader(new InputStreamReader(
                    Objects.requireNonNull(Diagnoser.class.getResourceAsStream("diagnoses.tsv")),
                    StandardCharsets.UTF_8))) {
                return table.lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(Rule::new)
                        .sorted(Comparator.comparing(Rule::cause))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Diagnoser() {}

    static List<Rule> rules() {
        return Table.RULES;
    }

    /**
     * Tells the cause.
     *
     * @param kind how it failed
     * @param trouble the line by which that was seen
     * @param console the last lines of the console, in order
     * @param log those of the installer's own log
     */
    static Diagnosis diagnose(Kind kind, Optional<String> trouble, List<String> console, List<String> log) {
        return trouble.flatMap(line -> find(List.of(line)))
                .or(() -> find(console))
                .or(() -> find(log))
                .orElseGet(() -> new Diagnosis(byKind(kind), trouble, Optional.empty()));
    }

    /** What the first rule says that is met, by the last place where it is; a message may go over several lines. */
    private static Optional<Diagnosis> find(List<String> lines) {
        String text = String.join("\n", lines);
        for (Rule rule : rules()) {
            Optional<MatchResult> last = rule.message().matcher(text).results().reduce((one, other) -> other);
            if (last.isPresent()) {
                return Optional.of(
                        new Diagnosis(rule.cause(), Optional.of(whole(text, last.get())), Optional.of(rule.remedy())));
            }
        }
        return Optional.empty();
    }

    /** The lines that a match is in, as one. */
    private static String whole(String text, MatchResult match) {
        int start = text.lastIndexOf('\n', match.start()) + 1;
        int end = text.indexOf('\n', match.end());
        return text.substring(start, end < 0 ? text.length() : end).strip().replaceAll("\\s+", " ");
    }

    private static Cause byKind(Kind kind) {
        return switch (kind) {
            case PANIC -> Cause.KERNEL_PANIC;
            case QUESTION -> Cause.QUESTION;
            case INACTIVE, TIME_LIMIT -> Cause.TIME_LIMIT;
            case MACHINE_FAILED -> Cause.HOST_TROUBLE;
            case INSTALLER_ERROR, NO_SUCCESS_TOKEN, IMAGE_CHECK -> Cause.UNKNOWN;
        };
    }
}
