package org.oz4j.template;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;

import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.Unmarshaller;
import jakarta.xml.bind.UnmarshallerHandler;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.IncorrectSchemaException;
import com.thaiopensource.validate.Schema;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.Validator;
import com.thaiopensource.validate.rng.SAXSchemaReader;
import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;
import org.xml.sax.EntityResolver;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Reads a template: the parser's events are taken down, parameters get their values, then the schema's validator and
 * the binding are fed with them, and our own checks come last.
 */
final class TdlReader {
    /** The most that a template may measure with all that it includes, in bytes. */
    static final int LARGEST = 16 << 20;

    private final ParseOptions options;

    TdlReader(ParseOptions options) {
        this.options = options;
    }

    TemplateReport read(Path file) {
        try {
            byte[] bytes = bytes(file);
            return read(new Source(new SourceText(file.toString(), bytes), null, Optional.of(file)));
        } catch (IOException e) {
            return unreadable(file.toString(), why(e));
        }
    }

    TemplateReport read(InputStream stream, String name) {
        try {
            byte[] bytes = stream.readNBytes(LARGEST + 1);
            return bytes.length > LARGEST
                    ? unreadable(name, tooLarge())
                    : read(new Source(new SourceText(name, bytes), null, Optional.empty()));
        } catch (IOException e) {
            return unreadable(name, why(e));
        }
    }

