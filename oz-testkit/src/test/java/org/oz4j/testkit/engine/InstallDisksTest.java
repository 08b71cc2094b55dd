package org.oz4j.testkit.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.BuildEvent;
import org.oz4j.DiskException;
import org.oz4j.Firmware;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.ImageExistsException;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.MediaException;
import org.oz4j.Oz;
import org.oz4j.TemplateException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.disk.DiskImages;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.icicle.ProvenanceFile;
import org.oz4j.spi.MachineHints;
import org.oz4j.template.Template;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Signature;
import org.oz4j.template.TemplateBuilder;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.Needs;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** The images that come of an install, what lies beside them, and what is refused before there are any. */
class InstallDisksTest {
    private static final long SIZE = 4 << 20;

    @TempDir
    Path folder;

    private static GuestScript succeeding(FakeGuestContext machine) {
        return Bench.working(machine.token(Bench.TOKEN)).powersOff();
    }

    private Bench bench() throws IOException {
        return new Bench(folder, InstallDisksTest::succeeding);
    }

    private static TemplateBuilder template(Bench bench) {
        return Template.builder("one", "ScriptedOS", "1", Arch.X86_64).iso(bench.iso.toUri());
    }

    private static Disk disk(long bytes, ImageFormat format) {
        return new Disk(OptionalLong.of(bytes), Optional.of(format), Optional.empty());
    }

    private static Platform by(Firmware firmware) {
        return new Platform(Optional.of(firmware), false, Optional.empty());
    }

