package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.GuestOptions;
import org.oz4j.Oz;
import org.oz4j.host.Commands;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.hypervisor.MachineSpec.Disk.Kind;
import org.oz4j.media.IsoImage;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.MediaRecipe.KernelAndVolume;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.Needs;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;

/** What the machine boots the installer from, for each way to hand it the answers. */
class InstallMediumTest {
    private static final BootFile KERNEL = new BootFile("kernel", Optional.empty());
    private static final BootFile INITRD = new BootFile("initrd", Optional.empty());
    private static final Map<String, String> MORE = Map.of("more.txt", "one file more");

    @TempDir
    Path folder;

    private static GuestScript succeeding(FakeGuestContext machine) {
        return Bench.working(machine.token(Bench.TOKEN)).powersOff();
    }

    /** A way to hand over the answers and a further file, and the drives that the machine has for it beside its disk. */
    record Way(MediaRecipe recipe, Kind first, Optional<Kind> second) {
        @Override
        public String toString() {
            return recipe.getClass().getSimpleName();
        }
    }

    static Stream<Way> ways() {
        return Stream.of(
                new Way(new DirectKernel(KERNEL, INITRD, "auto", "a.txt", MORE), Kind.CD, Optional.empty()),
                new Way(
                        new KernelAndVolume(KERNEL, INITRD, "auto", "ANSWERS", "a.txt", MORE),
                        Kind.CD,
                        Optional.of(Kind.CD)),
                new Way(new AnswerVolume("ANSWERS", "a.txt", MORE), Kind.CD, Optional.of(Kind.CD)),
                new Way(new Floppy("a.txt", MORE), Kind.CD, Optional.of(Kind.FLOPPY)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theInstallerFindsItsFilesBesideTheMediumAsItIs(Way way) throws Exception {
        List<String> found = new ArrayList<>();
        List<byte[]> media = new ArrayList<>();
        try (Bench bench = new Bench(
                folder,
                machine -> {
                    machine.find(Pattern.compile("one file more")).ifPresent(found::add);
                    machine.find(Pattern.compile("label=SCRIPTED")).ifPresent(found::add);
                    media.add(Files.readAllBytes(machine.spec().disks().get(1).path()));
                    return succeeding(machine);
                },
                Variant.standard().withMedia(way.recipe()))) {
            bench.oz.guest(bench.template("one")).installer().install();

            MachineSpec machine = bench.hypervisor.machines().get(0);
            assertThat(found).containsExactly("one file more", "label=SCRIPTED");
            assertThat(machine.disks().subList(1, machine.disks().size()))
                    .extracting(MachineSpec.Disk::kind)
                    .isEqualTo(Stream.concat(Stream.of(way.first()), way.second().stream())
                            .toList());
            assertThat(media).containsExactly(Files.readAllBytes(bench.iso));
            assertThat(machine.boot() instanceof Boot.Kernel)
                    .isEqualTo(way.recipe().carriesArguments());
            assertThat(machine.boot() instanceof Boot.FromCd)
                    .isNotEqualTo(way.recipe().carriesArguments());
            bench.assertNothingLeft("one");
        }
    }

    @Test
    @Needs("xorriso")
    void whatATemplateAddsComesAfterAnAnswerFileOfTheUsersOwn() throws Exception {
        Path mine = Files.writeString(folder.resolve("mine.txt"), "mine=yes");
        List<String> found = new ArrayList<>();
        try (Bench bench = new Bench(folder, machine -> {
            found.add(machine.token(Pattern.compile("mine=yes[^\0]*")));
            return GuestScript.start().installs().powersOff();
        })) {
            Template template = Template.parse(bench.template("one")
                    .toXml()
                    .replace("<template version=\"1.0\">", "<template version=\"1.1\">")
                    .replace("</os>", "</os><auto><append>more=yes</append></auto>"));
            bench.oz
                    .guest(template, GuestOptions.defaults().withAnswerFile(mine))
                    .installer()
                    .install();

            assertThat(found).containsExactly("mine=yes\nmore=yes\n");
            assertThat(bench.hypervisor.machines().get(0).serials()).hasSize(2);
        }
    }

    /** One that boots, by a loader of which only the configuration is real. */
    private void makeBootable(Path iso) throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree/isolinux"));
        Files.write(tree.resolve("isolinux.bin"), new byte[2048]);
        Files.writeString(
                tree.resolve("isolinux.cfg"), "default install\nlabel install\n kernel /kernel\n append quiet\n");
        Files.write(tree.resolveSibling("kernel"), new byte[] {1, 2, 3});
        Files.deleteIfExists(iso);
        List<String> command = List.of(
                "xorriso",
                "-as",
                "mkisofs",
                "-quiet",
                "-R",
                "-J",
                "-V",
                "SCRIPTED",
                "-b",
                "isolinux/isolinux.bin",
                "-c",
                "isolinux/boot.cat",
                "-no-emul-boot",
                "-o",
                iso.toString(),
                folder.resolve("tree").toString());
        Commands.Result made = Commands.run(command, Duration.ofMinutes(1));
        assertThat(made.status()).as(made.errors()).isZero();
    }

    private final List<String> booted = new ArrayList<>();
    private final List<String> configurations = new ArrayList<>();
    private final List<String> added = new ArrayList<>();

    /** Looks into the one CD that it is given. */
    private GuestScript looking(FakeGuestContext machine) throws IOException {
        List<MachineSpec.Disk> disks = machine.spec().disks();
        assertThat(disks).extracting(MachineSpec.Disk::kind).containsExactly(Kind.HARD_DISK, Kind.CD);
        assertThat(machine.spec().boot()).isEqualTo(new Boot.FromCd());
        booted.add(disks.get(1).path().toString());
        try (IsoImage cd = IsoImage.open(disks.get(1).path())) {
            configurations.add(text(cd, "isolinux/isolinux.cfg"));
            added.add(text(cd, "more.txt"));
            assertThat(text(cd, "a.txt")).startsWith("label=SCRIPTED\n");
        }
        return succeeding(machine);
    }

    private static String text(IsoImage cd, String path) throws IOException {
        return new String(cd.read(path, 10_000), StandardCharsets.UTF_8);
    }

    @Test
    void aChangedCopyCarriesTheAnswersAndStartsTheInstallerByItself() throws Exception {
        RemasteredIso way = new RemasteredIso(Set.of("kernel"), "auto", Set.of(), "a.txt", MORE);
        try (Bench bench = new Bench(folder, this::looking, Variant.standard().withMedia(way))) {
            makeBootable(bench.iso);
            bench.oz
                    .guest(bench.template("one", Optional.of("debug=1")))
                    .installer()
                    .install();

            assertThat(configurations).singleElement().asString().contains("auto debug=1");
            assertThat(added).containsExactly("one file more");
            assertThat(booted)
                    .containsExactly(bench.config
                            .outputDir()
                            .resolve(".one.oz/medium.iso")
                            .toString());
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void aChangedCopyBootsAsItDidWhereNoKernelIsNamed() throws Exception {
        RemasteredIso way = new RemasteredIso("a.txt", MORE);
        try (Bench bench = new Bench(folder, this::looking, Variant.standard().withMedia(way))) {
            makeBootable(bench.iso);
            bench.oz.guest(bench.template("one")).installer().install();

            assertThat(configurations)
                    .containsExactly("default install\nlabel install\n kernel /kernel\n append quiet\n");
            assertThat(added).containsExactly("one file more");
        }
    }

    @Test
    void aChangedCopyIsKeptForTheNextInstallOfTheSame() throws Exception {
        RemasteredIso way = new RemasteredIso(Set.of("kernel"), "auto", Set.of(), "a.txt", MORE);
        try (Bench bench = new Bench(folder, this::looking)) {
            makeBootable(bench.iso);
            bench.config = bench.config.toBuilder().cacheModifiedMedia(true).build();

            install(bench, way, "first");
            install(bench, way, "second");
            assertThat(booted).hasSize(2);
            assertThat(booted.get(0))
                    .startsWith(bench.config.dataDir() + "/cache/")
                    .isEqualTo(booted.get(1));

            install(bench, new RemasteredIso(Set.of("kernel"), "auto", Set.of("rescue"), "a.txt", MORE), "third");
            assertThat(booted.get(2))
                    .startsWith(bench.config.dataDir() + "/cache/")
                    .isNotEqualTo(booted.get(1));
        }
    }

    /** The proxy's port, which is in it, is another each time. */
    @Test
    void aChangedCopyThatNamesTheProxyIsNotKept() throws Exception {
        try (Bench bench = new Bench(folder, this::looking)) {
            makeBootable(bench.iso);
            bench.config = bench.config.toBuilder()
                    .cacheModifiedMedia(true)
                    .cachePackages(true)
                    .build();

            install(bench, new RemasteredIso("a.txt", MORE), "first");

            assertThat(booted)
                    .containsExactly(bench.config
                            .outputDir()
                            .resolve(".first.oz/medium.iso")
                            .toString());
        }
    }

    private static void install(Bench bench, MediaRecipe way, String name) {
        Template template = Template.builder(name, "ScriptedOS", "1", Arch.X86_64)
                .iso(bench.iso.toUri())
                .rootPassword("top secret")
                .build();
        try (Oz oz = bench.open(Variant.standard().withMedia(way))) {
            oz.guest(template).installer().install();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChangedCopyHasWhatTheTemplateAdds(boolean folderOfIt) throws Exception {
        Path drivers = Files.createDirectories(folder.resolve("drivers"));
        Path driver = Files.writeString(drivers.resolve("more.txt"), "a driver");
        try (Bench bench = new Bench(folder, this::looking)) {
            makeBootable(bench.iso);
            Template template = Template.parse(bench.template("one")
                    .toXml()
                    .replace(
                            "</iso>",
                            "</iso><extras>"
                                    + (folderOfIt
                                            ? "<directory source='" + drivers.toUri() + "' destination='added'/>"
                                            : "<file source='" + driver.toUri() + "' destination='added/more.txt'/>")
                                    + "</extras>"));
            List<String> extras = new ArrayList<>();
            bench.hypervisor.guest(machine -> {
                try (IsoImage cd = IsoImage.open(machine.spec().disks().get(1).path())) {
                    extras.add(text(cd, "added/more.txt"));
                }
                return looking(machine);
            });
            try (Oz oz = bench.open(Variant.standard().withMedia(new RemasteredIso("a.txt", MORE)))) {
                oz.guest(template).installer().install();
            }

            assertThat(extras).containsExactly("a driver");
        }
    }
}
