package org.oz4j.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;

import static org.assertj.core.api.Assertions.assertThat;

/** Makes {@code docs/os-support.md} of the plugins' own tables; {@code -Doz.write.docs=true} writes it anew. */
class OsSupportDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/os-support.md");

    /** 9 comes before 10. */
    private static final Comparator<String> BY_NUMBER = Comparator.<String, String>comparing(
                    version -> Pattern.compile("\\d+")
                            .matcher(version)
                            .replaceAll(number ->
                                    "0".repeat(Math.max(0, 9 - number.group().length())) + number.group()))
            .thenComparing(Comparator.naturalOrder());

    private static final Comparator<OsRelease> BY_CERTAINTY =
            Comparator.comparing(OsRelease::support).thenComparing(OsSupportDocumentTest::ways);

    @Test
    void theDocumentTellsWhatThePluginsHave() throws Exception {
        String made = document();
        if (Boolean.getBoolean("oz.write.docs")) {
            Files.writeString(DOCUMENT, made);
        }
        assertThat(Files.readString(DOCUMENT)).isEqualTo(made);
    }

    private static String document() throws IOException {
        StringBuilder text = new StringBuilder(
                """
                # What can be installed

                Made of the plugins' own tables (`OsSupportDocumentTest` with `-Doz.write.docs=true`). How sure we are:

                | | |
                |---|---|
                | installed | its vendor's installer has installed it under our tests |
                | stand-in | its medium and answers went through our tests with an installer that stands in for its vendor's |
                | checked | what we write for it is checked against its vendor's documents; no installer has read it under our tests |
                | experimental | what we know of it could not be confirmed |

                Media: `iso` is an ISO image, `url` a tree of files on a server. Several names of a system mean the same.
                """);
        Map<String, Map<String, List<OsRelease>>> systems = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (OsPlugin plugin : ServiceLoader.load(OsPlugin.class)) {
            for (OsRelease release : plugin.releases()) {
                systems.computeIfAbsent(named(release.os(), release.names()), name -> new TreeMap<>(BY_NUMBER))
                        .computeIfAbsent(named(release.version(), release.aliases()), version -> new ArrayList<>())
                        .add(release);
            }
        }
        systems.forEach((system, versions) -> {
            text.append("\n## ")
                    .append(system)
                    .append("\n\n| version | on | end of life | facts from |\n|---|---|---|---|\n");
            versions.forEach((version, releases) -> text.append("| ")
                    .append(version)
                    .append(" | ")
                    .append(releases.stream()
                            .sorted(BY_CERTAINTY)
                            .map(OsSupportDocumentTest::ways)
                            .distinct()
                            .collect(Collectors.joining("; ")))
                    .append(" | ")
                    .append(releases.stream()
                            .flatMap(release -> release.endOfLife().stream())
                            .map(LocalDate::toString)
                            .findFirst()
                            .orElse(""))
                    .append(" | ")
                    .append(releases.stream()
                            .sorted(BY_CERTAINTY)
                            .map(OsRelease::source)
                            .distinct()
                            .collect(Collectors.joining("; ")))
                    .append(" |\n"));
        });
        text.append(
                """

                ## Where Oz for Java does otherwise than the Python tool

                Of its 5,524 rows each is known here. A row is a system's name, version, architecture and kind of medium; an
                asterisk is any part.

                | rows | what | here | why |
                |---|---|---|---|
                """);
        try (var stream = Objects.requireNonNull(OsSupportDocumentTest.class.getResourceAsStream("departures.tsv"))) {
            new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> Stream.of(line.split("\t"))
                            .map(field -> field.replace("|", ", ").replace("*", "\\*"))
                            .collect(Collectors.joining(" | ", "| ", " |\n")))
                    .forEach(text::append);
        }
        return text.toString();
    }

    private static String named(String one, List<String> more) {
        return more.isEmpty() ? one : one + " (" + String.join(", ", more) + ")";
    }

    private static String ways(OsRelease release) {
        return release.support().label() + ": "
                + release.arches().stream().sorted().map(Object::toString).collect(Collectors.joining(", ")) + " by "
                + release.installTypes().stream()
                        .map(type -> type.name().toLowerCase(Locale.ROOT))
                        .sorted()
                        .collect(Collectors.joining(", "));
    }
}
