package org.oz4j.testkit.engine;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

import org.apache.commons.codec.digest.Crypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.ImageFormat;
import org.oz4j.MediaException;
import org.oz4j.Oz;
import org.oz4j.Plan;
import org.oz4j.UnsupportedOsException;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.OzConfigBuilder;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.MediaRecipe.KernelAndVolume;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.MachineWish;
import org.oz4j.template.Template.OwnAnswers;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.User;
import org.oz4j.template.TemplateBuilder;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What an install would do, as it is told without doing it. */
class PlanTest {
    private static final URI ISO = URI.create("http://mirror.example.org/scripted.iso");
    private static final URI TREE = URI.create("http://mirror.example.org/scripted");
    private static final BootFile KERNEL = new BootFile("boot/kernel", Optional.empty());
    private static final BootFile INITRD = new BootFile("boot/initrd", Optional.empty());

    @TempDir
    Path folder;

    private Bench bench(Variant variant) throws IOException {
        return new Bench(folder, machine -> GuestScript.start(), variant);
    }

    private static TemplateBuilder template() {
        return Template.builder("one", "ScriptedOS", "1", Arch.X86_64);
    }

    private Plan plan(Template template) throws Exception {
        return plan(Variant.standard(), template);
    }

    private Plan plan(Variant variant, Template template) throws Exception {
        try (Bench bench = bench(variant)) {
            Plan plan = bench.oz.guest(template).plan(false);

            assertThat(bench.hypervisor.machines()).isEmpty();
            bench.assertNoImage("one");
            return plan;
        }
    }

    @Test
    void tellsAllThatAnInstallWouldDo() throws Exception {
        Template template = template()
                .iso(ISO)
                .rootPassword("top secret")
                .key("ABC-123")
                .machine(new MachineWish(
                        OptionalInt.of(3), OptionalInt.of(1024), Optional.of(new Network.Bridge("br0"))))
                .disk(new Disk(OptionalLong.of(5_000_000), Optional.of(ImageFormat.VMDK), Optional.empty()))
                .disk(new Disk(OptionalLong.of(1 << 20), Optional.of(ImageFormat.RAW), Optional.empty()))
                .answers(new OwnAnswers(Optional.empty(), Optional.of("more=yes")))
                .repository(new Repository("tools", "http://tools.example.org/", false, false, true))
                .packageNamed("editor")
                .build();
        try (Bench bench = bench(Variant.standard().withReboots(2))) {
            Guest guest = bench.oz.guest(template);
            Plan plan = guest.plan(false);

            Path images = bench.config.outputDir();
            Plan.Way volume = new Plan.Way(
                    "answer volume",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of("ANSWERS"),
                    "answers.txt");
            Plan.Way kernel = new Plan.Way(
                    "direct kernel",
                    Optional.of("kernel"),
                    Optional.of("initrd"),
                    Optional.of("console=ttyS0"),
                    Optional.empty(),
                    "answers.txt");
            assertThat(plan)
                    .isEqualTo(new Plan(
                            template,
                            "ScriptedOS 1",
                            MachineHints.modern(64, 4 << 20),
                            Firmware.BIOS,
                            3,
                            1024,
                            new Network.Bridge("br0"),
                            List.of(
                                    new Plan.Disk(images.resolve("one.vmdk"), ImageFormat.VMDK, 5_000_192),
                                    new Plan.Disk(images.resolve("one-disk2.dsk"), ImageFormat.RAW, 1 << 20)),
                            List.of(ISO),
                            List.of(volume, kernel),
                            volume,
                            new Plan.Answers(
                                    "answers.txt",
                                    Optional.empty(),
                                    Optional.of("label=\npassword=********\ntoken=********\nkey=********\n"),
                                    Optional.of("more=yes")),
                            2,
                            Duration.ofMinutes(60),
                            Duration.ofMinutes(5),
                            "serial token",
                            List.of("systemd credentials", "offline edit"),
                            Optional.of(new Plan.Packages(
                                    "scripted",
                                    Map.of("/etc/tools", "http://tools.example.org/"),
                                    List.of(
                                            List.of("scripted-add", "tools", "http://tools.example.org/"),
                                            List.of("scripted-refresh"),
                                            List.of("scripted-install", "editor", "trusting=tools"),
                                            List.of("scripted-remove", "tools")))),
                            plan.domainXml()));
            assertThat(guest.release().title()).isEqualTo("ScriptedOS 1");
            assertThat(guest.imagePath()).isEqualTo(images.resolve("one.vmdk"));
            assertThat(plan.domainXml().replace(images + "/.one.oz", "BUILD"))
                    .isEqualTo(
                            """
                            <domain type='kvm'>
                              <name>one</name>
                              <uuid>00000000-0000-0000-0000-000000000000</uuid>
                              <memory unit='MiB'>1024</memory>
                              <vcpu>3</vcpu>
                              <os>
                                <boot dev='cdrom'/>
                              </os>
                              <devices>
                                <disk type='file' device='disk'><driver type='qcow2'/><source file='BUILD/disk.img'/></disk>
                                <disk type='file' device='disk'><driver type='raw'/><source file='BUILD/disk2.img'/></disk>
                                <disk type='file' device='cdrom'><driver type='raw'/><source file='BUILD/install.iso'/></disk>
                                <disk type='file' device='cdrom'><driver type='raw'/><source file='BUILD/answers.iso'/></disk>
                              </devices>
                            </domain>
                            """);
            bench.assertNoImage("one");
        }
    }

