package org.oz4j.template;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Objects;

import jakarta.xml.bind.Unmarshaller;

import org.jspecify.annotations.Nullable;
import org.xml.sax.Attributes;
import org.xml.sax.ContentHandler;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.Locator;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.ext.DefaultHandler2;
import org.xml.sax.ext.Locator2;

/** Hands the parser's events to the validator and to the binding, and knows where in the file each belongs. */
final class TdlHandler extends DefaultHandler2 {
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
    private final SourceText text;
    private final boolean mayInclude;
    private final boolean decoded;
    private final Deque<Open> open = new ArrayDeque<>();
    private @Nullable Locator locator;
    private @Nullable ContentHandler validator;
    private @Nullable ContentHandler binding;
    private boolean bind;
    private boolean failed;
    private Tdl.@Nullable Root root;

    TdlHandler(Findings findings, SourceText text, boolean mayInclude, boolean decoded) {
        this.findings = findings;
        this.text = text;
        this.mayInclude = mayInclude;
        this.decoded = decoded;
    }

    void feed(ContentHandler schema, ContentHandler jaxb) {
        validator = schema;
        binding = jaxb;
    }

    Tdl.@Nullable Root root() {
        return root;
    }

    boolean failed() {
        return failed;
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
        }
        findings.addFromSchema(here(), message);
    }

    /** Records why the parser gave up. */
    void parseFailed(Exception e) {
        failed = true;
        Spot at = here();
        String message = String.valueOf(e.getMessage());
        if (e instanceof SAXParseException placed) {
            if (placed.getLineNumber() > 0) {
                at = new Spot(placed.getLineNumber(), placed.getColumnNumber());
            }
        }
        Open current = open.peek();
        if (e instanceof Refused) {
            findings.add(at, message);
        } else if (message.contains("DOCTYPE")) {
            findings.add(at, "a template has no <!DOCTYPE>: DTDs and entities are refused; use XInclude for parts");
        } else if (current != null && TdlReader.isSecret(current.name)) {
            // The parser's own message would quote a part of the secret.
            findings.add(at, "not well-formed XML in <" + current.name + ">; write & as &amp; and < as &lt;");
        } else {
            findings.add(at, "not well-formed XML: " + message);
        }
    }

    private @Nullable Spot here() {
        Open current = open.peek();
        if (current != null) {
            return current.start;
        }
        return locator == null ? null : spot(locator);
    }

    private static Spot spot(Locator place) {
        return new Spot(place.getLineNumber(), place.getColumnNumber());
    }

    @Override
    public void setDocumentLocator(Locator given) {
        locator = given;
        handler(validator).setDocumentLocator(given);
        handler(binding).setDocumentLocator(given);
    }

    @Override
    public void startDocument() throws SAXException {
        handler(validator).startDocument();
        handler(binding).startDocument();
    }

    @Override
    public void endDocument() throws SAXException {
        handler(validator).endDocument();
    }

    @Override
    public void startPrefixMapping(String prefix, String uri) throws SAXException {
        handler(validator).startPrefixMapping(prefix, uri);
        handler(binding).startPrefixMapping(prefix, uri);
    }

    @Override
    public void endPrefixMapping(String prefix) throws SAXException {
        handler(validator).endPrefixMapping(prefix);
        handler(binding).endPrefixMapping(prefix);
    }

    @Override
    public void startElement(String uri, String local, String qName, Attributes attributes) throws SAXException {
        if (open.isEmpty()) {
            bind = uri.isEmpty() && local.equals("template");
            if (!decoded && locator instanceof Locator2 place) {
                text.encoding(place.getEncoding());
            }
        }
        open.push(new Open(local, spot(Objects.requireNonNull(locator))));
        handler(validator).startElement(uri, local, qName, attributes);
        if (bind) {
            handler(binding).startElement(uri, local, qName, attributes);
        }
    }

    @Override
    public void endElement(String uri, String local, String qName) throws SAXException {
        handler(validator).endElement(uri, local, qName);
        if (bind) {
            handler(binding).endElement(uri, local, qName);
        }
        open.pop();
    }

    @Override
    public void characters(char[] characters, int start, int length) throws SAXException {
        handler(validator).characters(characters, start, length);
        if (bind) {
            handler(binding).characters(characters, start, length);
        }
    }

    @Override
    public void error(SAXParseException e) {
        // The parser validates nothing, so this is not called for templates.
    }

    @Override
    public void fatalError(SAXParseException e) throws SAXException {
        throw e;
    }

    @Override
    public @Nullable InputSource resolveEntity(
            @Nullable String name, @Nullable String publicId, @Nullable String baseUri, String systemId)
            throws SAXException {
        if (!mayInclude) {
            throw new Refused("<include href=\"" + systemId
                    + "\"> is refused: a template that does not come from a file includes nothing");
        }
        // Relative names belong to the including file, which is a local one itself.
        int colon = systemId.indexOf(':');
        String scheme = colon < 2 ? "file" : systemId.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!scheme.equals("file") || systemId.startsWith("//") || systemId.matches("(?i)file://[^/].*")) {
            throw new Refused("<include href=\"" + systemId + "\"> is refused: only local files can be included");
        }
        return null;
    }

    private static ContentHandler handler(@Nullable ContentHandler fed) {
        return Objects.requireNonNull(fed);
    }

    /** Refused on purpose, with a message that is already for the reader. */
    private static final class Refused extends SAXException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }
}
