package org.oz4j.template;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;

import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.Unmarshaller;
import jakarta.xml.bind.UnmarshallerHandler;

import com.thaiopensource.util.PropertyMap;
import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.IncorrectSchemaException;
import com.thaiopensource.validate.Schema;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.Validator;
import com.thaiopensource.validate.rng.SAXSchemaReader;
import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.DefaultHandler;

/** Reads a template: one pass of the parser feeds the schema's validator and the binding, then come our own checks. */
final class TdlReader {
    private TdlReader() {}

    static Template read(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String systemId = file.toUri().toString();
            InputSource input = new InputSource(new ByteArrayInputStream(bytes));
            input.setSystemId(systemId);
            return read(input, new SourceText(file.toString(), bytes), true);
        } catch (NoSuchFileException e) {
            throw unreadable(file.toString(), "there is no such file");
        } catch (IOException e) {
            throw unreadable(file.toString(), "the file can't be read: " + e.getMessage());
        }
    }

    static Template read(InputStream stream, String name) {
        try {
            byte[] bytes = stream.readAllBytes();
            InputSource input = new InputSource(new ByteArrayInputStream(bytes));
            return read(input, new SourceText(name, bytes), false);
        } catch (IOException e) {
            throw unreadable(name, "the template can't be read: " + e.getMessage());
        }
    }

    static Template read(String xml) {
        InputSource input = new InputSource(new StringReader(xml));
        try {
            SourceText text = new SourceText("template", xml.getBytes(StandardCharsets.UTF_8));
            return read(input, text, false);
        } catch (IOException e) {
            throw unreadable("template", String.valueOf(e.getMessage()));
        }
    }

    private static TemplateException unreadable(String name, String message) {
        return new TemplateException(List.of(new Problem(name, 0, 0, message)));
    }

    private static Template read(InputSource input, SourceText text, boolean mayInclude) throws IOException {
        Findings findings = new Findings(text);
        TdlHandler handler = new TdlHandler(findings, text, mayInclude, input.getCharacterStream() != null);
        try {
            PropertyMapBuilder properties = new PropertyMapBuilder();
            properties.put(ValidateProperty.ERROR_HANDLER, handler.schemaErrors());
            Validator validator = RelaxNg.SCHEMA.createValidator(properties.toPropertyMap());
            Unmarshaller unmarshaller = Tdl.context().createUnmarshaller();
            // The schema reports what the binding doesn't know.
            unmarshaller.setEventHandler(event -> true);
            unmarshaller.setListener(handler.placer());
            UnmarshallerHandler binding = unmarshaller.getUnmarshallerHandler();
            handler.feed(validator.getContentHandler(), binding);
            XMLReader reader = secureReader();
            reader.setContentHandler(handler);
            reader.setErrorHandler(handler);
            reader.setEntityResolver(handler);
            reader.parse(input);
        } catch (SAXException e) {
            handler.parseFailed(e);
        } catch (IOException e) {
            // Bytes that are not of the encoding, or an included file that is not there.
            handler.parseFailed(e);
        } catch (JAXBException | ParserConfigurationException e) {
            throw new IllegalStateException("The XML parser can't be set up", e);
        }
        Tdl.Root root = handler.root();
        if (root == null || handler.failed()) {
            findings.throwIfAny();
            throw new IllegalStateException("Reading the template gave neither a template nor a problem");
        }
        Template template = new TdlChecker(findings).check(root);
        findings.throwIfAny();
        return template;
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

    /** The schema, compiled when the first template is read. */
    private static final class RelaxNg {
        static final Schema SCHEMA = load();

        private static Schema load() {
            try (InputStream in = TdlReader.class.getResourceAsStream("tdl-1.0.rng")) {
                ErrorHandler strict = new DefaultHandler() {
                    @Override
                    public void error(org.xml.sax.SAXParseException e) throws SAXException {
                        throw e;
                    }
                };
                PropertyMapBuilder properties = new PropertyMapBuilder();
                properties.put(ValidateProperty.ERROR_HANDLER, strict);
                PropertyMap map = properties.toPropertyMap();
                return SAXSchemaReader.getInstance().createSchema(new InputSource(in), map);
            } catch (IOException | SAXException | IncorrectSchemaException e) {
                throw new IllegalStateException("The template language's schema can't be loaded", e);
            }
        }
    }

    /** Whether a value of that element is a secret, which no message may quote. */
    static boolean isSecret(@Nullable String element) {
        return "rootpw".equals(element) || "key".equals(element);
    }
}
