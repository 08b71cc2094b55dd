package org.oz4j.template;

import java.util.ArrayList;
import java.util.List;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElements;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlTransient;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;

import org.jspecify.annotations.Nullable;
import org.oz4j.xml.XmlBinding;

/** The elements of a template as they stand in the file: all text, all optional, each with its place. */
final class Tdl {
    private Tdl() {}

    /** The binding, made when the first template is read. */
    static XmlBinding binding() {
        return Binding.INSTANCE;
    }

    private static final class Binding {
        static final XmlBinding INSTANCE = new XmlBinding(Root.class);
    }

    @XmlTransient
    @XmlAccessorType(XmlAccessType.FIELD)
    abstract static class Node {
        @XmlTransient
        @Nullable
        Spot spot;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Text extends Node {
        @XmlValue
        @Nullable
        String text;

        // The schema allows no such attribute, but without one JAXB takes this for a plain text and tells nobody
        // where it stands.
        @XmlAttribute
        @Nullable
        String unused;

        static Text of(String value) {
            Text made = new Text();
            made.text = value;
            return made;
        }
    }

    @XmlRootElement(name = "template")
    @XmlType(
            propOrder = {
                "include",
                "parameters",
                "name",
                "description",
                "os",
                "machine",
                "auto",
                "disk",
                "repositories",
                "packages",
                "files",
                "precommands",
                "commands"
            })
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Root extends Node {
        @XmlAttribute
        @Nullable
        String version;

        List<Include> include = new ArrayList<>();

        @Nullable
        Parameters parameters;

        @Nullable
        Text name;

        @Nullable
        Text description;

        @Nullable
        OperatingSystem os;

        @Nullable
        MachineWish machine;

        @Nullable
        Auto auto;

        List<Disk> disk = new ArrayList<>();

        @Nullable
        Repositories repositories;

        @Nullable
        Packages packages;

        @Nullable
        Files files;

        @Nullable
        Commands precommands;

        @Nullable
        Commands commands;
    }

