package org.oz4j.os;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

import org.junit.jupiter.api.Test;
import org.oz4j.Arch;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/** How long a program takes that asks for everything, in processor time: other programs of the host do not count. */
class AllProfilesTest {
    private static final URI MEDIUM = URI.create("http://mirror.example.com/medium/");

    @Test
    void allProfilesOfAllRowsAreBuiltWithinFiveSeconds() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long began = threads.getCurrentThreadCpuTime();
        int built = 0;
        for (OsPlugin plugin : ServiceLoader.load(OsPlugin.class)) {
            for (OsRelease release : plugin.releases()) {
                for (Arch arch : release.arches()) {
                    for (InstallType type : release.installTypes()) {
                        assertThat(plugin.profile(request(release, arch, type)).media())
                                .isNotEmpty();
                        built++;
                    }
                }
            }
        }
        Duration took = Duration.ofNanos(threads.getCurrentThreadCpuTime() - began);

        System.out.println(built + " profiles in " + took.toMillis() + " ms of processor time");
        assertThat(built).isGreaterThan(3000);
        assertThat(took).isLessThan(Duration.ofSeconds(5));
    }

    private static ProfileRequest request(OsRelease release, Arch arch, InstallType type) {
        TemplateBuilder builder =
                Template.builder("guest", release.os(), release.version(), arch).key("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE");
        return new ProfileRequest(
                (type == InstallType.URL ? builder.url(MEDIUM) : builder.iso(MEDIUM)).build(),
                release,
                MediaFacts.none(),
                MEDIUM,
                new RootPassword("Sesame open 7", "$6$saltsalt$hashhash"),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                "00112233445566778899aabbccddeeff");
    }
}
