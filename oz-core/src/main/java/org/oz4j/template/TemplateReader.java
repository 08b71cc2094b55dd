package org.oz4j.template;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;

import jakarta.xml.bind.JAXBContext;
import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.Unmarshaller;
import jakarta.xml.bind.UnmarshallerHandler;

import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import com.thaiopensource.xml.sax.XMLReaderCreator;
import org.jspecify.annotations.Nullable;
import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.Locator;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.XMLReader;
import org.xml.sax.helpers.XMLFilterImpl;

/** Reads a template: checks its structure by the schema, binds it by JAXB, and has its values checked. */
final class TemplateReader {
    private static final String SCHEMA = "tdl-1.0.rng";

    private final byte[] bytes;
    private final String source;
    private final @Nullable String systemId;
    private final List<Problem> problems = new ArrayList<>();

    private TemplateReader(byte[] bytes, String source, @Nullable String systemId) {
        this.bytes = bytes;
        this.source = source;
        this.systemId = systemId;
    }

    /**
     * Reads a template.
     *
     * @param source its name in messages
     * @param systemId its address, for what it includes; null where it has none
     */
    static Template read(byte[] bytes, String source, @Nullable String systemId) {
        return new TemplateReader(bytes, source, systemId).read();
    }

    private Template read() {
        checkStructure();
        if (!problems.isEmpty()) {
            throw new TemplateException(problems);
        }
        Map<Object, Problem> places = new IdentityHashMap<>();
        Tdl tdl = bind(places);
        Template template = new TemplateBinder(places, new Problem(source, 0, 0, ""), problems).bind(tdl);
        if (!problems.isEmpty()) {
            throw new TemplateException(problems);
        }
        return Objects.requireNonNull(template);
    }

    private void checkStructure() {
        ErrorHandler collector = new ErrorHandler() {
            @Override
            public void warning(SAXParseException e) {
                add(e);
            }

            @Override
            public void error(SAXParseException e) {
                add(e);
            }

            @Override
            public void fatalError(SAXParseException e) throws SAXException {
                throw e;
            }
        };
        XMLReaderCreator readers = TemplateReader::reader;
        PropertyMapBuilder properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, collector);
        properties.put(ValidateProperty.XML_READER_CREATOR, readers);
        ValidationDriver driver = new ValidationDriver(properties.toPropertyMap());
        URL schema = Objects.requireNonNull(TemplateReader.class.getResource(SCHEMA), SCHEMA);
        try {
            driver.loadSchema(new InputSource(schema.toString()));
            driver.validate(input());
        } catch (SAXParseException e) {
            add(e);
        } catch (SAXException | IOException e) {
            problems.add(new Problem(source, 0, 0, String.valueOf(e.getMessage())));
        }
    }

    private void add(SAXParseException e) {
        problems.add(new Problem(
                source,
                Math.max(0, e.getLineNumber()),
                Math.max(0, e.getColumnNumber()),
                String.valueOf(e.getMessage())));
    }

    private InputSource input() {
        InputSource input = new InputSource(new ByteArrayInputStream(bytes));
        if (systemId != null) {
            input.setSystemId(systemId);
        }
        return input;
    }

    /** A parser that reads nothing but the template and the local files that it includes. */
    private static XMLReader reader() throws SAXException {
        SAXParserFactory factory = SAXParserFactory.newDefaultInstance();
        try {
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setNamespaceAware(true);
            factory.setXIncludeAware(true);
            factory.setFeature("http://apache.org/xml/features/xinclude/fixup-base-uris", false);
            factory.setFeature("http://apache.org/xml/features/xinclude/fixup-language", false);
            XMLReader reader = factory.newSAXParser().getXMLReader();
            reader.setEntityResolver((publicId, wanted) -> {
                if (wanted.startsWith("file:")) {
                    return new InputSource(wanted);
                }
                throw new SAXException("a template can include local files only, not " + wanted);
            });
            return reader;
        } catch (ParserConfigurationException e) {
            throw new SAXException(e);
        }
    }

    private Tdl bind(Map<Object, Problem> places) {
        try {
            Unmarshaller unmarshaller = JaxbContext.TDL.createUnmarshaller();
            UnmarshallerHandler handler = unmarshaller.getUnmarshallerHandler();
            Locator[] locator = new Locator[1];
            XMLFilterImpl filter = new XMLFilterImpl(reader()) {
                @Override
                public void setDocumentLocator(Locator given) {
                    locator[0] = given;
                    super.setDocumentLocator(given);
                }
            };
            unmarshaller.setListener(new Unmarshaller.Listener() {
                @Override
                public void beforeUnmarshal(Object target, @Nullable Object parent) {
                    Locator now = locator[0];
                    places.put(target, new Problem(source, now.getLineNumber(), now.getColumnNumber(), ""));
                }
            });
            filter.setContentHandler(handler);
            filter.parse(input());
            return (Tdl) handler.getResult();
        } catch (JAXBException | SAXException | IOException e) {
            problems.add(new Problem(source, 0, 0, String.valueOf(e.getMessage())));
            throw new TemplateException(problems);
        }
    }

    /** Made once, when the first template is read. */
    private static final class JaxbContext {
        static final JAXBContext TDL = make();

        private static JAXBContext make() {
            try {
                return JAXBContext.newInstance(Tdl.class);
            } catch (JAXBException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
