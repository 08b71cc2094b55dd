package org.oz4j.it;

import java.net.URI;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/** How sure the plugins say that they are, against what {@link StandInIT} runs. */
class StandInSupportTest {
    private static final Set<Support> NO_MORE = Set.of(Support.INSTALLED, Support.EXPERIMENTAL);

    /**
     * All that a stand-in sees of a release: the same answers, but for the name of the release, by the same media, on the same
     * machine.
     */
    private record Seen(String answers, Set<MediaRecipe> media, String machine) {}

    @Test
    void whatIsCalledStandInIsWhatAStandInSaw() {
        Set<Seen> seen = new HashSet<>();
        Set<String> run = new TreeSet<>();
        for (StandInCase one : StandInCase.all().toList()) {
            OsPlugin plugin = one.plugin();
            OsRelease release = plugin.releases().stream()
                    .filter(row -> row.os().equals(one.os()) && row.version().equals(one.version()))
                    .filter(row -> row.arches().contains(Arch.X86_64)
                            && row.installTypes().contains(one.type()))
                    .findFirst()
                    .orElseThrow();
            look(plugin, release, one.type()).ifPresent(seen::add);
            run.add(one.os() + " " + one.version() + " " + one.type());
        }
        assertThat(run).isNotEmpty();

        Set<String> called = new TreeSet<>();
        Set<String> earned = new TreeSet<>();
        for (OsPlugin plugin : ServiceLoader.load(OsPlugin.class)) {
            for (OsRelease release : plugin.releases()) {
                for (InstallType type : release.installTypes()) {
                    String name = release.os() + " " + release.version() + " " + type + " on ";
                    if (release.support() == Support.STAND_IN) {
                        called.add(name
                                + release.arches().stream()
                                        .map(Arch::toString)
                                        .sorted()
                                        .collect(Collectors.joining(", ")));
                    }
                    if (release.arches().contains(Arch.X86_64)
                            && !NO_MORE.contains(release.support())
                            && look(plugin, release, type)
                                    .filter(seen::contains)
                                    .isPresent()) {
                        earned.add(name + Arch.X86_64);
                    }
                }
            }
        }
        assertThat(called).containsExactlyElementsOf(earned);
    }

    @Test
    void eachWayOfAReleaseThatIsRunIsRun() {
        for (StandInCase one : StandInCase.all().toList()) {
            Set<String> ways = new TreeSet<>();
            OsPlugin plugin = one.plugin();
            OsRelease release = plugin.releases().stream()
                    .filter(row -> row.os().equals(one.os()) && row.version().equals(one.version()))
                    .filter(row -> row.arches().contains(Arch.X86_64)
                            && row.installTypes().contains(one.type()))
                    .findFirst()
                    .orElseThrow();
            profile(plugin, release, one.type()).orElseThrow().media().stream()
                    .filter(recipe -> recipe.isFor(one.type()))
                    .forEach(recipe -> ways.add(recipe.getClass().getSimpleName()));
            Set<String> run = StandInCase.all()
                    .filter(other -> other.os().equals(one.os())
                            && other.version().equals(one.version())
                            && other.type() == one.type())
                    .map(other -> other.recipe().getSimpleName())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(run).as("ways of %s", one).isEqualTo(ways);
        }
    }

    private static Optional<Seen> look(OsPlugin plugin, OsRelease release, InstallType type) {
        return profile(plugin, release, type)
                .map(profile -> new Seen(
                        profile.answers().content().replace(release.title(), "TITLE"),
                        profile.media().stream()
                                .filter(recipe -> recipe.isFor(type))
                                .collect(Collectors.toSet()),
                        profile.machine().toString()));
    }

    /** Empty where it takes no such template. */
    private static Optional<GuestProfile> profile(OsPlugin plugin, OsRelease release, InstallType type) {
        URI location = URI.create("http://mirror.example.com/" + type + "/");
        TemplateBuilder builder = Template.builder("guest", release.os(), release.version(), Arch.X86_64);
        builder = type == InstallType.ISO ? builder.iso(location) : builder.url(location);
        Template template =
                (release.os().equals("Windows") ? builder.key("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE") : builder).build();
        try {
            return Optional.of(plugin.profile(new ProfileRequest(
                    template,
                    release,
                    MediaFacts.none(),
                    location,
                    new RootPassword("Sesame open 7", "$6$salt$hash"),
                    Map.of(),
                    Optional.empty(),
                    Optional.empty(),
                    "00112233445566778899aabbccddeeff")));
        } catch (UnsupportedOsException e) {
            return Optional.empty();
        }
    }
}
