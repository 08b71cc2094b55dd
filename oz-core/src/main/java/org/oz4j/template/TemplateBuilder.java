package org.oz4j.template;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;
import org.oz4j.Arch;
import org.oz4j.TemplateException;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Install;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.MachineWish;
import org.oz4j.template.Template.OwnAnswers;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.Signature;

/** Makes a {@link Template} in code; what is made passes the checks that one from a file passes. */
public final class TemplateBuilder {
    private final String name;
    private final String osName;
    private final String osVersion;
    private final Arch arch;
    private final List<Extra> extras = new ArrayList<>();
    private final List<Repository> repositories = new ArrayList<>();
    private final List<PackageRequest> packages = new ArrayList<>();
    private final List<GuestFile> files = new ArrayList<>();
    private final List<Command> preCommands = new ArrayList<>();
    private final List<Command> commands = new ArrayList<>();
    private @Nullable InstallType installType;
    private @Nullable URI location;
    private Optional<ChecksumSource> checksum = Optional.empty();
    private Optional<String> description = Optional.empty();
    private Optional<String> key = Optional.empty();
    private Optional<String> rootPassword = Optional.empty();
    private Optional<String> kernelParameters = Optional.empty();
    private Optional<String> icicleCommand = Optional.empty();
    private final List<Disk> disks = new ArrayList<>();
    private Optional<Signature> signature = Optional.empty();
    private List<URI> mirrors = List.of();
    private Platform platform = Platform.ANY;
    private Setup setup = Setup.DEFAULT;
    private MachineWish machine = MachineWish.ANY;
    private OwnAnswers answers = OwnAnswers.NONE;

    TemplateBuilder(String name, String osName, String osVersion, Arch arch) {
        this.name = name;
        this.osName = osName;
        this.osVersion = osVersion;
        this.arch = arch;
    }

    /** Installs from the install tree there. */
    public TemplateBuilder url(URI tree) {
        installType = InstallType.URL;
        location = tree;
        return this;
    }

    /** Installs from the ISO image there. */
    public TemplateBuilder iso(URI image) {
        installType = InstallType.ISO;
        location = image;
        return this;
    }

    /** Verifies the ISO image by a file of sums. */
    public TemplateBuilder checksum(ChecksumSource source) {
        checksum = Optional.of(source);
        return this;
    }

    /** Says where else the ISO image is, in case that its address fails. */
    public TemplateBuilder mirrors(List<URI> others) {
        mirrors = List.copyOf(others);
        return this;
    }

    /** Verifies the ISO image by a signature. */
    public TemplateBuilder signature(Signature source) {
        signature = Optional.of(source);
        return this;
    }

    /** Says what the system starts on. */
    public TemplateBuilder platform(Platform wanted) {
        platform = wanted;
        return this;
    }

    /** Says the accounts and the small settings that an installer asks for. */
    public TemplateBuilder setup(Setup wanted) {
        setup = wanted;
        return this;
    }

    /** Says what the machine has while it is built. */
    public TemplateBuilder machine(MachineWish wanted) {
        machine = wanted;
        return this;
    }

    /** Says the caller's part in the answer file. */
    public TemplateBuilder answers(OwnAnswers own) {
        answers = own;
        return this;
    }

    /** Adds a disk; the first is the one to install on. */
    public TemplateBuilder disk(Disk disk) {
        disks.add(disk);
        return this;
    }

    /** Adds a file or folder to the install medium; needs an ISO image. */
    public TemplateBuilder extra(Extra extra) {
        extras.add(extra);
        return this;
    }

    /** Describes the guest in free text. */
    public TemplateBuilder description(String text) {
        description = Optional.of(text);
        return this;
    }

    /** Sets the product key. */
    public TemplateBuilder key(String secret) {
        key = Optional.of(secret);
        return this;
    }

    /** Sets the password of root or Administrator. */
    public TemplateBuilder rootPassword(String secret) {
        rootPassword = Optional.of(secret);
        return this;
    }

    /** Adds to the arguments of the installer's kernel. */
    public TemplateBuilder kernelParameters(String parameters) {
        kernelParameters = Optional.of(parameters);
        return this;
    }

    /** Puts that command's output into the manifest. */
    public TemplateBuilder icicleCommand(String command) {
        icicleCommand = Optional.of(command);
        return this;
    }

    /** Adds a disk of that size, in bytes. */
    public TemplateBuilder diskSize(long bytes) {
        return disk(new Disk(OptionalLong.of(bytes), Optional.empty(), Optional.empty()));
    }

    /** Adds a repository. */
    public TemplateBuilder repository(Repository repository) {
        repositories.add(repository);
        return this;
    }

    /** Adds a package. */
    public TemplateBuilder packageRequest(PackageRequest request) {
        packages.add(request);
        return this;
    }

    /** Adds a package by its name alone. */
    public TemplateBuilder packageNamed(String packageName) {
        return packageRequest(new PackageRequest(packageName, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    /** Adds a file. */
    public TemplateBuilder file(GuestFile file) {
        files.add(file);
        return this;
    }

    /** Adds a command that runs before the packages are installed. */
    public TemplateBuilder preCommand(Command command) {
        preCommands.add(command);
        return this;
    }

    /** Adds a command that runs at the end. */
    public TemplateBuilder command(Command command) {
        commands.add(command);
        return this;
    }

    /**
     * The template.
     *
     * @throws TemplateException where it would not do; lists all that is wrong
     */
    public Template build() {
        Tdl.OperatingSystem os = new Tdl.OperatingSystem();
        os.name = Tdl.Text.of(osName);
        os.version = Tdl.Text.of(osVersion);
        os.arch = Tdl.Text.of(arch.toString());
        os.key = TdlWriter.text(key);
        os.rootpw = TdlWriter.text(rootPassword);
        os.kernelparam = TdlWriter.text(kernelParameters);
        os.icicle = TdlWriter.icicle(icicleCommand);
        if (installType != null && location != null) {
            os.install = TdlWriter.install(new Install(installType, location, mirrors, checksum, signature, extras));
        }
        Tdl.Root root = new Tdl.Root();
        root.name = Tdl.Text.of(name);
        root.description = TdlWriter.text(description);
        root.os = os;
        TdlWriter.fill(os, platform, setup);
        root.version = isPlain() ? "1.0" : "1.1";
        TdlWriter.fill(root, machine, answers, disks, repositories, packages, files, preCommands, commands);
        Findings findings = new Findings(new SourceText("template " + name, new byte[0]));
        Template template = new TdlChecker(findings, ParseOptions.defaults(), null).check(root);
        findings.throwIfAny();
        return template;
    }

    /** Whether version 1.0 can say all of it. */
    private boolean isPlain() {
        return platform.equals(Platform.ANY)
                && setup.equals(Setup.DEFAULT)
                && machine.equals(MachineWish.ANY)
                && answers.equals(OwnAnswers.NONE)
                && signature.isEmpty()
                && mirrors.isEmpty()
                && checksum.stream()
                        .allMatch(one -> one instanceof ChecksumSource.SumFile
                                && !one.algorithm().equals("SHA-512"))
                && (disks.isEmpty()
                        || (disks.size() == 1
                                && disks.get(0).size().isPresent()
                                && disks.get(0).format().isEmpty()
                                && disks.get(0).layout().isEmpty()));
    }
}
