package org.oz4j.template;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.Sizes;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Install;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.MachineWish;
import org.oz4j.template.Template.Os;
import org.oz4j.template.Template.OwnAnswers;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.User;
import org.oz4j.template.Template.VolumeGroup;

/** Turns a template's records back into elements, and those into XML. */
final class TdlWriter {
    private TdlWriter() {}

    static String xml(Template template) {
        Tdl.Root root = new Tdl.Root();
        root.version = template.version();
        root.name = Tdl.Text.of(template.name());
        root.description = text(template.description());
        root.os = os(template.os());
        fill(
                root,
                template.machine(),
                template.answers(),
                template.disks(),
                template.repositories(),
                template.packages(),
                template.files(),
                template.preCommands(),
                template.commands());
        String xml = Tdl.binding().write(root);
        // What looks like the use of a parameter is none: the values are in place already.
        return template.version().equals("1.0") ? xml : TdlParameters.escaped(xml);
    }

    static void fill(
            Tdl.Root root,
            MachineWish machine,
            OwnAnswers answers,
            List<Disk> disks,
            List<Repository> repositories,
            List<PackageRequest> packages,
            List<GuestFile> files,
            List<Command> preCommands,
            List<Command> commands) {
        root.machine = machine(machine);
        root.auto = auto(answers);
        disks.forEach(one -> root.disk.add(disk(one)));
        if (!repositories.isEmpty()) {
            root.repositories = new Tdl.Repositories();
            repositories.forEach(one -> root.repositories.items.add(repository(one)));
        }
        if (!packages.isEmpty()) {
            root.packages = new Tdl.Packages();
            packages.forEach(one -> root.packages.items.add(request(one)));
        }
        if (!files.isEmpty()) {
            root.files = new Tdl.Files();
            files.forEach(one -> root.files.items.add(payload(one.path(), one.content())));
        }
        root.precommands = commands(preCommands);
        root.commands = commands(commands);
    }

    private static Tdl.OperatingSystem os(Os os) {
        Tdl.OperatingSystem made = new Tdl.OperatingSystem();
        made.name = Tdl.Text.of(os.name());
        made.version = Tdl.Text.of(os.version());
        made.arch = Tdl.Text.of(os.arch().toString());
        made.install = install(os.install());
        made.key = text(os.key());
        made.rootpw = text(os.rootPassword());
        made.kernelparam = text(os.kernelParameters());
        made.icicle = icicle(os.icicleCommand());
        fill(made, os.platform(), os.setup());
        return made;
    }

    static void fill(Tdl.OperatingSystem made, Platform platform, Setup setup) {
        made.firmware = text(platform.firmware().map(one -> one.name().toLowerCase(Locale.ROOT)));
        made.secureboot = platform.secureBoot() ? Tdl.Text.of("yes") : null;
        made.tpm = text(platform.tpm());
        made.hostname = text(setup.hostname());
        made.locale = text(setup.locale());
        made.keyboard = text(setup.keyboard());
        made.timezone = text(setup.timezone());
        made.sshKeys = sshKeys(setup.sshKeys());
        if (!setup.users().isEmpty()) {
            made.users = new Tdl.Users();
            for (User user : setup.users()) {
                Tdl.Person person = new Tdl.Person();
                person.name = user.name();
                person.fullname = text(user.fullName());
                person.password = text(user.password());
                person.groups = user.groups().isEmpty() ? null : Tdl.Text.of(String.join(",", user.groups()));
                person.sshKeys = sshKeys(user.sshKeys());
                made.users.items.add(person);
            }
        }
    }

    private static Tdl.@Nullable Text sshKeys(List<String> keys) {
        return keys.isEmpty() ? null : Tdl.Text.of(String.join("\n", keys));
    }

    private static Tdl.@Nullable MachineWish machine(MachineWish machine) {
        if (machine.equals(MachineWish.ANY)) {
            return null;
        }
        Tdl.MachineWish made = new Tdl.MachineWish();
        machine.cpus().ifPresent(cpus -> made.cpus = Tdl.Text.of(Integer.toString(cpus)));
        machine.memoryMiB().ifPresent(mib -> made.memory = Tdl.Text.of(mib + " MiB"));
        made.network = text(machine.network().map(Network::label));
        return made;
    }

    private static Tdl.@Nullable Auto auto(OwnAnswers answers) {
        if (answers.equals(OwnAnswers.NONE)) {
            return null;
        }
        Tdl.Auto made = new Tdl.Auto();
        made.src = answers.source().map(URI::toString).orElse(null);
        made.append = text(answers.append());
        return made;
    }

    private static Tdl.Disk disk(Disk disk) {
        Tdl.Disk made = new Tdl.Disk();
        made.format = disk.format().map(ImageFormat::label).orElse(null);
        made.size = text(size(disk.size()));
        disk.layout().ifPresent(layout -> {
            made.layout = new Tdl.Layout();
            layout.partitions().forEach(one -> made.layout.partitions.add(slice(one)));
            for (VolumeGroup group : layout.groups()) {
                Tdl.Group item = new Tdl.Group();
                item.name = group.name();
                item.size = size(group.size()).orElse(null);
                group.volumes().forEach(one -> item.volumes.add(slice(one)));
                made.layout.groups.add(item);
            }
        });
        return made;
    }

