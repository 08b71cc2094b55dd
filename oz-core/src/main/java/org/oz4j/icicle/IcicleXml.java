package org.oz4j.icicle;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElementWrapper;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlType;

import org.jspecify.annotations.Nullable;
import org.oz4j.Icicle;
import org.oz4j.xml.XmlBinding;

/**
 * Writes and reads a manifest in the ICICLE format: {@code icicle}, its description, and its packages by name. Version
 * and architecture are further attributes of a package, which readers that don't know them pass over.
 */
public final class IcicleXml {
    private IcicleXml() {}

    @XmlRootElement(name = "icicle")
    @XmlType(propOrder = {"description", "packages"})
    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Root {
        @Nullable
        String description;

        @XmlElementWrapper(name = "packages")
        @XmlElement(name = "package")
        List<Item> packages = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Item {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String version;

        @XmlAttribute
        @Nullable
        String arch;

        @Nullable
        String extra;
    }

    private static final class Binding {
        static final XmlBinding INSTANCE = new XmlBinding(Root.class);
    }

    /** The manifest as XML; with versions and architectures, or with names alone as the first readers know it. */
    public static String write(Icicle icicle, boolean detailed) {
        Root root = new Root();
        root.description = icicle.description().orElse(null);
        for (Icicle.Item one : icicle.packages()) {
            Item item = new Item();
            item.name = one.name();
            item.version = detailed && !one.version().isEmpty() ? one.version() : null;
            item.arch = detailed && !one.arch().isEmpty() ? one.arch() : null;
            item.extra = one.extra().orElse(null);
            root.packages.add(item);
        }
        return Binding.INSTANCE.write(root);
    }

    /**
     * Reads a manifest.
     *
     * @throws IllegalArgumentException where it is none
     */
    public static Icicle read(String xml) {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(xml));
            reader.nextTag();
            if (!reader.getLocalName().equals("icicle")) {
                throw new IllegalArgumentException("no manifest: its element is <" + reader.getLocalName() + ">");
            }
            Root root = Binding.INSTANCE
                    .unmarshaller()
                    .unmarshal(reader, Root.class)
                    .getValue();
            List<Icicle.Item> items = new ArrayList<>();
            for (Item item : root.packages) {
                if (item.name == null) {
                    throw new IllegalArgumentException("a <package> of the manifest lacks its attribute name");
                }
                items.add(new Icicle.Item(
                        item.name,
                        item.version == null ? "" : item.version,
                        item.arch == null ? "" : item.arch,
                        Optional.ofNullable(item.extra)));
            }
            return new Icicle(Optional.ofNullable(root.description), items);
        } catch (XMLStreamException | JAXBException e) {
            throw new IllegalArgumentException("no manifest: " + e.getMessage(), e);
        }
    }
}