    /** A way to hand the answers over, and what is told of it. */
    record Told(MediaRecipe recipe, URI medium, Plan.Way way, List<URI> fetches, String os, List<String> drives) {
        @Override
        public String toString() {
            return way.name() + " from " + medium;
        }
    }

    static Stream<Told> ways() {
        String start = "<kernel>BUILD/kernel</kernel><initrd>BUILD/initrd%s</initrd><cmdline>auto debug=1</cmdline>";
        Plan.Way direct = new Plan.Way(
                "direct kernel",
                Optional.of("boot/kernel"),
                Optional.of("boot/initrd"),
                Optional.of("auto debug=1"),
                Optional.empty(),
                "a.txt");
        return Stream.of(
                new Told(
                        new DirectKernel(KERNEL, INITRD, "auto", "a.txt"),
                        ISO,
                        direct,
                        List.of(ISO),
                        String.format(start, "-with-answers"),
                        List.of("cdrom install.iso")),
                new Told(
                        new DirectKernel(KERNEL, INITRD, "auto", "a.txt"),
                        TREE,
                        direct,
                        List.of(URI.create(TREE + "/boot/kernel"), URI.create(TREE + "/boot/initrd")),
                        String.format(start, "-with-answers"),
                        List.of()),
                new Told(
                        new KernelAndVolume(KERNEL, INITRD, "auto", "CIDATA", "user-data", Map.of("meta-data", "")),
                        ISO,
                        new Plan.Way(
                                "direct kernel and answer volume",
                                Optional.of("boot/kernel"),
                                Optional.of("boot/initrd"),
                                Optional.of("auto debug=1"),
                                Optional.of("CIDATA"),
                                "user-data"),
                        List.of(ISO),
                        String.format(start, ""),
                        List.of("cdrom install.iso", "cdrom answers.iso")),
                new Told(
                        new RemasteredIso(Set.of("b/kernel", "a/kernel"), "auto", Set.of("rescue"), "a.txt", Map.of()),
                        ISO,
                        new Plan.Way(
                                "remastered medium",
                                Optional.of("a/kernel or b/kernel"),
                                Optional.empty(),
                                Optional.of("auto debug=1"),
                                Optional.empty(),
                                "a.txt"),
                        List.of(ISO),
                        "<boot dev='cdrom'/>",
                        List.of("cdrom medium.iso")));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void tellsHowTheInstallerIsStartedAndAnswered(Told told) throws Exception {
        TemplateBuilder template = template().kernelParameters(" debug=1 ");
        Plan plan = plan(
                Variant.standard().withMedia(told.recipe()),
                (told.medium().equals(TREE) ? template.url(TREE) : template.iso(ISO)).build());

        assertThat(plan.way()).isEqualTo(told.way());
        assertThat(plan.ways()).containsExactly(told.way());
        assertThat(plan.fetches()).isEqualTo(told.fetches());
        assertThat(os(plan)).isEqualTo(told.os());
        assertThat(drives(plan)).isEqualTo(told.drives());
    }

    /** What the machine starts with. */
    private static String os(Plan plan) {
        return plan.domainXml()
                .replaceFirst("(?s).*<os>(.*)</os>.*", "$1")
                .replaceAll(">\\s+<", "><")
                .replaceAll(">[^<]*/", ">BUILD/")
                .strip();
    }

    private static List<String> drives(Plan plan) {
        return plan.domainXml()
                .lines()
                .filter(line -> line.contains("<disk ") && !line.contains("device='disk'"))
                .map(line -> line.replaceFirst(".*device='(\\w+)'.*/([^/]+)'/></disk>", "$1 $2"))
                .toList();
    }

    @Test
    void tellsOfAFloppyAndOfWhatIsAddedToAMedium() throws Exception {
        Plan floppy = plan(
                Variant.standard().withMedia(new Floppy("winnt.sif", Map.of())),
                template().iso(ISO).build());

        assertThat(floppy.way())
                .isEqualTo(new Plan.Way(
                        "floppy", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "winnt.sif"));
        assertThat(os(floppy)).isEqualTo("<boot dev='cdrom'/>");
        assertThat(drives(floppy)).containsExactly("cdrom install.iso", "floppy answers.img");
        URI driver = URI.create("http://drivers.example.org/net.inf");
        Plan drivers = plan(
                Variant.standard()
                        .withMedia(
                                new AnswerVolume("PLAIN", "a.txt", Map.of()),
                                new AnswerVolume("DRIVERS", "a.txt", Map.of(), true)),
                template().iso(ISO).extra(new Extra(false, driver, "net.inf")).build());

        assertThat(drivers.way().volumeLabel()).contains("DRIVERS");
        assertThat(drivers.ways()).hasSize(2);
        assertThat(drivers.fetches()).containsExactly(ISO, driver);
    }

    @Test
    void aTreeIsNeverInstalledByAWayForMediaAlone() throws Exception {
        Plan plan = plan(template().url(URI.create(TREE + "/")).build());

        assertThat(plan.way().name()).isEqualTo("direct kernel");
        assertThat(plan.fetches()).containsExactly(URI.create(TREE + "/kernel"), URI.create(TREE + "/initrd"));
        assertThat(plan.answerFile().content().orElseThrow()).endsWith("\ntree=" + TREE + "/\n");
        assertThatThrownBy(() -> plan(
                        Variant.standard().withMedia(new AnswerVolume("ANSWERS", "a.txt", Map.of())),
                        template().url(TREE).build()))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("Install from an ISO image");
    }

    @Test
    void aTreeThatNoGuestReachesIsRefused() throws Exception {
        try (Bench bench = bench(Variant.standard())) {
            bench.config = bench.config.toBuilder()
                    .network(new Network.Libvirt("default"))
                    .build();
            try (Oz oz = bench.open(Variant.standard())) {
                Guest guest = oz.guest(template()
                        .url(URI.create("http://localhost:8080/scripted"))
                        .build());

                assertThatThrownBy(() -> guest.plan(false))
                        .isInstanceOfSatisfying(MediaException.class, e -> assertThat(e.kind())
                                .isEqualTo(MediaException.Kind.UNREACHABLE))
                        .hasMessageContaining("http://localhost:8080/scripted/ means the guest itself");
            }
        }
    }

    @Test
    void showsSecretsOnlyWhereTheyAreAskedFor() throws Exception {
        User ann = new User("ann", Optional.empty(), Optional.of("ann's"), List.of(), List.of());
        User bob = new User("bob", Optional.empty(), Optional.empty(), List.of(), List.of());
        Template template = template()
                .iso(ISO)
                .rootPassword("top secret")
                .key("ABC-123")
                .setup(new Setup(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(ann, bob),
                        List.of()))
                .build();
        try (Bench bench = bench(Variant.standard())) {
            Guest guest = bench.oz.guest(template);

            assertThat(guest.plan(false).answerFile().content().orElseThrow())
                    .isEqualTo("label=\npassword=********\ntoken=********\nkey=********\nuser=ann ********\n");
            String shown = guest.plan(true).answerFile().content().orElseThrow();
            assertThat(shown)
                    .matches("label=\npassword=\\$6\\$\\S+\ntoken=[0-9a-f]{32}\nkey=ABC-123\nuser=ann \\$6\\$\\S+\n");
            String hash = shown.replaceFirst("(?s).*user=ann (\\S+)\n", "$1");
            assertThat(Crypt.crypt("ann's", hash)).isEqualTo(hash);
        }
    }

    @Test
    void ofAnAnswerFileOfTheUsersOwnItsPlaceIsTold() throws Exception {
        URI there = URI.create("http://answers.example.org/mine.txt");
        Template template = template()
                .iso(ISO)
                .answers(new OwnAnswers(Optional.of(there), Optional.empty()))
                .build();
        Path mine = Files.writeString(folder.resolve("mine.txt"), "mine=yes\n");
        try (Bench bench = bench(Variant.standard())) {
            Plan plan = bench.oz.guest(template).plan(false);
            Plan other = bench.oz
                    .guest(template, GuestOptions.defaults().withAnswerFile(mine))
                    .plan(false);

            Optional<String> none = Optional.empty();
            assertThat(plan.answerFile()).isEqualTo(new Plan.Answers("answers.txt", Optional.of(there), none, none));
            assertThat(plan.success()).isEqualTo("image check");
            assertThat(other.answerFile().source())
                    .as("the caller's goes first")
                    .contains(mine.toUri());
        }
    }

    @Test
    void tellsHowTheInstallerSaysThatItSucceeded() throws Exception {
        Template template = template().iso(ISO).build();

        assertThat(plan(Variant.standard().withSignal(new SuccessSignal.VirtioToken("org.oz4j.token")), template)
                        .success())
                .isEqualTo("virtio token");
        assertThat(plan(Variant.standard().withSignal(new SuccessSignal.ImageCheck()), template)
                        .success())
                .isEqualTo("image check");
    }

    @Test
    void limitsThatAreConfiguredGoBeforeThePlugins() throws Exception {
        try (Bench bench = bench(Variant.standard())) {
            bench.config = bench.config.toBuilder()
                    .installLimit(Duration.ofHours(7))
                    .inactivityLimit(Duration.ofMinutes(8))
                    .build();
            try (Oz oz = bench.open(Variant.standard())) {
                Plan plan = oz.guest(template().iso(ISO).build()).plan(false);

                assertThat(plan.installLimit()).isEqualTo(Duration.ofHours(7));
                assertThat(plan.inactivityLimit()).isEqualTo(Duration.ofMinutes(8));
            }
        }
    }

    /** The system is known to start by UEFI, and not known to start by a BIOS. */
    @ParameterizedTest
    @CsvSource({
        "     ,     , BIOS, BIOS",
        "     ,     , UEFI, UEFI",
        " UEFI,     , BIOS, UEFI",
        "     , UEFI, BIOS, UEFI",
        "     , BIOS, UEFI, UEFI",
        " UEFI, BIOS, BIOS, UEFI"
    })
    void theTemplatesFirmwareGoesBeforeAConfiguredOneThatSuitsAndThatBeforeThePlugins(
            Firmware wanted, Firmware configured, Firmware hinted, Firmware taken) throws Exception {
        Variant variant =
                Variant.standard().withMachine(MachineHints.modern(64, 4 << 20).withFirmware(hinted));
        try (Bench bench = bench(variant)) {
            OzConfigBuilder config = bench.config.toBuilder();
            Optional.ofNullable(configured).ifPresent(config::firmware);
            bench.config = config.build();
            try (Oz oz = bench.open(variant)) {
                Plan plan = oz.guest(template()
                                .iso(ISO)
                                .platform(new Platform(Optional.ofNullable(wanted), false, Optional.empty()))
                                .build())
                        .plan(false);

                assertThat(plan.firmware()).isEqualTo(taken);
                assertThat(plan.domainXml().contains("/nvram.fd</nvram>")).isEqualTo(taken == Firmware.UEFI);
            }
        }
    }

    @Test
    void aLayoutMayTakeAllOfADiskAndNoMore() throws Exception {
        assertThat(plan(divided(4 << 20)).disks()).singleElement().satisfies(disk -> assertThat(disk.bytes())
                .isEqualTo(4 << 20));
        assertThatThrownBy(() -> plan(divided((4 << 20) + 1)))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining(
                        "The <layout> of the template 'one' takes 4194305 bytes of a disk that has 4194304 by default");
    }

    static Template divided(long bytes) {
        Partition root = new Partition("", Optional.of("/"), OptionalLong.of(bytes), "ext4");
        Layout layout = new Layout(List.of(root), List.of());
        return template()
                .iso(ISO)
                .disk(new Disk(OptionalLong.empty(), Optional.empty(), Optional.of(layout)))
                .build();
    }
}
