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
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Install;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

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
    private OptionalLong diskSize = OptionalLong.empty();

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

    /** Sets the size of the disk, in bytes. */
    public TemplateBuilder diskSize(long bytes) {
        diskSize = OptionalLong.of(bytes);
        return this;
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
            os.install = TdlWriter.install(new Install(installType, location, checksum, extras));
        }
        Tdl.Root root = new Tdl.Root();
        root.version = "1.0";
        root.name = Tdl.Text.of(name);
        root.description = TdlWriter.text(description);
        root.os = os;
        TdlWriter.fill(root, diskSize, repositories, packages, files, preCommands, commands);
        Findings findings = new Findings(new SourceText("template " + name, new byte[0]));
        Template template = new TdlChecker(findings).check(root);
        findings.throwIfAny();
        return template;
    }
}
