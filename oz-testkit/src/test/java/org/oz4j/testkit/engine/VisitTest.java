package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.CustomizeFailedException;
import org.oz4j.DiskException;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.GuestUnreachableException;
import org.oz4j.HypervisorException;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.TemplateException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.VisitChoices;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.disk.Application;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.FileStat;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.Inspection;
import org.oz4j.disk.TreeDiff;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeGuestFilesystem;
import org.oz4j.testkit.FakeHypervisor;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Customising and listing, on the fake hypervisor with a real ssh server. */
class VisitTest {
    @TempDir
    private Path folder;

    private final SshGuest ssh = new SshGuest();

    /** What the image holds. */
    private GuestFilesystem files = FakeGuestFilesystem.empty();

    /** What the image told systemd of its ssh server when it booted. */
    private static final String OPTIONS = "/etc/sysconfig/sshd";

    private static final String CONFIG = "/etc/ssh/sshd_config";

    private volatile String unitSettings = "";
    private volatile List<String> startLinks = List.of();

    /** Installs at the first start, and answers by ssh at those that follow. */
    private FakeGuest guest(boolean answering) {
        return machine -> {
            if (machine.spec().stopOnReboot()) {
                return Bench.working(machine.token(Bench.TOKEN)).powersOff();
            }
            if (!answering) {
                return GuestScript.start().hangs();
            }
            Runnable boots =
                    machine.spec().firmwareFiles().isEmpty() ? this::bootsFromFiles : () -> ssh.boot(machine.spec());
            if (ssh.isBooted()) {
                boots.run();
                return GuestScript.start().worksFor(Duration.ofHours(1));
            }
            return GuestScript.start().after(Duration.ofSeconds(8)).runs(boots).worksFor(Duration.ofHours(1));
        };
    }

