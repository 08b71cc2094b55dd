package org.oz4j.template;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.oz4j.template.ParseOptions.Includes;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.Locator;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.ext.DefaultHandler2;
import org.xml.sax.ext.Locator2;
import org.xml.sax.helpers.AttributesImpl;

/** Takes down what the parser reads, with its places; lets it include only what it may. */
final class TdlRecorder extends DefaultHandler2 {
    private static final int DEEPEST = 64;

    private final SourceText text;
    private final Includes includes;
    private final @Nullable Path folder;
    private final boolean decoded;
    private final List<TdlEvent> events = new ArrayList<>();
    private final StringBuilder characters = new StringBuilder();
    private final Deque<TdlEvent.Start> open = new ArrayDeque<>();
    private @Nullable Locator locator;
    private long size;

    /**
     * Makes a recorder of one file.
     *
     * @param folder what may be included must be below it
     * @param decoded whether the text comes as characters, whose encoding was somebody else's business
     */
    TdlRecorder(SourceText text, Includes includes, @Nullable Path folder, boolean decoded) {
        this.text = text;
        this.includes = includes;
        this.folder = folder;
        this.decoded = decoded;
    }

    List<TdlEvent> events() {
        return events;
    }

    /** Says why the parser gave up. */
    void parseFailed(Exception e, Findings findings) {
        Spot at = open.isEmpty()
                ? (locator == null ? null : spot(locator))
                : open.element().spot();
        String message = String.valueOf(e.getMessage());
        if (e instanceof SAXParseException placed && placed.getLineNumber() > 0) {
            at = new Spot(text, placed.getLineNumber(), placed.getColumnNumber());
        }
        TdlEvent.Start current = open.peek();
        if (e instanceof Refused) {
            findings.add(at, message);
        } else if (message.contains("DOCTYPE")) {
            findings.add(at, "a template has no <!DOCTYPE>: DTDs and entities are refused; use XInclude for parts");
        } else if (current != null && TdlReader.isSecret(current.local())) {
            // The parser's own message would quote a part of the secret.
            findings.add(at, "not well-formed XML in <" + current.local() + ">; write & as &amp; and < as &lt;");
        } else {
            findings.add(at, "not well-formed XML: " + message);
        }
    }

    private Spot spot(Locator place) {
        return new Spot(text, place.getLineNumber(), place.getColumnNumber());
    }

    @Override
    public void setDocumentLocator(Locator given) {
        locator = given;
    }

    @Override
    public void startPrefixMapping(String prefix, String uri) {
        flush();
        events.add(new TdlEvent.PrefixStart(prefix, uri));
    }

    @Override
    public void endPrefixMapping(String prefix) {
        flush();
        events.add(new TdlEvent.PrefixEnd(prefix));
    }

    @Override
    public void startElement(String uri, String local, String qName, Attributes attributes) throws SAXException {
        if (open.isEmpty() && !decoded && locator instanceof Locator2 place) {
            text.encoding(place.getEncoding());
        }
        flush();
        if (open.size() >= DEEPEST) {
            throw new Refused("elements are nested more than " + DEEPEST + " deep");
        }
        TdlEvent.Start start = new TdlEvent.Start(
                uri, local, qName, new AttributesImpl(attributes), spot(Objects.requireNonNull(locator)));
        open.push(start);
        events.add(start);
    }

    @Override
    public void endElement(String uri, String local, String qName) {
        flush();
        open.pop();
        events.add(new TdlEvent.End(uri, local, qName));
    }

    @Override
    public void characters(char[] read, int start, int length) throws SAXException {
        size += length;
        if (size > TdlReader.LARGEST) {
            throw new Refused("the template with all that it includes is larger than " + TdlReader.LARGEST + " bytes");
        }
        characters.append(read, start, length);
    }

    private void flush() {
        if (!characters.isEmpty()) {
            events.add(new TdlEvent.Text(characters.toString()));
            characters.setLength(0);
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
        if (folder == null) {
            throw new Refused("<include href=\"" + systemId
                    + "\"> is refused: a template that does not come from a file includes nothing");
        }
        // Relative names belong to the including file, which is a local one itself.
        int colon = systemId.indexOf(':');
        String scheme = colon < 2 ? "file" : systemId.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!scheme.equals("file") || systemId.startsWith("//") || systemId.matches("(?i)file://[^/].*")) {
            throw new Refused("<include href=\"" + systemId + "\"> is refused: only local files can be included");
        }
        Path file;
        try {
            URI base = baseUri == null ? folder.toUri() : URI.create(baseUri);
            file = Path.of(base.resolve(systemId.replace(" ", "%20")));
        } catch (IllegalArgumentException e) {
            throw new Refused("<include href=\"" + systemId + "\"> names no file");
        }
        checkInclude(file, folder, includes, "<include href=\"" + systemId + "\">");
        return null;
    }

    /** Refuses a file that may not be included. */
    static void checkInclude(Path file, Path folder, Includes includes, String what) throws Refused {
        if (includes == Includes.NONE) {
            throw new Refused(what + " is refused: this template may not include other files");
        }
        if (!isBelow(file, folder) && includes != Includes.ANY_LOCAL) {
            throw new Refused(what + " is refused: a template includes only files of its own folder and below");
        }
        try {
            if (Files.exists(file) && (!Files.isRegularFile(file) || Files.size(file) > TdlReader.LARGEST)) {
                throw new Refused(
                        what + " is refused: it is no ordinary file of at most " + TdlReader.LARGEST + " bytes");
            }
        } catch (IOException e) {
            throw new Refused(what + " can't be read: " + e.getMessage());
        }
    }

    /** Whether a file is below a folder, by its name and where its links lead. */
    private static boolean isBelow(Path file, Path folder) {
        Path plain = file.toAbsolutePath().normalize();
        if (!plain.startsWith(folder.toAbsolutePath().normalize())) {
            return false;
        }
        try {
            return Files.notExists(plain) || plain.toRealPath().startsWith(folder.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /** Refused on purpose, with a message that is already for the reader. */
    static final class Refused extends SAXException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }
}
