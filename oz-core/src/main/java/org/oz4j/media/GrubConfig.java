package org.oz4j.media;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The configuration of GRUB 2.
 *
 * <p>An entry is made to start by itself by setting {@code default} and {@code timeout} at the end: the menu is shown once
 * all of the file was run, so what is set last holds. An entry is named by its title, which every GRUB 2 knows; by an
 * {@code --id} of ours where the title has variables or is not the only one.
 *
 * <p>Source: the GRUB manual, sections "Writing full configuration files directly", "menuentry" and "default".
 */
final class GrubConfig implements BootConfig {
    private static final Set<String> LINUX = Set.of("linux", "linuxefi", "linux16");
    private static final Set<String> INITRD = Set.of("initrd", "initrdefi", "initrd16");
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_=:/.,@%+-]+");
    private static final String ID = "oz-install";
    private static final String SUBMENU_ID = "oz-menu";

    /** A word of the script: where it is, and what it means once its quotes are taken off. */
    private record Word(int start, int end, String value, boolean variable) {}

    /** A command with its words. */
    private record Statement(List<Word> words) {
        String name() {
            return words.get(0).value();
        }
    }

    /** A menu entry or a submenu. */
    private static final class Menu {
        final Statement head;
        final @Nullable Menu parent;
        final List<Statement> kernels = new ArrayList<>();
        final List<String> ramdisks = new ArrayList<>();

        Menu(Statement head, @Nullable Menu parent) {
            this.head = head;
            this.parent = parent;
        }

        Optional<Word> title() {
            return head.words().stream()
                    .skip(1)
                    .filter(word ->
                            !word.value().startsWith("-") && !word.value().equals("{"))
                    .findFirst();
        }
    }

    private final String text;
    private final List<Menu> menus = new ArrayList<>();

    private GrubConfig(String text) {
        this.text = text;
        Deque<Optional<Menu>> open = new ArrayDeque<>();
        for (Statement statement : statements(text)) {
            String name = statement.name();
            Word last = statement.words().get(statement.words().size() - 1);
            boolean opens = last.end() - last.start() == 1 && text.charAt(last.start()) == '{';
            Menu inside = open.stream().flatMap(Optional::stream).findFirst().orElse(null);
            if (name.equals("}") && !open.isEmpty()) {
                open.pop();
            } else if (opens) {
                boolean menu = name.equals("menuentry") || name.equals("submenu");
                Optional<Menu> made = menu ? Optional.of(new Menu(statement, inside)) : Optional.empty();
                made.ifPresent(menus::add);
                open.push(made);
            } else if (LINUX.contains(name)
                    && inside != null
                    && statement.words().size() > 1) {
                inside.kernels.add(statement);
            } else if (INITRD.contains(name) && inside != null) {
                statement.words().stream().skip(1).map(Word::value).forEach(inside.ramdisks::add);
            }
        }
    }

    static GrubConfig of(String text) {
        return new GrubConfig(text);
    }

    /** The commands of a script, without their structure. */
    private static List<Statement> statements(String text) {
        List<Statement> found = new ArrayList<>();
        List<Word> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\' && at + 1 < text.length() && "\r\n".indexOf(text.charAt(at + 1)) >= 0) {
                at += text.startsWith("\r\n", at + 1) ? 3 : 2; // the line goes on
            } else if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == '\n' || c == ';') {
                at++;
                end(words, found);
            } else if (Character.isWhitespace(c)) {
                at++;
            } else {
                Word word = word(text, at);
                words.add(word);
                at = word.end();
                boolean brace = word.end() - word.start() == 1 && (c == '{' || c == '}');
                if (brace) {
                    end(words, found);
                }
            }
        }
        end(words, found);
        return found;
    }

    private static void end(List<Word> words, List<Statement> found) {
        if (!words.isEmpty()) {
            found.add(new Statement(List.copyOf(words)));
            words.clear();
        }
    }

    private static Word word(String text, int start) {
        StringBuilder value = new StringBuilder();
        boolean variable = false;
        int at = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (Character.isWhitespace(c) || c == ';') {
                break;
            }
            if (c == '\'') {
                int end = text.indexOf('\'', at + 1);
                int stop = end < 0 ? text.length() : end;
                value.append(text, at + 1, stop);
                at = Math.min(text.length(), stop + 1);
            } else if (c == '"') {
                at++;
                while (at < text.length() && text.charAt(at) != '"') {
                    boolean escape = text.charAt(at) == '\\'
                            && at + 1 < text.length()
                            && "\\\"$\n".indexOf(text.charAt(at + 1)) >= 0;
                    at += escape ? 1 : 0;
                    variable |= !escape && text.charAt(at) == '$';
                    value.append(text.charAt(at));
                    at++;
                }
                at++;
            } else if (c == '\\' && at + 1 < text.length()) {
                value.append(text.charAt(at + 1));
                at += 2;
            } else {
                variable |= c == '$';
                value.append(c);
                at++;
            }
        }
        return new Word(start, Math.min(at, text.length()), value.toString(), variable);
    }

    @Override
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < menus.size(); i++) {
            Menu menu = menus.get(i);
            if (!menu.kernels.isEmpty()) {
                Statement kernel = menu.kernels.get(0);
                entries.add(new Entry(
                        i,
                        menu.title().map(Word::value).orElse(""),
                        kernel.words().get(1).value(),
                        arguments(kernel),
                        List.copyOf(menu.ramdisks)));
            }
        }
        return entries;
    }

    private static String arguments(Statement kernel) {
        StringBuilder arguments = new StringBuilder();
        for (Word word : kernel.words().subList(2, kernel.words().size())) {
            arguments.append(arguments.isEmpty() ? "" : " ").append(asArgument(word));
        }
        return arguments.toString();
    }

    /** As GRUB hands a word to the kernel: with quotes where it has blanks. */
    private static String asArgument(Word word) {
        return word.value().matches("(?s).*\\s.*") ? "\"" + word.value() + "\"" : word.value();
    }

    @Override
    public GrubConfig withArguments(Entry entry, UnaryOperator<String> change) {
        Menu menu = menus.get(entry.number());
        StringBuilder edited = new StringBuilder(text);
        for (int i = menu.kernels.size() - 1; i >= 0; i--) {
            Statement kernel = menu.kernels.get(i);
            if (kernel.words().get(1).value().equals(entry.kernel())) {
                Word first = kernel.words().get(1);
                Word last = kernel.words().get(kernel.words().size() - 1);
                edited.replace(first.end(), last.end(), written(kernel, change.apply(arguments(kernel))));
            }
        }
        return new GrubConfig(edited.toString());
    }

    /** The arguments as GRUB reads them; those that were there before stay as they were written. */
    private String written(Statement kernel, String arguments) {
        StringBuilder written = new StringBuilder();
        for (String argument : split(arguments)) {
            written.append(' ')
                    .append(kernel.words().stream()
                            .skip(2)
                            .filter(word -> asArgument(word).equals(argument))
                            .findFirst()
                            .map(word -> text.substring(word.start(), word.end()))
                            .orElseGet(() -> quoted(argument)));
        }
        return written.toString();
    }

    /** Parts arguments at blanks that are not in double quotes, as the kernel does. */
    private static List<String> split(String arguments) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean inQuotes = false;
        for (int i = 0; i < arguments.length(); i++) {
            char c = arguments.charAt(i);
            inQuotes ^= c == '"';
            if (Character.isWhitespace(c) && !inQuotes) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        parts.removeIf(String::isEmpty);
        return parts;
    }

    private static String quoted(String argument) {
        String plain = argument.startsWith("\"") && argument.endsWith("\"") && argument.length() > 1
                ? argument.substring(1, argument.length() - 1)
                : argument;
        return SAFE.matcher(plain).matches() ? plain : "'" + plain.replace("'", "'\\''") + "'";
    }

    @Override
    public GrubConfig startingWith(Optional<Entry> entry, String name, Duration timeout, boolean root) {
        StringBuilder edited = new StringBuilder(text);
        entry.ifPresent(own -> giveIds(menus.get(own.number()), edited));
        if (edited.length() > 0 && edited.charAt(edited.length() - 1) != '\n') {
            edited.append('\n');
        }
        edited.append("set default=")
                .append(quoted(name))
                .append("\nset timeout=")
                .append(Math.max(1, timeout.toSeconds()))
                .append('\n');
        return new GrubConfig(edited.toString());
    }

    /** Gives ids to an entry and the submenus around it, where their titles won't do; what is last is edited first. */
    private void giveIds(Menu menu, StringBuilder edited) {
        for (Menu one = menu; one != null; one = one.parent) {
            if (!isNamedByTitle(one) && idOf(one).isEmpty()) {
                Word word = one.head.words().get(0);
                edited.insert(word.end(), " --id " + (one == menu ? ID : SUBMENU_ID));
            }
        }
    }

    private boolean isNamedByTitle(Menu menu) {
        Optional<Word> title = menu.title();
        return title.isPresent()
                && !title.get().variable()
                && !title.get().value().contains(">")
                && menus.stream()
                                .filter(other -> other.parent == menu.parent)
                                .flatMap(other -> other.title().stream())
                                .filter(other ->
                                        other.value().equals(title.get().value()))
                                .count()
                        == 1;
    }

    @Override
    public String nameOf(Entry entry) {
        Menu menu = menus.get(entry.number());
        String name = nameOf(menu, ID);
        for (Menu one = menu.parent; one != null; one = one.parent) {
            name = nameOf(one, SUBMENU_ID) + ">" + name;
        }
        return name;
    }

    private String nameOf(Menu menu, String id) {
        return isNamedByTitle(menu)
                ? menu.title().orElseThrow().value()
                : idOf(menu).orElse(id);
    }

    /** The id that an entry has already. */
    private static Optional<String> idOf(Menu menu) {
        List<Word> words = menu.head.words();
        for (int i = 1; i < words.size() - 1; i++) {
            Word next = words.get(i + 1);
            if (words.get(i).value().equals("--id") && !next.variable()) {
                return Optional.of(next.value());
            }
            if (words.get(i).value().startsWith("--id=") && !words.get(i).variable()) {
                return Optional.of(words.get(i).value().substring("--id=".length()));
            }
        }
        return Optional.empty();
    }

    @Override
    public String text() {
        return text;
    }
}
