package org.oz4j.media;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.media.Remaster.BootChange;

import static org.assertj.core.api.Assertions.assertThat;

class BootConfigTest {
    private static final BootChange ANSWERS = new BootChange(
            Set.of("images/pxeboot/vmlinuz", "isolinux/vmlinuz", "casper/vmlinuz", "install.amd/vmlinuz"),
            "inst.ks=hd:LABEL=OEMDRV:/ks.cfg ds=nocloud;s=/cdrom/",
            Set.of("rescue", "inst.rescue", "rd.live.check"));

    private static final String FEDORA =
            """
            set default="1"

            function load_video {
              insmod all_video
            }

            load_video
            set gfxpayload=keep
            set timeout=60
            ### BEGIN /etc/grub.d/10_linux ###
            menuentry 'Install Tiny 41' --class fedora --class gnu-linux {
            \tlinux /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=Tiny-41 quiet
            \tinitrd /images/pxeboot/initrd.img
            }
            menuentry 'Test this media & install Tiny 41' --class fedora {
            \tlinux /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=Tiny-41 rd.live.check quiet
            \tinitrd /images/pxeboot/initrd.img
            }
            submenu 'Troubleshooting -->' {
            \tmenuentry 'Rescue' {
            \t\tlinux /images/pxeboot/vmlinuz inst.rescue
            \t}
            }
            """;

    private static final String DEBIAN_ROOT =
            """
            # D-I config version 2.0
            path
            include menu.cfg
            default vesamenu.c32
            prompt 0
            timeout 0
            """;

    private static final String DEBIAN_TEXT =
            """
            default install
            label rescue
            \tmenu label ^Rescue mode
            \tmenu default
            \tkernel /install.amd/vmlinuz
            \tappend vga=788 initrd=/install.amd/initrd.gz rescue --- quiet
            label install
            \tmenu label ^Install
            \tKERNEL /install.amd/vmlinuz
            \tappend vga=788 initrd=/install.amd/initrd.gz --- quiet
            """;

    private static Map<String, String> edit(String... pathsAndTexts) {
        Map<String, String> texts = new TreeMap<>();
        for (int i = 0; i < pathsAndTexts.length; i += 2) {
            texts.put(pathsAndTexts[i], pathsAndTexts[i + 1]);
        }
        return Remaster.edit(texts, ANSWERS);
    }

    @Test
    void grubStartsTheInstallAndNotTheCheckOrTheRescue() {
        assertThat(edit("EFI/BOOT/grub.cfg", FEDORA))
                .containsOnly(Map.entry(
                        "EFI/BOOT/grub.cfg",
                        FEDORA.replaceFirst(
                                        "Tiny-41 quiet",
                                        "Tiny-41 quiet inst.ks=hd:LABEL=OEMDRV:/ks.cfg 'ds=nocloud;s=/cdrom/'")
                                + "set default='Install Tiny 41'\nset timeout=1\n"));
    }

    @Test
    void isolinuxStartsTheInstallWithoutItsMenu() {
        Map<String, String> edited = edit(
                "isolinux/isolinux.cfg",
                DEBIAN_ROOT,
                "isolinux/txt.cfg",
                DEBIAN_TEXT,
                "isolinux/menu.cfg",
                "include txt.cfg\n");

        assertThat(edited)
                .containsOnly(
                        Map.entry(
                                "isolinux/isolinux.cfg",
                                DEBIAN_ROOT.replace("vesamenu.c32", "install").replace("timeout 0", "timeout 10")),
                        Map.entry(
                                "isolinux/txt.cfg",
                                DEBIAN_TEXT
                                        .replace("\tmenu default", "# \tmenu default")
                                        .replace(
                                                "initrd.gz --- quiet",
                                                "initrd.gz inst.ks=hd:LABEL=OEMDRV:/ks.cfg ds=nocloud;s=/cdrom/ ---"
                                                        + " quiet")));
    }

    @Test
    void whatIsMissingIsAddedInTheFilesOwnKindOfLines() {
        String text = "ui menu.c32\r\nlabel a\r\n  linux vmlinuz\r\n  initrd initrd.img";

        assertThat(edit("isolinux/isolinux.cfg", text))
                .containsOnly(Map.entry(
                        "isolinux/isolinux.cfg",
                        "timeout 10\r\nprompt 0\r\ndefault a\r\n# ui menu.c32\r\nlabel a\r\n  linux vmlinuz\r\n"
                                + "  append inst.ks=hd:LABEL=OEMDRV:/ks.cfg ds=nocloud;s=/cdrom/\r\n  initrd"
                                + " initrd.img"));
    }

    @Test
    void anEntryOfASubmenuOrWithAVariableInItsTitleGetsAnId() {
        String text =
                """
                submenu "More -->" {
                  menuentry "Install $version" --class x {
                    linux ($root)/casper/vmlinuz "a b=c"  $more ---
                  }
                }
                """;

        assertThat(edit("boot/grub/grub.cfg", text).get("boot/grub/grub.cfg"))
                .isEqualTo(
                        """
                submenu --id oz-menu "More -->" {
                  menuentry --id oz-install "Install $version" --class x {
                    linux ($root)/casper/vmlinuz "a b=c" $more inst.ks=hd:LABEL=OEMDRV:/ks.cfg 'ds=nocloud;s=/cdrom/' ---
                  }
                }
                set default='oz-menu>oz-install'
                set timeout=1
                """);
    }

