package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.Guest;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.VisitChoices;
import org.oz4j.icicle.IcicleDiff;
import org.oz4j.icicle.IcicleFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code oz icicle}. */
@Command(
        name = "icicle",
        mixinStandardHelpOptions = true,
        customSynopsis = {"oz icicle [OPTIONS] TEMPLATE [IMAGE]", "oz icicle --diff [--json] FILE FILE"},
        description = {
            "Lists what is installed in an image, as ICICLE XML or as a software bill of materials.",
            "Boots the image on a throw-away overlay, or not at all (--offline); the image itself is only read.",
            "With --diff, compares two lists that were written before, and boots nothing: exit status 0 where they tell "
                    + "of the same packages, 1 where not, 2 where one can't be read."
        })
final class IcicleCommand extends VisitCommand {
    private static final int LARGEST = 256 << 20;

    @Option(
            names = {"-i", "--icicle", "--output"},
            paramLabel = "FILE",
            description = "Write the list there, in place of standard output.")
    private @Nullable Path output;

    @Option(
            names = "--offline",
            description = "Read the package manager's own files in the image, and boot nothing. Needs libguestfs.")
    private boolean offline;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            converter = Formats.class,
            description = "What the list is written as: icicle (the default), cyclonedx, spdx or json.")
    private @Nullable IcicleFormat format;

    @Option(
            names = {"-o", "--write"},
            paramLabel = "FORMAT=FILE",
            converter = Formats.class,
            description =
                    "Write the list in that format to that file; may be given more than once. Then standard output "
                            + "gets it only where --format says as what.")
    private Map<IcicleFormat, Path> files = new LinkedHashMap<>();

    @Option(
            names = "--names-only",
            description = "Leave out of ICICLE XML what its first readers don't know: all but names.")
    private boolean namesOnly;

    @Option(
            names = "--diff",
            description = "Compare two lists, which stand in place of TEMPLATE and IMAGE: ICICLE XML, CycloneDX or "
                    + "json.")
    private boolean diff;

    @Option(names = "--json", description = "With --diff: tell the differences as JSON.")
    private boolean json;

    @Spec
    private @Nullable CommandSpec spec;

    /** Formats by their names in small letters. */
    static final class Formats implements ITypeConverter<IcicleFormat> {
        @Override
        public IcicleFormat convert(String name) {
            return Arrays.stream(IcicleFormat.values())
                    .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "\"" + name + "\" is none of icicle, cyclonedx, spdx and json"));
        }
    }

    IcicleCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws IOException {
        if (json && !diff) {
            throw usage("--json goes with --diff");
        }
        if (!diff) {
            List<Path> targets = new ArrayList<>(files.values());
            Optional.ofNullable(output).ifPresent(targets::add);
            for (Path target : targets) {
                // found out now, not after the guest has booted
                Path parent = target.toAbsolutePath().getParent();
                if (Files.isDirectory(target) || parent == null || !Files.isWritable(parent)) {
                    throw usage("Can't write to " + target);
                }
            }
            return super.call();
        }
        if (image == null) {
            throw usage("--diff compares two files");
        }
        try {
            IcicleDiff difference = IcicleDiff.between(read(template), read(image));
            tell(difference);
            return difference.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
        } catch (IllegalArgumentException e) {
            context.err().println("oz: " + e.getMessage());
            return ExitCode.USAGE;
        }
    }

    private static Icicle read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new IllegalArgumentException("it is larger than any");
            }
            return IcicleFormat.read(Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("Can't read " + file + ": " + e, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " is no list of packages: " + e.getMessage(), e);
        }
    }

    private void tell(IcicleDiff difference) {
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put(
                    "added",
                    difference.added().stream().map(IcicleCommand::facts).toList());
            all.put(
                    "removed",
                    difference.removed().stream().map(IcicleCommand::facts).toList());
            all.put(
                    "changed",
                    difference.changed().stream()
                            .map(change -> {
                                Map<String, Object> one = new LinkedHashMap<>();
                                one.put("name", change.after().name());
                                one.put("before", facts(change.before()));
                                one.put("after", facts(change.after()));
                                return one;
                            })
                            .toList());
            context.out().println(Json.write(all));
            return;
        }
        difference.added().forEach(item -> context.out().println("+ " + line(item)));
        difference.removed().forEach(item -> context.out().println("- " + line(item)));
        difference.changed().forEach(change -> context.out()
                .println("~ " + line(change.before()) + " -> "
                        + line(change.after())
                                .substring(change.after().name().length())
                                .strip()));
    }

    private static Map<String, Object> facts(Icicle.Item item) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", item.name());
        facts.put("version", item.version());
        facts.put("arch", item.arch());
        return facts;
    }

    private static String line(Icicle.Item item) {
        return (item.name() + " " + item.version() + " " + item.arch()).strip();
    }

    private ParameterException usage(String message) {
        if (spec == null) {
            throw new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }

    @Override
    VisitChoices choices() {
        return VisitChoices.NONE.withOffline(offline);
    }

    @Override
    void visit(Guest guest, InstalledImage installed, boolean debug) throws IOException {
        List<Builds.Wanted> wanted = new ArrayList<>();
        files.forEach((as, file) -> wanted.add(new Builds.Wanted(as, !namesOnly, Optional.of(file))));
        if (files.isEmpty() || format != null || output != null) {
            wanted.add(new Builds.Wanted(
                    format == null ? IcicleFormat.ICICLE : format, !namesOnly, Optional.ofNullable(output)));
        }
        Builds.icicle(context, guest, installed, wanted, debug);
    }
}