    private boolean exists(String path) {
        try {
            return files.exists(path);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void bootsFromFiles() {
        try {
            String settings = Stream.of(OPTIONS, CONFIG, "/etc/systemd/system/ssh.service.d/zz-oz-access.conf")
                    .filter(path -> exists(path))
                    .findFirst()
                    .orElseThrow();
            unitSettings = new String(files.read(settings), StandardCharsets.UTF_8);
            startLinks = files.exists("/etc/rc3.d") ? files.list("/etc/rc3.d") : List.of();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        ssh.boot(files);
    }

    private Template template(Bench bench) {
        return template(bench, CHANGES);
    }

    private Template template(Bench bench, String changes) {
        return Template.parse(bench.template("web").toXml().replace("</template>", changes + "</template>"));
    }

    private static final String CHANGES =
            """
            <packages><package name="hello"/></packages>
            <files><file name="/etc/motd">welcome</file></files>
            <commands><command name="last">echo 'it''s done'</command></commands>
            """;

    @FunctionalInterface
    private interface Visiting {
        void visit(Bench bench, Guest guest, InstalledImage image) throws Exception;
    }

    private void visits(boolean answering, Visiting visiting) throws Exception {
        visits(guest(answering), visiting);
    }

    private void visits(FakeGuest visited, Visiting visiting) throws Exception {
        visits(visited, Variant.standard(), visiting);
    }

    private void visits(FakeGuest visited, Variant variant, Visiting visiting) throws Exception {
        try (ssh;
                Bench bench = new Bench(folder, visited, variant)) {
            files = bench.files.reopen();
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
    void repositoriesThatTakeCommandsAreAddedAndTakenAwayByThem() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            Guest told = bench.oz.guest(
                    template(
                            bench,
                            """
                    <repositories>
                      <repository name="own's"><url>http://127.0.0.1/own/</url><persisted>no</persisted></repository>
                      <repository name="kept"><url>http://r.example.org/</url><signed>yes</signed></repository>
                    </repositories>
                    <packages>
                      <package name="a"><repository>own's</repository><file>x/a.pkg</file></package>
                      <package name="b"><file>/root/b.pkg</file></package>
                      <package name="c"/>
                    </packages>
                    """));

            told.customizer().customize(image, BuildListener.NONE, CancellationToken.create());

            assertThat(ssh.commands)
                    .filteredOn(command -> command.contains("scripted-") || command.contains("rm -f"))
                    .containsExactly(
                            "scripted-add 'own'\\''s' http://10.0.2.2/own/",
                            "scripted-add kept http://r.example.org/",
                            "scripted-refresh",
                            "scripted-install http://10.0.2.2/own/x/a.pkg 'trusting=own'\\''s'",
                            "scripted-install /root/b.pkg 'trusting=own'\\''s'",
                            "scripted-install c 'trusting=own'\\''s'",
                            "scripted-remove 'own'\\''s'",
                            "rm -f -- '/etc/own'\\''s'");
            assertThat(told.plan(false).packages().orElseThrow().commands())
                    .contains(List.of("scripted-add", "own's", "http://10.0.2.2/own/"))
                    .endsWith(List.of("scripted-remove", "own's"));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"<package name='unspeakable'/>", "<package name='a'><file>a.pkg</file></package>"})
    void whatCanNotBeToldIsRefusedBeforeAnyWork(String request) throws Exception {
        visits(true, (bench, guest, image) -> {
            Guest told = bench.oz.guest(template(bench, "<packages>" + request + "</packages>"));

            assertThatThrownBy(() -> told.customizer().customize(image, BuildListener.NONE, CancellationToken.create()))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageMatching("package (unspeakable: can't be|a: its file \"a.pkg\" is in no repository .*)");
            assertThat(bench.hypervisor.machines()).as("the install's alone").hasSize(1);
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
            Guest strict = bench.oz.guest(
                    template(bench), GuestOptions.defaults().withVisit(VisitChoices.NONE.withVerify(true)));

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
            Guest strict = bench.oz.guest(
                    template(bench), GuestOptions.defaults().withVisit(VisitChoices.NONE.withVerify(true)));

            strict.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(bench.events)
                    .filteredOn(BuildEvent.StepFinished.class::isInstance)
                    .extracting(event -> ((BuildEvent.StepFinished) event).step())
                    .endsWith("finish", "verify", "publish");
            assertThat(bench.hypervisor.running()).isEmpty();
        });
    }

    @Test
    void aCommandThatRestartsTheGuestIsFollowedByTheNextOnceItHasRestarted() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("boot_id", 0, "first\n");
            AtomicInteger asked = new AtomicInteger();
            ssh.meanwhile("boot_id", () -> {
                if (asked.incrementAndGet() == 4) {
                    ssh.answers("boot_id", 0, "second\n"); // it takes its time
                }
            });
            Guest restarted = bench.oz.guest(
                    template(
                            bench,
                            """
                    <commands><command name="again" position="1">touch /forcefsck
                    reboot</command><command name="after" position="2">echo after</command></commands>
                    """));

            restarted.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(ssh.commands)
                    .filteredOn(command -> command.contains("boot_id") || command.contains("status=$?"))
                    .extracting(command -> command.contains("boot_id") ? "asked" : "script")
                    .containsExactly("asked", "script", "asked", "asked", "asked", "script");
        });
    }

    @Test
    void aGuestThatDoesNotRestartIsGivenUpInTime() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("boot_id", 0, "the same\n");
            byte[] before = Files.readAllBytes(image.disk());
            Guest restarted = bench.oz.guest(
                    template(bench, "<commands><command name='again'>shutdown -r now</command></commands>"));

