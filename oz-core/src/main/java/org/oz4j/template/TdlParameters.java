package org.oz4j.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.xml.sax.helpers.AttributesImpl;

/** Puts the values of a template's parameters where its texts name them. */
final class TdlParameters {
    private static final String NAME_FORM = "[A-Za-z_][A-Za-z0-9_.-]{0,63}";
    private static final Pattern NAME = Pattern.compile(NAME_FORM);
    private static final Pattern USE = Pattern.compile("\\$(\\$?)\\{(" + NAME_FORM + ")}");

    private static final Pattern USE_PLAIN = Pattern.compile("\\$\\{" + NAME_FORM + "}");

    private final Map<String, String> given;
    private final Findings findings;
    /** By name; null for a parameter that must be given and is not. */
    private final Map<String, @Nullable String> values = new HashMap<>();

    TdlParameters(Map<String, String> given, Findings findings) {
        this.given = given;
        this.findings = findings;
    }

    /** A text that is read as this one. */
    static String escaped(String text) {
        return USE_PLAIN.matcher(text).replaceAll("\\$$0");
    }

    /** Takes note of the parameters that a file declares. */
    void declare(List<TdlEvent> events) {
        int depth = 0;
        boolean inside = false;
        Set<String> here = new HashSet<>();
        for (TdlEvent event : events) {
            if (event instanceof TdlEvent.Start start) {
                depth++;
                if (depth == 2) {
                    inside = start.local().equals("parameters");
                } else if (depth == 3 && inside && start.local().equals("parameter")) {
                    declare(start, here);
                }
            } else if (event instanceof TdlEvent.End) {
                depth--;
            }
        }
    }

    private void declare(TdlEvent.Start start, Set<String> here) {
        String raw = start.attributes().getValue("name");
        String name = raw == null ? "" : raw.strip();
        if (raw == null) {
            return; // the schema says so
        }
        if (!NAME.matcher(name).matches()) {
            findings.add(
                    start.spot(),
                    "parameter name \"" + name + "\" won't do; allowed are letters, digits, '_', '.' and '-', beginning"
                            + " with a letter or '_'");
        } else if (!here.add(name)) {
            findings.add(start.spot(), "parameter name \"" + name + "\" is used twice");
        } else if (given.containsKey(name)) {
            values.put(name, given.get(name));
        } else if (!values.containsKey(name)) {
            values.put(name, start.attributes().getValue("default"));
        }
    }

    /** Reports values that were given for parameters that are nowhere declared. */
    void checkGiven() {
        given.keySet().stream()
                .filter(name -> !values.containsKey(name))
                .sorted()
                .forEach(name -> findings.add(
                        (Spot) null,
                        "there is no parameter \"" + name + "\" to set; the template declares "
                                + (values.isEmpty()
                                        ? "none"
                                        : String.join(", ", new java.util.TreeSet<>(values.keySet())))));
    }

    /** The events with all values in place. */
    List<TdlEvent> apply(List<TdlEvent> events) {
        List<TdlEvent> made = new ArrayList<>(events.size());
        List<TdlEvent.Start> open = new ArrayList<>();
        for (TdlEvent event : events) {
            if (event instanceof TdlEvent.Start start) {
                open.add(start);
                made.add(isDeclaration(open) ? start : apply(start));
            } else if (event instanceof TdlEvent.Text text && !open.isEmpty()) {
                made.add(new TdlEvent.Text(
                        apply(text.text(), open.get(open.size() - 1).spot())));
            } else {
                if (event instanceof TdlEvent.End) {
                    open.remove(open.size() - 1);
                }
                made.add(event);
            }
        }
        return made;
    }

    private static boolean isDeclaration(List<TdlEvent.Start> open) {
        return open.size() >= 2 && open.get(1).local().equals("parameters");
    }

    private TdlEvent.Start apply(TdlEvent.Start start) {
        AttributesImpl attributes = new AttributesImpl(start.attributes());
        for (int i = 0; i < attributes.getLength(); i++) {
            attributes.setValue(i, apply(attributes.getValue(i), start.spot()));
        }
        return new TdlEvent.Start(start.uri(), start.local(), start.qName(), attributes, start.spot());
    }

    private String apply(String text, Spot spot) {
        if (text.indexOf('$') < 0) {
            return text;
        }
        return USE.matcher(text)
                .replaceAll(use -> Matcher.quoteReplacement(
                        use.group(1).isEmpty() ? value(use.group(2), spot) : "${" + use.group(2) + "}"));
    }

    private String value(String name, Spot spot) {
        if (!values.containsKey(name)) {
            findings.add(
                    spot,
                    "${" + name + "} names no parameter of this template; declare it, or write $${" + name
                            + "} for that very text");
            return "${" + name + "}";
        }
        String value = values.get(name);
        if (value == null) {
            findings.add(
                    spot, "parameter \"" + name + "\" has no value; give it one (-D " + name + "=VALUE) or a default");
            return "${" + name + "}";
        }
        return value;
    }
}