    private static Tdl.Slice slice(Partition partition) {
        Tdl.Slice made = new Tdl.Slice();
        made.name = partition.name().isEmpty() ? null : partition.name();
        made.mount = partition.mount().orElse(null);
        made.size = size(partition.size()).orElse(null);
        made.filesystem = partition.filesystem();
        return made;
    }

    private static Optional<String> size(OptionalLong bytes) {
        return bytes.isPresent() ? Optional.of(Sizes.format(bytes.getAsLong())) : Optional.empty();
    }

    static Tdl.@Nullable Manifest icicle(Optional<String> command) {
        if (command.isEmpty()) {
            return null;
        }
        Tdl.Manifest made = new Tdl.Manifest();
        made.extraCommand = text(command);
        return made;
    }

    static Tdl.Medium install(Install install) {
        Tdl.Medium made = new Tdl.Medium();
        Tdl.Text location = Tdl.Text.of(install.location().toString());
        if (install.type() == InstallType.URL) {
            made.type = "url";
            made.url = location;
        } else {
            made.type = "iso";
            made.iso = location;
        }
        install.checksum().ifPresent(sum -> setSum(made, sum));
        install.signature().ifPresent(signature -> {
            made.signature = new Tdl.Signature();
            made.signature.key = signature.key().orElse(null);
            made.signature.text = signature.location().map(URI::toString).orElse("");
        });
        install.mirrors().forEach(mirror -> made.mirror.add(Tdl.Text.of(mirror.toString())));
        if (!install.extras().isEmpty()) {
            made.extras = new Tdl.Extras();
            for (Extra extra : install.extras()) {
                Tdl.Addition item = extra.directory() ? new Tdl.ExtraDirectory() : new Tdl.ExtraFile();
                item.source = extra.source().toString();
                item.destination = extra.destination();
                made.extras.items.add(item);
            }
        }
        return made;
    }

    private static void setSum(Tdl.Medium medium, ChecksumSource source) {
        if (source instanceof ChecksumSource.SumFile file) {
            Tdl.Text location = Tdl.Text.of(file.location().toString());
            switch (file.algorithm()) {
                case "MD5" -> medium.md5sum = location;
                case "SHA-1" -> medium.sha1sum = location;
                case "SHA-256" -> medium.sha256sum = location;
                case "SHA-512" -> medium.sha512sum = location;
                default -> throw unknownSum(file.algorithm());
            }
        } else if (source instanceof ChecksumSource.Sum sum) {
            Tdl.Text hex = Tdl.Text.of(sum.hex());
            switch (sum.algorithm()) {
                case "MD5" -> medium.md5 = hex;
                case "SHA-1" -> medium.sha1 = hex;
                case "SHA-256" -> medium.sha256 = hex;
                case "SHA-512" -> medium.sha512 = hex;
                default -> throw unknownSum(sum.algorithm());
            }
        }
    }

    private static IllegalArgumentException unknownSum(String algorithm) {
        return new IllegalArgumentException(
                "A template can't hold a checksum of " + algorithm + "; allowed are MD5, SHA-1, SHA-256 and SHA-512");
    }

    private static Tdl.Source repository(Repository repository) {
        Tdl.Source made = new Tdl.Source();
        made.name = repository.name();
        made.url = Tdl.Text.of(repository.url());
        made.signed = Tdl.Text.of(repository.signed() ? "yes" : "no");
        made.persisted = Tdl.Text.of(repository.persisted() ? "yes" : "no");
        made.sslverify = Tdl.Text.of(repository.sslVerify() ? "yes" : "no");
        return made;
    }

    private static Tdl.Request request(PackageRequest request) {
        Tdl.Request made = new Tdl.Request();
        made.name = request.name();
        made.repository = text(request.repository());
        made.file = text(request.file());
        made.arguments = text(request.arguments());
        return made;
    }

    private static Tdl.@Nullable Commands commands(List<Command> commands) {
        if (commands.isEmpty()) {
            return null;
        }
        Tdl.Commands made = new Tdl.Commands();
        for (Command command : commands) {
            made.items.add(payload(command.name(), command.content()));
        }
        return made;
    }

    private static Tdl.Payload payload(String name, Content content) {
        Tdl.Payload made = new Tdl.Payload();
        made.name = name;
        if (content instanceof Content.Base64 base64) {
            made.type = "base64";
            made.text = base64.encoded();
        } else if (content instanceof Content.Url url) {
            made.type = "url";
            made.text = url.location().toString();
        } else if (content instanceof Content.Text raw) {
            made.type = "raw";
            made.text = raw.text();
        }
        return made;
    }

    static Tdl.@Nullable Text text(Optional<String> value) {
        return value.map(Tdl.Text::of).orElse(null);
    }
}
