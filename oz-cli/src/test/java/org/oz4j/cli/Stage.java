package org.oz4j.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;

import org.oz4j.Arch;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Customizer;
import org.oz4j.Firmware;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.Icicle;
import org.oz4j.IcicleGenerator;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.Installer;
import org.oz4j.Oz;
import org.oz4j.Plan;
import org.oz4j.PluginException;
import org.oz4j.config.LoadedConfig;
import org.oz4j.config.OzConfig;
import org.oz4j.host.Commands;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.template.OsCatalog;
import org.oz4j.template.ParseOptions;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.TemplateReport;
import org.oz4j.testkit.VirtualTime;

/** Runs commands on a library whose installs the test plays. */
final class Stage implements Backend {
    static final InstalledImage IMAGE = new InstalledImage(
            "web",
            "Debian 13",
            Arch.X86_64,
            Path.of("/images/web.dsk"),
            List.of(),
            ImageFormat.RAW,
            10L << 30,
            Firmware.BIOS,
            Path.of("/images/web.xml"),
            Duration.ofSeconds(1661));

    static final Icicle ICICLE = new Icicle(
            Optional.empty(),
            Optional.of(new Icicle.Os("Debian", "13", "x86_64", "deb")),
            List.of(new Icicle.Item("base", "1", "all"), new Icicle.Item("hello", "2.10-5", "amd64")));

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    final CancellationToken token = CancellationToken.create();
    final List<GuestOptions> options = new ArrayList<>();
    final List<Path> visited = new ArrayList<>();
    final List<PluginException> broken = new ArrayList<>();
    final List<List<String>> commands = new ArrayList<>();
    final VirtualTime time = new VirtualTime();
    final Path root;
    List<String> packagesForTinyLinux = List.of();
    boolean superuser = true;
    Commands.Result commandResult = new Commands.Result(0, "", "");
    Runnable onCommand = () -> {};
    OsCatalog catalog = os -> Optional.empty();
    OzConfig.Network network = new OzConfig.Network.User();
    Terminal terminal = new Terminal(false, 80);
    BiFunction<BuildListener, CancellationToken, InstalledImage> install = (listener, cancelled) -> IMAGE;

    /** The host's files are below that folder. */
    Stage(Path root) {
        this.root = root;
    }

    int run(String... args) {
        Host host = new Host(root, superuser, (command, limit) -> {
            commands.add(command);
            onCommand.run();
            return commandResult;
        });
        Context context =
                new Context(new PrintWriter(out, true), new PrintWriter(err, true), terminal, time, host, this, token);
        return Main.run(context, args);
    }

    /** What an install of a few steps tells. */
    static List<BuildEvent> events() {
        return List.of(
                new BuildEvent.Started(
                        "web",
                        "Debian 13 x86_64",
                        Instant.EPOCH,
                        List.of("Fetching the medium", "Running the installer")),
                new BuildEvent.StepStarted("web", "Fetching the medium"),
                progress(
                        "Fetching the medium",
                        "debian.iso",
                        0.5,
                        0.05,
                        OptionalLong.of(50),
                        OptionalLong.of(100),
                        "bytes"),
                progress(
                        "Fetching the medium",
                        "debian.iso",
                        1,
                        0.1,
                        OptionalLong.of(100),
                        OptionalLong.of(100),
                        "bytes"),
                new BuildEvent.StepFinished("web", "Fetching the medium", Duration.ofMillis(1500)),
                new BuildEvent.StepStarted("web", "Running the installer"),
                new BuildEvent.Notice("web", "Running the installer", "KVM is not used"),
                new BuildEvent.ConsoleLine("web", "Running the installer", "Loading \"kernel\""),
                progress("Running the installer", "Unpacking the base system", 0.4, 0.46),
                progress("Running the installer", "Unpacking the base system", 0.42, 0.48),
                new BuildEvent.StepFinished("web", "Running the installer", Duration.ofMinutes(20)),
                new BuildEvent.Succeeded("web", IMAGE));
    }

    private static BuildEvent progress(String step, String text, double fraction, double overall) {
        return progress(step, text, fraction, overall, OptionalLong.empty(), OptionalLong.empty(), "");
    }

    private static BuildEvent progress(
            String step,
            String text,
            double fraction,
            double overall,
            OptionalLong done,
            OptionalLong total,
            String unit) {
        return new BuildEvent.StepProgress("web", step, text, fraction, overall, done, total, unit);
    }

    @Override
    public TemplateReport examine(Path file, ParseOptions reading) {
        return Template.examine(file, reading);
    }

    @Override
    public OsCatalog catalog() {
        return catalog;
    }

    @Override
    public LoadedConfig loadedConfig(Optional<Path> file) {
        return new LoadedConfig(
                OzConfig.builder(root).network(network).build(),
                List.of(new LoadedConfig.Value("libvirt", "cpus", "OZ_CPUS", "2", "default")),
                List.of());
    }

    @Override
    public List<String> packagesMissingForTinyLinux() {
        return packagesForTinyLinux;
    }

    @Override
    public Path tinyLinuxIso(Path folder, Path iso) {
        return iso;
    }

    @Override
    public Oz open(OzConfig config) {
        return new Oz() {
            @Override
            public Guest guest(Template template, GuestOptions given) {
                options.add(given);
                return new PlayedGuest(template, releases().get(0), install, visited);
            }

            @Override
            public List<OsRelease> releases() {
                return List.of(
                        release("Debian", "13", Support.INSTALLED)
                                .names(List.of("GNU/Linux"))
                                .aliases(List.of("trixie"))
                                .endOfLife(LocalDate.of(2030, 6, 30))
                                .build(),
                        release("TinyLinux", "1", Support.EXPERIMENTAL).build());
            }

            @Override
            public List<PluginException> brokenPlugins() {
                return broken;
            }

            @Override
            public void close() {}
        };
    }

    private static OsRelease.Builder release(String os, String version, Support support) {
        return OsRelease.builder(os, version, support, "made up")
                .arches(Set.of(Arch.X86_64, Arch.I386))
                .installTypes(Set.of(InstallType.URL, InstallType.ISO));
    }

    private record PlayedGuest(
            Template template,
            OsRelease release,
            BiFunction<BuildListener, CancellationToken, InstalledImage> play,
            List<Path> visited)
            implements Guest {
        @Override
        public Installer installer() {
            return play::apply;
        }

        @Override
        public Path imagePath() {
            return IMAGE.disk();
        }

        @Override
        public InstalledImage imageAt(Path disk) {
            return new InstalledImage(
                    IMAGE.name(),
                    IMAGE.os(),
                    IMAGE.arch(),
                    disk,
                    List.of(),
                    IMAGE.format(),
                    IMAGE.virtualSize(),
                    IMAGE.firmware(),
                    IMAGE.domainXml(),
                    IMAGE.took());
        }

        @Override
        public Plan plan(boolean secrets) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Customizer customizer() {
            return (image, listener, token) -> {
                visited.add(image.disk());
                return image;
            };
        }

        @Override
        public IcicleGenerator icicleGenerator() {
            return (image, listener, token) -> {
                visited.add(image.disk());
                return ICICLE;
            };
        }
    }
}
