package org.oz4j.template;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

import org.oz4j.Arch;
import org.oz4j.TemplateException;

/**
 * What to install and what to put into it: an Oz template (TDL), immutable.
 *
 * @param version the version of the template language, {@code 1.0}
 * @param name the name of the guest and of its image
 * @param description free text
 * @param os the operating system
 * @param diskSize the size of the disk in bytes, where the template says one
 * @param repositories package repositories to add
 * @param packages packages to install
 * @param files files to put into the guest
 * @param preCommands commands to run before the packages
 * @param commands commands to run at the end
 */
public record Template(
        String version,
        String name,
        Optional<String> description,
        Os os,
        OptionalLong diskSize,
        List<Repository> repositories,
        List<PackageRequest> packages,
        List<GuestFile> files,
        List<Command> preCommands,
        List<Command> commands) {

    /** Copies the lists. */
    public Template {
        repositories = List.copyOf(repositories);
        packages = List.copyOf(packages);
        files = List.copyOf(files);
        preCommands = List.copyOf(preCommands);
        commands = List.copyOf(commands);
    }

    /**
     * Reads a template from a file; it may include other local files by XInclude.
     *
     * @throws TemplateException where it can't be read or is wrong; lists every problem with its place
     */
    public static Template parse(Path file) {
        return TdlReader.read(file);
    }

    /**
     * Reads a template from a stream, which is left open.
     *
     * @param sourceName what to call it in messages
     * @throws TemplateException where it can't be read or is wrong; lists every problem with its place
     */
    public static Template parse(InputStream stream, String sourceName) {
        return TdlReader.read(stream, sourceName);
    }

    /**
     * Reads a template from a text; an encoding that its XML declaration names is of no account.
     *
     * @throws TemplateException where it is wrong; lists every problem with its place
     */
    public static Template parse(String xml) {
        return TdlReader.read(xml);
    }

    /** Starts a template in code. */
    public static TemplateBuilder builder(String name, String osName, String osVersion, Arch arch) {
        return new TemplateBuilder(name, osName, osVersion, arch);
    }

    /** The template as XML, which reads back as an equal template; it holds the secrets in clear. */
    public String toXml() {
        return TdlWriter.xml(this);
    }

    /** This template with those packages too; one of the same name as another takes its place. */
    public Template mergePackages(List<PackageRequest> more) {
        List<PackageRequest> merged = merge(packages, more, PackageRequest::name);
        return new Template(
                version, name, description, os, diskSize, repositories, merged, files, preCommands, commands);
    }

    /** This template with those repositories too; one of the same name as another takes its place. */
    public Template mergeRepositories(List<Repository> more) {
        List<Repository> merged = merge(repositories, more, Repository::name);
        return new Template(version, name, description, os, diskSize, merged, packages, files, preCommands, commands);
    }

    private static <T> List<T> merge(List<T> first, List<T> later, Function<T, String> name) {
        Map<String, T> byName = new LinkedHashMap<>();
        first.forEach(one -> byName.put(name.apply(one), one));
        later.forEach(one -> byName.put(name.apply(one), one));
        return List.copyOf(byName.values());
    }

    /** How the install medium is given. */
    public enum InstallType {
        /** An install tree. */
        URL,
        /** An ISO image. */
        ISO
    }

    /**
     * The operating system.
     *
     * @param name such as {@code Debian}
     * @param version such as {@code 13}
     * @param arch the guest's architecture
     * @param install where it is installed from
     * @param key the product key, for systems that want one
     * @param rootPassword the password of root or Administrator; a secret
     * @param kernelParameters added to the installer's kernel arguments
     * @param icicleCommand a command whose output goes into the manifest
     */
    public record Os(
            String name,
            String version,
            Arch arch,
            Install install,
            Optional<String> key,
            Optional<String> rootPassword,
            Optional<String> kernelParameters,
            Optional<String> icicleCommand) {
        /** Shows no secret. */
        @Override
        public String toString() {
            return name + " " + version + " " + arch;
        }
    }

    /**
     * Where the system is installed from.
     *
     * @param type tree or ISO image
     * @param location the tree's or the image's address
     * @param checksum the image's checksum, or where to find it
     * @param extras files to add to the medium
     */
    public record Install(InstallType type, URI location, Optional<ChecksumSource> checksum, List<Extra> extras) {
        /** Copies the list. */
        public Install {
            extras = List.copyOf(extras);
        }
    }

    /**
     * Where a checksum is to be found.
     *
     * @param algorithm in Java's name, such as {@code SHA-256}
     * @param location a file of sums, in BSD or coreutils style
     */
    public record ChecksumSource(String algorithm, URI location) {}

    /**
     * A file or folder to add to the install medium.
     *
     * @param directory whether it is a folder
     * @param source where it is
     * @param destination where it goes on the medium, from its root
     */
    public record Extra(boolean directory, URI source, String destination) {}

    /**
     * A repository of packages.
     *
     * @param name unique in the template
     * @param url in the form that the guest's package manager takes
     * @param signed whether its signatures are checked
     * @param persisted whether it stays in the image
     * @param sslVerify whether the server's certificate is checked
     */
    public record Repository(String name, String url, boolean signed, boolean persisted, boolean sslVerify) {}

    /**
     * A package to install.
     *
     * @param name as the package manager knows it
     * @param repository the repository to take it from
     * @param file the package's file name there
     * @param arguments further arguments to the package manager
     */
    public record PackageRequest(
            String name, Optional<String> repository, Optional<String> file, Optional<String> arguments) {}

    /** What is written in a template: the bytes themselves, or where to fetch them when they are needed. */
    public sealed interface Content {
        /** Text as it stands in the template. */
        record Text(String text) implements Content {}

        /** Bytes that the template holds in base64. */
        record Base64(String encoded) implements Content {}

        /** Bytes to be fetched when they are needed. */
        record Url(URI location) implements Content {}
    }

    /**
     * A file to put into the guest.
     *
     * @param path its absolute path in the guest
     * @param content what it holds
     */
    public record GuestFile(String path, Content content) {}

    /**
     * A command, or a script, to run in the guest.
     *
     * @param name unique in its list
     * @param content the script
     */
    public record Command(String name, Content content) {}
}
