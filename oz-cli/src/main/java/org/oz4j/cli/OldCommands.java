package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import org.oz4j.MachineChoices;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.config.OzConfigBuilder;
import org.oz4j.media.MediaStore.Kind;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.template.ParseOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands of the Python tool, with its options and their meaning. */
final class OldCommands {
    /** The names of all of them. */
    static final List<String> NAMES = List.of("oz-install", "oz-customize", "oz-generate-icicle", "oz-cleanup-cache");

    private OldCommands() {}

    /** The command of that name. */
    static Optional<Old> named(String name, Context context) {
        return switch (name) {
            case "oz-install" -> Optional.of(new Install(context));
            case "oz-customize" -> Optional.of(new Customize(context));
            case "oz-generate-icicle" -> Optional.of(new GenerateIcicle(context));
            case "oz-cleanup-cache" -> Optional.of(new CleanupCache(context));
            default -> Optional.empty();
        };
    }

    /** What all of them have. */
    abstract static class Old implements Callable<Integer> {
        final Context context;

        @Mixin
        private ConfigOption config = new ConfigOption();

        @Option(
                names = {"-d", "--debug"},
                paramLabel = "LEVEL",
                defaultValue = "0",
                description = "What is told: 0 errors, 1 warnings too, 2 information, 3 and above everything.")
        private int level;

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Print this help.")
        @SuppressWarnings("UnusedVariable") // picocli acts on it
        private boolean help;

        @Spec
        private @Nullable CommandSpec spec;

        Old(Context context) {
            this.context = context;
        }

        OzConfig config() {
            if (level < 0) {
                throw usage("The level " + level + " is less than 0");
            }
            Logging.set(level >= 3);
            return config.read(context);
        }

        boolean debug() {
            return level >= 3;
        }

        ParameterException usage(String message) {
            if (spec == null) {
                throw new IllegalStateException(message);
            }
            return new ParameterException(spec.commandLine(), message);
        }

        Guest guest(Oz oz, OzConfig settings, Path template, GuestOptions options) {
            return oz.guest(TemplateOptions.read(context, template, settings, ParseOptions.defaults()), options);
        }

        /** The machine that the user chose; what no machine can be is bad usage. */
        MachineChoices choices(@Nullable String diskBus, @Nullable String nic, @Nullable String mac) {
            try {
                return new MachineChoices(
                        Optional.ofNullable(diskBus).map(text -> of(DiskBus.values(), DiskBus::label, text)),
                        Optional.ofNullable(nic).map(text -> of(NicModel.values(), NicModel::label, text)),
                        Optional.ofNullable(mac));
            } catch (IllegalArgumentException e) {
                throw usage(String.valueOf(e.getMessage()));
            }
        }

        private static <T> T of(T[] all, Function<T, String> label, String text) {
            return Stream.of(all)
                    .filter(one -> label.apply(one).equals(text.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is not known; known are "
                            + Arrays.stream(all).map(label).collect(Collectors.joining(", "))));
        }
    }

    /** {@code oz-install}. */
    @Command(
            name = "oz-install",
            description = "Installs the operating system that a template describes into a disk image.")
    static final class Install extends Old {
        @Parameters(paramLabel = "TEMPLATE", description = "The template (TDL).")
        private Path template = Path.of("");

        @Option(
                names = {"-a", "--auto"},
                paramLabel = "FILE",
                description = "An answer file in place of the one that Oz would write.")
        private @Nullable Path answerFile;

        @Option(
                names = {"-b", "--disk-bus"},
                paramLabel = "BUS",
                description = "How the disk is attached: virtio, sata, scsi or ide.")
        private @Nullable String diskBus;

        @Option(
                names = {"-f", "--force-download"},
                description = "Fetch install media anew, even where they are kept.")
        private boolean forceDownload;

        @Option(
                names = {"-g", "--generate-icicle"},
                description = "List what is inside once all is done.")
        private boolean icicle;

        @Option(
                names = {"-i", "--icicle"},
                paramLabel = "FILE",
                description = "Write the list there, in place of standard output; goes with -g.")
        private @Nullable Path icicleFile;

        @Option(
                names = {"-m", "--mac-address"},
                paramLabel = "MAC",
                description = "The network card's address.")
        private @Nullable String mac;

        @Option(
                names = {"-n", "--network-device"},
                paramLabel = "MODEL",
                description = "The network card's model: virtio, e1000, rtl8139, ne2k_pci or pcnet.")
        private @Nullable String nic;

        @Option(
                names = {"-p", "--cleanup"},
                description = "Replace an image that is there already.")
        private boolean cleanup;

        @Option(
                names = {"-s", "--disk"},
                paramLabel = "IMAGE",
                description = "Where to put the image.")
        private @Nullable Path image;

