package org.oz4j.template;

import java.util.ArrayList;
import java.util.List;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElementWrapper;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlValue;

import org.jspecify.annotations.Nullable;

/** A template's XML as JAXB binds it: nothing checked, nothing trimmed. */
@XmlRootElement(name = "template")
@XmlAccessorType(XmlAccessType.FIELD)
final class Tdl {
    @XmlAttribute
    @Nullable
    String version;

    @Nullable
    String name;

    @Nullable
    String description;

    @Nullable
    OsElement os;

    @Nullable
    DiskElement disk;

    @XmlElementWrapper
    @XmlElement(name = "repository")
    List<RepositoryElement> repositories = new ArrayList<>();

    @XmlElementWrapper
    @XmlElement(name = "package")
    List<PackageElement> packages = new ArrayList<>();

    @XmlElementWrapper
    @XmlElement(name = "file")
    List<ContentElement> files = new ArrayList<>();

    @XmlElementWrapper
    @XmlElement(name = "command")
    List<ContentElement> precommands = new ArrayList<>();

    @XmlElementWrapper
    @XmlElement(name = "command")
    List<ContentElement> commands = new ArrayList<>();

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class OsElement {
        @Nullable
        String name;

        @Nullable
        String version;

        @Nullable
        String arch;

        @Nullable
        InstallElement install;

        @Nullable
        String kernelparam;

        @Nullable
        String rootpw;

        @Nullable
        String key;

        @Nullable
        IcicleElement icicle;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class IcicleElement {
        @XmlElement(name = "extra_command")
        @Nullable
        String extraCommand;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class InstallElement {
        @XmlAttribute
        @Nullable
        String type;

        @Nullable
        String url;

        @Nullable
        String iso;

        @Nullable
        String md5sum;

        @Nullable
        String sha1sum;

        @Nullable
        String sha256sum;

        @Nullable
        ExtrasElement extras;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class ExtrasElement {
        @XmlElement(name = "file")
        List<ExtraElement> files = new ArrayList<>();

        @XmlElement(name = "directory")
        List<ExtraElement> directories = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class ExtraElement {
        @XmlAttribute
        @Nullable
        String source;

        @XmlAttribute
        @Nullable
        String destination;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class DiskElement {
        @Nullable
        String size;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class RepositoryElement {
        @XmlAttribute
        @Nullable
        String name;

        @Nullable
        String url;

        @Nullable
        String signed;

        @Nullable
        String persisted;

        @Nullable
        String sslverify;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static final class PackageElement {
        @XmlAttribute
        @Nullable
        String name;

        @Nullable
        String repository;

        @Nullable
        String file;

        @Nullable
        String arguments;
    }

    /** A file or a command. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static final class ContentElement {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String type;

        @XmlAttribute
        @Nullable
        String position;

        @XmlValue
        @Nullable
        String value;
    }
}
