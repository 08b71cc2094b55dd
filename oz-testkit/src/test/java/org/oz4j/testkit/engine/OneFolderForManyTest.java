package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.ImageExistsException;
import org.oz4j.NameInUseException;
import org.oz4j.Oz;
import org.oz4j.OzException;
import org.oz4j.config.OzConfig;
import org.oz4j.host.Commands;
import org.oz4j.testkit.FakeHypervisor;
import org.oz4j.testkit.FakeOs;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Programs with data folders of their own, as those of several users, that put their images into one folder. */
class OneFolderForManyTest {
    private static final String SETPRIV = "/usr/bin/setpriv";

    @TempDir
    private Path folder;

    private static Oz oz(Path home, Path images, FakeHypervisor hypervisor) {
        return Oz.builder()
                .config(OzConfig.builder(home).outputDir(images).build())
                .onlyGivenPlugins()
                .plugin(new FakeOs())
                .hypervisor(hypervisor)
                .time(hypervisor.time())
                .build();
    }

    private Oz withAnotherDataFolder(Bench bench) {
        Path images = bench.config.outputDir();
        bench.config =
                OzConfig.builder(folder.resolve("other")).outputDir(images).build();
        return bench.open(Variant.standard());
    }

    @Test
    void oneNameIsBuiltOnceAtATime() throws Exception {
        List<OzException> refused = new ArrayList<>();
        List<Oz> others = new ArrayList<>();
        try (Bench bench = new Bench(folder, machine -> Bench.working(machine.token(Bench.TOKEN))
                .runs(() -> {
                    Oz other = others.get(0);
                    refused.add(catchThrowableOfType(
                            NameInUseException.class, () -> other.guest(FakeOs.template("one", folder))
                                    .installer()
                                    .install()));
                })
                .powersOff())) {
            try (Oz other = oz(
                    folder.resolve("other"),
                    bench.config.outputDir(),
                    FakeHypervisor.kvm().guest(FakeOs.installs()))) {
                others.add(other);

                assertThat(bench.oz
                                .guest(bench.template("one"))
                                .installer()
                                .install()
                                .disk())
                        .exists();
            }

            assertThat(refused).singleElement().satisfies(failure -> assertThat(failure)
                    .hasMessageContaining("already running (process "
                            + ProcessHandle.current().pid() + ")"));
            assertThat(folder.resolve("other/.oz/builds")).isEmptyDirectory();
            bench.assertNothingLeft("one");
        }
    }

    @Test
    void whatADeadOneHasLeftIsCleanedUpByTheOther() throws Exception {
        try (Bench bench = new Bench(
                folder,
                machine -> machine.spec().disks().isEmpty()
                        ? GuestScript.start().hangs()
                        : Bench.working(machine.token(Bench.TOKEN)).powersOff())) {
            UUID machine = UUID.randomUUID();
            bench.orphan("one", machine);
            Path left = Files.createDirectories(bench.config.outputDir().resolve(".one.oz"));
            Files.writeString(left.resolve("disk.img"), "half");
            Files.writeString(left.resolve("lock"), "process=1\nmachine=" + machine + "\n");

            try (Oz other = withAnotherDataFolder(bench)) {
                assertThat(other.guest(bench.template("one"))
                                .installer()
                                .install()
                                .disk())
                        .exists();
            }

            bench.assertNothingLeft("one");
        }
    }

    /** The program of the other user: its arguments are the folder of images, its data folder, that of its medium, and a name. */
    static final class OtherUser {
        private OtherUser() {}

        /** Prints what becomes of an install of the same name. */
        public static void main(String[] args) throws IOException {
            try (Oz oz =
                    oz(Path.of(args[1]), Path.of(args[0]), FakeHypervisor.kvm().guest(FakeOs.installs()))) {
                System.out.println(oz.guest(FakeOs.template(args[3], Path.of(args[2])))
                        .installer()
                        .install()
                        .disk());
            } catch (OzException e) {
                System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }

    private static String asNobody(Path images, Path data, Path medium, String name) {
        List<String> command = List.of(
                SETPRIV,
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                // the class path may lie in folders that are closed to others; it may read, and not write there
                "--inh-caps=+dac_read_search",
                "--ambient-caps=+dac_read_search",
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                OtherUser.class.getName(),
                images.toString(),
                data.toString(),
                medium.toString(),
                name);
        try {
            return Commands.run(command, Duration.ofMinutes(2)).output().strip();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path open(Path made) throws IOException {
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
        return made;
    }

    @Test
    void anotherUserIsToldWhoBuildsAndTakesNothingAway() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")) && Files.isExecutable(Path.of(SETPRIV)),
                "another user's program can be started by root only, with setpriv of the package util-linux");
        open(folder);
        Path images = open(Files.createDirectories(folder.resolve("images")));
        Path data = open(Files.createDirectory(folder.resolve("data-of-nobody")));
        open(Path.of(FakeOs.template("any", folder).os().install().location()));
        List<String> printed = new ArrayList<>();
        FakeHypervisor hypervisor = FakeHypervisor.kvm().guest(machine -> GuestScript.start()
                .worksFor(Duration.ofMinutes(1))
                .runs(() -> printed.add(asNobody(images, data, folder, "web")))
                .installs()
                .says(1, machine.token(Bench.TOKEN) + "\n")
                .powersOff());
        try (Oz oz = oz(folder.resolve("data-of-root"), images, hypervisor)) {
            assertThat(oz.guest(FakeOs.template("web", folder))
                            .installer()
                            .install()
                            .disk())
                    .exists();
        }

        assertThat(printed)
                .singleElement()
                .asString()
                .startsWith("NameInUseException: ")
                .contains("user root, by ");
        assertThat(asNobody(images, data, folder, "web")).startsWith(ImageExistsException.class.getSimpleName() + ": ");
        assertThat(asNobody(images, data, folder, "other"))
                .isEqualTo(images.resolve("other.dsk").toString());
    }
}
