package org.oz4j.media;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The configuration of ISOLINUX, SYSLINUX and EXTLINUX.
 *
 * <p>An entry is made to start by itself without the menu, whose modules each go by other rules: {@code default} and
 * {@code prompt 0} start it at once.
 *
 * <p>Source: the Syslinux project's doc/syslinux.txt and doc/menu.txt.
 */
final class IsolinuxConfig implements BootConfig {
    private static final Pattern MENU_WORD = Pattern.compile("(?i)^(default|label)\\b\\s*(.*)$");
    private static final Set<String> KERNEL = Set.of("kernel", "linux");

    /** A line's parts: {@code start} ends with the blanks before the value. */
    private record Line(String start, String keyword, String value, String end) {
        static Optional<Line> of(String line) {
            String body = line.stripTrailing();
            int word = body.length() - body.stripLeading().length();
            int after = word;
            while (after < body.length() && !Character.isWhitespace(body.charAt(after))) {
                after++;
            }
            if (after == word || body.charAt(word) == '#') {
                return Optional.empty();
            }
            String value = body.substring(after).stripLeading();
            return Optional.of(new Line(
                    value.isEmpty() ? body + " " : body.substring(0, body.length() - value.length()),
                    body.substring(word, after).toLowerCase(Locale.ROOT),
                    value,
                    endOf(line)));
        }
    }

    private final List<String> lines;
    private final List<Block> blocks;
    private final String globalAppend;

    /** The lines of a label, by their numbers; -1 for those that are not there. */
    private static final class Block {
        final String label;
        String title;
        String kernel = "";
        int kernelLine = -1;
        int appendLine = -1;
        String append = "";
        int menuDefaultLine = -1;
        final List<String> ramdisks = new ArrayList<>();

        Block(String label) {
            this.label = label;
            this.title = label;
        }
    }

    private IsolinuxConfig(List<String> lines) {
        this.lines = List.copyOf(lines);
        this.blocks = new ArrayList<>();
        String global = "";
        Block block = null;
        for (int i = 0; i < lines.size(); i++) {
            Optional<Line> line = Line.of(lines.get(i));
            if (line.isEmpty()) {
                continue;
            }
            String keyword = line.get().keyword();
            String value = line.get().value();
            if (keyword.equals("label")) {
                block = new Block(value);
                blocks.add(block);
            } else if (keyword.equals("menu")) {
                menu(value, block, i);
            } else if (block == null) {
                global = keyword.equals("append") ? value : global;
            } else if (KERNEL.contains(keyword)) {
                block.kernel = value;
                block.kernelLine = i;
            } else if (keyword.equals("initrd")) {
                block.ramdisks.addAll(List.of(value.split(",")));
            } else if (keyword.equals("append")) {
                block.append = value.equals("-") ? "" : value;
                block.appendLine = i;
            }
        }
        this.globalAppend = global;
    }

    private void menu(String value, @Nullable Block block, int line) {
        Matcher word = MENU_WORD.matcher(value);
        if (!word.matches()) {
            return;
        }
        String what = word.group(1).toLowerCase(Locale.ROOT);
        if (what.equals("label") && block != null) {
            block.title = word.group(2).replace("^", "");
        } else if (what.equals("default") && block != null) {
            block.menuDefaultLine = line;
        }
    }

    static IsolinuxConfig of(String text) {
        return new IsolinuxConfig(List.of(text.split("(?<=\n)", -1)));
    }

    @Override
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            if (block.kernelLine >= 0 && !block.kernel.matches("(?i).*\\.(c32|bin|0|img|bs|bss|com)")) {
                entries.add(new Entry(i, block.title, block.kernel, arguments(block), List.copyOf(block.ramdisks)));
            }
        }
        return entries;
    }

    private String arguments(Block block) {
        return block.appendLine >= 0 ? block.append : globalAppend;
    }

    @Override
    public IsolinuxConfig withArguments(Entry entry, UnaryOperator<String> change) {
        Block block = blocks.get(entry.number());
        String changed = change.apply(arguments(block)).strip().replaceAll("[\r\n]", " ");
        List<String> edited = new ArrayList<>(lines);
        if (block.appendLine >= 0) {
            edited.set(block.appendLine, withValue(lines.get(block.appendLine), changed));
        } else {
            String kernel = lines.get(block.kernelLine);
            String end = endOf(kernel);
            edited.set(block.kernelLine, end.isEmpty() ? kernel + "\n" : kernel);
            edited.add(block.kernelLine + 1, indentOf(kernel) + "append " + changed + end);
        }
        return new IsolinuxConfig(edited);
    }

    @Override
    public IsolinuxConfig startingWith(Optional<Entry> entry, String name, Duration timeout, boolean root) {
        List<String> edited = new ArrayList<>(lines);
        List<String> missing = new ArrayList<>(List.of("default", "prompt", "timeout"));
        long tenths = Math.max(1, timeout.toMillis() / 100);
        for (int i = 0; i < lines.size(); i++) {
            Optional<Line> line = Line.of(lines.get(i));
            if (line.isEmpty()) {
                continue;
            }
            String keyword = line.get().keyword();
            switch (keyword) {
                case "default", "ontimeout" -> edited.set(i, withValue(lines.get(i), name));
                case "prompt" -> edited.set(i, withValue(lines.get(i), "0"));
                case "timeout", "totaltimeout" -> edited.set(i, withValue(lines.get(i), Long.toString(tenths)));
                case "ui" -> edited.set(i, "# " + lines.get(i));
                default -> {}
            }
            missing.remove(keyword);
        }
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            boolean chosen = entry.isPresent() && entry.get().number() == i;
            if (block.menuDefaultLine >= 0 && !chosen) {
                edited.set(block.menuDefaultLine, "# " + lines.get(block.menuDefaultLine));
            }
        }
        if (root) {
            String end = lines.get(0).endsWith("\r\n") ? "\r\n" : "\n";
            for (String keyword : missing) {
                String value = keyword.equals("default") ? name : keyword.equals("prompt") ? "0" : tenths + "";
                edited.add(0, keyword + " " + value + end);
            }
        }
        return new IsolinuxConfig(edited);
    }

    @Override
    public String nameOf(Entry entry) {
        return blocks.get(entry.number()).label;
    }

    private static String withValue(String line, String value) {
        return Line.of(line).map(parts -> parts.start() + value + parts.end()).orElse(line);
    }

    private static String endOf(String line) {
        return line.endsWith("\r\n") ? "\r\n" : line.endsWith("\n") ? "\n" : "";
    }

    private static String indentOf(String line) {
        return line.substring(0, line.length() - line.stripLeading().length());
    }

    @Override
    public String text() {
        return String.join("", lines);
    }
}
