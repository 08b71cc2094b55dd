package org.oz4j.template;

import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.Marshaller;

import org.jspecify.annotations.Nullable;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Install;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Os;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

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
                template.diskSize(),
                template.repositories(),
                template.packages(),
                template.files(),
                template.preCommands(),
                template.commands());
        try {
            Marshaller marshaller = Tdl.context().createMarshaller();
            marshaller.setProperty(Marshaller.JAXB_FORMATTED_OUTPUT, true);
            marshaller.setProperty(Marshaller.JAXB_FRAGMENT, true);
            StringWriter out = new StringWriter();
            out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
            marshaller.marshal(root, out);
            out.write('\n');
            return out.toString();
        } catch (JAXBException e) {
            throw new IllegalStateException("The template can't be written as XML", e);
        }
    }

    static void fill(
            Tdl.Root root,
            OptionalLong diskSize,
            List<Repository> repositories,
            List<PackageRequest> packages,
            List<GuestFile> files,
            List<Command> preCommands,
            List<Command> commands) {
        if (diskSize.isPresent()) {
            root.disk = new Tdl.Disk();
            root.disk.size = Tdl.Text.of(DiskSize.format(diskSize.getAsLong()));
        }
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
        return made;
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

    private static void setSum(Tdl.Medium medium, ChecksumSource sum) {
        Tdl.Text location = Tdl.Text.of(sum.location().toString());
        switch (sum.algorithm()) {
            case "MD5" -> medium.md5sum = location;
            case "SHA-1" -> medium.sha1sum = location;
            case "SHA-256" -> medium.sha256sum = location;
            default ->
                throw new IllegalArgumentException("A template can't hold a checksum of " + sum.algorithm()
                        + "; allowed are MD5, SHA-1 and SHA-256");
        }
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
