package org.oz4j.template;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.TemplateException;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.Sizes;

/**
 * What to install and what to put into it: an Oz template (TDL), immutable.
 *
 * @param version the version of the template language, {@code 1.0} or {@code 1.1}
 * @param name the name of the guest and of its image
 * @param description free text
 * @param os the operating system
 * @param machine what the machine has while it is built
 * @param answers the user's own answer file, or what to add to the one that Oz writes
 * @param disks the disks, the one to install on first; empty where the template says nothing of disks
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
        MachineWish machine,
        OwnAnswers answers,
        List<Disk> disks,
        List<Repository> repositories,
        List<PackageRequest> packages,
        List<GuestFile> files,
        List<Command> preCommands,
        List<Command> commands) {

    /** Copies the lists. */
    public Template {
        disks = List.copyOf(disks);
        repositories = List.copyOf(repositories);
        packages = List.copyOf(packages);
        files = List.copyOf(files);
        preCommands = List.copyOf(preCommands);
        commands = List.copyOf(commands);
    }

    /**
     * Reads a template from a file; it may include other files of its folder.
     *
     * @throws TemplateException where it can't be read or is wrong; lists every problem with its place
     */
    public static Template parse(Path file) {
        return parse(file, ParseOptions.defaults());
    }

    /**
     * Reads a template from a file.
     *
     * @throws TemplateException where it can't be read or is wrong; lists every problem with its place
     */
    public static Template parse(Path file, ParseOptions options) {
        return examine(file, options).orThrow();
    }

    /**
     * Reads a template from a stream, which is left open.
     *
     * @throws TemplateException where it can't be read or is wrong; lists every problem with its place
     */
    public static Template parse(InputStream stream) {
        return parse(stream, "template");
    }

    /**
     * Reads a template from a stream, which is left open.
     *
     * @param sourceName what to call it in messages
     * @throws TemplateException where it can't be read or is wrong; lists every problem with its place
     */
    public static Template parse(InputStream stream, String sourceName) {
        return parse(stream, sourceName, ParseOptions.defaults());
    }

    /**
     * Reads a template from a stream, which is left open.
     *
     * @param sourceName what to call it in messages
     * @throws TemplateException where it can't be read or is wrong; lists every problem with its place
     */
    public static Template parse(InputStream stream, String sourceName, ParseOptions options) {
        return new TdlReader(options).read(stream, sourceName).orThrow();
    }

    /**
     * Reads a template from a text; an encoding that its XML declaration names is of no account.
     *
     * @throws TemplateException where it is wrong; lists every problem with its place
     */
    public static Template parse(String xml) {
        return parse(xml, ParseOptions.defaults());
    }

    /**
     * Reads a template from a text; an encoding that its XML declaration names is of no account.
     *
     * @throws TemplateException where it is wrong; lists every problem with its place
     */
    public static Template parse(String xml, ParseOptions options) {
        return new TdlReader(options).read(xml).orThrow();
    }

    /** Reads a template from a file and tells all that is to be said of it, warnings too; throws nothing. */
    public static TemplateReport examine(Path file, ParseOptions options) {
        return new TdlReader(options).read(file);
    }

    /** Starts a template in code. */
    public static TemplateBuilder builder(String name, String osName, String osVersion, Arch arch) {
        return new TemplateBuilder(name, osName, osVersion, arch);
    }

    /** The size of the disk to install on, in bytes, where the template says one. */
    public OptionalLong diskSize() {
        return disks.isEmpty() ? OptionalLong.empty() : disks.get(0).size();
    }

    /** The template as XML, which reads back as an equal template; it holds the secrets in clear. */
    public String toXml() {
        return TdlWriter.xml(this);
    }

    /** This template with those packages too; one of the same name as another takes its place. */
    public Template mergePackages(List<PackageRequest> more) {
        return with(merge(packages, more, PackageRequest::name), repositories);
    }

    /** This template with those repositories too; one of the same name as another takes its place. */
    public Template mergeRepositories(List<Repository> more) {
        return with(packages, merge(repositories, more, Repository::name));
    }

    private Template with(List<PackageRequest> otherPackages, List<Repository> otherRepositories) {
        return new Template(
                version,
                name,
                description,
                os,
                machine,
                answers,
                disks,
                otherRepositories,
                otherPackages,
                files,
                preCommands,
                commands);
    }

    static <T> List<T> merge(List<T> first, List<T> later, Function<T, String> name) {
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
     * @param platform what the system starts on
     * @param setup the accounts and the small settings that an installer asks for
     */
    public record Os(
            String name,
            String version,
            Arch arch,
            Install install,
            Optional<String> key,
            Optional<String> rootPassword,
            Optional<String> kernelParameters,
            Optional<String> icicleCommand,
            Platform platform,
            Setup setup) {
        /** Shows no secret. */
        @Override
        public String toString() {
            return name + " " + version + " " + arch;
        }
    }

    /**
     * What the installed system starts on.
     *
     * @param firmware empty for what suits the system
     * @param secureBoot whether only signed code may start
     * @param tpm the version of the trusted platform module, {@code 1.2} or {@code 2.0}; empty for none
     */
    public record Platform(Optional<Firmware> firmware, boolean secureBoot, Optional<String> tpm) {
        /** Nothing asked for. */
        public static final Platform ANY = new Platform(Optional.empty(), false, Optional.empty());
    }

    /**
     * The accounts and the small settings that an installer asks for; what is empty is the OS plugin's to choose.
     *
     * @param hostname the host's name, maybe with its domain
     * @param locale as in {@code de_AT.UTF-8}
     * @param keyboard the keyboard layout, as in {@code de}
     * @param timezone as in {@code Europe/Vienna}
     * @param users accounts beside root
     * @param sshKeys public keys that may log in as root, in the form of authorized_keys
     */
    public record Setup(
            Optional<String> hostname,
            Optional<String> locale,
            Optional<String> keyboard,
            Optional<String> timezone,
            List<User> users,
            List<String> sshKeys) {
        /** Nothing asked for. */
        public static final Setup DEFAULT =
                new Setup(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());

        /** Copies the lists. */
        public Setup {
            users = List.copyOf(users);
            sshKeys = List.copyOf(sshKeys);
        }
    }

    /**
     * An account.
     *
     * @param name its login name
     * @param fullName the person's name
     * @param password a secret; empty for an account without password login
     * @param groups further groups to be in
     * @param sshKeys public keys that may log in, in the form of authorized_keys
     */
    public record User(
            String name,
            Optional<String> fullName,
            Optional<String> password,
            List<String> groups,
            List<String> sshKeys) {
        /** Copies the lists. */
        public User {
            groups = List.copyOf(groups);
            sshKeys = List.copyOf(sshKeys);
        }

        /** Shows no secret. */
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * What the machine has while it is built; what is empty the configuration says.
     *
     * @param cpus the number of virtual processors
     * @param memoryMiB its memory, in MiB
     * @param network how it is connected
     */
    public record MachineWish(OptionalInt cpus, OptionalInt memoryMiB, Optional<Network> network) {
        /** Nothing asked for. */
        public static final MachineWish ANY =
                new MachineWish(OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }

    /**
     * The user's part in the answer file.
     *
     * @param source an answer file to use in place of the one that Oz writes
     * @param append text to add at the end of the answer file
     */
    public record OwnAnswers(Optional<URI> source, Optional<String> append) {
        /** None. */
        public static final OwnAnswers NONE = new OwnAnswers(Optional.empty(), Optional.empty());
    }

    /**
     * A disk.
     *
     * @param size in bytes; {@link Long#MAX_VALUE} stands for that and anything above
     * @param format the image's format; empty for the configured one
     * @param layout its partitions; empty for what the installer likes best
     */
    public record Disk(OptionalLong size, Optional<ImageFormat> format, Optional<Layout> layout) {}

    /**
     * How a disk is divided, in the order of the disk. One partition may have no size: it takes what is left.
     *
     * @param partitions the partitions
     * @param groups groups of logical volumes, each on a partition of its own
     */
    public record Layout(List<Partition> partitions, List<VolumeGroup> groups) {
        /** Copies the lists. */
        public Layout {
            partitions = List.copyOf(partitions);
            groups = List.copyOf(groups);
        }

        /** The bytes that its parts take which have a size; no more than {@link Sizes#LARGEST_DISK} counts of each. */
        public long size() {
            return Stream.concat(
                            partitions.stream().map(Partition::size),
                            groups.stream().map(VolumeGroup::size))
                    .mapToLong(size -> Math.min(Sizes.LARGEST_DISK, size.orElse(0)))
                    .reduce(0, (sum, size) -> Math.min(Long.MAX_VALUE - Sizes.LARGEST_DISK, sum) + size);
        }
    }

    /**
     * A partition, or a logical volume.
     *
     * @param name a logical volume's name; empty for a partition
     * @param mount where it is mounted; empty for swap
     * @param size in bytes; empty for what is left
     * @param filesystem such as {@code ext4}, {@code xfs} or {@code swap}
     */
    public record Partition(String name, Optional<String> mount, OptionalLong size, String filesystem) {}

    /**
     * A group of logical volumes.
     *
     * @param name its name
     * @param size of the partition that it is on, in bytes; empty for what is left
     * @param volumes its volumes
     */
    public record VolumeGroup(String name, OptionalLong size, List<Partition> volumes) {
        /** Copies the list. */
        public VolumeGroup {
            volumes = List.copyOf(volumes);
        }
    }

    /**
     * Where the system is installed from.
     *
     * @param type tree or ISO image
     * @param location the tree's or the image's address
     * @param mirrors where else the image is, in case that its address fails
     * @param checksum the image's checksum, or where to find it
     * @param signature the OpenPGP signature to verify
     * @param extras files to add to the medium
     */
    public record Install(
            InstallType type,
            URI location,
            List<URI> mirrors,
            Optional<ChecksumSource> checksum,
            Optional<Signature> signature,
            List<Extra> extras) {
        /** Copies the lists. */
        public Install {
            mirrors = List.copyOf(mirrors);
            extras = List.copyOf(extras);
        }
    }

    /** Where a checksum comes from. */
    public sealed interface ChecksumSource {
        /** Java's name of the algorithm, such as {@code SHA-256}. */
        String algorithm();

        /** A file of sums, in BSD or coreutils style. */
        record SumFile(String algorithm, URI location) implements ChecksumSource {}

        /** The sum itself, in lower-case hex. */
        record Sum(String algorithm, String hex) implements ChecksumSource {}
    }

    /**
     * An OpenPGP signature of the file of sums, or of the image where there is no such file.
     *
     * @param location the detached signature; empty where the file of sums is clear-signed
     * @param key the signer's key: its fingerprint in upper-case hex, or the address of a file that holds it; empty for
     *     the keys of the system's vendor, which its plugin knows
     */
    public record Signature(Optional<URI> location, Optional<String> key) {}

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
