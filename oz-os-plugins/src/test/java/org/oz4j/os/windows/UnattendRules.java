package org.oz4j.os.windows;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.dom.DOMSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;

import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an answer file of Windows Setup has to be like: the schema {@code unattend.xsd} beside this class, and which component
 * has which settings in which pass. Source: Microsoft, "Unattended Windows Setup Reference", "Valid Configuration Passes".
 */
final class UnattendRules {
    private static final List<String> PASSES = List.of("windowsPE", "specialize", "oobeSystem");

    private static final Map<String, Set<String>> SETTINGS = Map.of(
            "windowsPE/Microsoft-Windows-International-Core-WinPE",
            Set.of("SetupUILanguage", "InputLocale", "SystemLocale", "UILanguage", "UserLocale"),
            "windowsPE/Microsoft-Windows-PnpCustomizationsWinPE",
            Set.of("DriverPaths"),
            "windowsPE/Microsoft-Windows-Setup",
            Set.of("DiskConfiguration", "ImageInstall", "RunSynchronous", "UserData"),
            "specialize/Microsoft-Windows-Deployment",
            Set.of("RunSynchronous"),
            "specialize/Microsoft-Windows-Shell-Setup",
            Set.of("ComputerName", "TimeZone"),
            "oobeSystem/Microsoft-Windows-International-Core",
            Set.of("InputLocale", "SystemLocale", "UILanguage", "UserLocale"),
            "oobeSystem/Microsoft-Windows-Shell-Setup",
            Set.of("AutoLogon", "FirstLogonCommands", "OOBE", "UserAccounts"));

    private UnattendRules() {}

    /** Reads an answer file that keeps all rules. */
    static Document check(String text) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            Document document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
            schema().newValidator().validate(new DOMSource(document));
            checkComponents(document);
            checkPartitions(document);
            checkOrders(document);
            return document;
        } catch (SAXException | ParserConfigurationException | IOException e) {
            throw new AssertionError(e.getMessage() + " in\n" + text, e);
        }
    }

    private static Schema schema() throws SAXException {
        return SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                .newSchema(UnattendRules.class.getResource("unattend.xsd"));
    }

    private static void checkComponents(Document document) {
        List<String> passes = new ArrayList<>();
        Set<String> architectures = new HashSet<>();
        for (Element settings : all(document.getDocumentElement(), "settings")) {
            String pass = settings.getAttribute("pass");
            passes.add(pass);
            Set<String> seen = new HashSet<>();
            for (Element component : all(settings, "component")) {
                String name = component.getAttribute("name");
                architectures.add(component.getAttribute("processorArchitecture"));
                assertThat(seen.add(name)).as(name + " once in " + pass).isTrue();
                List<String> children =
                        children(component).stream().map(Element::getLocalName).toList();
                assertThat(SETTINGS).containsKey(pass + "/" + name);
                assertThat(SETTINGS.get(pass + "/" + name)).containsAll(children);
                assertThat(children).doesNotHaveDuplicates();
            }
        }
        assertThat(passes).as("in the order that they are run in").isEqualTo(PASSES);
        assertThat(architectures).hasSize(1);
    }

    /** Windows goes to a partition that is made, formatted, and as large as what is left. */
    private static void checkPartitions(Document document) {
        Element root = document.getDocumentElement();
        String target = text(only(root, "InstallTo"), "PartitionID");
        List<Element> made = all(root, "CreatePartition");
        Element last = made.get(made.size() - 1);
        assertThat(text(last, "Order")).isEqualTo(target).isEqualTo(String.valueOf(made.size()));
        assertThat(text(last, "Extend")).isEqualTo("true");
        for (Element each : made.subList(0, made.size() - 1)) {
            assertThat(Integer.parseInt(text(each, "Size"))).isPositive();
        }
        assertThat(all(root, "ModifyPartition").stream()
                        .filter(each -> text(each, "PartitionID").equals(target))
                        .map(each -> text(each, "Format")))
                .containsExactly("NTFS");
    }

    /** Lists that are run in an order have one, from 1. */
    private static void checkOrders(Document document) {
        for (String list : List.of("CreatePartitions", "ModifyPartitions", "RunSynchronous", "FirstLogonCommands")) {
            for (Element each : all(document.getDocumentElement(), list)) {
                List<String> orders =
                        children(each).stream().map(item -> text(item, "Order")).toList();
                assertThat(orders)
                        .isEqualTo(IntStream.rangeClosed(1, orders.size())
                                .mapToObj(String::valueOf)
                                .toList());
            }
        }
    }

    static List<Element> all(Element parent, String name) {
        NodeList found = parent.getElementsByTagNameNS("*", name);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .toList();
    }

    static Element only(Element parent, String name) {
        List<Element> found = all(parent, name);
        assertThat(found).as(name).hasSize(1);
        return found.get(0);
    }

    static String text(Element parent, String name) {
        return only(parent, name).getTextContent();
    }

    private static List<Element> children(Element parent) {
        NodeList nodes = parent.getChildNodes();
        return Stream.iterate(0, i -> i < nodes.getLength(), i -> i + 1)
                .map(nodes::item)
                .filter(Element.class::isInstance)
                .map(Element.class::cast)
                .toList();
    }
}
