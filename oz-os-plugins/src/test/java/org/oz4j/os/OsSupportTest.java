package org.oz4j.os;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import org.junit.jupiter.api.Test;
import org.oz4j.Arch;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MachineHints.Pointer;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.PackageManager;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Feature;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds our plugins against what the Python tool decides for every system that it knows: {@code os-support.tsv.gz} has its
 * 5,524 accepted rows. Where we do otherwise, {@code departures.tsv} says so, with the reason.
 */
class OsSupportTest {
    private static final URI TREE = URI.create("http://mirror.example.com/tree/");
    private static final String PARAMETER = "foo=bar";

    /** A row of theirs, by column. */
    private record Row(Map<String, String> fields) {
        String get(String column) {
            return Objects.requireNonNull(fields.get(column), column);
        }

        String key() {
            return get("distro") + " " + get("version") + " " + get("arch") + " " + get("installtype");
        }
    }

    /** Where we do otherwise; patterns of the whole text, but {@code *} is any part of it. */
    private record Departure(Pattern key, Pattern field, Pattern ours, String line) {
        boolean covers(Row row, String name, String found) {
            return key.matcher(row.key()).matches()
                    && field.matcher(name).matches()
                    && ours.matcher(found).matches();
        }
    }

    private record Known(OsPlugin plugin, OsRelease release) {}

    private final Map<String, Known> releases = new HashMap<>();
    private final List<Departure> departures = new ArrayList<>();
    private final Set<Departure> used = new LinkedHashSet<>();
    private final Map<String, List<String>> undocumented = new TreeMap<>();

    @Test
    void everyRowIsAsThePythonToolHasItOrItsDepartureIsDocumented() {
        for (OsPlugin plugin : ServiceLoader.load(OsPlugin.class)) {
            for (OsRelease release : plugin.releases()) {
                keys(release).forEach(key -> releases.put(key, new Known(plugin, release)));
            }
        }
        lines("departures.tsv")
                .filter(line -> !line.startsWith("#"))
                .map(OsSupportTest::departure)
                .forEach(departures::add);
        List<Row> rows = rows();
        assertThat(rows).hasSize(5524);
        for (Row row : rows) {
            Known known = releases.get(row.key().toLowerCase(Locale.ROOT));
            if (known != null) {
                compare(row, known);
            } else {
                note(row, "release", "is there", "missing");
            }
        }
        assertThat(undocumented)
                .as("differences that departures.tsv does not tell")
                .isEmpty();
        assertThat(departures.stream().filter(each -> !used.contains(each)).map(Departure::line))
                .as("departures that no row has")
                .isEmpty();
    }

    private void compare(Row row, Known known) {
        Arch arch = Arch.of(row.get("arch")).orElseThrow();
        InstallType type = InstallType.valueOf(row.get("installtype").toUpperCase(Locale.ROOT));
        GuestProfile profile = known.plugin().profile(request(row, known.release(), arch, type));
        List<MediaRecipe> media =
                profile.media().stream().filter(each -> each.isFor(type)).toList();
        check(row, "answers", places(row), String.join(" or ", places(media)));
        check(row, "nic", row.get("nic"), profile.machine().nic().label());
        check(row, "disk_bus", row.get("disk_bus"), profile.machine().diskBus().label());
        check(row, "clock", row.get("clock"), profile.machine().clock().name().toLowerCase(Locale.ROOT));
        check(row, "mouse", row.get("mouse"), profile.machine().pointer() == Pointer.PS2 ? "ps2" : "usb");
        check(row, "reboots", row.get("reboots"), String.valueOf(profile.flow().reboots()));
        check(
                row,
                "install_timeout",
                row.get("install_timeout"),
                String.valueOf(profile.flow().timeLimit().toSeconds()));
        check(
                row,
                "package_manager",
                row.get("package_manager").replace("apt-get", "apt"),
                profile.packages().map(PackageManager::name).orElse("none"));
        check(
                row,
                "customize",
                row.get("customize").startsWith("yes") ? "yes" : "no",
                profile.access().isEmpty() ? "no" : "yes");
        check(row, "uefi", row.get("uefi"), known.release().features().contains(Feature.UEFI) ? "yes" : "no");
        String line = media.stream()
                .filter(MediaRecipe.DirectKernel.class::isInstance)
                .map(each -> ((MediaRecipe.DirectKernel) each).arguments() + " " + PARAMETER)
                .findFirst()
                .orElse("");
        if (type == InstallType.URL) {
            check(row, "kernel_arguments", row.get("direct_kernel_cmdline"), line);
        }
    }

