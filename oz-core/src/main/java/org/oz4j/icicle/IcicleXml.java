package org.oz4j.icicle;

import java.io.StringReader;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

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
 * Writes and reads a manifest in the ICICLE format: {@code icicle}, its description, and its packages by name. What else
 * is known of the system and of a package are an element and attributes which the first readers, who don't know them, pass
 * over. The grammar is {@code icicle.rng}, a resource beside this class.
 */
public final class IcicleXml {
    private static final Pattern NOT_XML =
            Pattern.compile("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]");

    private IcicleXml() {}

    @XmlRootElement(name = "icicle")
    @XmlType(propOrder = {"description", "os", "packages"})
    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Root {
        @Nullable
        String description;

        @Nullable
        Os os;

        @XmlElementWrapper(name = "packages")
        @XmlElement(name = "package")
        List<Item> packages = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class Os {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String version;

        @XmlAttribute
        @Nullable
        String arch;

        @XmlAttribute(name = "purl-type")
        @Nullable
        String purlType;
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

        @XmlAttribute
        @Nullable
        String source;

        @XmlAttribute(name = "source-version")
        @Nullable
        String sourceVersion;

        @XmlAttribute
        @Nullable
        String vendor;

        @XmlAttribute
        @Nullable
        String licence;

        @XmlAttribute
        @Nullable
        String installed;

        @XmlAttribute
        @Nullable
        String homepage;

        @Nullable
        String extra;
    }

    private static final class Binding {
        static final XmlBinding INSTANCE = new XmlBinding(Root.class);
    }

    /** The manifest as XML; with all that is known, or with names alone as the first readers know it. */
    public static String write(Icicle icicle, boolean detailed) {
        Root root = new Root();
        root.description = text(icicle.description());
        if (detailed && icicle.os().isPresent()) {
            root.os = new Os();
            root.os.name = text(icicle.os().map(Icicle.Os::name));
            root.os.version = text(icicle.os().map(Icicle.Os::version));
            root.os.arch = text(icicle.os().map(Icicle.Os::arch));
            root.os.purlType = text(icicle.os().map(Icicle.Os::purlType));
        }
        for (Icicle.Item one : icicle.packages()) {
            Item item = new Item();
            item.name = text(Optional.of(one.name()));
            item.extra = text(one.extra());
            if (detailed) {
                item.version = fact(Optional.of(one.version()));
                item.arch = fact(Optional.of(one.arch()));
                item.source = fact(one.source().map(Icicle.Source::name));
                item.sourceVersion = fact(one.source().map(Icicle.Source::version));
                item.vendor = fact(one.vendor());
                item.licence = fact(one.licence());
                item.installed = fact(one.installed().map(Instant::toString));
                item.homepage = fact(one.homepage());
            }
            root.packages.add(item);
        }
        return Binding.INSTANCE.write(root);
    }

    private static @Nullable String fact(Optional<String> told) {
        return text(told.filter(one -> !one.isEmpty()));
    }

    /** A guest may print characters that no XML document can have. */
    private static @Nullable String text(Optional<String> told) {
        return told.map(one -> NOT_XML.matcher(one).replaceAll("\uFFFD")).orElse(null);
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
            return new Icicle(
                    Optional.ofNullable(root.description),
                    Optional.ofNullable(root.os).map(IcicleXml::os),
                    root.packages.stream().map(IcicleXml::item).toList());
        } catch (XMLStreamException | JAXBException e) {
            throw new IllegalArgumentException("no manifest: " + e.getMessage(), e);
        }
    }

    private static Icicle.Os os(Os os) {
        return new Icicle.Os(
                needed(os.name, "name of <os>"),
                needed(os.version, "version of <os>"),
                needed(os.arch, "arch of <os>"),
                needed(os.purlType, "purl-type of <os>"));
    }

    private static Icicle.Item item(Item item) {
        return new Icicle.Item(
                needed(item.name, "name of a <package>"),
                Objects.requireNonNullElse(item.version, ""),
                Objects.requireNonNullElse(item.arch, ""),
                Optional.ofNullable(item.source)
                        .map(name -> new Icicle.Source(name, Objects.requireNonNullElse(item.sourceVersion, ""))),
                Optional.ofNullable(item.vendor),
                Optional.ofNullable(item.licence),
                Optional.ofNullable(item.installed).map(IcicleXml::time),
                Optional.ofNullable(item.homepage),
                Optional.ofNullable(item.extra));
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("no manifest: \"" + text + "\" is no time", e);
        }
    }

    private static String needed(@Nullable String value, String what) {
        if (value == null) {
            throw new IllegalArgumentException("no manifest: the attribute " + what + " is missing");
        }
        return value;
    }
}
