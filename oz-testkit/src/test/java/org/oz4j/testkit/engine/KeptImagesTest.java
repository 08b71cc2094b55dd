package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.GuestOptions;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfigBuilder;
import org.oz4j.disk.DiskImages;
import org.oz4j.media.IsoWriter;
import org.oz4j.media.LocalMediaStore;
import org.oz4j.media.MediaStore;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.MediaRecipe.KernelAndVolume;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Disk;
import org.oz4j.template.Template.MachineWish;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.TemplateBuilder;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;

/** Images that are kept for the next install of the very same. */
class KeptImagesTest {
    private static final BootFile KERNEL = new BootFile("kernel", Optional.empty());
    private static final BootFile INITRD = new BootFile("initrd", Optional.empty());

    @TempDir
    Path folder;

    private int installs;

    private static GuestScript succeeding(FakeGuestContext machine) {
        return Bench.working(machine.token(Bench.TOKEN)).powersOff();
    }

    private Bench bench() throws IOException {
        Bench bench = new Bench(folder, KeptImagesTest::succeeding);
        bench.config = bench.config.toBuilder().cacheJeos(true).build();
        return bench;
    }

    private static TemplateBuilder template(Bench bench) {
        return Template.builder("one", "ScriptedOS", "1", Arch.X86_64)
                .iso(bench.iso.toUri())
                .rootPassword("top secret");
    }

    /** As another program would that starts now. */
    private InstalledImage install(Bench bench, Variant variant, Template template) {
        Path image = folder.resolve("image-" + ++installs + ".img");
        bench.events.clear();
        try (Oz oz = bench.open(variant)) {
            return oz.guest(template, GuestOptions.defaults().withImage(image))
                    .installer()
                    .install(bench.events::add);
        }
    }

    private static MediaStore store(Bench bench) {
        return new LocalMediaStore(bench.config.dataDir().resolve("cache"), bench.hypervisor.time());
    }

    /** A way to hand the answers over, and one that differs in what the installer gets besides. */
    record Ways(MediaRecipe one, MediaRecipe other) {
        @Override
        public String toString() {
            return one.getClass().getSimpleName();
        }
    }