    private static ProfileRequest request(Row row, OsRelease release, Arch arch, InstallType type) {
        TemplateBuilder template = Template.builder("guest", row.get("distro"), row.get("version"), arch)
                .kernelParameters(PARAMETER);
        (type == InstallType.URL ? template.url(TREE) : template.iso(TREE.resolve("../cd.iso"))).key("AAAAA-BBBBB");
        return new ProfileRequest(
                template.build(),
                release,
                MediaFacts.none(),
                TREE,
                new RootPassword("open sesame", "$6$saltsalt$hashhash"),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                "00112233445566778899aabbccddeeff");
    }

    /** Where they put the answer file: a path, however it gets there. */
    private static String places(Row row) {
        return Stream.of(row.get("answer_placed_at").split(" \\| "))
                .filter(each -> row.get("installtype").equals("url") == each.startsWith("initrd")
                        || !row.get("answer_placed_at").contains("initrd"))
                .map(each -> each.replaceFirst("^(initrd)\\(.*\\):/?|^(iso):/", "$1$2:"))
                .collect(Collectors.joining(" or "));
    }

    private static Set<String> places(List<MediaRecipe> media) {
        Set<String> places = new LinkedHashSet<>();
        for (MediaRecipe recipe : media) {
            if (recipe instanceof MediaRecipe.DirectKernel kernel) {
                places.add("initrd:" + kernel.answerPath());
            } else if (recipe instanceof MediaRecipe.RemasteredIso iso) {
                places.add("iso:" + iso.answerPath());
            } else if (recipe instanceof MediaRecipe.AnswerVolume volume) {
                places.add(volume.label() + ":" + volume.answerPath());
            } else if (recipe instanceof MediaRecipe.Floppy floppy) {
                places.add("floppy:" + floppy.answerPath());
            }
        }
        return places;
    }

    private void check(Row row, String field, String theirs, String ours) {
        if (!theirs.equals(ours)) {
            note(row, field, theirs, ours);
        }
    }

    private void note(Row row, String field, String theirs, String ours) {
        Optional<Departure> known = departures.stream()
                .filter(each -> each.covers(row, field, ours))
                .findFirst();
        known.ifPresent(used::add);
        if (known.isEmpty()) {
            undocumented
                    .computeIfAbsent(field + ": '" + theirs + "' there, '" + ours + "' here", key -> new ArrayList<>())
                    .add(row.key());
        }
    }

    private static List<String> keys(OsRelease release) {
        List<String> keys = new ArrayList<>();
        for (String os :
                Stream.concat(Stream.of(release.os()), release.names().stream()).toList()) {
            for (String version : Stream.concat(Stream.of(release.version()), release.aliases().stream())
                    .toList()) {
                for (Arch arch : release.arches()) {
                    for (InstallType type : release.installTypes()) {
                        keys.add((os + " " + version + " " + arch + " " + type.name()).toLowerCase(Locale.ROOT));
                    }
                }
            }
        }
        return keys;
    }

    private static List<Row> rows() {
        List<String> lines = lines("os-support.tsv.gz").toList();
        String[] columns = lines.get(0).split("\t", -1);
        return lines.stream()
                .skip(1)
                .map(line -> {
                    String[] fields = line.split("\t", -1);
                    Map<String, String> row = new HashMap<>();
                    for (int i = 0; i < columns.length; i++) {
                        row.put(columns[i], fields[i]);
                    }
                    return new Row(row);
                })
                .toList();
    }

    private static Departure departure(String line) {
        String[] fields = line.split("\t");
        assertThat(fields).as("which rows, which field, ours, why: " + line).hasSize(4);
        assertThat(fields[3]).as("the reason in " + line).isNotBlank();
        return new Departure(pattern(fields[0]), pattern(fields[1]), pattern(fields[2]), line);
    }

    /** Alternatives are parted by {@code |}; an asterisk is any text. */
    private static Pattern pattern(String glob) {
        return Pattern.compile(Arrays.stream(glob.split("\\|"))
                .map(one ->
                        Arrays.stream(one.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")))
                .collect(Collectors.joining("|")));
    }

    private static Stream<String> lines(String name) {
        try (var stream = Objects.requireNonNull(OsSupportTest.class.getResourceAsStream(name), name);
                var text = new BufferedReader(new InputStreamReader(
                        name.endsWith(".gz") ? new GZIPInputStream(stream) : stream, StandardCharsets.UTF_8))) {
            return text.lines().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