    @Test
    void anEntryWithAnIdKeepsIt() {
        String text = "menuentry 'A > B' --id mine {\n linux /casper/vmlinuz\n}";

        assertThat(edit("grub.cfg", text).get("grub.cfg"))
                .isEqualTo("menuentry 'A > B' --id mine {\n linux /casper/vmlinuz inst.ks=hd:LABEL=OEMDRV:/ks.cfg"
                        + " 'ds=nocloud;s=/cdrom/'\n}\nset default=mine\nset timeout=1\n");
    }

    @Test
    void commentsBracesInVariablesAndLongLinesAreNoTrouble() {
        String text =
                """
                # menuentry 'no' {
                if [ ${x} = {} ]; then echo hi; fi
                menuentry 'yes' {
                  linux \\
                   /casper/vmlinuz quiet # } comment
                  initrd /casper/initrd
                }
                """;

        GrubConfig config = GrubConfig.of(text);

        assertThat(config.entries())
                .containsExactly(new BootConfig.Entry(0, "yes", "/casper/vmlinuz", "quiet", List.of("/casper/initrd")));
        assertThat(config.withArguments(config.entries().get(0), before -> before + " it's")
                        .text())
                .contains("/casper/vmlinuz quiet 'it'\\''s' # } comment");
    }

    @Test
    void anInitialRamdiskTellsWhatToPassOverHoweverTheLoaderIsToldOfIt() {
        BootChange text =
                new BootChange(Set.of("install.amd/vmlinuz"), "auto=true", Set.of("initrd=/install.amd/gtk/initrd.gz"));
        String grub =
                """
                menuentry 'Graphical install' {
                  linux /install.amd/vmlinuz vga=788 --- quiet
                  initrd /install.amd/gtk/initrd.gz
                }
                menuentry 'Install' {
                  linux /install.amd/vmlinuz vga=788 --- quiet
                  initrd /install.amd/initrd.gz
                }
                """;
        String isolinux =
                """
                label installgui
                  linux /install.amd/vmlinuz
                  initrd /install.amd/gtk/initrd.gz
                label oldgui
                  kernel /install.amd/vmlinuz
                  append vga=788 initrd=/install.amd/gtk/initrd.gz ---
                label install
                  linux /install.amd/vmlinuz
                  initrd /install.amd/initrd.gz
                  append vga=788
                """;

        Map<String, String> edited =
                Remaster.edit(Map.of("boot/grub/grub.cfg", grub, "isolinux/isolinux.cfg", isolinux), text);

        assertThat(edited.get("boot/grub/grub.cfg"))
                .contains("set default=Install\n")
                .containsOnlyOnce("vga=788 auto=true --- quiet\n  initrd /install.amd/initrd.gz");
        assertThat(edited.get("isolinux/isolinux.cfg"))
                .contains("default install\n")
                .containsOnlyOnce("append vga=788 auto=true\n");
    }

    @Test
    void aConfigurationWithoutTheKernelIsLeftAlone() {
        assertThat(edit(
                        "boot/grub/grub.cfg",
                        "source /boot/grub/other.cfg\n",
                        "isolinux/isolinux.cfg",
                        "default memtest\nlabel memtest\nkernel memtest\n"))
                .isEmpty();
    }

    static Stream<String> hostile() {
        return Stream.of(
                "",
                "{{{{{{",
                "}}}}}}",
                "menuentry",
                "menuentry {",
                "menuentry 'x' {\nlinux",
                "menuentry \"x {\nlinux /casper/vmlinuz",
                "menuentry 'x' { linux /casper/vmlinuz \\",
                "submenu x {\n".repeat(2_000) + "menuentry y {\nlinux /casper/vmlinuz\n",
                "\"".repeat(100_001),
                "append",
                "label\nkernel\nappend\n",
                " ".repeat(200_000) + "label a b" + " ".repeat(200_000) + "c",
                "\u0000\u0001label x\r\rkernel y");
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void everyTextCanBeReadAndComesBackAsItWas(String text) {
        for (String path : List.of("boot/grub/grub.cfg", "isolinux/isolinux.cfg")) {
            BootConfig config = BootConfig.parse(path, text);

            assertThat(config.text()).isEqualTo(text);
            config.entries().forEach(entry -> config.withArguments(entry, before -> before + " x")
                    .startingWith(java.util.Optional.of(entry), config.nameOf(entry), Duration.ofSeconds(1), true));
        }
    }

    @Test
    void mutatedConfigurationsAreReadToo() {
        Random random = new Random(5);
        for (int i = 0; i < 1_000; i++) {
            StringBuilder text = new StringBuilder(i % 2 == 0 ? FEDORA : DEBIAN_TEXT);
            for (int j = 0; j < 5; j++) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, "{}'\"\\\n;#$ ".charAt(random.nextInt(10)));
                    default -> text.setCharAt(at, (char) random.nextInt(256));
                }
            }
            everyTextCanBeReadAndComesBackAsItWas(text.toString());
            edit("boot/grub/grub.cfg", text.toString(), "isolinux/isolinux.cfg", text.toString());
        }
    }
}
