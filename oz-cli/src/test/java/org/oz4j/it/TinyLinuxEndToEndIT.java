package org.oz4j.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.CustomizeFailedException;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.Icicle;
import org.oz4j.ImageFormat;
import org.oz4j.InstallFailedException;
import org.oz4j.InstalledImage;
import org.oz4j.NameInUseException;
import org.oz4j.Oz;
import org.oz4j.VisitChoices;
import org.oz4j.config.OzConfig;
import org.oz4j.examples.InstallFromTemplate;
import org.oz4j.icicle.IcicleXml;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** The whole way, on the embedded driver and real QEMU. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TinyLinuxEndToEndIT {
    private static final int MEMORY = 512;

    @TempDir
    static Path folder;

    private static Path iso = Path.of("not built yet");

    @BeforeAll
    static void buildsTheIso() throws Exception {
        iso = Lab.tinyIso(folder);
    }

    private static Template template(String name) {
        return Template.parse(TinyLinux.template(name, iso));
    }

    private static Path templateFile(String name) throws Exception {
        return Files.writeString(folder.resolve(name + ".tdl"), TinyLinux.template(name, iso));
    }

    @Test
    void installsAnImageThatBootsAndLetsRootIn() throws Exception {
        OzConfig config = Lab.config(folder, MEMORY);
        InstalledImage image;
        try (Oz oz = Oz.builder().config(config).build()) {
            image = oz.guest(template("boots")).installer().install();
        }
        Lab.assertNothingLeft(folder, "boots");

        Lab.boot(config, image, "sesame open", session -> {
            assertThat(Lab.exec(session, "cat /etc/hostname")).isEqualTo("boots\n");
            assertThat(Lab.exec(session, "tpk install hello && hello")).isNotBlank();
        });
    }

    @Test
    void installsFromAChangedMediumOnceAndTakesTheNextImageFromWhatWasKept() throws Exception {
        OzConfig config = Lab.config(folder, MEMORY).toBuilder()
                .cacheJeos(true)
                .cacheModifiedMedia(true)
                .imageFormat(ImageFormat.QCOW2)
                .build();
        Path drivers = Files.createDirectories(folder.resolve("drivers/deep"));
        Files.writeString(drivers.resolve("a.inf"), "a driver");
        Template template = Template.parse(TinyLinux.template("extras", iso)
                .replace(
                        "</iso>",
                        """
                        </iso><extras>
                          <file source="%s" destination="extras/big/b.tdl"/>
                          <directory source="%s" destination="extras/drivers"/>
                        </extras>"""
                                .formatted(
                                        templateFile("extra-file").toUri(),
                                        folder.resolve("drivers").toUri()))
                .replace("</os>", "<kernelparam>oz.remastered=yes</kernelparam></os>"));
        List<String> notices = new ArrayList<>();
        InstalledImage second;
        try (Oz oz = Oz.builder().config(config).build()) {
            InstalledImage first = oz.guest(template).installer().install();
            second = oz.guest(template, GuestOptions.defaults().withImage(folder.resolve("second.dsk")))
                    .installer()
                    .install(event -> {
                        if (event instanceof BuildEvent.Notice notice) {
                            notices.add(notice.text());
                        }
                    });
            assertThat(Files.size(second.disk())).isLessThan(Files.size(first.disk()));
        }
        assertThat(notices).anyMatch(text -> text.contains("installed before"));
        assertThat(second.took()).isLessThan(Duration.ofSeconds(10));
        Lab.assertNothingLeft(folder, "extras");

        Lab.boot(config, second, "sesame open", session -> {
            assertThat(Lab.exec(session, "cat /usr/local/extras/drivers/deep/a.inf"))
                    .isEqualTo("a driver");
            assertThat(Lab.exec(session, "head -c 9 /usr/local/extras/big/b.tdl"))
                    .isEqualTo("<template");
        });
    }

    @Test
    void goesOnInAGuestThatACommandHasRestarted() throws Exception {
        OzConfig config = Lab.config(folder, MEMORY);
        String look = "cat /proc/sys/kernel/random/boot_id";
        Template template = Template.parse(TinyLinux.template("restarts", iso)
                .replace(
                        "</template>",
                        """
                        <commands>
                          <command name="first" position="1">%s</command>
                          <command name="again" position="2">touch /etc/restarting
                            reboot</command>
                          <command name="second" position="3">%s; ls /etc/restarting</command>
                        </commands></template>"""
                                .formatted(look, look)));
        List<String> told = new ArrayList<>();
        try (Oz oz = Oz.builder().config(config).build()) {
            Guest guest = oz.guest(template);
            InstalledImage image = guest.installer().install();
            guest.customizer()
                    .customize(
                            image,
                            event -> {
                                if (event instanceof BuildEvent.CommandOutput output) {
                                    told.add(output.line());
                                }
                            },
                            CancellationToken.create());
        }

        assertThat(told).hasSize(3).doesNotHaveDuplicates().endsWith("/etc/restarting");
        Lab.assertNothingLeft(folder, "restarts");
    }

    @Test
    void customisesAnImageAndListsWhatIsInside() throws Exception {
        OzConfig config = Lab.config(folder, MEMORY);
        byte[] big = new byte[3 << 20];
        new Random(7).nextBytes(big);
        Path bigFile = Files.write(folder.resolve("big.bin"), big);
        String xml = TinyLinux.template("custom", iso)
                .replace(
                        "</template>",
                        """
                        <description>A customised guest</description>
                        <packages><package name="hello"/></packages>
                        <files>
                          <file name="/etc/it's $(odd)/motd">a 'quoted' $HOME
                        </file>
                          <file name="/srv/b" type="base64">AAECAw==</file>
                          <file name="/srv/big" type="url">%s</file>
                        </files>
                        <precommands><command name="$(touch /srv/pwned)">mkdir -p /srv; echo pre >>/srv/order</command></precommands>
                        <commands>
                          <command name="second" position="2">#!/bin/sh
                        hello >>/srv/order
                        cat /srv/order</command>
                          <command name="first" position="1">echo one >>/srv/order</command>
                        </commands>
                        </template>
                        """
                                .formatted(bigFile.toUri()));
        Template template = Template.parse(xml);
        List<String> printed = new ArrayList<>();
        BuildListener printing = event -> {
            if (event instanceof BuildEvent.CommandOutput output) {
                printed.add(output.command() + ": " + output.line());
            }
        };
        try (Oz oz = Oz.builder().config(config).build()) {
            Guest guest = oz.guest(template);
            InstalledImage image = guest.installer().install();
            guest.customizer().customize(image, printing, CancellationToken.create());
            Lab.assertNothingLeft(folder, "custom");
            assertThat(printed).contains("command second: pre", "command second: one");
            String before = Lab.sha256(image.disk());

            Icicle icicle = guest.icicleGenerator()
                    .generate(guest.imageAt(image.disk()), BuildListener.NONE, CancellationToken.create());

            assertThat(icicle.packages()).extracting(Icicle.Item::name).contains("base", "hello");
            assertThat(IcicleXml.read(IcicleXml.write(icicle, true))).isEqualTo(icicle);
            assertThat(Lab.sha256(image.disk())).isEqualTo(before);
            GuestOptions resuming = GuestOptions.defaults().withVisit(VisitChoices.NONE.withResume(true));
            Template failing = Template.parse(xml.replace("cat /srv/order", "echo broken; exit 3"));
            CustomizeFailedException failure =
                    catchThrowableOfType(CustomizeFailedException.class, () -> oz.guest(failing, resuming)
                            .customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));
            assertThat(failure.status()).isEqualTo(3);
            assertThat(failure.action()).isEqualTo("command second");
            assertThat(failure.lastLines()).contains("broken");
            assertThat(Lab.sha256(image.disk())).isEqualTo(before);
            printed.clear();
            oz.guest(
                            Template.parse(xml.replace("cat /srv/order", "echo mended >>/srv/order; cat /srv/order")),
                            resuming)
                    .customizer()
                    .customize(image, printing, CancellationToken.create());
            assertThat(printed)
                    .as("of the first visit, of the one that failed, and of that which was mended")
                    .filteredOn(line -> line.startsWith("command "))
                    .containsExactly(
                            "command second: pre",
                            "command second: one",
                            "command second: Hello, world!",
                            "command second: pre",
                            "command second: one",
                            "command second: Hello, world!",
                            "command second: mended");
            Lab.assertNothingLeft(folder, "custom");

            Lab.boot(config, image, "sesame open", session -> {
                assertThat(Lab.exec(session, "cat '/etc/it'\\''s $(odd)/motd'")).isEqualTo("a 'quoted' $HOME\n");
                assertThat(Lab.exec(session, "od -An -tx1 /srv/b")).contains("00 01 02 03");
                assertThat(Lab.exec(session, "{ cmp /srv/big /srv/big && wc -c </srv/big || ls -l /srv; } 2>&1"))
                        .contains("3145728");
                assertThat(Lab.exec(session, "ls /srv /root/.ssh /tmp 2>&1"))
                        .doesNotContain("pwned", "oz-", "authorized");
            });
        }
    }

    @Test
    void twoOfOneProgramGoSideBySideAndTwoOfOneNameDoNot() throws Exception {
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            CompletableFuture<InstalledImage> first = CompletableFuture.supplyAsync(
                    () -> oz.guest(template("left")).installer().install());
            CompletableFuture<InstalledImage> second = CompletableFuture.supplyAsync(
                    () -> oz.guest(template("right")).installer().install());
            Path lock = folder.resolve("data/builds/left.lock");
            Lab.await(lock, "machine=", Duration.ofMinutes(1));
            NameInUseException refused = catchThrowableOfType(
                    NameInUseException.class,
                    () -> oz.guest(template("left")).installer().install());

            assertThat(refused.name()).isEqualTo("left");
            assertThat(first.get(8, TimeUnit.MINUTES).disk()).exists();
            assertThat(second.get(8, TimeUnit.MINUTES).disk()).exists();
        }
    }

    @Test
    void twoProgramsGoSideBySide() throws Exception {
        Process other = Lab.oz(
                folder,
                folder.resolve("other.log"),
                MEMORY,
                "install",
                templateFile("other").toString());
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            assertThat(oz.guest(template("own")).installer().install().disk()).exists();
            Lab.assertEnds(other, Duration.ofMinutes(8), 0);
            assertThat(folder.resolve("images/other.dsk")).exists();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void endsWithinFiveSecondsOfSigterm() throws Exception {
        Path log = folder.resolve("term.log");
        Process oz = Lab.oz(folder, log, MEMORY, "install", templateFile("term").toString());
        try {
            Lab.await(log, "Reading the answers", Duration.ofMinutes(3));
            assertThat(Lab.machines(folder.resolve("images/.term.oz"))).isNotEmpty();

            oz.destroy();

            Lab.assertEnds(oz, Duration.ofSeconds(5), 130);
            Lab.assertNothingLeft(folder, "term");
            assertThat(folder.resolve("images/term.dsk")).doesNotExist();
        } finally {
            oz.destroyForcibly();
        }
    }

    @Test
    void theNextRunCleansUpAfterKillAndGoesThrough() throws Exception {
        Path log = folder.resolve("kill.log");
        Path work = folder.resolve("images/.kill.oz");
        Process oz = Lab.oz(folder, log, MEMORY, "install", templateFile("kill").toString());
        try {
            Lab.await(log, "Reading the answers", Duration.ofMinutes(3));
        } finally {
            oz.destroyForcibly().waitFor();
        }
        List<ProcessHandle> orphans = Lab.machines(work);
        assertThat(orphans).as("QEMU outlives its program").isNotEmpty();
        assertThat(work).exists();

        Process again = Lab.oz(
                folder, log, MEMORY, "install", folder.resolve("kill.tdl").toString());
        try {
            Lab.assertEnds(again, Duration.ofMinutes(5), 0);
        } finally {
            again.destroyForcibly();
        }

        assertThat(orphans).noneMatch(ProcessHandle::isAlive);
        assertThat(Lab.read(log)).contains("left half done by process " + oz.pid());
        assertThat(folder.resolve("images/kill.dsk")).exists();
        Lab.assertNothingLeft(folder, "kill");
    }

    @Test
    void tellsWhatTheInstallerSaysOfAnUnknownDisk() throws Exception {
        InstallFailedException failure =
                failing("bad", "disk=xyz\nhostname=bad\nroot_password_hash=*\nfinish=poweroff\n");

        assertThat(failure).hasMessageContaining("xyz");
        Path evidence = failure.evidence().orElseThrow();
        assertThat(evidence.resolve("console.log")).isNotEmptyFile();
        assertThat(evidence.resolve("machine.xml")).isNotEmptyFile();
        assertThat(evidence.resolve("screen.png")).isNotEmptyFile();
    }

    @Test
    void keepsTheLogThatTheInstallerHasLeftOnTheDisk() throws Exception {
        InstallFailedException failure = failing(
                "late",
                "disk=vda\nhostname=late\nroot_password_hash=$6$salt$hash\npackage=none-such\nfinish=poweroff\n");

        Path evidence = failure.evidence().orElseThrow();
        assertThat(evidence.resolve("not-collected.txt")).doesNotExist();
        assertThat(evidence.resolve("installer-logs/var_log_installer_tiny.log"))
                .content()
                .contains("[4/8] Unpacking the base system");
    }

    /** How an install fails by the installer's own word, with these answers; nothing of it is left. */
    private InstallFailedException failing(String name, String answers) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".answers"), answers);
        InstallFailedException failure;
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            failure = catchThrowableOfType(InstallFailedException.class, () -> oz.guest(
                            template(name), GuestOptions.defaults().withAnswerFile(file))
                    .installer()
                    .install());
        }
        assertThat(failure.kind()).isEqualTo(InstallFailedException.Kind.INSTALLER_ERROR);
        Lab.assertNothingLeft(folder, name);
        return failure;
    }

    @Test
    void theProgramOfTheReadmeInstalls() throws Exception {
        Path log = folder.resolve("readme.log");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                InstallFromTemplate.class.getName(),
                templateFile("readme").toString());
        builder.environment().put("OZ_DATA_DIR", folder.resolve("data").toString());
        builder.environment().put("OZ_OUTPUT_DIR", folder.resolve("images").toString());
        Process program =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            Lab.assertEnds(program, Duration.ofMinutes(5), 0);
        } finally {
            program.destroyForcibly();
        }
        assertThat(Lab.read(log)).contains("Installed TinyLinux 1: ");
        assertThat(folder.resolve("images/readme.dsk")).exists();
    }
}
