package org.oz4j.template;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

import jakarta.xml.bind.Unmarshaller;

import org.jspecify.annotations.Nullable;
import org.xml.sax.ContentHandler;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.LocatorImpl;

/** Hands what was read to the schema's validator and to the binding, and knows where in the file each belongs. */
final class TdlReplay {
    private static final Set<String> SINCE_1_1 = Set.of(
            "include",
            "parameters",
            "machine",
            "auto",
            "firmware",
            "secureboot",
            "tpm",
            "users",
            "ssh-keys",
            "locale",
            "keyboard",
            "timezone",
            "hostname",
            "sha512sum",
            "md5",
            "sha1",
            "sha256",
            "sha512",
            "signature",
            "layout");

    private static final class Open {
        final String name;
        final Spot start;
        boolean refused;

        Open(String name, Spot start) {
            this.name = name;
            this.start = start;
        }
    }

    private final Findings findings;
    private final boolean version10;
    private final Deque<Open> open = new ArrayDeque<>();
    private Tdl.@Nullable Root root;

    TdlReplay(Findings findings, boolean version10) {
        this.findings = findings;
        this.version10 = version10;
    }

    Tdl.@Nullable Root root() {
        return root;
    }

    /** Writes into each object of the binding where it came from. */
    Unmarshaller.Listener placer() {
        return new Unmarshaller.Listener() {
            @Override
            public void beforeUnmarshal(Object target, Object parent) {
                if (target instanceof Tdl.Node node) {
                    node.spot = here();
                }
                if (target instanceof Tdl.Root top) {
                    root = top;
                }
            }
        };
    }

    ErrorHandler schemaErrors() {
        return new ErrorHandler() {
            @Override
            public void warning(SAXParseException e) {}

            @Override
            public void error(SAXParseException e) {
                schemaError(String.valueOf(e.getMessage()));
            }

            @Override
            public void fatalError(SAXParseException e) {
                schemaError(String.valueOf(e.getMessage()));
            }
        };
    }

    private void schemaError(String raw) {
        String message = raw.startsWith("error: ") ? raw.substring(7) : raw;
        Open current = open.peek();
        for (Open each : open) {
            if (each.refused && each != current) {
                return; // the whole element is refused: what it holds is beside the point
            }
        }
        if (current != null && message.startsWith("element \"" + current.name + "\" not allowed")) {
            current.refused = true;
            if (version10 && SINCE_1_1.contains(current.name)) {
                message += " (<" + current.name + "> goes with <template version=\"1.1\">)";
            }
        }
        findings.addFromSchema(here(), message);
    }

    private @Nullable Spot here() {
        Open current = open.peek();
        return current == null ? null : current.start;
    }

    /** Feeds all events; the document's end only where the file was read to its end. */
    void run(List<TdlEvent> events, ContentHandler validator, ContentHandler binding, boolean complete)
            throws SAXException {
        LocatorImpl nowhere = new LocatorImpl();
        validator.setDocumentLocator(nowhere);
        binding.setDocumentLocator(nowhere);
        validator.startDocument();
        binding.startDocument();
        boolean bind = false;
        for (TdlEvent event : events) {
            if (event instanceof TdlEvent.Start start) {
                if (open.isEmpty()) {
                    bind = start.uri().isEmpty() && start.local().equals("template");
                }
                open.push(new Open(start.local(), start.spot()));
                validator.startElement(start.uri(), start.local(), start.qName(), start.attributes());
                if (bind) {
                    binding.startElement(start.uri(), start.local(), start.qName(), start.attributes());
                }
            } else if (event instanceof TdlEvent.End end) {
                validator.endElement(end.uri(), end.local(), end.qName());
                if (bind) {
                    binding.endElement(end.uri(), end.local(), end.qName());
                }
                open.pop();
            } else if (event instanceof TdlEvent.Text text) {
                char[] characters = text.text().toCharArray();
                validator.characters(characters, 0, characters.length);
                if (bind) {
                    binding.characters(characters, 0, characters.length);
                }
            } else if (event instanceof TdlEvent.PrefixStart prefix) {
                validator.startPrefixMapping(prefix.prefix(), prefix.uri());
                binding.startPrefixMapping(prefix.prefix(), prefix.uri());
            } else if (event instanceof TdlEvent.PrefixEnd prefix) {
                validator.endPrefixMapping(prefix.prefix());
                binding.endPrefixMapping(prefix.prefix());
            }
        }
        if (complete) {
            validator.endDocument();
        }
    }
}
