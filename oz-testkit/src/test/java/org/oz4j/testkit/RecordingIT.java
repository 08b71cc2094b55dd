package org.oz4j.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Guest;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.libvirt.LibvirtHypervisor;
import org.oz4j.template.Template;
import org.oz4j.testkit.tiny.TinyLinux;
import org.oz4j.testkit.vm.OzVm;
import org.oz4j.testkit.vm.RealMachines;

import static org.assertj.core.api.Assertions.assertThat;

/** Records a run in real machines, and plays it again without them. */
class RecordingIT {
    static final String COMMAND = "echo made by Oz >/etc/made-by; cat /etc/hostname";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    static Template template(Path iso, String command) {
        return Template.parse(TinyLinux.template("recorded", iso)
                .replace(
                        "</template>",
                        "<packages><package name='hello'/></packages><files><file name='/etc/motd'>hello\n</file></files>"
                                + "<commands><command name='c'>" + command.replace(">", "&gt;")
                                + "</command></commands></template>"));
    }

    @OzVm
    @Test
    void aRealRunIsPlayedAgainInMillisecondsWithTheSameResult(RealMachines real) throws Exception {
        Path iso = TinyLinux.create(folder.resolve("tiny")).buildIso(folder.resolve("tiny.iso"));
        Path file = folder.resolve("recording");
        Icicle once;
        try (Recording recording = Recording.to(file, TimeSource.system());
                Hypervisor libvirt = LibvirtHypervisor.open(real.config(), TimeSource.system());
                Oz oz = Oz.builder()
                        .config(real.config())
                        .hypervisor(recording.hypervisor(libvirt))
                        .shells(recording::shell)
                        .build()) {
            once = run(oz, iso, COMMAND);
        }
        Optional<String> keep = Optional.ofNullable(System.getProperty("oz.write.recording"));
        if (keep.isPresent()) {
            Files.copy(file, Path.of(keep.get()), StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        assertThat(file).content().contains("tiny-installer: ").doesNotContainPattern("success_token=[0-9a-f]{32}");

        long start = System.nanoTime();
        try (Replay replay = Replay.of(file);
                Oz oz = Oz.builder()
                        .config(OzConfig.defaults(folder.resolve("again")))
                        .hypervisor(replay.hypervisor())
                        .time(replay.time())
                        .build()) {
            Icicle again = run(oz, iso, COMMAND);

            replay.verify();
            assertThat(again.packages()).isEqualTo(once.packages());
        }
        System.out.println("played again in " + Duration.ofNanos(System.nanoTime() - start));
    }

    /** Installs, customises, and lists what is inside. */
    static Icicle run(Oz oz, Path iso, String command) throws InterruptedException {
        Guest guest = oz.guest(template(iso, command));
        InstalledImage image = guest.installer().install(BuildListener.NONE, CancellationToken.create());
        guest.customizer().customize(image, BuildListener.NONE, CancellationToken.create());
        return guest.icicleGenerator().generate(image, BuildListener.NONE, CancellationToken.create());
    }
}