    TemplateReport read(String xml) {
        byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
        return bytes.length > LARGEST
                ? unreadable("template", tooLarge())
                : read(new Source(new SourceText("template", bytes), xml, Optional.empty()));
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new IOException(tooLarge());
            }
            return bytes;
        }
    }

    private static String tooLarge() {
        return "the template is larger than " + LARGEST + " bytes; put large files where a url can fetch them";
    }

    private static String why(IOException e) {
        return e instanceof NoSuchFileException
                ? "there is no such file"
                : "the template can't be read: " + e.getMessage();
    }

    private static TemplateReport unreadable(String name, String message) {
        return new TemplateReport(Optional.empty(), List.of(new Problem(name, 0, 0, message)));
    }

    /** One file, or what stands for it; {@code decoded} is its text where it came as characters. */
    private record Source(SourceText text, @Nullable String decoded, Optional<Path> file) {
        @Nullable
        Path folder() {
            return file.map(path -> path.toAbsolutePath().getParent()).orElse(null);
        }
    }

    private TemplateReport read(Source source) {
        Findings findings = new Findings(source.text());
        TdlParameters parameters = new TdlParameters(options.parameters(), findings);
        Set<Path> seen = new HashSet<>();
        source.file().ifPresent(file -> seen.add(file.toAbsolutePath().normalize()));
        Tdl.Root root = readRoot(source, findings, parameters, seen);
        parameters.checkGiven();
        if (root == null) {
            return new TemplateReport(Optional.empty(), findings.problems());
        }
        Template template = new TdlChecker(findings, options, source.folder()).check(root);
        return new TemplateReport(findings.anyError() ? Optional.empty() : Optional.of(template), findings.problems());
    }

    /** The elements of a file with those of all that it includes; null where it could not be read. */
    private Tdl.@Nullable Root readRoot(Source source, Findings findings, TdlParameters parameters, Set<Path> seen) {
        TdlRecorder recorder =
                new TdlRecorder(source.text(), options.includes(), source.folder(), source.decoded() != null);
        boolean complete = parse(source, recorder, findings);
        List<TdlEvent> events = recorder.events();
        boolean version10 = !version(events).equals("1.1");
        if (!version10) {
            parameters.declare(events);
            events = parameters.apply(events);
        }
        TdlReplay replay = new TdlReplay(findings, version10);
        bind(events, replay, version10, complete);
        Tdl.Root root = replay.root();
        if (!complete || root == null) {
            return null;
        }
        for (Tdl.Include include : version10 ? List.<Tdl.Include>of() : root.include) {
            Tdl.Root part = readInclude(include, source, findings, parameters, seen);
            if (part != null) {
                takeIn(part, root, include, findings);
            }
        }
        return root;
    }

    private boolean parse(Source source, TdlRecorder recorder, Findings findings) {
        try {
            InputSource input = source.decoded() != null
                    ? new InputSource(new StringReader(source.decoded()))
                    : new InputSource(source.text().stream());
            source.file().ifPresent(file -> input.setSystemId(file.toUri().toString()));
            XMLReader reader = secureReader();
            reader.setContentHandler(recorder);
            reader.setErrorHandler(recorder);
            reader.setEntityResolver(recorder);
            reader.parse(input);
            return true;
        } catch (SAXException | IOException e) {
            // An IOException tells of bytes that are not of the encoding, or of an included file that is not there.
            recorder.parseFailed(e, findings);
            return false;
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("The XML parser can't be set up", e);
        }
    }

    private static String version(List<TdlEvent> events) {
        for (TdlEvent event : events) {
            if (event instanceof TdlEvent.Start start) {
                String version = start.attributes().getValue("version");
                return version == null ? "" : version.strip();
            }
        }
        return "";
    }

    private static void bind(List<TdlEvent> events, TdlReplay replay, boolean version10, boolean complete) {
        try {
            PropertyMapBuilder properties = new PropertyMapBuilder();
            properties.put(ValidateProperty.ERROR_HANDLER, replay.schemaErrors());
            Schema schema = version10 ? Schema10.SCHEMA : Schema11.SCHEMA;
            Validator validator = schema.createValidator(properties.toPropertyMap());
            Unmarshaller unmarshaller = Tdl.binding().unmarshaller();
            // The schema reports what the binding doesn't know.
            unmarshaller.setEventHandler(event -> true);
            unmarshaller.setListener(replay.placer());
            UnmarshallerHandler binding = unmarshaller.getUnmarshallerHandler();
            replay.run(events, validator.getContentHandler(), binding, complete);
        } catch (SAXException | JAXBException e) {
            throw new IllegalStateException("The template's elements can't be bound", e);
        }
    }

    private Tdl.@Nullable Root readInclude(
            Tdl.Include include, Source source, Findings findings, TdlParameters parameters, Set<Path> seen) {
        String src = include.src == null ? "" : include.src.strip();
        String what = "<include src=\"" + src + "\">";
        if (src.isEmpty()) {
            findings.add(include, "<include> lacks its attribute src, a file beside the template or below it");
            return null;
        }
        Path folder = source.folder();
        if (folder == null) {
            findings.add(include, what + " is refused: a template that does not come from a file includes nothing");
            return null;
        }
        try {
            Path file = folder.resolve(src).normalize();
            TdlRecorder.checkInclude(file, folder, options.includes(), what);
            if (!seen.add(file)) {
                findings.add(include, what + " includes a file that is read already");
                return null;
            }
            byte[] bytes = bytes(file);
            String name = Path.of(source.text().name()).resolveSibling(src).toString();
            Source part = new Source(new SourceText(name, bytes), null, Optional.of(file));
            return readRoot(part, findings, parameters, seen);
        } catch (TdlRecorder.Refused e) {
            findings.add(include, String.valueOf(e.getMessage()));
        } catch (InvalidPathException e) {
            findings.add(include, what + " names no file");
        } catch (IOException e) {
            findings.add(include, what + ": " + why(e));
        }
        return null;
    }

    /** Adds an included file's elements before the including file's own, which win where names are the same. */
    private static void takeIn(Tdl.Root part, Tdl.Root root, Tdl.Include include, Findings findings) {
        if (part.name != null || part.os != null || part.machine != null || part.auto != null || !part.disk.isEmpty()) {
            findings.add(
                    include,
                    "<include src=\"" + include.src + "\"> may bring parameters, repositories, packages, files,"
                            + " precommands and commands; its other elements belong into the including template");
        }
        if (part.repositories != null) {
            Tdl.Repositories into = root.repositories == null ? new Tdl.Repositories() : root.repositories;
            into.items = merged(part.repositories.items, into.items, one -> one.name);
            root.repositories = into;
        }
        if (part.packages != null) {
            Tdl.Packages into = root.packages == null ? new Tdl.Packages() : root.packages;
            into.items = merged(part.packages.items, into.items, one -> one.name);
            root.packages = into;
        }
        if (part.files != null) {
            Tdl.Files into = root.files == null ? new Tdl.Files() : root.files;
            into.items = merged(part.files.items, into.items, one -> one.name);
            root.files = into;
        }
        root.precommands = merged(part.precommands, root.precommands);
        root.commands = merged(part.commands, root.commands);
    }

    private static <T> List<T> merged(List<T> first, List<T> later, Function<T, @Nullable String> name) {
        List<T> all = new ArrayList<>(first);
        all.removeIf(one -> later.stream()
                .anyMatch(other -> name.apply(one) != null && name.apply(one).equals(name.apply(other))));
        all.addAll(later);
        return all;
    }

    private static Tdl.@Nullable Commands merged(Tdl.@Nullable Commands first, Tdl.@Nullable Commands later) {
        if (first == null) {
            return later;
        }
        if (later != null) {
            // Each file's positions are its own: the included commands come first, in their order.
            first.items.sort(TdlChecker.BY_POSITION);
            later.items.sort(TdlChecker.BY_POSITION);
            first.items.addAll(later.items);
            first.items.forEach(item -> item.position = null);
        }
        return first;
    }

    private static XMLReader secureReader() throws ParserConfigurationException, SAXException {
        // The JDK's own parser, whatever else is on the class path: the features below are its.
        SAXParserFactory factory = SAXParserFactory.newDefaultInstance();
        factory.setNamespaceAware(true);
        factory.setXIncludeAware(true);
        factory.setFeature("http://javax.xml.XMLConstants/feature/secure-processing", true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
        factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        // What is included must look as if it stood there: no xml:base added to it.
        factory.setFeature("http://apache.org/xml/features/xinclude/fixup-base-uris", false);
        factory.setFeature("http://apache.org/xml/features/xinclude/fixup-language", false);
        return factory.newSAXParser().getXMLReader();
    }

    /** The schema of version 1.0, compiled when it is first needed. */
    private static final class Schema10 {
        static final Schema SCHEMA = load("tdl-1.0.rng");
    }

    /** The schema of version 1.1, likewise. */
    private static final class Schema11 {
        static final Schema SCHEMA = load("tdl-1.1.rng");
    }

    private static Schema load(String name) {
        try {
            ErrorHandler strict = new DefaultHandler() {
                @Override
                public void error(org.xml.sax.SAXParseException e) throws SAXException {
                    throw e;
                }
            };
            EntityResolver resources = (publicId, systemId) -> resource(systemId.replaceAll(".*/", ""));
            PropertyMapBuilder properties = new PropertyMapBuilder();
            properties.put(ValidateProperty.ERROR_HANDLER, strict);
            properties.put(ValidateProperty.ENTITY_RESOLVER, resources);
            return SAXSchemaReader.getInstance().createSchema(resource(name), properties.toPropertyMap());
        } catch (IOException | SAXException | IncorrectSchemaException e) {
            throw new IllegalStateException("The template language's schema can't be loaded", e);
        }
    }

    private static InputSource resource(String name) throws IOException {
        try (InputStream stream = TdlReader.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("no resource " + name);
            }
            InputSource source = new InputSource(new ByteArrayInputStream(stream.readAllBytes()));
            source.setSystemId("oz:/schema/" + name);
            return source;
        }
    }

    /** Whether a value of that element is a secret, which no message may quote. */
    static boolean isSecret(@Nullable String element) {
        return "rootpw".equals(element) || "key".equals(element) || "password".equals(element);
    }
}
