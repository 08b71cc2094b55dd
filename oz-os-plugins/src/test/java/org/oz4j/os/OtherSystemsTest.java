package org.oz4j.os;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.os.alpine.AlpinePlugin;
import org.oz4j.os.arch.ArchPlugin;
import org.oz4j.os.bsd.FreeBsdPlugin;
import org.oz4j.os.windows.WindowsPlugin;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.User;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/** What all releases of Windows, FreeBSD, Alpine and Arch have in common. */
class OtherSystemsTest {
    private static final List<OsPlugin> PLUGINS =
            List.of(new WindowsPlugin(), new FreeBsdPlugin(), new AlpinePlugin(), new ArchPlugin());
    private static final String KEY = "ssh-ed25519 AAAAC3 ann's \"key\" $HOME";

    @TempDir
    private Path folder;

    /** Every release, architecture and firmware. */
    static Stream<Arguments> all() {
        List<Arguments> all = new ArrayList<>();
        for (OsPlugin plugin : PLUGINS) {
            for (OsRelease release : plugin.releases()) {
                for (Arch arch : release.arches()) {
                    for (Firmware firmware : Firmware.values()) {
                        Feature feature = firmware == Firmware.UEFI ? Feature.UEFI : Feature.BIOS;
                        boolean windows32 = plugin instanceof WindowsPlugin && arch == Arch.I386;
                        if (release.features().contains(feature) && !(windows32 && firmware == Firmware.UEFI)) {
                            all.add(Arguments.of(plugin, release, arch, firmware));
                        }
                    }
                }
            }
        }
        return all.stream();
    }

    private static TemplateBuilder plain(TemplateBuilder template, Firmware firmware) {
        return template.key("AAAAA-BBBBB").platform(new Platform(Optional.of(firmware), false, Optional.empty()));
    }

