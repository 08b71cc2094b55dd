package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

import org.oz4j.GuestOptions;
import org.oz4j.HostSetupException;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.remote.ShellWords;
import org.oz4j.template.ParseOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code oz quickstart}. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Installs a small Linux from an ISO made on the spot, to see that all works here.",
            "Installs the Debian packages that are missing first (apt-get), and asks nothing."
        })
final class QuickstartCommand implements Callable<Integer> {
    /** Not a secret: it opens a machine on the user's own loopback, and docs/commands.md tells it. */
    static final String PASSWORD = "oz";

    private static final int SSH_PORT = 2222;

    private final Context context;

    @Option(names = "--output", paramLabel = "DIR", description = "Where everything goes (default: ${DEFAULT-VALUE}).")
    private Path output = Path.of("oz-quickstart");

    @Mixin
    private ConfigOption configOption = new ConfigOption();

    @ParentCommand
    private OzCommand oz = new OzCommand();

    QuickstartCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws Exception {
        Path folder = output.toAbsolutePath().normalize();
        Doctor.Report report = prepareHost(folder);
        Files.createDirectories(folder);
        say("Making the install ISO of TinyLinux");
        Path iso = Builds.interruptible(context.token(), () -> context.backend()
                .tinyLinuxIso(folder.resolve("cache"), folder.resolve("tinylinux.iso")));
        Path template = writeTemplate(folder.resolve("tinylinux.tdl"), iso);

        OzConfig config = configOption.read(context);
        GuestOptions options = GuestOptions.defaults()
                .withImage(folder.resolve("tinylinux.dsk"))
                .withOverwrite(true);
        try (Oz opened = context.backend().open(config)) {
            InstalledImage image = Builds.install(
                    context,
                    opened.guest(TemplateOptions.read(context, template, config, ParseOptions.defaults()), options),
                    false,
                    oz.debug());
            farewell(image, report);
        }
        return ExitCode.OK;
    }

    private Doctor.Report prepareHost(Path folder) throws Exception {
        Doctor doctor = new Doctor(context.host(), context.backend());
        Doctor.Report report = doctor.examine(folder);
        if (!doctor.fixLine(report).isEmpty()) {
            say("Installing what this host lacks; it takes a few minutes:");
            say("  " + doctor.fixLine(report));
            Builds.interruptible(context.token(), () -> {
                doctor.fix(report);
                return true;
            });
        }
        Doctor.Report now = doctor.examine(folder);
        for (Doctor.Check check : now.checks()) {
            if (check.status() == Doctor.Status.MISSING) {
                throw new HostSetupException(check.name() + ": " + check.detail(), null, check.packages(), null);
            }
        }
        return now;
    }

    private static Path writeTemplate(Path file, Path iso) throws IOException {
        return Files.writeString(
                file,
                """
                <template version="1.0">
                  <name>tinylinux</name>
                  <description>What oz quickstart installs; change it and run oz install on it</description>
                  <os>
                    <name>TinyLinux</name>
                    <version>1</version>
                    <arch>x86_64</arch>
                    <install type="iso">
                      <iso>%s</iso>
                    </install>
                    <rootpw>%s</rootpw>
                  </os>
                </template>
                """
                        .formatted(iso.toUri().toASCIIString().replace("&", "&amp;"), PASSWORD));
    }

    private void farewell(InstalledImage image, Doctor.Report report) {
        boolean kvm = report.checks().stream()
                .anyMatch(check -> check.name().equals("KVM") && check.status() == Doctor.Status.OK);
        say("");
        say("Installed: " + image.disk());
        say("Boot it (Ctrl-A X ends it):");
        say("  " + bootLine(image, kvm));
        say("Log in as root with the password " + PASSWORD + ", there or by: ssh -p " + SSH_PORT + " root@127.0.0.1");
        say("Its template is beside it; change it and run: oz install --force tinylinux.tdl");
    }

    /** The shell command that boots an image, with its console on the terminal. */
    static String bootLine(InstalledImage image, boolean kvm) {
        return "qemu-system-x86_64 -machine q35 -accel " + (kvm ? "kvm -cpu host" : "tcg,thread=multi -cpu max")
                + " -m 512 -nographic -drive "
                + ShellWords.quote("file=" + image.disk().toString().replace(",", ",,") + ",if=virtio,format="
                        + image.format().label())
                + " -nic user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:" + SSH_PORT + "-:22";
    }

    private void say(String line) {
        context.out().println(line);
    }
}