    static Stream<Ways> ways() {
        Map<String, String> none = Map.of();
        Map<String, String> more = Map.of("more", "1");
        return Stream.of(
                new Ways(new AnswerVolume("A", "a.txt", none), new AnswerVolume("A", "a.txt", more)),
                new Ways(new Floppy("a.txt", none), new Floppy("a.txt", more)),
                new Ways(
                        new DirectKernel(KERNEL, INITRD, "quiet", "a.txt"),
                        new DirectKernel(KERNEL, INITRD, "quiet", "a.txt", more)),
                new Ways(
                        new KernelAndVolume(KERNEL, INITRD, "quiet", "A", "a.txt", none),
                        new KernelAndVolume(KERNEL, INITRD, "loud", "A", "a.txt", none)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void anotherWayOfInstallingIsAnotherInstall(Ways ways) throws Exception {
        try (Bench bench = bench()) {
            Variant variant = Variant.standard().withMedia(ways.one());
            install(bench, variant, template(bench).build());
            assertThat(bench.notices())
                    .containsExactly(
                            "Guests run by KVM: the test says so",
                            "Keeping the image for the next install of the same");

            install(bench, variant, template(bench).build());
            assertThat(bench.hypervisor.machines()).hasSize(1);
            assertThat(bench.notices())
                    .containsExactly(
                            "Guests run by KVM: the test says so",
                            "The same was installed before, and is taken as it was kept");

            install(bench, variant.withMedia(ways.other()), template(bench).build());
            assertThat(bench.hypervisor.machines()).hasSize(2);
        }
    }

    @Test
    void whatTheInstallerDoesNotSeeIsNoPartOfIt() throws Exception {
        try (Bench bench = bench()) {
            install(bench, Variant.standard(), template(bench).build());
            Template other = Template.builder("two", "ScriptedOS", "1", Arch.X86_64)
                    .iso(bench.iso.toUri())
                    .rootPassword("top secret")
                    .description("another")
                    .packageNamed("editor")
                    .build();

            install(bench, Variant.standard(), other);

            assertThat(bench.hypervisor.machines()).hasSize(1);
        }
    }

    @Test
    void theMachineTheFormatAndTheMediumArePartOfIt() throws Exception {
        try (Bench bench = bench()) {
            install(bench, Variant.standard(), template(bench).build());
            install(
                    bench,
                    Variant.standard(),
                    template(bench)
                            .machine(new MachineWish(OptionalInt.of(3), OptionalInt.empty(), Optional.empty()))
                            .build());
            assertThat(bench.hypervisor.machines()).as("of three processors").hasSize(2);

            bench.config =
                    bench.config.toBuilder().imageFormat(ImageFormat.QCOW2).build();
            install(bench, Variant.standard(), template(bench).build());
            assertThat(bench.hypervisor.machines()).as("in qcow2").hasSize(3);

            byte[] kernel = {3, 2, 1};
            byte[] initrd = "070701".getBytes(StandardCharsets.US_ASCII);
            Files.delete(bench.iso);
            IsoWriter.write(bench.iso, "SCRIPTED", Map.of("kernel", kernel, "initrd", initrd));
            install(bench, Variant.standard(), template(bench).build());
            assertThat(bench.hypervisor.machines()).as("of another medium").hasSize(4);
        }
    }

    @Test
    void allDisksAndTheFirmwaresVariablesAreKept() throws Exception {
        try (Bench bench = bench()) {
            bench.hypervisor.guest(machine -> Bench.working(machine.token(Bench.TOKEN))
                    .runs(() -> write(machine.spec().nvram().orElseThrow(), "variables"))
                    .powersOff());
            Template template = template(bench)
                    .platform(new Platform(Optional.of(Firmware.UEFI), false, Optional.empty()))
                    .disk(new Disk(OptionalLong.of(4 << 20), Optional.empty(), Optional.empty()))
                    .disk(new Disk(OptionalLong.of(1 << 20), Optional.empty(), Optional.empty()))
                    .build();
            InstalledImage first = install(bench, Variant.standard(), template);

            InstalledImage second = install(bench, Variant.standard(), template);

            assertThat(bench.hypervisor.machines()).hasSize(1);
            assertThat(second.disk()).hasSameBinaryContentAs(first.disk());
            assertThat(second.furtherDisks()).singleElement().satisfies(disk -> assertThat(disk)
                    .hasSize(1 << 20));
            assertThat(folder.resolve("image-2.nvram.fd")).hasContent("variables");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theProxysPortIsNoPartOfIt() throws Exception {
        try (Bench bench = bench()) {
            bench.config = bench.config.toBuilder().cachePackages(true).build();
            List<String> proxies = new ArrayList<>();
            bench.hypervisor.guest(machine -> {
                proxies.add(machine.token(Pattern.compile("proxy=http://10.0.2.2:\\d+/")));
                return succeeding(machine);
            });
            AnswerVolume way = new AnswerVolume("A", "a.txt", Map.of());
            install(bench, Variant.standard().withMedia(way), template(bench).build());
            assertThat(bench.notices())
                    .contains("Of what guests downloaded, 0.0 MB were kept from before, and 0.0 MB were fetched");

            install(bench, Variant.standard().withMedia(way), template(bench).build());
            assertThat(proxies).hasSize(1);

            AnswerVolume other = new AnswerVolume("B", "a.txt", Map.of());
            install(bench, Variant.standard().withMedia(other), template(bench).build());
            assertThat(proxies).as("the rest of the recipe is").hasSize(2);
        }
    }

    @Test
    void whatIsKeptCanBeTakenAwayOnceNoBuildUsesIt() throws Exception {
        try (Bench bench = bench()) {
            install(bench, Variant.standard(), template(bench).build());
            install(bench, Variant.standard(), template(bench).build());
            MediaStore store = store(bench);

            assertThat(store.kept()).singleElement().satisfies(kept -> {
                assertThat(kept.name()).isEqualTo("ScriptedOS 1 x86_64");
                assertThat(store.remove(kept)).isTrue();
            });
        }
    }

    /** Where the file system shares no blocks, which is for it to say. */
    @Test
    void anImageThatReadsFromTheKeptOneHoldsItAndUsersAreTold() throws Exception {
        try (Bench bench = bench()) {
            OzConfigBuilder config = bench.config.toBuilder().imageFormat(ImageFormat.QCOW2);
            bench.config = config.build();
            install(bench, Variant.standard(), template(bench).build());
            InstalledImage second =
                    install(bench, Variant.standard(), template(bench).build());

            assertThat(DiskImages.formatOf(second.disk())).isEqualTo(ImageFormat.QCOW2);
            MediaStore store = store(bench);
            MediaStore.Kept kept = store.kept().get(0);
            boolean reads = readsFromAnother(second.disk());
            assertThat(bench.notices()
                            .contains("The image reads from the kept one, " + kept.file()
                                    + ", which stays as long as the image stays here; 'qemu-img convert' makes a copy that needs no"
                                    + " other"))
                    .isEqualTo(reads);
            assertThat(store.remove(kept)).isEqualTo(!reads);
            Files.delete(second.disk());
            assertThat(store.remove(kept)).isEqualTo(reads);
        }
    }

    private static boolean readsFromAnother(Path image) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(image)).getLong(8) != 0;
    }

    @Test
    void whereNothingIsKeptNoTwoInstallsHaveTheSameSecrets() throws Exception {
        Set<String> tokens = new HashSet<>();
        try (Bench bench = bench()) {
            bench.config = bench.config.toBuilder().cacheJeos(false).build();
            bench.hypervisor.guest(machine -> {
                tokens.add(machine.token(Bench.TOKEN));
                return succeeding(machine);
            });

            install(bench, Variant.standard(), template(bench).build());
            install(bench, Variant.standard(), template(bench).build());

            assertThat(tokens).hasSize(2);
        }
    }
}
