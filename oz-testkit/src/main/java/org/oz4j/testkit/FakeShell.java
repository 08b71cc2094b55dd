package org.oz4j.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.oz4j.DiskException;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.FileType;
import org.oz4j.testkit.FakeSystem.Call;
import org.oz4j.testkit.FakeSystem.Program;

/**
 * A small POSIX shell over files in memory: lists, conditions, {@code if}, quotes, variables and redirections of output.
 * It knows no pipes, loops, functions or patterns, and says so.
 */
final class FakeShell {
    private static final Set<String> OPERATORS = Set.of("&&", "||", ";", ">", ">>", "\n");
    private static final Pattern ASSIGNMENT = Pattern.compile("([A-Za-z_]\\w*)=(.*)", Pattern.DOTALL);
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+|\\?)|\\{(\\w+)})");
    private static final int UNKNOWN = 127;
    private static final int WRONG = 2;

    /** Ends a script. */
    private static final class Exit extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int status;

        Exit(int status) {
            this.status = status;
        }
    }

    /** A word's part, or an operator. */
    private record Token(String operator, List<Part> parts) {
        boolean is(String text) {
            return operator.equals(text)
                    || (operator.isEmpty()
                            && parts.size() == 1
                            && parts.get(0).plain()
                            && parts.get(0).text().equals(text));
        }
    }

    /**
     * A part of a word.
     *
     * @param plain whether nothing of it was quoted
     * @param expands whether variables in it stand for their values
     */
    private record Part(String text, boolean plain, boolean expands) {}

    private final FakeSystem system;
    private final Map<String, String> variables = new HashMap<>();
    private List<Token> tokens = List.of();
    private int at;
    private int status;

    FakeShell(FakeSystem system) {
        this.system = system;
    }

    /** Runs a script to its end; gives its status. */
    int run(String script, Call call) throws InterruptedException {
        List<Token> before = tokens;
        int place = at;
        try {
            tokens = tokens(script);
            at = 0;
            list(call, true, Set.of());
            return status;
        } catch (Exit e) {
            return e.status;
        } catch (IllegalArgumentException e) {
            call.complains("sh: " + e.getMessage());
            return WRONG;
        } finally {
            tokens = before;
            at = place;
        }
    }

    private static List<Token> tokens(String script) {
        List<Token> found = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < script.length(); i++) {
            char c = script.charAt(i);
            if (c == '\'' || c == '"') {
                end(plain, parts);
                int close = i + 1;
                StringBuilder quoted = new StringBuilder();
                while (close < script.length() && script.charAt(close) != c) {
                    if (c == '"' && script.charAt(close) == '\\') {
                        close++;
                    }
                    quoted.append(script.charAt(close++));
                }
                if (close >= script.length()) {
                    throw new IllegalArgumentException("a quote is left open");
                }
                parts.add(new Part(quoted.toString(), false, c == '"'));
                i = close;
            } else if (c == '\\' && i + 1 < script.length()) {
                end(plain, parts);
                parts.add(new Part(script.substring(++i, i + 1), false, false));
            } else if (c == '#' && plain.isEmpty() && parts.isEmpty()) {
                int line = script.indexOf('\n', i);
                i = line < 0 ? script.length() : line - 1;
            } else if (" \t\n;&|<>()".indexOf(c) >= 0) {
                end(plain, parts);
                if (!parts.isEmpty()) {
                    found.add(new Token("", List.copyOf(parts)));
                    parts.clear();
                }
                if (" \t".indexOf(c) < 0) {
                    String two = script.substring(i, Math.min(script.length(), i + 2));
                    String operator = OPERATORS.contains(two) ? two : String.valueOf(c);
                    if (!OPERATORS.contains(operator)) {
                        throw new IllegalArgumentException("this small shell does not know " + operator);
                    }
                    found.add(new Token(operator, List.of()));
                    i += operator.length() - 1;
                }
            } else {
                plain.append(c);
            }
        }
        end(plain, parts);
        if (!parts.isEmpty()) {
            found.add(new Token("", List.copyOf(parts)));
        }
        return found;
    }

    private static void end(StringBuilder plain, List<Part> parts) {
        if (!plain.isEmpty()) {
            parts.add(new Part(plain.toString(), true, true));
            plain.setLength(0);
        }
    }

    private boolean more() {
        return at < tokens.size();
    }

    private boolean sees(String text) {
        return more() && tokens.get(at).is(text);
    }

    private boolean takes(String text) {
        boolean seen = sees(text);
        at += seen ? 1 : 0;
        return seen;
    }

    private void needs(String text) {
        if (!takes(text)) {
            throw new IllegalArgumentException("'" + text + "' is missing");
        }
    }

    /** Commands up to the end, or to one of these words. */
    private void list(Call call, boolean doing, Set<String> ends) throws InterruptedException {
        while (more()) {
            while (takes(";") || takes("\n")) {
                // empty ones
            }
            if (!more() || ends.stream().anyMatch(this::sees)) {
                return;
            }
            conditions(call, doing);
        }
    }

    private void conditions(Call call, boolean doing) throws InterruptedException {
        boolean runs = doing;
        command(call, runs);
        while (true) {
            if (takes("&&")) {
                runs = doing && status == 0;
            } else if (takes("||")) {
                runs = doing && status != 0;
            } else {
                return;
            }
            command(call, runs);
        }
    }

    private void command(Call call, boolean doing) throws InterruptedException {
        if (takes("if")) {
            list(call, doing, Set.of("then"));
            needs("then");
            boolean holds = status == 0;
            list(call, doing && holds, Set.of("else", "fi"));
            if (takes("else")) {
                list(call, doing && !holds, Set.of("fi"));
            } else if (doing && !holds) {
                status = 0;
            }
            needs("fi");
        } else if (takes("{")) {
            list(call, doing, Set.of("}"));
            needs("}");
        } else {
            simple(call, doing);
        }
    }

    private void simple(Call call, boolean doing) throws InterruptedException {
        List<String> words = new ArrayList<>();
        Optional<String> target = Optional.empty();
        boolean appends = false;
        while (more() && (tokens.get(at).operator().isEmpty() || sees(">") || sees(">>"))) {
            Token token = tokens.get(at++);
            if (token.operator().isEmpty()) {
                words.add(text(token));
            } else {
                appends = token.is(">>");
                if (!more() || !tokens.get(at).operator().isEmpty()) {
                    throw new IllegalArgumentException("a redirection leads nowhere");
                }
                target = Optional.of(text(tokens.get(at++)));
            }
        }
        if (words.isEmpty() && target.isEmpty()) {
            throw new IllegalArgumentException("a command is missing");
        }
        if (!doing) {
            return;
        }
        Map<String, String> own = new HashMap<>();
        while (!words.isEmpty() && ASSIGNMENT.matcher(words.get(0)).matches()) {
            String[] both = words.remove(0).split("=", 2);
            own.put(both[0], both[1]);
        }
        if (words.isEmpty() && target.isEmpty()) {
            variables.putAll(own);
            status = 0;
            return;
        }
        if (target.isEmpty()) {
            status = execute(words, own, call);
            return;
        }
        Call inner = call.collecting();
        status = words.isEmpty() ? 0 : execute(words, own, inner);
        try {
            byte[] old = appends && system.files().exists(target.get())
                    ? system.files().read(target.get())
                    : new byte[0];
            system.write(target.get(), old, inner.collected());
        } catch (DiskException e) {
            call.complains("sh: cannot create " + target.get() + ": Directory nonexistent");
            status = WRONG;
        }
    }

    private String text(Token token) {
        StringBuilder word = new StringBuilder();
        for (Part part : token.parts()) {
            word.append(
                    part.expands()
                            ? VARIABLE.matcher(part.text())
                                    .replaceAll(match -> Matcher.quoteReplacement(
                                            value(match.group(1) == null ? match.group(2) : match.group(1))))
                            : part.text());
        }
        return word.toString();
    }

    private String value(@Nullable String name) {
        return "?".equals(name) ? Integer.toString(status) : variables.getOrDefault(name, "");
    }

    private int execute(List<String> words, Map<String, String> environment, Call call) throws InterruptedException {
        String name = words.get(0);
        List<String> rest = words.subList(1, words.size());
        switch (name) {
            case "exit" -> throw new Exit(rest.isEmpty() ? status : Integer.parseInt(rest.get(0)));
            case "env" -> {
                Map<String, String> more = new HashMap<>(environment);
                int first = 0;
                while (first < rest.size()
                        && ASSIGNMENT.matcher(rest.get(first)).matches()) {
                    String[] both = rest.get(first++).split("=", 2);
                    more.put(both[0], both[1]);
                }
                return execute(rest.subList(first, rest.size()), more, call);
            }
            case "command" -> {
                return system.program(rest.get(rest.size() - 1)).isPresent() ? 0 : 1;
            }
            default -> {
                // a program
            }
        }
        try {
            Optional<Program> program = system.program(name);
            if (program.isPresent()) {
                return program.get().run(call.with(rest, environment));
            }
            if (name.startsWith("/") && system.files().exists(name)) {
                String script = new String(system.files().read(name), StandardCharsets.UTF_8);
                return new FakeShell(system).run(script, call.with(rest, environment));
            }
        } catch (DiskException e) {
            call.complains(name + ": " + e.problem());
            return 1;
        }
        call.complains("sh: " + name + ": not found");
        return UNKNOWN;
    }

    /** What every system has. */
    static Map<String, Program> basics(FakeSystem system) {
        Map<String, Program> all = new HashMap<>();
        for (String quiet : List.of("true", ":", "sync", "umask", "cd")) {
            all.put(quiet, call -> 0);
        }
        all.put("false", call -> 1);
        all.put("echo", call -> {
            call.prints(String.join(" ", call.arguments()));
            return 0;
        });
        all.put("cat", call -> {
            if (call.arguments().isEmpty()) {
                call.copies(call.input());
            }
            for (String file : call.arguments()) {
                if (!system.files().exists(file)) {
                    call.complains("cat: " + file + ": No such file or directory");
                    return 1;
                }
                call.copies(system.files().read(file));
            }
            return 0;
        });
        all.put("mkdir", call -> {
            for (String folder : files(call)) {
                system.makeFolders(folder);
            }
            return 0;
        });
        all.put("rm", call -> {
            for (String file : files(call)) {
                system.delete(file);
            }
            return 0;
        });
        all.put("chmod", call -> {
            system.files()
                    .chmod(
                            call.arguments().get(1),
                            Integer.parseInt(call.arguments().get(0), 8));
            return 0;
        });
        Program test = call -> {
            List<String> words = call.arguments();
            String path = words.size() > 1 ? words.get(1) : "";
            boolean holds =
                    switch (words.isEmpty() ? "" : words.get(0)) {
                        case "-e", "-f" -> system.files().exists(path);
                        case "-d" ->
                            system.files()
                                    .stat(path)
                                    .filter(stat -> stat.type() == FileType.FOLDER)
                                    .isPresent();
                        case "-n" -> !path.isEmpty();
                        case "-z" -> path.isEmpty();
                        default -> !words.isEmpty() && !words.get(0).isEmpty();
                    };
            return holds ? 0 : 1;
        };
        all.put("test", test);
        all.put("[", test);
        return all;
    }

    private static List<String> files(Call call) {
        return call.arguments().stream().filter(word -> !word.startsWith("-")).toList();
    }

    /** Of a file that a program makes. */
    static Attributes plain(int mode) {
        return new Attributes(mode, 0, 0);
    }
}