    private static List<String> images(Bench bench) throws IOException {
        try (Stream<Path> files = Files.list(bench.config.outputDir())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** What is told of an image that was there already: not how it came to be. */
    private static InstalledImage found(InstalledImage image, ImageFormat format, long size, Firmware firmware) {
        return new InstalledImage(
                "one",
                "ScriptedOS 1",
                Arch.X86_64,
                image.disk(),
                List.of(),
                format,
                size,
                firmware,
                image.domainXml(),
                Duration.ZERO);
    }

    @Test
    void eachDiskBecomesAnImageBesideTheFirst() throws Exception {
        try (Bench bench = bench()) {
            Guest guest = bench.oz.guest(template(bench)
                    .platform(by(Firmware.UEFI))
                    .disk(disk(SIZE, ImageFormat.QCOW2))
                    .disk(disk(1 << 20, ImageFormat.RAW))
                    .disk(disk(2 << 20, ImageFormat.RAW))
                    .build());

            InstalledImage image = guest.installer().install(bench.events::add);

            Path images = bench.config.outputDir();
            assertThat(images(bench))
                    .containsExactly(
                            "one-disk2.dsk",
                            "one-disk3.dsk",
                            "one.nvram.fd",
                            "one.provenance.json",
                            "one.qcow2",
                            "one.xml");
            MachineSpec machine = bench.hypervisor.machines().get(0);
            Path build = images.resolve(".one.oz");
            assertThat(machine.disks().subList(0, 3))
                    .allMatch(MachineSpec.Disk::isHardDisk)
                    .allMatch(MachineSpec.Disk::disposable)
                    .extracting(disk -> disk.format().label() + " " + build.relativize(disk.path()))
                    .containsExactly("qcow2 disk.img", "raw disk2.img", "raw disk3.img");
            assertThat(image)
                    .isEqualTo(new InstalledImage(
                            "one",
                            "ScriptedOS 1",
                            Arch.X86_64,
                            images.resolve("one.qcow2"),
                            List.of(images.resolve("one-disk2.dsk"), images.resolve("one-disk3.dsk")),
                            ImageFormat.QCOW2,
                            SIZE,
                            Firmware.UEFI,
                            images.resolve("one.xml"),
                            image.took()));
            assertThat(image.furtherDisks().get(1)).hasSize(2 << 20);
            assertThat(image.domainXml())
                    .content()
                    .contains("<nvram>" + images.resolve("one.nvram.fd") + "</nvram>", "<boot dev='hd'/>")
                    .contains("<driver type='qcow2'/><source file='" + images.resolve("one.qcow2") + "'/>")
                    .contains("<driver type='raw'/><source file='" + images.resolve("one-disk3.dsk") + "'/>")
                    .doesNotContain("cdrom", machine.uuid().toString());
            assertThat(guest.imageAt(image.disk()))
                    .as("what can be told of an image that is found")
                    .isEqualTo(found(image, ImageFormat.QCOW2, SIZE, Firmware.UEFI));
            bench.assertNothingLeft("one");
        }
    }

    @Test
    @Needs("qemu-img")
    void anImageOfAnotherFormatIsConvertedInTheEnd() throws Exception {
        try (Bench bench = bench()) {
            Guest guest = bench.oz.guest(
                    template(bench).disk(disk(SIZE, ImageFormat.VMDK)).build());

            InstalledImage image = guest.installer().install(bench.events::add);

            assertThat(bench.hypervisor.machines().get(0).disks().get(0).format())
                    .isEqualTo(ImageFormat.QCOW2);
            assertThat(image.disk().getFileName()).hasToString("one.vmdk");
            assertThat(DiskImages.formatOf(image.disk())).isEqualTo(ImageFormat.VMDK);
            assertThat(image.virtualSize()).isEqualTo(SIZE);
            assertThat(bench.notices())
                    .containsExactly("Guests run by KVM: the test says so", "Converting the image to vmdk");
            assertThat(guest.imageAt(image.disk())).isEqualTo(found(image, ImageFormat.VMDK, 0, Firmware.BIOS));
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void aFolderWhereAnImageWouldGoIsRefusedBeforeAnyWork() throws Exception {
        for (String name : List.of("one.dsk", "one-disk2.dsk")) {
            try (Bench bench = bench()) {
                Path inTheWay = Files.createDirectories(bench.config.outputDir().resolve(name));

                assertThatThrownBy(() ->
                                installTwoDisks(bench, GuestOptions.defaults().withOverwrite(true)))
                        .isInstanceOf(DiskException.class)
                        .hasMessageContaining(inTheWay + " is a folder");
                Files.delete(inTheWay);
                assertRefusedAtOnce(bench);
            }
        }
    }

    @Test
    void whatCanNotBePublishedWholeIsNotPublishedAtAll() throws Exception {
        try (Bench bench = bench()) {
            Path inTheWay = bench.config.outputDir().resolve("one-disk3.dsk");
            putInTheWay(bench, inTheWay);

            assertThatThrownBy(() -> bench.oz
                            .guest(threeDisks(bench), GuestOptions.defaults().withOverwrite(true))
                            .installer()
                            .install())
                    .isInstanceOf(DiskException.class);

            assertThat(images(bench)).containsExactly("one-disk3.dsk");
            assertThat(inTheWay.resolve("file")).hasContent("precious");
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void anOldImageKeepsItsOwnFilesWhereTheNewOneCanNotBePublished() throws Exception {
        try (Bench bench = bench()) {
            Path images = Files.createDirectories(bench.config.outputDir());
            List<String> old = List.of("one.dsk", "one-disk2.dsk", "one.nvram.fd", "one.xml");
            for (String name : old) {
                Files.writeString(images.resolve(name), "old " + name);
            }
            putInTheWay(bench, images.resolve("one-disk3.dsk"));

            assertThatThrownBy(() -> bench.oz
                            .guest(threeDisks(bench), GuestOptions.defaults().withOverwrite(true))
                            .installer()
                            .install())
                    .isInstanceOf(DiskException.class);

            assertThat(old).allSatisfy(name -> assertThat(images.resolve(name)).hasContent("old " + name));
            assertThat(images(bench))
                    .as("there was no provenance of the old one")
                    .containsExactly("one-disk2.dsk", "one-disk3.dsk", "one.dsk", "one.nvram.fd", "one.xml");
            assertThat(images.resolve("one-disk3.dsk/file")).hasContent("precious");
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void anImageInThePlaceOfOneThatStartedByUefiStartsByBios() throws Exception {
        try (Bench bench = bench()) {
            Path variables = bench.config.outputDir().resolve("one.nvram.fd");
            for (Firmware firmware : List.of(Firmware.UEFI, Firmware.BIOS)) {
                TemplateBuilder wanted = template(bench);
                Guest guest = bench.oz.guest(
                        firmware == Firmware.UEFI
                                ? wanted.platform(by(firmware)).build()
                                : wanted.build(),
                        GuestOptions.defaults().withOverwrite(true));
                InstalledImage image = guest.installer().install();

                assertThat(Files.exists(variables)).isEqualTo(firmware == Firmware.UEFI);
                assertThat(guest.imageAt(image.disk()).firmware()).isEqualTo(firmware);
            }
        }
    }

    private static Template threeDisks(Bench bench) {
        return template(bench)
                .platform(by(Firmware.UEFI))
                .disk(disk(SIZE, ImageFormat.RAW))
                .disk(disk(1 << 20, ImageFormat.RAW))
                .disk(disk(1 << 20, ImageFormat.RAW))
                .build();
    }

    /** While the guest is being installed, a folder appears there that is not empty. */
    private static void putInTheWay(Bench bench, Path place) {
        bench.hypervisor.guest(machine -> Bench.working(machine.token(Bench.TOKEN))
                .runs(() -> {
                    try {
                        Files.writeString(Files.createDirectories(place).resolve("file"), "precious");
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .powersOff());
    }

    private static void installTwoDisks(Bench bench, GuestOptions options) {
        Template template = template(bench)
                .disk(disk(SIZE, ImageFormat.RAW))
                .disk(disk(1 << 20, ImageFormat.RAW))
                .build();
        bench.oz.guest(template, options).installer().install(bench.events::add);
    }

    @Test
    void anImageThatCameUpMeanwhileIsNotReplacedUnasked() throws Exception {
        try (Bench bench = new Bench(folder, machine -> Bench.working(machine.token(Bench.TOKEN))
                .runs(() -> write(machine.spec().disks().get(0).path().resolveSibling("../one-disk2.dsk")))
                .powersOff())) {
            assertThatThrownBy(() -> installTwoDisks(bench, GuestOptions.defaults()))
                    .isInstanceOf(ImageExistsException.class)
                    .hasMessageContaining("one-disk2.dsk");

            assertThat(images(bench)).containsExactly("one-disk2.dsk");
            assertThat(bench.config.outputDir().resolve("one-disk2.dsk")).hasContent("another's");
        }
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "another's");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void filesThatNoDiskOfItNeedsAreInNobodysWay() throws Exception {
        try (Bench bench = bench()) {
            Files.createDirectories(bench.config.outputDir());
            Files.writeString(bench.config.outputDir().resolve("one-disk2.dsk"), "another's");

            bench.oz.guest(template(bench).build()).installer().install();

            assertThat(bench.config.outputDir().resolve("one-disk2.dsk")).hasContent("another's");
        }
    }

    @Test
    void aDiskThatNoImageHoldsIsRefusedBeforeAnyWork() throws Exception {
        try (Bench bench = bench()) {
            Template template = template(bench)
                    .disk(disk(SIZE, ImageFormat.RAW))
                    .disk(disk((1L << 60) + 1, ImageFormat.RAW))
                    .build();

            assertThatThrownBy(() -> bench.oz.guest(template).installer().install(bench.events::add))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("Disk 2 of the template 'one' is larger than any image can be");
            assertRefusedAtOnce(bench);
        }
    }

    @Test
    void aLayoutThatTheDiskHasNoRoomForIsRefusedBeforeAnyWork() throws Exception {
        try (Bench bench = bench()) {
            Template template = Template.parse(PlanTest.divided(SIZE + 1)
                    .toXml()
                    .replaceFirst("<iso>.*</iso>", "<iso>" + bench.iso.toUri() + "</iso>"));

            assertThatThrownBy(() -> bench.oz.guest(template).installer().install(bench.events::add))
                    .isInstanceOf(UnsupportedOsException.class)
                    .hasMessageContaining("The <layout> of the template 'one'");
            assertRefusedAtOnce(bench);
        }
    }

    @Test
    void anAnswerFileThatIsNotThereIsRefusedBeforeAnyWork() throws Exception {
        try (Bench bench = bench()) {
            GuestOptions options = GuestOptions.defaults().withAnswerFile(folder.resolve("gone.txt"));

            assertThatThrownBy(() -> bench.oz
                            .guest(template(bench).build(), options)
                            .installer()
                            .install(bench.events::add))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining(folder.resolve("gone.txt").toString())
                    .hasMessageContaining("the answer file can't be read");
            assertRefusedAtOnce(bench);
        }
    }

    /** In the first step, before its name is taken. */
    private static void assertRefusedAtOnce(Bench bench) throws IOException {
        assertThat(bench.events)
                .filteredOn(BuildEvent.StepStarted.class::isInstance)
                .containsExactly(new BuildEvent.StepStarted("one", "reserve"));
        assertThat(bench.notices()).isEmpty();
        bench.assertNoImage("one");
    }

    @Test
    void aSignatureOfNobodyKnownIsRefusedBeforeAnyWorkAndAWrongOneBeforeAGuestStarts() throws Exception {
        Path signature = Files.writeString(folder.resolve("install.iso.sig"), "scribbles");
        Path key = Files.writeString(folder.resolve("key.asc"), "scribbles");
        try (Bench bench = bench()) {
            Template unknown = template(bench)
                    .signature(new Signature(Optional.of(signature.toUri()), Optional.empty()))
                    .build();

            assertThatThrownBy(() -> bench.oz.guest(unknown).installer().install(bench.events::add))
                    .isInstanceOf(UnsupportedOsException.class)
                    .hasMessageContaining("No key is known that the vendor of ScriptedOS 1 signs media with");
            assertRefusedAtOnce(bench);
            Signature named = new Signature(
                    Optional.of(signature.toUri()), Optional.of(key.toUri().toString()));

            MediaException wrong = catchThrowableOfType(MediaException.class, () -> bench.oz
                    .guest(template(bench).signature(named).build())
                    .installer()
                    .install(bench.events::add));

            assertThat(wrong.kind()).isEqualTo(MediaException.Kind.BAD_SIGNATURE);
            assertThat(bench.events)
                    .filteredOn(BuildEvent.StepProgress.class::isInstance)
                    .extracting(event -> ((BuildEvent.StepProgress) event).text())
                    .contains("verifying the signature");
            assertThat(bench.hypervisor.machines()).isEmpty();
            bench.assertNoImage("one");
        }
    }

    @Test
    void anInstallerGetsTheMemoryThatItNeedsAndUsersAreTold() throws Exception {
        Variant greedy = Variant.standard().withMachine(MachineHints.modern(4096, SIZE));
        try (Bench bench = new Bench(folder, InstallDisksTest::succeeding, greedy)) {
            bench.oz.guest(template(bench).build()).installer().install(bench.events::add);

            assertThat(bench.notices())
                    .contains("The installer needs 4096 MiB of memory; the 2048 MiB that are asked for are not used");
            assertThat(bench.hypervisor.machines().get(0).memoryMiB()).isEqualTo(4096);
            bench.events.clear();
            try (Oz oz = bench.open(Variant.standard().withMachine(MachineHints.modern(2048, SIZE)))) {
                oz.guest(template(bench).build(), GuestOptions.defaults().withOverwrite(true))
                        .installer()
                        .install(bench.events::add);
            }

            assertThat(bench.notices()).as("just enough").containsExactly("Guests run by KVM: the test says so");
        }
    }

    @Test
    void keepsTheEvidenceOfASuccessWhereAsked() throws Exception {
        try (Bench bench = bench()) {
            bench.oz
                    .guest(template(bench).build(), GuestOptions.defaults().withKeepEvidence(true))
                    .installer()
                    .install(bench.events::add);

            String told = bench.notices().get(bench.notices().size() - 1);
            assertThat(told).startsWith("The console log is in ");
            assertThat(Path.of(told.replace("The console log is in ", "")).resolve("console.log"))
                    .content()
                    .contains("Copying files");
        }
    }

    @Test
    void thatOfAnInstallIsNotKeptUnasked() throws Exception {
        try (Bench bench = bench()) {
            bench.oz.guest(template(bench).build()).installer().install(bench.events::add);

            assertThat(bench.config.evidenceDir()).doesNotExist();
        }
    }

    @Test
    void tellsOfAMediumThatWasFetchedByTheSumThatWasVerified() throws Exception {
        try (Bench bench = bench()) {
            String sum = DigestUtils.sha256Hex(Files.readAllBytes(bench.iso));
            InstalledImage image = bench.oz
                    .guest(template(bench)
                            .checksum(new ChecksumSource.Sum("SHA-256", sum))
                            .build())
                    .installer()
                    .install();

            assertThat(ProvenanceFile.of(image.disk()).orElseThrow().media())
                    .singleElement()
                    .satisfies(medium -> assertThat(medium.sha256()).isEqualTo(sum));
        }
    }
}
