package org.oz4j.template;

import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.MachineWish;
import org.oz4j.template.Template.OwnAnswers;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.Signature;
import org.oz4j.template.Template.User;
import org.oz4j.template.Template.VolumeGroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class TemplateBuilderTest {
    private static final long GIB = 1L << 30;
    private static final URI ISO = URI.create("https://example.org/x.iso");
    private static final Layout LAYOUT = new Layout(
            List.of(
                    new Partition("", Optional.of("/boot"), OptionalLong.of(GIB), "ext3"),
                    new Partition("", Optional.of("/"), OptionalLong.empty(), "xfs")),
            List.of(new VolumeGroup(
                    "vg",
                    OptionalLong.of(8 * GIB),
                    List.of(new Partition("home", Optional.of("/home"), OptionalLong.of(4 * GIB), "btrfs")))));

    private static TemplateBuilder small() {
        return Template.builder("small", "Debian", "13", Arch.X86_64).iso(ISO);
    }

    private static Setup setup(String hostname) {
        return new Setup(
                Optional.of(hostname),
                Optional.of("de_DE.UTF-8"),
                Optional.of("de"),
                Optional.of("Europe/Berlin"),
                List.of(new User(
                        "ann",
                        Optional.of("Ann Other"),
                        Optional.of("secret"),
                        List.of("wheel"),
                        List.of("ssh-ed25519 AAAA ann"))),
                List.of("ssh-ed25519 AAAA root"));
    }

    /** What one call adds, and the least version of the language that can say it. */
    static Stream<Arguments> calls() {
        return Stream.of(
                call("1.0", builder -> builder.description("a guest")),
                call("1.0", builder -> builder.key("AAAA")),
                call("1.0", builder -> builder.rootPassword("p & w")),
                call("1.0", builder -> builder.kernelParameters("quiet")),
                call("1.0", builder -> builder.icicleCommand("cat /etc/os-release")),
                call("1.0", builder -> builder.diskSize(20 * GIB)),
                call("1.0", builder -> builder.url(URI.create("http://deb.example.org/debian"))),
                call(
                        "1.0",
                        builder -> builder.checksum(
                                new ChecksumSource.SumFile("SHA-256", URI.create("https://example.org/SUMS")))),
                call("1.0", builder -> builder.extra(new Extra(true, URI.create("ftp://e.org/d"), "drivers"))),
                call(
                        "1.0",
                        builder -> builder.repository(new Repository("r", "http://r.example.org", true, false, true))),
                call("1.0", builder -> builder.packageNamed("vim")),
                call("1.0", builder -> builder.packageRequest(new PackageRequest(
                                "httpd", Optional.of("r"), Optional.of("httpd.rpm"), Optional.of("--best")))
                        .repository(new Repository("r", "http://r.example.org", false, true, false))),
                call("1.0", builder -> builder.file(new GuestFile("/etc/motd", new Content.Text("hello\n")))),
                call("1.0", builder -> builder.preCommand(new Command("before", new Content.Text("true")))),
                call("1.0", builder -> builder.command(new Command("after", new Content.Base64("dHJ1ZQ==")))),
                call(
                        "1.1",
                        builder -> builder.checksum(
                                new ChecksumSource.SumFile("SHA-512", URI.create("https://example.org/SUMS")))),
                call("1.1", builder -> builder.checksum(new ChecksumSource.Sum("SHA-256", "0f".repeat(32)))),
                call("1.1", builder -> builder.mirrors(List.of(URI.create("https://m.example.org/x.iso")))),
                call(
                        "1.1",
                        builder -> builder.signature(new Signature(
                                Optional.of(URI.create("https://example.org/x.iso.sig")), Optional.empty()))),
                call(
                        "1.1",
                        builder -> builder.platform(new Platform(Optional.of(Firmware.UEFI), false, Optional.empty()))),
                call("1.1", builder -> builder.setup(setup("web"))),
                call(
                        "1.1",
                        builder -> builder.machine(new MachineWish(
                                OptionalInt.of(2), OptionalInt.of(2048), Optional.of(new Network.Bridge("br0"))))),
                call("1.1", builder -> builder.answers(new OwnAnswers(Optional.empty(), Optional.of("more")))),
                call(
                        "1.1",
                        builder -> builder.disk(
                                new Disk(OptionalLong.of(20 * GIB), Optional.of(ImageFormat.QCOW2), Optional.empty()))),
                call(
                        "1.1",
                        builder -> builder.disk(
                                new Disk(OptionalLong.of(20 * GIB), Optional.empty(), Optional.of(LAYOUT)))),
                call("1.1", builder -> builder.diskSize(20 * GIB).diskSize(30 * GIB)));
    }

    private static Arguments call(String version, UnaryOperator<TemplateBuilder> call) {
        return arguments(version, call);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void whatIsAddedIsWrittenAndReadBackInTheOldestVersionThatCanSayIt(
            String version, UnaryOperator<TemplateBuilder> call) {
        Template plain = small().build();
        Template built = call.apply(small()).build();

        assertThat(built).isNotEqualTo(plain);
        assertThat(built.toXml()).contains("<template version=\"" + version + "\">");
        assertThat(Template.parse(built.toXml())).isEqualTo(built);
    }

    @Test
    void takesAnInstallTreeInPlaceOfAnImage() {
        Template built =
                small().url(URI.create("http://deb.example.org/debian")).build();

        assertThat(built.os().install().type()).isEqualTo(InstallType.URL);
    }

    @Test
    void whatIsAskedForIsKnownAsFeatures() {
        assertThat(Feature.askedBy(small().build())).isEmpty();
        assertThat(Feature.askedBy(small().setup(setup("web")).build()))
                .containsExactlyInAnyOrder(
                        Feature.USERS,
                        Feature.SSH_KEYS,
                        Feature.LOCALE,
                        Feature.KEYBOARD,
                        Feature.TIMEZONE,
                        Feature.HOSTNAME);
        assertThat(Feature.askedBy(small().disk(new Disk(OptionalLong.empty(), Optional.empty(), Optional.of(LAYOUT)))
                        .build()))
                .isEqualTo(EnumSet.of(Feature.LAYOUT, Feature.VOLUME_GROUPS, Feature.EXT3, Feature.XFS, Feature.BTRFS));
        assertThat(Feature.askedBy(small().answers(new OwnAnswers(Optional.empty(), Optional.of("x")))
                        .build()))
                .containsExactly(Feature.APPEND);
        assertThat(Feature.askedBy(small().platform(new Platform(Optional.of(Firmware.UEFI), true, Optional.of("2.0")))
                        .build()))
                .containsExactlyInAnyOrder(Feature.UEFI, Feature.SECURE_BOOT, Feature.TPM);
        assertThat(Feature.askedBy(small().platform(new Platform(Optional.of(Firmware.BIOS), false, Optional.empty()))
                        .build()))
                .containsExactly(Feature.BIOS);
    }

    @Test
    void noSecretIsShown() {
        Template built =
                small().rootPassword("p4ss").key("K3Y").setup(setup("web")).build();

        assertThat(built.os()).hasToString("Debian 13 x86_64");
        assertThat(built.os().setup().users()).hasToString("[ann]");
    }
}
