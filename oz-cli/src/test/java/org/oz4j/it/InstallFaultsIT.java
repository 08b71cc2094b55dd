package org.oz4j.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.Diagnosis.Cause;
import org.oz4j.HypervisorException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.OzException;
import org.oz4j.config.OzConfig;
import org.oz4j.host.Commands;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Faults in the midst of real installs. */
@Tag("vm")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class InstallFaultsIT {
    private static final int MEMORY = 256;

    @TempDir
    static Path folder;

    private static Path iso = Path.of("not built yet");

    @BeforeAll
    static void buildsTheIso() throws Exception {
        iso = Lab.tinyIso(folder);
    }

    private interface Fault {
        void happens() throws Exception;
    }

    /** Has a fault happen once the installer has begun. */
    private static BuildListener once(Fault fault) {
        AtomicBoolean done = new AtomicBoolean();
        return event -> {
            if (event instanceof BuildEvent.ConsoleLine && done.compareAndSet(false, true)) {
                try {
                    fault.happens();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private static <T extends OzException> T failing(Class<T> type, OzConfig config, String name, Fault fault) {
        try (Oz oz = Oz.builder().config(config).build()) {
            return catchThrowableOfType(type, () -> oz.guest(Template.parse(TinyLinux.template(name, iso)))
                    .installer()
                    .install(once(fault)));
        }
    }

    private static List<ProcessHandle> machines(String name) {
        return Lab.machines(folder.resolve("images/." + name + ".oz"));
    }

    @Test
    void aKilledMachineIsToldAsTroubleOfTheHost() throws Exception {
        InstallFailedException failure =
                failing(InstallFailedException.class, Lab.config(folder, MEMORY), "killed", () -> machines("killed")
                        .forEach(ProcessHandle::destroyForcibly));

        assertThat(failure.kind()).isEqualTo(Kind.MACHINE_FAILED);
        assertThat(failure.diagnosis().cause()).isEqualTo(Cause.HOST_TROUBLE);
        assertThat(failure.problem())
                .containsPattern("ended by itself \\(FAILED; QEMU wrote nothing of it to /.*/killed\\.log\\)");
        assertThat(failure.evidence().orElseThrow().resolve("report.json"))
                .content()
                .contains("HOST_TROUBLE");
        Lab.assertNothingLeft(folder, "killed");
    }

    @Test
    void aMachineThatDiesInItsFirmwareIsStartedAgain() throws Exception {
        List<String> notices = new ArrayList<>();
        AtomicBoolean killed = new AtomicBoolean();
        BuildListener killing = event -> {
            if (event instanceof BuildEvent.StepProgress progress
                    && progress.text().equals("starting the installer")
                    && killed.compareAndSet(false, true)) {
                machines("early").forEach(ProcessHandle::destroyForcibly);
            } else if (event instanceof BuildEvent.Notice notice) {
                notices.add(notice.text());
            }
        };
        try (Oz oz = Oz.builder().config(Lab.config(folder, MEMORY)).build()) {
            InstalledImage image = oz.guest(Template.parse(TinyLinux.template("early", iso)))
                    .installer()
                    .install(killing);

            assertThat(image.disk()).exists();
        }
        assertThat(notices)
                .anyMatch(text -> text.contains("crashed before the guest did anything (FAILED; QEMU wrote"));
        Lab.assertNothingLeft(folder, "early");
    }

    @Test
    void aMachineWhoseProcessStandsStillIsGivenUpAndEnded() throws Exception {
        OzConfig config = Lab.config(folder, MEMORY).toBuilder()
                .inactivityLimit(Duration.ofSeconds(20))
                .build();
        InstallFailedException failure = failing(InstallFailedException.class, config, "stopped", () -> {
            for (ProcessHandle machine : machines("stopped")) {
                assertThat(Commands.run(List.of("kill", "-STOP", Long.toString(machine.pid())), Duration.ofSeconds(10))
                                .status())
                        .isZero();
            }
        });

        assertThat(failure.kind()).isEqualTo(Kind.INACTIVE);
        assertThat(machines("stopped")).isEmpty();
        Lab.assertNothingLeft(folder, "stopped");
    }

    @Test
    void aFolderOfImagesThatIsTakenAwayIsNamed() throws Exception {
        Path images = folder.resolve("gone/images");
        OzConfig config =
                Lab.config(folder, MEMORY).toBuilder().outputDir(images).build();
        OzException failure = failing(OzException.class, config, "gone", () -> {
            try (Stream<Path> below = Files.walk(images)) {
                for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        });

        assertThat(failure).hasMessageContaining(images.toString());
        assertThat(Lab.machines(images)).isEmpty();
        assertThat(folder.resolve("data/builds/gone.lock")).doesNotExist();
    }

    @Test
    void aMachineThatEndsTogetherWithItsDaemonOfLibvirtLeavesNothing() throws Exception {
        try (Libvirtd own = Libvirtd.start(folder.resolve("libvirt"))) {
            OzConfig config = Lab.config(folder, MEMORY).toBuilder()
                    .hypervisorUri(own.uri())
                    .build();

            HypervisorException failure = failing(HypervisorException.class, config, "both", () -> {
                own.kill();
                machines("both").forEach(machine -> {
                    machine.destroyForcibly();
                    machine.onExit().join();
                });
            });

            assertThat(failure.kind()).isEqualTo(HypervisorException.Kind.LOST);
            assertThat(failure.getSuppressed()).isEmpty();
            Lab.assertNothingLeft(folder, "both");
        }
    }

    @Test
    void aDaemonOfLibvirtThatIsKilledIsToldAndTheNextInstallGoesThrough() throws Exception {
        try (Libvirtd own = Libvirtd.start(folder.resolve("libvirt"))) {
            OzConfig config = Lab.config(folder, MEMORY).toBuilder()
                    .hypervisorUri(own.uri())
                    .build();
            HypervisorException failure = failing(HypervisorException.class, config, "daemon", own::kill);
            own.restart(); // the machine, if it still runs, is found by its lock

            assertThat(failure.kind()).isEqualTo(HypervisorException.Kind.LOST);
            try (Oz oz = Oz.builder().config(config).build()) {
                InstalledImage image = oz.guest(Template.parse(TinyLinux.template("daemon", iso)))
                        .installer()
                        .install();
                assertThat(image.disk()).exists();
            }
            Lab.assertNothingLeft(folder, "daemon");
        }
    }

    @Test
    void fourGoSideBySide() throws Exception {
        try (Oz oz = Oz.builder()
                .config(Lab.config(folder, MEMORY).toBuilder().parallel(4).build())
                .build()) {
            List<CompletableFuture<InstalledImage>> all = Stream.of("one", "two", "three", "four")
                    .map(name -> CompletableFuture.supplyAsync(
                            () -> oz.guest(Template.parse(TinyLinux.template(name, iso)))
                                    .installer()
                                    .install(),
                            task -> new Thread(task, name).start()))
                    .toList();
            for (CompletableFuture<InstalledImage> each : all) {
                assertThat(each.get(9, TimeUnit.MINUTES).disk()).exists();
            }
        }
    }
}
