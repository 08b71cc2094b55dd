package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;

import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** One element of a document being written or read. */
record Xml(Element element) {
    /** A new document's root. */
    static Xml root(String name) {
        Document document = builder().newDocument();
        Element root = document.createElement(name);
        document.appendChild(root);
        return new Xml(root);
    }

    /** The root of a document that is there; document types are refused. */
    static Xml parse(String text) {
        try {
            return new Xml(
                    builder().parse(new InputSource(new StringReader(text))).getDocumentElement());
        } catch (SAXException | IOException e) {
            throw new IllegalArgumentException("libvirt gave XML that can't be read", e);
        }
    }

    private static DocumentBuilder builder() {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            return factory.newDocumentBuilder();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("this Java has no XML parser", e);
        }
    }

    /** Adds an element, and gives it. */
    Xml add(String name) {
        return new Xml((Element) element.appendChild(element.getOwnerDocument().createElement(name)));
    }

    /** Sets an attribute, and gives this element. */
    Xml with(String attribute, String value) {
        element.setAttribute(attribute, value);
        return this;
    }

    /** Sets the text, and gives this element. */
    Xml text(String text) {
        element.setTextContent(text);
        return this;
    }

    /** The elements of that name anywhere below, in order. */
    List<Xml> all(String name) {
        NodeList nodes = element.getElementsByTagName(name);
        List<Xml> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add(new Xml((Element) nodes.item(i)));
        }
        return found;
    }

    /** An attribute's value; empty where it is not there. */
    String attribute(String name) {
        return element.getAttribute(name);
    }

    /** The text in it. */
    String text() {
        return element.getTextContent();
    }

    /** The document, indented. */
    String document() {
        try {
            Transformer transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.INDENT, "yes");
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            transformer.setOutputProperty("{http://xml.apache.org/xslt}indent-amount", "2");
            StringWriter out = new StringWriter();
            transformer.transform(new DOMSource(element), new StreamResult(out));
            return out.toString();
        } catch (TransformerException e) {
            throw new IllegalStateException("this Java can't write XML", e);
        }
    }
}