    /** Parts of another template, read in where this stands. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Include extends Node {
        @XmlAttribute
        @Nullable
        String src;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Parameters extends Node {
        @XmlElement(name = "parameter")
        List<Parameter> items = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Parameter extends Node {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute(name = "default")
        @Nullable
        String byDefault;
    }

    @XmlType(propOrder = {"cpus", "memory", "network"})
    @XmlAccessorType(XmlAccessType.FIELD)
    static class MachineWish extends Node {
        @Nullable
        Text cpus;

        @Nullable
        Text memory;

        @Nullable
        Text network;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Auto extends Node {
        @XmlAttribute
        @Nullable
        String src;

        @Nullable
        Text append;
    }

    @XmlType(
            propOrder = {
                "name",
                "version",
                "arch",
                "firmware",
                "secureboot",
                "tpm",
                "install",
                "key",
                "rootpw",
                "users",
                "sshKeys",
                "locale",
                "keyboard",
                "timezone",
                "hostname",
                "kernelparam",
                "icicle"
            })
    @XmlAccessorType(XmlAccessType.FIELD)
    static class OperatingSystem extends Node {
        @Nullable
        Text name;

        @Nullable
        Text version;

        @Nullable
        Text arch;

        @Nullable
        Text firmware;

        @Nullable
        Text secureboot;

        @Nullable
        Text tpm;

        @Nullable
        Medium install;

        @Nullable
        Text key;

        @Nullable
        Text rootpw;

        @Nullable
        Users users;

        @XmlElement(name = "ssh-keys")
        @Nullable
        Text sshKeys;

        @Nullable
        Text locale;

        @Nullable
        Text keyboard;

        @Nullable
        Text timezone;

        @Nullable
        Text hostname;

        @Nullable
        Text kernelparam;

        @Nullable
        Manifest icicle;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Manifest extends Node {
        @XmlElement(name = "extra_command")
        @Nullable
        Text extraCommand;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Users extends Node {
        @XmlElement(name = "user")
        List<Person> items = new ArrayList<>();
    }

    @XmlType(propOrder = {"fullname", "password", "groups", "sshKeys"})
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Person extends Node {
        @XmlAttribute
        @Nullable
        String name;

        @Nullable
        Text fullname;

        @Nullable
        Text password;

        @Nullable
        Text groups;

        @XmlElement(name = "ssh-keys")
        @Nullable
        Text sshKeys;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Signature extends Node {
        @XmlAttribute
        @Nullable
        String key;

        @XmlValue
        @Nullable
        String text;
    }

    @XmlType(
            propOrder = {
                "url",
                "iso",
                "md5sum",
                "sha1sum",
                "sha256sum",
                "sha512sum",
                "md5",
                "sha1",
                "sha256",
                "sha512",
                "signature",
                "mirror",
                "extras"
            })
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Medium extends Node {
        @XmlAttribute
        @Nullable
        String type;

        @Nullable
        Text url;

        @Nullable
        Text iso;

        @Nullable
        Text md5sum;

        @Nullable
        Text sha1sum;

        @Nullable
        Text sha256sum;

        @Nullable
        Text sha512sum;

        @Nullable
        Text md5;

        @Nullable
        Text sha1;

        @Nullable
        Text sha256;

        @Nullable
        Text sha512;

        @Nullable
        Signature signature;

        List<Text> mirror = new ArrayList<>();

        @Nullable
        Extras extras;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Extras extends Node {
        @XmlElements({
            @XmlElement(name = "file", type = ExtraFile.class),
            @XmlElement(name = "directory", type = ExtraDirectory.class)
        })
        List<Addition> items = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    abstract static class Addition extends Node {
        @XmlAttribute
        @Nullable
        String source;

        @XmlAttribute
        @Nullable
        String destination;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class ExtraFile extends Addition {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static class ExtraDirectory extends Addition {}

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Disk extends Node {
        @XmlAttribute
        @Nullable
        String format;

        @Nullable
        Text size;

        @Nullable
        Layout layout;
    }

    @XmlType(propOrder = {"partitions", "groups"})
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Layout extends Node {
        @XmlElement(name = "partition")
        List<Slice> partitions = new ArrayList<>();

        @XmlElement(name = "volume-group")
        List<Group> groups = new ArrayList<>();
    }

    /** A partition, or a logical volume, which alone has a name. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Slice extends Node {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String mount;

        @XmlAttribute
        @Nullable
        String size;

        @XmlAttribute
        @Nullable
        String filesystem;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Group extends Node {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String size;

        @XmlElement(name = "volume")
        List<Slice> volumes = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Repositories extends Node {
        @XmlElement(name = "repository")
        List<Source> items = new ArrayList<>();
    }

    @XmlType(propOrder = {"url", "signed", "persisted", "sslverify"})
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Source extends Node {
        @XmlAttribute
        @Nullable
        String name;

        @Nullable
        Text url;

        @Nullable
        Text signed;

        @Nullable
        Text persisted;

        @Nullable
        Text sslverify;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Packages extends Node {
        @XmlElement(name = "package")
        List<Request> items = new ArrayList<>();
    }

    @XmlType(propOrder = {"repository", "file", "arguments"})
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Request extends Node {
        @XmlAttribute
        @Nullable
        String name;

        @Nullable
        Text repository;

        @Nullable
        Text file;

        @Nullable
        Text arguments;
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Files extends Node {
        @XmlElement(name = "file")
        List<Payload> items = new ArrayList<>();
    }

    @XmlAccessorType(XmlAccessType.FIELD)
    static class Commands extends Node {
        @XmlElement(name = "command")
        List<Payload> items = new ArrayList<>();
    }

    /** A file or a command; only commands have a position. */
    @XmlAccessorType(XmlAccessType.FIELD)
    static class Payload extends Node {
        @XmlAttribute
        @Nullable
        String name;

        @XmlAttribute
        @Nullable
        String position;

        @XmlAttribute
        @Nullable
        String type;

        @XmlValue
        @Nullable
        String text;
    }
}