        @Option(
                names = {"-t", "--timeout"},
                paramLabel = "SECONDS",
                description = "The time limit of the install.")
        private @Nullable Integer timeout;

        @Option(
                names = {"-u", "--customize"},
                description = "Customise after the install.")
        private boolean customize;

        @Option(
                names = {"-x", "--xmlfile"},
                paramLabel = "FILE",
                description = "Write the libvirt domain that boots the image there (default: beside the image).")
        private @Nullable Path xmlFile;

        Install(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws IOException {
            if (icicleFile != null && !icicle) {
                throw usage("-i goes with -g");
            }
            if (timeout != null && timeout <= 0) {
                throw usage("The time limit " + timeout + " is not a number of seconds from 1");
            }
            GuestOptions options = new GuestOptions(
                            Optional.ofNullable(answerFile).map(Path::toAbsolutePath),
                            Optional.ofNullable(image).map(Path::toAbsolutePath),
                            cleanup,
                            false)
                    .withMachine(choices(diskBus, nic, mac));
            OzConfigBuilder builder = config().toBuilder();
            if (forceDownload) {
                builder.useCache(false);
            }
            if (timeout != null) {
                builder.installLimit(Duration.ofSeconds(timeout));
            }
            OzConfig config = builder.build();
            try (Oz oz = context.backend().open(config)) {
                Guest guest = guest(oz, config, template, options);
                InstalledImage installed = Builds.install(context, guest, false, debug());
                if (xmlFile != null) {
                    // before customising, so that it is there where that fails
                    Files.copy(installed.domainXml(), xmlFile, StandardCopyOption.REPLACE_EXISTING);
                }
                if (customize) {
                    Builds.customize(context, guest, installed, false, debug());
                }
                if (icicle) {
                    Builds.icicle(context, guest, installed, Builds.Wanted.xml(icicleFile), debug());
                }
                context.out().println("Image:  " + installed.disk());
                // scripts look for this line of the Python tool
                context.out()
                        .println("Libvirt XML was written to " + (xmlFile == null ? installed.domainXml() : xmlFile));
            }
            return ExitCode.OK;
        }
    }

    /** What takes a template and a domain of libvirt. */
    abstract static class OldVisit extends Old {
        @Parameters(index = "0", paramLabel = "TEMPLATE", description = "The template (TDL).")
        Path template = Path.of("");

        @Parameters(
                index = "1",
                paramLabel = "DOMAIN",
                description = "The libvirt domain's XML that the install wrote, or the image itself.")
        Path domain = Path.of("");

        OldVisit(Context context) {
            super(context);
        }

        InstalledImage image(Guest guest) throws IOException {
            return guest.imageAt(DomainFile.imageOf(domain));
        }
    }

    /** {@code oz-customize}. */
    @Command(
            name = "oz-customize",
            description = "Puts a template's repositories, packages, files and commands into an installed image.")
    static final class Customize extends OldVisit {
        @Option(
                names = {"-m", "--mac-address"},
                paramLabel = "MAC",
                description = "The network card's address.")
        private @Nullable String mac;

        Customize(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws IOException {
            OzConfig config = config();
            GuestOptions options = GuestOptions.defaults().withMachine(choices(null, null, mac));
            try (Oz oz = context.backend().open(config)) {
                Guest guest = guest(oz, config, template, options);
                Builds.customize(context, guest, image(guest), false, debug());
            }
            return ExitCode.OK;
        }
    }

    /** {@code oz-cleanup-cache}. */
    @Command(name = "oz-cleanup-cache", description = "Deletes kept install media.")
    static final class CleanupCache extends Old {
        @Option(
                names = {"-f", "--force"},
                description = "Accepted, and does nothing: nobody is asked anyway.")
        @SuppressWarnings("UnusedVariable")
        private boolean force;

        CleanupCache(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            return CleanupCacheCommand.clean(context, config(), EnumSet.allOf(Kind.class), false);
        }
    }

    /** {@code oz-generate-icicle}. */
    @Command(name = "oz-generate-icicle", description = "Lists what is installed in an image, as ICICLE XML.")
    static final class GenerateIcicle extends OldVisit {
        @Option(
                names = {"-i", "--icicle"},
                paramLabel = "FILE",
                description = "Write the list there, in place of standard output.")
        private @Nullable Path file;

        GenerateIcicle(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws IOException {
            OzConfig config = config();
            try (Oz oz = context.backend().open(config)) {
                Guest guest = guest(oz, config, template, GuestOptions.defaults());
                Builds.icicle(context, guest, image(guest), Builds.Wanted.xml(file), debug());
            }
            return ExitCode.OK;
        }
    }
}