    private static TemplateBuilder full(TemplateBuilder template, OsRelease release) {
        boolean keys = release.features().contains(Feature.SSH_KEYS);
        List<User> users = release.features().contains(Feature.USERS)
                ? List.of(
                        new User(
                                "ann",
                                Optional.of("Ann " + RequestOf.hostile()),
                                Optional.of("pass of ann"),
                                List.of("staff", "adm"),
                                keys ? List.of(KEY) : List.of()),
                        new User("bob", Optional.empty(), Optional.of("pass of bob"), List.of(), List.of()))
                : List.of();
        boolean locale = release.features().contains(Feature.LOCALE);
        boolean keyboard = release.features().contains(Feature.KEYBOARD);
        return template.setup(new Setup(
                Optional.of("web1.example.org"),
                locale ? Optional.of("de_AT.UTF-8") : Optional.empty(),
                keyboard ? Optional.of("de") : Optional.empty(),
                Optional.of("Europe/Vienna"),
                users,
                keys ? List.of(KEY) : List.of()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void isToldAllAndNothingInClear(OsPlugin plugin, OsRelease release, Arch arch, Firmware firmware) {
        List<GuestProfile> profiles = List.of(
                RequestOf.iso(plugin, release, arch, template -> plain(template, firmware))
                        .profile(),
                RequestOf.iso(plugin, release, arch, template -> full(plain(template, firmware), release))
                        .profile());
        for (GuestProfile profile : profiles) {
            String texts = RequestOf.allTexts(profile);

            assertThat(texts).contains(RequestOf.TOKEN).doesNotContain("${", "<#", "<@", "pass of");
            if (!profile.answers().name().equals("winnt.sif")) { // which takes no hash where it logs on by itself
                assertThat(texts).doesNotContain(RequestOf.CLEAR);
            }
            assertThat(profile.toString()).doesNotContain(RequestOf.CLEAR, "hashhash");
            assertThat(profile.media()).anyMatch(each -> each.isFor(InstallType.ISO));
            assertThat(profile.machine().minimumMemoryMiB()).isGreaterThanOrEqualTo(256);
        }
        assertThat(RequestOf.allTexts(profiles.get(1))).contains("web1");
    }

    @ParameterizedTest
    @MethodSource("all")
    void theSameQuestionHasTheSameAnswer(OsPlugin plugin, OsRelease release, Arch arch, Firmware firmware) {
        GuestProfile first = RequestOf.iso(plugin, release, arch, template -> full(plain(template, firmware), release))
                .profile();
        GuestProfile second = RequestOf.iso(plugin, release, arch, template -> full(plain(template, firmware), release))
                .profile();

        assertThat(first.answers().content()).isEqualTo(second.answers().content());
        assertThat(first.media()).isEqualTo(second.media());
    }

    /** Scripts are understood by a shell, and have each hostile value as one word. */
    @ParameterizedTest
    @MethodSource("all")
    void scriptsAreUnderstoodByAShell(OsPlugin plugin, OsRelease release, Arch arch, Firmware firmware) {
        if (plugin instanceof WindowsPlugin) {
            return;
        }
        String script = RequestOf.iso(plugin, release, arch, template -> full(plain(template, firmware), release))
                .profile()
                .answers()
                .content();

        Shell.check(plugin instanceof ArchPlugin ? "bash" : "sh", script, folder);
        String command = plugin instanceof FreeBsdPlugin ? "pw" : plugin instanceof ArchPlugin ? "useradd" : "adduser";
        assertThat(Shell.arguments(script.replaceAll("(?m)^(pw groupshow|echo .*usermod).*", ""), command, folder))
                .contains("<Ann " + RequestOf.hostile() + ">")
                .contains("<ann>");
        assertThat(Shell.output(
                        "oz_root=\n"
                                + script.lines()
                                        .filter(line -> line.startsWith("echo '" + KEY.split(" ")[0]))
                                        .map(line -> line.replaceAll(">>.*", ""))
                                        .distinct()
                                        .reduce("", (a, b) -> a + b + "\n"),
                        folder))
                .isEqualTo(KEY + "\n");
    }

    @Test
    void goesOnWithItsOwnBusWhereItKnowsNoOther() {
        Map<String, DiskBus> found = new TreeMap<>();
        for (OsPlugin plugin : PLUGINS) {
            for (OsRelease release : plugin.releases()) {
                MachineHints machine = RequestOf.iso(plugin, release, Arch.X86_64, template -> template.key("A"))
                        .bus(DiskBus.SCSI)
                        .profile()
                        .machine();
                found.put(release.title(), machine.diskBus());
            }
        }
        assertThat(found).allSatisfy((title, bus) -> assertThat(bus)
                .as(title)
                .isEqualTo(title.matches("Windows (2000|XP|2003)") ? DiskBus.IDE : DiskBus.SCSI));
    }

    @Test
    void everyRowHasASourceAndTellsWhatItIs() {
        List<OsRelease> releases =
                PLUGINS.stream().flatMap(each -> each.releases().stream()).toList();
        System.out.println("Windows, FreeBSD, Alpine, Arch: " + releases.size() + " releases, " + all().count()
                + " with their architectures and firmware");

        assertThat(releases).allSatisfy(each -> {
            assertThat(each.source()).startsWith("https://");
            assertThat(each.support()).isNotEqualTo(OsRelease.Support.INSTALLED);
            assertThat(each.installTypes()).containsExactly(InstallType.ISO);
        });
        assertThat(releases)
                .extracting(each -> each.title() + each.arches())
                .doesNotHaveDuplicates()
                .hasSizeGreaterThan(50);
    }

    @Test
    void kernelParametersAreCarriedByNone() {
        for (OsPlugin plugin : PLUGINS) {
            OsRelease release = plugin.releases().get(0);
            assertThat(RequestOf.iso(plugin, release, Arch.X86_64, template -> template.key("A"))
                            .profile()
                            .media())
                    .noneMatch(MediaRecipe::carriesArguments);
        }
    }
}
