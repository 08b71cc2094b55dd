package org.oz4j.os.windows;

import java.io.StringWriter;
import java.util.Map;

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

/** An element of an answer file of Windows Setup, that takes children. */
final class UnattendXml {
    private static final String SETTINGS = "urn:schemas-microsoft-com:unattend";
    private static final String STATE = "http://schemas.microsoft.com/WMIConfig/2002/State";
    private static final String XMLNS = "http://www.w3.org/2000/xmlns/";

    private final Element element;

    private UnattendXml(Element element) {
        this.element = element;
    }

    /** Begins an answer file, with a comment. */
    static UnattendXml root(String comment) {
        try {
            Document document =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
            Element root = document.createElementNS(SETTINGS, "unattend");
            root.setAttributeNS(XMLNS, "xmlns:wcm", STATE);
            root.appendChild(document.createComment(comment));
            document.appendChild(root);
            return new UnattendXml(root);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A configuration pass, such as {@code specialize}. */
    UnattendXml pass(String name) {
        return add("settings", Map.of("pass", name));
    }

    /** A component, such as {@code Microsoft-Windows-Setup}. */
    UnattendXml component(String name, String architecture) {
        return add(
                "component",
                Map.of(
                        "name", name,
                        "processorArchitecture", architecture,
                        "publicKeyToken", "31bf3856ad364e35",
                        "language", "neutral",
                        "versionScope", "nonSxS"));
    }

    /** A setting that has settings. */
    UnattendXml add(String name) {
        return add(name, Map.of());
    }

    /** An item of a list. */
    UnattendXml item(String name) {
        UnattendXml item = add(name);
        item.element.setAttributeNS(STATE, "wcm:action", "add");
        return item;
    }

    /** Numbers this item of a list whose items have no order of their own. */
    UnattendXml numbered(int number) {
        element.setAttributeNS(STATE, "wcm:keyValue", String.valueOf(number));
        return this;
    }

    /** Sets a setting; gives the element that it is in. */
    UnattendXml set(String name, String value) {
        add(name).element.setTextContent(value);
        return this;
    }

    private UnattendXml add(String name, Map<String, String> attributes) {
        Element child = element.getOwnerDocument().createElementNS(SETTINGS, name);
        attributes.forEach(child::setAttribute);
        element.appendChild(child);
        return new UnattendXml(child);
    }

    /** The file as a text. */
    String text() {
        StringWriter text = new StringWriter();
        try {
            Transformer transformer = TransformerFactory.newInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.INDENT, "yes");
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            transformer.transform(new DOMSource(element), new StreamResult(text));
        } catch (TransformerException e) {
            throw new IllegalStateException(e);
        }
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + text.toString().replace("\r\n", "\n");
    }
}
