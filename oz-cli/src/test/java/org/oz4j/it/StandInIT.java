package org.oz4j.it;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Firmware;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.InstallFailedException;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.testkit.FakeMirror;
import org.oz4j.testkit.standin.StandIn;
import org.oz4j.testkit.standin.StandInMedium;
import org.oz4j.testkit.standin.StandInReport;
import org.oz4j.testkit.standin.VendorMedia;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Media that stand in for vendors' media, installed by the whole engine in real machines. */
@Tag("vm")
@Timeout(value = 15, unit = TimeUnit.MINUTES) // other work may run beside
class StandInIT {
    private static final String PASSWORD = "sesame Open 7";

    @TempDir
    static Path folder;

    private static final StandIn STAND_IN = new StandIn();

    @BeforeAll
    static void needsItsTools() {
        Lab.assumeMachines();
        assumeTrue(StandIn.missingPackages().isEmpty(), "needs the packages " + StandIn.missingPackages());
    }

    static Stream<StandInCase> core() {
        return cases().filter(one -> !one.isLong());
    }

    static Stream<StandInCase> others() {
        return cases().filter(StandInCase::isLong);
    }

    private static Stream<StandInCase> cases() {
        Pattern wanted = Pattern.compile(System.getProperty("oz.standin", ""));
        return StandInCase.all().filter(one -> wanted.matcher(one.toString()).find());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("core")
    void theInstallerFindsItsAnswers(StandInCase one) throws Exception {
        install(one);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("others")
    @Tag("long")
    void theInstallerFindsItsAnswersInOtherWaysToo(StandInCase one) throws Exception {
        install(one);
    }

    @Test
    @Tag("long")
    void anInstallerThatDoesNotKnowItsOptionsSaysSo() {
        StandInMedium old = VendorMedia.oldAnaconda("AlmaLinux", "8.10", "AlmaLinux-8-10-x86_64-dvd", false);
        StandInCase one = new StandInCase(
                "AlmaLinux", "8", InstallType.ISO, Firmware.BIOS, MediaRecipe.DirectKernel.class, "none", old, true);

        assertThatThrownBy(() -> install(one))
                .isInstanceOf(InstallFailedException.class)
                .hasMessageContaining("Unknown boot option: inst.ks=file:/ks.cfg");
    }

    private static void install(StandInCase one) throws Exception {
        long began = TimeSource.system().nanoTime();
        String name = one.toString();
        Recording plugin = new Recording(one.plugin(), one.recipe());
        StandInReport report;
        try (FakeMirror mirror = FakeMirror.start();
                Oz oz = Oz.builder()
                        .config(Lab.config(folder, 256))
                        .plugin(plugin)
                        .build()) {
            Template template = Template.parse(template(one, name, medium(one, name, mirror)));
            Guest guest = oz.guest(template, GuestOptions.defaults().withKeepEvidence(true));
            InstalledImage image = guest.installer().install();
            report = report(name);
            assertThat(image.disk()).isNotEmptyFile();
            assertThat(image.firmware()).isEqualTo(one.firmware());
            Files.delete(image.disk());
            Files.deleteIfExists(folder.resolve(name + ".iso"));
        }
        Lab.assertNothingLeft(folder, name);
        assertThat(plugin.sums())
                .as("what %s reported of its answers: %s", name, report.facts())
                .contains(report.fact("answer-sha256").orElse("nothing"));
        assertThat(report.fact("answer-file")).contains(one.place());
        assertThat(report.fact("firmware")).contains(one.firmware().toString());
        assertThat(report.fact("hostname").orElse("").toLowerCase(Locale.ROOT)).contains("standin");
        assertThat(report.facts()).containsKeys("disk", "root-password", "network", "installed");
        System.out.printf("%-60s %4.1f s %s%n", name, (TimeSource.system().nanoTime() - began) / 1e9, report.facts());
    }

    private static URI medium(StandInCase one, String name, FakeMirror mirror) throws Exception {
        if (one.type() == InstallType.ISO) {
            return STAND_IN.iso(one.medium(), folder.resolve(name + ".iso")).toUri();
        }
        for (Map.Entry<String, byte[]> file : STAND_IN.tree(one.medium()).entrySet()) {
            mirror.file("/tree/" + file.getKey(), file.getValue());
        }
        return mirror.uri("/tree/");
    }

    private static String template(StandInCase one, String name, URI medium) {
        String type = one.type() == InstallType.ISO ? "iso" : "url";
        return """
                <template version="1.1">
                  <name>%s</name>
                  <os>
                    <name>%s</name><version>%s</version><arch>x86_64</arch>
                    <install type="%s"><%s>%s</%s></install>
                    %s<rootpw>%s</rootpw>
                    <firmware>%s</firmware>
                    <hostname>standin</hostname>
                  </os>
                </template>
                """
                .formatted(
                        name,
                        one.os(),
                        one.version(),
                        type,
                        type,
                        medium,
                        type,
                        one.os().equals("Windows") ? "<key>AAAAA-BBBBB-CCCCC-DDDDD-EEEEE</key>" : "",
                        PASSWORD,
                        one.firmware() == Firmware.UEFI ? "uefi" : "bios");
    }

    /** What the console kept of the guest told. */
    private static StandInReport report(String name) throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("evidence"))) {
            Path console = files.filter(file -> file.endsWith("console.log"))
                    .filter(file -> file.toString().contains(name))
                    .findFirst()
                    .orElseThrow();
            return StandInReport.of(Files.readString(console, StandardCharsets.ISO_8859_1));
        }
    }

    /** A plugin whose profiles offer one of their ways alone, and which keeps the sums of the answers that it writes. */
    private record Recording(OsPlugin plugin, Class<?> recipe, List<String> sums) implements OsPlugin {
        Recording(OsPlugin plugin, Class<?> recipe) {
            this(plugin, recipe, new CopyOnWriteArrayList<>());
        }

        @Override
        public String id() {
            return plugin.id();
        }

        @Override
        public List<OsRelease> releases() {
            return plugin.releases();
        }

        @Override
        public URI tree(URI location) {
            return plugin.tree(location);
        }

        @Override
        public GuestProfile profile(ProfileRequest request) {
            GuestProfile made = plugin.profile(request);
            if (request.rootPassword().clearText().equals(PASSWORD)) {
                sums.add(DigestUtils.sha256Hex(made.answers().content()));
            }
            return new GuestProfile(
                    made.machine(),
                    made.answers(),
                    made.media().stream().filter(recipe::isInstance).toList(),
                    made.flow(),
                    made.access(),
                    made.packages());
        }
    }
}
