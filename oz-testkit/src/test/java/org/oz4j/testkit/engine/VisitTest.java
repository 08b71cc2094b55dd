package org.oz4j.testkit.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.CustomizeFailedException;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.GuestUnreachableException;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Customising and listing, on the fake hypervisor with a real ssh server. */
class VisitTest {
    @TempDir
    private Path folder;

    private final SshGuest ssh = new SshGuest();

    @BeforeEach
    void needsQemuImg() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-img")), "qemu-img is not installed");
    }

    /** Installs at the first start, and answers by ssh at those that follow. */
    private FakeGuest guest(boolean answering) {
        return machine -> {
            if (machine.spec().firmwareFiles().isEmpty()) {
                return Bench.working(machine.token(Bench.TOKEN)).powersOff();
            }
            if (!answering) {
                return GuestScript.start().hangs();
            }
            if (ssh.isBooted()) {
                ssh.boot(machine.spec());
                return GuestScript.start().worksFor(Duration.ofHours(1));
            }
            return GuestScript.start()
                    .after(Duration.ofSeconds(8))
                    .runs(() -> ssh.boot(machine.spec()))
                    .worksFor(Duration.ofHours(1));
        };
    }

    private Template template(Bench bench) {
        return Template.parse(
                bench.template("web")
                        .toXml()
                        .replace(
                                "</template>",
                                """
                        <packages><package name="hello"/></packages>
                        <files><file name="/etc/motd">welcome</file></files>
                        <commands><command name="last">echo 'it''s done'</command></commands>
                        </template>"""));
    }

    @FunctionalInterface
    private interface Visiting {
        void visit(Bench bench, Guest guest, InstalledImage image) throws Exception;
    }

    private void visits(boolean answering, Visiting visiting) throws Exception {
        visits(guest(answering), visiting);
    }

    private void visits(FakeGuest visited, Visiting visiting) throws Exception {
        try (ssh;
                Bench bench = new Bench(folder, visited)) {
            Guest guest = bench.oz.guest(template(bench));
            InstalledImage image = guest.installer().install();
            visiting.visit(bench, guest, image);
            bench.assertNothingLeft("web");
        }
    }

    /** The server's port is known once it runs. */
    private void reachable(Bench bench) {
        bench.hypervisor.at(
                bench.hypervisor.time().elapsed().plusSeconds(9), () -> bench.hypervisor.forwards(22, ssh.port()));
    }

    @Test
    void customisesInTheOrderThatIsPromised() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(ssh.commands)
                    .filteredOn(command -> !command.startsWith("cd /") && !command.contains("poweroff"))
                    .satisfiesExactly(
                            command -> assertThat(command).isEqualTo("scripted-refresh"),
                            command -> assertThat(command).isEqualTo("scripted-install hello"),
                            command -> assertThat(command).contains("cat >/etc/motd", "\nwelcome"),
                            command -> assertThat(command).contains("/tmp/oz-", "echo 'it''s done'"),
                            command -> assertThat(command).isEqualTo("sync"));
            assertThat(bench.events.get(bench.events.size() - 1))
                    .asInstanceOf(InstanceOfAssertFactories.type(BuildEvent.Succeeded.class))
                    .satisfies(done ->
                            assertThat(done.image().took()).isBetween(Duration.ofSeconds(8), Duration.ofMinutes(1)));
        });
    }

    @Test
    void packagesComeThroughTheProxyWhereWhatGuestsDownloadIsKept() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            bench.config = bench.config.toBuilder().cachePackages(true).build();
            try (Oz oz = bench.open(Variant.standard())) {
                oz.guest(template(bench)).customizer().customize(image, bench.events::add, CancellationToken.create());
            }

            assertThat(ssh.commands)
                    .filteredOn(command -> command.contains("scripted-install"))
                    .singleElement()
                    .asString()
                    .matches("env http_proxy=http://10\\.0\\.2\\.2:\\d+ scripted-install hello");
            assertThat(bench.events)
                    .filteredOn(BuildEvent.Notice.class::isInstance)
                    .extracting(event -> ((BuildEvent.Notice) event).text())
                    .contains("Of what guests downloaded, 0.0 MB were kept from before, and 0.0 MB were fetched");
        });
    }

    @Test
    void leavesTheImageAloneWhereACommandFails() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("scripted-install", 100, "E: no such package\n");
            byte[] before = Files.readAllBytes(image.disk());

            CustomizeFailedException failure =
                    catchThrowableOfType(CustomizeFailedException.class, () -> guest.customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure.status()).isEqualTo(100);
            assertThat(failure.lastLines()).containsExactly("E: no such package");
            assertThat(image.disk()).hasBinaryContent(before);
        });
    }

    @Test
    void aNewImageThatDoesNotComeUpNeverTakesTheOldOnesPlace() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("is-system-running", 1, "web.service loaded failed failed The web\n");
            byte[] before = Files.readAllBytes(image.disk());
            Guest strict =
                    bench.oz.guest(template(bench), GuestOptions.defaults().withVerify(true));

            CustomizeFailedException failure =
                    catchThrowableOfType(CustomizeFailedException.class, () -> strict.customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure.lastLines()).containsExactly("web.service loaded failed failed The web");
            assertThat(image.disk()).hasBinaryContent(before);
            assertThat(bench.hypervisor.machines())
                    .as("an install and two visits")
                    .hasSize(3);
        });
    }

    @Test
    void aNewImageThatComesUpTakesTheOldOnesPlace() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            Guest strict =
                    bench.oz.guest(template(bench), GuestOptions.defaults().withVerify(true));

            strict.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(bench.events)
                    .filteredOn(BuildEvent.StepFinished.class::isInstance)
                    .extracting(event -> ((BuildEvent.StepFinished) event).step())
                    .endsWith("finish", "verify", "publish");
            assertThat(bench.hypervisor.running()).isEmpty();
        });
    }

    @Test
    void listsWhatThePackageManagerTells() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("scripted-list", 0, "base\nhello\n");

            Icicle icicle = guest.icicleGenerator().generate(image, BuildListener.NONE, CancellationToken.create());

            assertThat(icicle.packages()).extracting(Icicle.Item::name).containsExactly("base", "hello");
            assertThat(icicle.os()).contains(new Icicle.Os("ScriptedOS", "1", "x86_64", "generic"));
        });
    }

    @Test
    void aListThatIsLongerThanWhatIsKeptOfACommandIsRefusedAndNotCut() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("scripted-list", 0, ("p".repeat(1000) + "\n").repeat(3000));

            GuestUnreachableException failure =
                    catchThrowableOfType(GuestUnreachableException.class, () -> guest.icicleGenerator()
                            .generate(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure).hasMessageContaining("printed 3000 lines, more than are kept");
        });
    }

    /** What may become of a guest while a command runs in it. */
    enum Fate {
        FULL_DISK(60, "was paused (I/O error: no space left on the host)") {
            @Override
            GuestScript befalls(GuestScript script) {
                return script.fillsTheDisk();
            }
        },
        PANIC(60, "its kernel panicked ([   12.345678] Kernel panic - not syncing") {
            @Override
            GuestScript befalls(GuestScript script) {
                return script.panics();
            }
        },
        CRASH(60, "its machine has stopped (the process of the machine crashed)") {
            @Override
            GuestScript befalls(GuestScript script) {
                return script.crashes();
            }
        },
        HANG(180, "has not answered for 120 s while it ran: scripted-install hello") {
            @Override
            GuestScript befalls(GuestScript script) {
                return script.hangs();
            }
        };

        private final Duration passes;
        private final String told;

        Fate(int seconds, String told) {
            this.passes = Duration.ofSeconds(seconds);
            this.told = told;
        }

        abstract GuestScript befalls(GuestScript script);
    }

    @ParameterizedTest
    @EnumSource
    void isToldWhyAGuestDoesNotAnswerAndLeavesTheImageAlone(Fate fate) throws Exception {
        FakeGuest guest = machine -> {
            if (machine.spec().firmwareFiles().isEmpty()) {
                return Bench.working(machine.token(Bench.TOKEN)).powersOff();
            }
            return fate.befalls(GuestScript.start()
                    .after(Duration.ofSeconds(8))
                    .runs(() -> ssh.boot(machine.spec()))
                    .after(Duration.ofSeconds(30)));
        };
        visits(guest, (bench, customised, image) -> {
            reachable(bench);
            ssh.hangsIn("scripted-install", () -> bench.hypervisor.time().advance(fate.passes));
            byte[] before = Files.readAllBytes(image.disk());

            GuestUnreachableException failure = catchThrowableOfType(
                    GuestUnreachableException.class,
                    () -> customised.customizer().customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure)
                    .hasMessageContaining("Working in the guest 'web' failed: ")
                    .hasMessageContaining(fate.told)
                    .hasMessageContaining("All that was printed is in ");
            assertThat(image.disk()).hasBinaryContent(before);
        });
    }

    @Test
    void tellsAtOnceThatAGuestPanickedWhileItBooted() throws Exception {
        FakeGuest guest = machine -> machine.spec().firmwareFiles().isEmpty()
                ? Bench.working(machine.token(Bench.TOKEN)).powersOff()
                : GuestScript.start().after(Duration.ofSeconds(3)).panics();
        visits(guest, (bench, customised, image) -> {
            Duration before = bench.hypervisor.time().elapsed();

            GuestUnreachableException failure = catchThrowableOfType(
                    GuestUnreachableException.class,
                    () -> customised.customizer().customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure).hasMessageContaining("its kernel panicked").hasMessageContaining("while it booted");
            assertThat(bench.hypervisor.time().elapsed().minus(before)).isLessThan(Duration.ofSeconds(10));
        });
    }

    @Test
    void tellsThatAGuestNeverAnswered() throws Exception {
        visits(false, (bench, guest, image) -> {
            GuestUnreachableException failure =
                    catchThrowableOfType(GuestUnreachableException.class, () -> guest.customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure).hasMessageContaining("no ssh server answered within 300 s");
            assertThat(bench.hypervisor.running()).isEmpty();
        });
    }
}