            assertThatThrownBy(() ->
                            restarted.customizer().customize(image, BuildListener.NONE, CancellationToken.create()))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("did not restart within 300 s of: command again");
            assertThat(image.disk()).hasBinaryContent(before);
        });
    }

    @Test
    void aCommandThatFailsBeforeItRestartsFailsTheVisit() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("boot_id", 0, "the same\n").answers("status=$?", 5, "no\n");
            Guest restarted =
                    bench.oz.guest(template(bench, "<commands><command name='again'>reboot</command></commands>"));

            CustomizeFailedException failure = catchThrowableOfType(
                    CustomizeFailedException.class,
                    () -> restarted.customizer().customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure.status()).isEqualTo(5);
        });
    }

    private void file(String path, String content) throws InterruptedException {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (!files.exists(path.substring(0, slash))) {
                files.mkdir(path.substring(0, slash), new Attributes(0755, 0, 0));
            }
        }
        files.write(path, content.getBytes(StandardCharsets.UTF_8), new Attributes(0640, 1, 2));
    }

    private static Guest choosing(Bench bench, VisitTest test, VisitChoices choices) {
        return bench.oz.guest(test.template(bench), GuestOptions.defaults().withVisit(choices));
    }

    @Test
    void entersByEditsOfTheImageThatAreGoneInTheEnd() throws Exception {
        visits(true, (bench, guest, image) -> {
            file("/usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n");
            file("/etc/systemd/system/multi-user.target.wants/ssh.service", "in place of a link");
            SortedMap<String, FileEntry> before = files.walk("/");
            reachable(bench);

            choosing(bench, this, VisitChoices.NONE.withAccess("Offline-Edit"))
                    .customizer()
                    .customize(image, bench.events::add, CancellationToken.create());

            assertThat(bench.opened).containsExactly("check", "overlay.qcow2 READ_WRITE", "overlay.qcow2 READ_WRITE");
            assertThat(TreeDiff.between(before, files.walk("/"), TreeDiff.Times.OF_FILES))
                    .matches(TreeDiff::isEmpty);
            assertThat(bench.hypervisor.machines().get(1).firmwareFiles()).isEmpty();
            assertThat(ssh.commands).contains("scripted-install hello");
            assertThat(unitSettings)
                    .isEqualTo(
                            """
                            [Service]
                            ExecStartPre=
                            ExecStart=
                            ExecStart=/usr/sbin/sshd -D -o HostKey=/etc/oz-access/host_key\
                             -o AuthorizedKeysFile=/etc/oz-access/authorized_keys -o PermitRootLogin=without-password\
                             -o PubkeyAuthentication=yes
                            """);
        });
    }

    private void onABridge(Bench bench, InstalledImage image, VisitChoices choices) throws Exception {
        bench.config =
                bench.config.toBuilder().network(new Network.Bridge("br0")).build();
        try (Oz oz = bench.open(Variant.standard())) {
            oz.guest(template(bench), GuestOptions.defaults().withVisit(choices))
                    .customizer()
                    .customize(image, bench.events::add, CancellationToken.create());
        }
    }

    @Test
    void aGuestOnABridgeIsHandedWhatAnnouncesItsAddressWithItsKeys() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);

            onABridge(bench, image, VisitChoices.NONE);

            MachineSpec machine = bench.hypervisor.machines().get(1);
            assertThat(machine.agent()).isTrue();
            String unit = machine.oemStrings().get(0);
            assertThat(new String(
                            Base64.getDecoder().decode(unit.substring(unit.indexOf('=') + 1)), StandardCharsets.UTF_8))
                    .endsWith("\nExecStartPost=-/bin/sh /run/oz-access/announce\n");
            assertThat(bench.hypervisor.machines().get(0).agent())
                    .as("the install's")
                    .isFalse();
        });
    }

    @Test
    void whatAnnouncesAnAddressIsTakenOutOfTheImageAgain() throws Exception {
        visits(true, (bench, guest, image) -> {
            file("/usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n");
            file("/etc/systemd/system/multi-user.target.wants/ssh.service", "in place of a link");
            SortedMap<String, FileEntry> before = files.walk("/");
            reachable(bench);

            onABridge(bench, image, VisitChoices.NONE.withAccess("offline edit"));

            assertThat(unitSettings).endsWith("\nExecStartPost=-/bin/sh /etc/oz-access/announce\n");
            assertThat(TreeDiff.between(before, files.walk("/"), TreeDiff.Times.OF_FILES))
                    .matches(TreeDiff::isEmpty);
        });
    }

    @Test
    void entersASystemWithoutSystemdByTheOptionsOfItsInitScript() throws Exception {
        Variant old =
                Variant.standard().withAccess(new AccessRecipe.InitScript("sshd", OPTIONS, "OPTIONS", "/etc/rc3.d"));
        visits(guest(true), old, (bench, guest, image) -> {
            file("/etc/init.d/sshd", "#!/bin/sh\n");
            file("/etc/rc3.d/K25sshd", "in place of a link");
            file(OPTIONS, "OPTIONS=\"-4\"");
            SortedMap<String, FileEntry> before = files.walk("/");
            reachable(bench);

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(unitSettings)
                    .isEqualTo(
                            """
                            OPTIONS="-4"
                            OPTIONS="$OPTIONS -o HostKey=/etc/oz-access/host_key\
                             -o AuthorizedKeysFile=/etc/oz-access/authorized_keys -o PermitRootLogin=without-password\
                             -o PubkeyAuthentication=yes"
                            """);
            assertThat(startLinks).containsExactly("K25sshd", "S55sshd");
            assertThat(ssh.commands).contains("scripted-install hello");
            assertThat(TreeDiff.between(before, files.walk("/"), TreeDiff.Times.OF_FILES))
                    .matches(TreeDiff::isEmpty);
        });
    }

    private static final AccessRecipe BY_CONFIG = new AccessRecipe.ServerConfig(List.of("/etc/init/ssh.conf"));

    @Test
    void entersASystemOfUpstartByTheBeginningOfItsServersSettings() throws Exception {
        visits(guest(true), Variant.standard().withAccess(BY_CONFIG), (bench, guest, image) -> {
            file("/etc/init/ssh.conf", "exec /usr/sbin/sshd -D\n");
            file(CONFIG, "PermitRootLogin no\n");
            SortedMap<String, FileEntry> before = files.walk("/");
            reachable(bench);

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(unitSettings)
                    .isEqualTo(
                            """
                            HostKey /etc/oz-access/host_key
                            AuthorizedKeysFile /etc/oz-access/authorized_keys
                            PermitRootLogin without-password
                            PubkeyAuthentication yes
                            PermitRootLogin no
                            """);
            assertThat(ssh.commands).contains("scripted-install hello");
            assertThat(TreeDiff.between(before, files.walk("/"), TreeDiff.Times.OF_FILES))
                    .matches(TreeDiff::isEmpty);
        });
    }

    @Test
    void settingsThatTheGuestItselfChangesStayWithoutOurs() throws Exception {
        visits(guest(true), Variant.standard().withAccess(BY_CONFIG), (bench, guest, image) -> {
            file("/etc/init/ssh.conf", "exec /usr/sbin/sshd -D\n");
            file(CONFIG, "PermitRootLogin no\n");
            ssh.meanwhile("scripted-install", () -> {
                try {
                    String now = new String(files.read(CONFIG), StandardCharsets.UTF_8);
                    files.write(
                            CONFIG, (now + "Port 22\n").getBytes(StandardCharsets.UTF_8), new Attributes(0640, 1, 2));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            reachable(bench);

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(new String(files.read(CONFIG), StandardCharsets.UTF_8))
                    .isEqualTo("PermitRootLogin no\nPort 22\n");
        });
    }

    @Test
    void aSystemThatNothingStartsAServerOfIsToldBeforeItBoots() throws Exception {
        visits(guest(true), Variant.standard().withAccess(BY_CONFIG), (bench, guest, image) -> {
            file(CONFIG, "PermitRootLogin no\n");

            assertThatThrownBy(
                            () -> guest.customizer().customize(image, BuildListener.NONE, CancellationToken.create()))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("has no ssh server: there is no /etc/init/ssh.conf");
        });
    }

    @Test
    void anOldServerOfSystemdGetsKeysThatItKnows() throws Exception {
        Variant old = Variant.standard()
                .withAccess(new AccessRecipe.OfflineEdit("ssh.service", "/usr/sbin/sshd -D", AccessRecipe.Keys.RSA));
        visits(guest(true), old, (bench, guest, image) -> {
            file("/usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n");
            file("/etc/systemd/system/multi-user.target.wants/ssh.service", "in place of a link");
            reachable(bench);

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(ssh.allowed).startsWith("ssh-rsa ");
        });
    }

    @Test
    void aSystemWithoutAnInitScriptForSshIsToldBeforeItBoots() throws Exception {
        Variant old =
                Variant.standard().withAccess(new AccessRecipe.InitScript("sshd", OPTIONS, "OPTIONS", "/etc/rc3.d"));
        visits(guest(true), old, (bench, guest, image) -> {
            assertThatThrownBy(
                            () -> guest.customizer().customize(image, BuildListener.NONE, CancellationToken.create()))
                    .isInstanceOf(GuestUnreachableException.class)
                    .hasMessageContaining("has no ssh server: there is no init script sshd");
            assertThat(bench.hypervisor.machines()).as("the install alone").hasSize(1);
        });
    }

    private static final VisitChoices RESUME = VisitChoices.NONE.withResume(true);

    private static final String RESUMED =
            """
            <precommands><command name="first">echo first</command></precommands>
            <packages><package name="hello"/></packages>
            <commands><command name="last">echo last</command></commands>
            """;

    /** Customises; whether that went well. */
    private boolean goesWell(Bench bench, InstalledImage image, String changes, VisitChoices choices) {
        ssh.commands.clear();
        bench.events.clear();
        Guest guest =
                bench.oz.guest(template(bench, changes), GuestOptions.defaults().withVisit(choices));
        try {
            guest.customizer().customize(image, bench.events::add, CancellationToken.create());
            return true;
        } catch (CustomizeFailedException e) {
            return false;
        }
    }

    private List<String> notices(Bench bench) {
        return bench.events.stream()
                .filter(BuildEvent.Notice.class::isInstance)
                .map(event -> ((BuildEvent.Notice) event).text())
                .toList();
    }

    private boolean ran(String text) {
        return ssh.commands.stream().anyMatch(command -> command.contains(text));
    }

    @Test
    void aRunThatFailedIsGoneOnWithWhereItFailed() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            Path kept = image.disk().resolveSibling(".web.oz-phases");
            byte[] before = Files.readAllBytes(image.disk());
            ssh.answers("scripted-install", 100, "E: no such package\n");

            assertThat(goesWell(bench, image, RESUMED, RESUME)).isFalse();
            assertThat(ran("echo first")).isTrue();
            assertThat(notices(bench)).contains("1 of 3 phases are kept for resuming, in " + kept);
            List<String> files = list(kept);
            assertThat(files).hasSize(2).contains("phases");
            Path ofTheDead = Files.writeString(kept.resolve("phase-of-one-who-died.qcow2"), "half");
            assertThat(goesWell(bench, image, RESUMED, VisitChoices.NONE)).isFalse();
            assertThat(notices(bench))
                    .anyMatch(text -> text.startsWith("Begins anew: ") && text.contains(kept.toString()));
            assertThat(goesWell(bench, image, RESUMED, RESUME)).isFalse();
            assertThat(ran("echo first")).as("done before").isFalse();
            assertThat(ofTheDead).doesNotExist();
            assertThat(list(kept)).as("what is over, and no more").isEqualTo(files);
            assertThat(image.disk()).hasBinaryContent(before);

            ssh.answers("scripted-install", 0, "");
            assertThat(goesWell(bench, image, RESUMED, RESUME)).isTrue();
            assertThat(notices(bench)).contains("Resumes: 1 of 3 phases are done");
            assertThat(ran("echo first")).isFalse();
            assertThat(ran("scripted-install hello")).isTrue();
            assertThat(ran("echo last")).isTrue();
            assertThat(kept).doesNotExist();
        });
    }

    private static List<String> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static HypervisorException lost() {
        return new HypervisorException(HypervisorException.Kind.LOST, "fake", "the daemon is gone", null, null);
    }

    @Test
    void aMachineOfALostHypervisorIsFoundAgainAndEnded() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("scripted-install", 100, "E: no such package\n");
            bench.hypervisor.failingOnce(FakeHypervisor.Call.DESTROY, lost());

            assertThat(goesWell(bench, image, RESUMED, VisitChoices.NONE)).isFalse();
        });
    }

    @Test
    void aMachineThatCanNotBeEndedIsLeftToTheNextRunWhichEndsIt() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            byte[] before = Files.readAllBytes(image.disk());
            ssh.answers("scripted-install", 100, "E: no such package\n");
            bench.hypervisor.failing(FakeHypervisor.Call.DESTROY, lost());
            assertThat(goesWell(bench, image, RESUMED, VisitChoices.NONE)).isFalse();
            assertThat(bench.hypervisor.running()).containsExactly("web");
            assertThat(image.disk()).hasBinaryContent(before);

            bench.hypervisor.mend(FakeHypervisor.Call.DESTROY);
            ssh.answers("scripted-install", 0, "");
            assertThat(goesWell(bench, image, RESUMED, VisitChoices.NONE)).isTrue();
            assertThat(notices(bench)).anyMatch(text -> text.contains("was left half done by process"));
        });
    }

    @Test
    void whatIsAskedForOtherwiseNowIsDoneAnewAndSoIsAllThatFollows() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            Path script = Files.writeString(folder.resolve("script"), "echo one\n");
            String changes = RESUMED.replace(
                    "<command name=\"last\">echo last</command>",
                    "<command name=\"last\" type=\"url\">" + script.toUri() + "</command>"
                            + "<command name=\"is-wrong\">echo wrong</command>");
            ssh.answers("sync", 1, "no space left");
            assertThat(goesWell(bench, image, changes, RESUME)).isFalse();
            assertThat(image.disk().resolveSibling(".web.oz-phases"))
                    .as("no phase is over")
                    .doesNotExist();
            ssh.answers("sync", 0, "");
            ssh.answers("scripted-install", 100, "E: no such package\n");
            assertThat(goesWell(bench, image, changes, RESUME)).isFalse();
            assertThat(ran("echo first")).isTrue();

            ssh.answers("scripted-install", 0, "");
            assertThat(goesWell(bench, image, changes.replace("echo first", "echo better"), RESUME.withVerify(true)))
                    .isTrue();
            assertThat(ran("echo better")).isTrue();
            assertThat(ran("echo one")).isTrue();
        });
    }

    @Test
    void aScriptThatLiesElsewhereIsKnownByWhatIsInIt() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            Path script = Files.writeString(folder.resolve("script"), "echo one\n");
            String changes = RESUMED.replace(
                    "<command name=\"first\">echo first</command>",
                    "<command name=\"first\" type=\"url\">" + script.toUri() + "</command>");
            ssh.answers("scripted-install", 100, "E: no such package\n");
            assertThat(goesWell(bench, image, changes, RESUME)).isFalse();
            assertThat(goesWell(bench, image, changes, RESUME)).isFalse();
            assertThat(ran("echo one")).isFalse();
            Files.writeString(script, "echo two\n");
            assertThat(goesWell(bench, image, changes, RESUME)).isFalse();
            assertThat(ran("echo two")).isTrue();

            WorkFolder.delete(image.disk().resolveSibling(".web.oz-phases"));
        });
    }

    @Test
    void whatWasDoneToAnotherImageIsNotGoneOnWith() throws Exception {
        visits(true, (bench, guest, image) -> {
            reachable(bench);
            ssh.answers("scripted-install", 100, "E: no such package\n");
            assertThat(goesWell(bench, image, RESUMED, RESUME)).isFalse();
            Files.setLastModifiedTime(image.disk(), FileTime.from(Instant.EPOCH));

            ssh.answers("scripted-install", 0, "");
            assertThat(goesWell(bench, image, RESUMED, RESUME)).isTrue();
            assertThat(ran("echo first")).isTrue();
        });
    }

    @Test
    void theEditsOfTheRunThatFailedAreGoneInTheEndToo() throws Exception {
        visits(true, (bench, guest, image) -> {
            file("/usr/lib/systemd/system/ssh.service", "[Service]\nExecStart=/usr/sbin/sshd -D\n");
            file("/etc/systemd/system/multi-user.target.wants/ssh.service", "in place of a link");
            SortedMap<String, FileEntry> before = files.walk("/");
            reachable(bench);
            VisitChoices resume = VisitChoices.NONE.withAccess("offline edit").withResume(true);
            ssh.answers("scripted-install", 100, "E: no such package\n");
            assertThat(goesWell(bench, image, RESUMED, resume)).isFalse();
            assertThat(files.exists("/etc/oz-access/host_key"))
                    .as("of the phase")
                    .isTrue();

            ssh.answers("scripted-install", 0, "");
            bench.opened.clear();
            assertThat(goesWell(bench, image, RESUMED, resume)).isTrue();
            assertThat(ran("echo first")).isFalse();
            assertThat(bench.opened)
                    .as("one launch to put keys in, after those of the first run are out, and one to take them out")
                    .hasSize(3);
            assertThat(TreeDiff.between(before, files.walk("/"), TreeDiff.Times.OF_FILES))
                    .matches(TreeDiff::isEmpty);
        });
    }

    @Test
    void anImageWithoutAnSshServerIsRefusedBeforeItBoots() throws Exception {
        visits(true, (bench, guest, image) -> {
            GuestUnreachableException failure = catchThrowableOfType(GuestUnreachableException.class, () -> choosing(
                            bench, this, VisitChoices.NONE.withAccess("offline edit"))
                    .customizer()
                    .customize(image, bench.events::add, CancellationToken.create()));

            assertThat(failure).hasMessageContaining("has no ssh server: there is no unit ssh.service");
            assertThat(bench.hypervisor.machines()).as("the install").hasSize(1);
        });
    }

    @Test
    void aWayInThatTheSystemHasNotIsRefused() throws Exception {
        visits(true, (bench, guest, image) -> {
            UnsupportedOsException failure = catchThrowableOfType(
                    UnsupportedOsException.class, () -> choosing(bench, this, VisitChoices.NONE.withAccess("magic"))
                            .customizer()
                            .customize(image, bench.events::add, CancellationToken.create()));

            assertThat(failure)
                    .hasMessageContaining("'magic'")
                    .hasMessageContaining("systemd credentials, offline edit");
        });
    }

    @Test
    void aSealedImageHasNothingOfItsMachineLeft() throws Exception {
        visits(true, (bench, guest, image) -> {
            file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
            file("/var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n");
            file("/etc/ssh/ssh_host_ed25519_key", "secret");
            file("/etc/ssh/ssh_host_ed25519_key.pub", "known");
            file("/etc/ssh/sshd_config", "stays");
            file("/var/lib/dhcp/dhclient.eth0.leases", "lease {}");
            file("/var/lib/NetworkManager/NetworkManager.state", "stays");
            file("/var/lib/cloud/instances/i-1/sem/config_ssh", "done");
            file("/var/lib/cloud/seed/nocloud/user-data", "stays");
            file("/var/log/syslog", "lines");
            file("/var/log/syslog.2.gz", "old lines");
            file("/var/log/journal/0123/system.journal", "binary");
            file("/var/lib/systemd/random-seed", "random");
            file("/etc/udev/rules.d/70-persistent-net.rules", "eth0");
            SortedMap<String, FileEntry> before = files.walk("/");
            reachable(bench);

            choosing(bench, this, VisitChoices.NONE.withSeal(true))
                    .customizer()
                    .customize(image, bench.events::add, CancellationToken.create());

            TreeDiff difference = TreeDiff.between(before, files.walk("/"), TreeDiff.Times.OF_FILES);
            assertThat(difference.added()).isEmpty();
            assertThat(difference.removed())
                    .containsExactlyInAnyOrder(
                            "/etc/ssh/ssh_host_ed25519_key",
                            "/etc/ssh/ssh_host_ed25519_key.pub",
                            "/etc/udev/rules.d/70-persistent-net.rules",
                            "/var/lib/cloud/instances/i-1/sem/config_ssh",
                            "/var/lib/dbus/machine-id",
                            "/var/lib/dhcp/dhclient.eth0.leases",
                            "/var/lib/systemd/random-seed",
                            "/var/log/journal/0123/system.journal",
                            "/var/log/syslog.2.gz");
            assertThat(difference.changed())
                    .extracting(TreeDiff.Change::path)
                    .containsExactlyInAnyOrder("/etc/machine-id", "/var/log/syslog");
            assertThat(files.read("/etc/machine-id")).isEmpty();
            assertThat(files.stat("/etc/machine-id").orElseThrow())
                    .extracting(FileStat::mode, FileStat::uid, FileStat::gid)
                    .containsExactly(0640, 1L, 2L);
            assertThat(bench.events)
                    .filteredOn(BuildEvent.Notice.class::isInstance)
                    .extracting(event -> ((BuildEvent.Notice) event).text())
                    .anyMatch(text -> text.contains("no host keys"));
        });
    }

    @Test
    void listsAnImageWithoutBootingIt() throws Exception {
        visits(true, (bench, guest, image) -> {
            bench.files.with(
                    new Inspection("/dev/sda1", "linux", "scripted", "", 1, 0, "rpm", "dnf", "x86_64"),
                    List.of(new Application(
                            "hello",
                            1,
                            "2.3",
                            "4",
                            "x86_64",
                            "hello-2.3-4.src.rpm",
                            "Somebody",
                            "http://h/",
                            "Greets")));

            Icicle icicle = choosing(bench, this, VisitChoices.NONE.withOffline(true))
                    .icicleGenerator()
                    .generate(image, BuildListener.NONE, CancellationToken.create());

            assertThat(icicle.packages())
                    .containsExactly(new Icicle.Item(
                            "hello",
                            "1:2.3-4",
                            "x86_64",
                            Optional.of(new Icicle.Source("hello-2.3-4.src.rpm", "")),
                            Optional.of("Somebody"),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of("http://h/"),
                            Optional.empty()));
            assertThat(bench.hypervisor.machines()).as("the install").hasSize(1);
            assertThat(bench.opened).containsExactly("check", "web.dsk READ_ONLY");
        });
    }

    @Test
    void anImageThatTellsOfNoPackagesHasNoListThatIsEmpty() throws Exception {
        visits(true, (bench, guest, image) -> {
            DiskException failure = catchThrowableOfType(
                    DiskException.class, () -> choosing(bench, this, VisitChoices.NONE.withOffline(true))
                            .icicleGenerator()
                            .generate(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure).hasMessageContaining("No packages of scripted were found");
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

    /** Of visits only, where the install's machine counts too. */
    private FakeGuest crashingFirst(int times) {
        return machine -> {
            if (machine.spec().firmwareFiles().isEmpty()) {
                return Bench.working(machine.token(Bench.TOKEN)).powersOff();
            }
            return machine.boot() <= 1 + times
                    ? GuestScript.start().after(Duration.ofSeconds(2)).crashes()
                    : GuestScript.start().after(Duration.ofSeconds(6)).runs(() -> ssh.boot(machine.spec()));
        };
    }

    @Test
    void aMachineThatCrashesBeforeItsGuestDidAnythingIsStartedAgain() throws Exception {
        visits(crashingFirst(1), (bench, guest, image) -> {
            reachable(bench);

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(ssh.commands).contains("scripted-install hello");
            assertThat(bench.hypervisor.machines()).hasSize(3);
            assertThat(bench.events)
                    .filteredOn(BuildEvent.Notice.class::isInstance)
                    .extracting(event -> ((BuildEvent.Notice) event).text())
                    .anyMatch(text -> text.contains("so it is started again"));
        });
    }

    @Test
    void aMachineThatCrashesAtOnceASecondTimeFailsTheVisit() throws Exception {
        visits(crashingFirst(2), (bench, guest, image) -> {
            reachable(bench);

            GuestUnreachableException failure =
                    catchThrowableOfType(GuestUnreachableException.class, () -> guest.customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure)
                    .hasMessageContaining(
                            "its machine has stopped (the process of the machine crashed) while it booted");
            assertThat(bench.hypervisor.machines()).hasSize(3);
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
