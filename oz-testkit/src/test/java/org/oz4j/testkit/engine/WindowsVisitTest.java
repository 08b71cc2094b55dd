package org.oz4j.testkit.engine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.CustomizeFailedException;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.GuestUnreachableException;
import org.oz4j.Icicle;
import org.oz4j.InstalledImage;
import org.oz4j.UnsupportedOsException;
import org.oz4j.VisitChoices;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.Edit;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.TreeDiff;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeGuestFilesystem;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Customising and listing a Windows, on the fake hypervisor with a real ssh server that takes PowerShell's commands. */
class WindowsVisitTest {
    private static final String SERVER = "/Windows/System32/OpenSSH/sshd.exe";
    private static final String CONFIG = "/ProgramData/ssh/sshd_config";
    private static final String SETTINGS =
            """
            #Port 22\r
            #HostKey __PROGRAMDATA__/ssh/ssh_host_ed25519_key\r
            AuthorizedKeysFile	.ssh/authorized_keys\r
            Match Group administrators\r
                   AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys\r
            """;
    private static final Bytes ALONE =
            Objects.requireNonNull(Edit.Owned.byAdministrators().xattrs().get(GuestFilesystem.WINDOWS_ACL));

    @TempDir
    private Path folder;

    private final SshGuest ssh = new SshGuest();
    private GuestFilesystem files = FakeGuestFilesystem.empty();

    /** What the files were that let us in, when it booted: their content and access list. */
    private final Map<String, FileEntry> booted = new TreeMap<>();

    private boolean answering = true;

    private FakeGuest guest() {
        return machine -> {
            if (machine.spec().stopOnReboot()) {
                return Bench.working(machine.token(Bench.TOKEN)).powersOff();
            }
            if (!answering) {
                return GuestScript.start().hangs();
            }
            if (ssh.isBooted()) {
                boot();
                return GuestScript.start().worksFor(Duration.ofHours(1));
            }
            return GuestScript.start()
                    .after(Duration.ofSeconds(8))
                    .runs(this::boot)
                    .worksFor(Duration.ofHours(1));
        };
    }

    private void boot() {
        try {
            booted.putAll(files.walk("/ProgramData"));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        ssh.bootWindows(files);
    }

    private static final String CHANGES =
            """
            <files><file name="C:\\motd.txt">welcome</file></files>
            <commands><command name="last">Write-Output 'it''s done'</command></commands>
            """;

    @FunctionalInterface
    private interface Visiting {
        void visit(Bench bench, Guest guest, InstalledImage image) throws Exception;
    }

    private void visits(String changes, VisitChoices choices, Visiting visiting) throws Exception {
        Variant windows = Variant.standard().withAccess(new AccessRecipe.WindowsOpenSsh());
        try (ssh;
                Bench bench = new Bench(folder, guest(), windows)) {
            files = bench.files.reopen();
            Template template = Template.parse(bench.template("web")
                    .toXml()
                    .replace("<name>ScriptedOS</name>", "<name>Windows</name>")
                    .replace("</template>", changes + "</template>"));
            Guest guest = bench.oz.guest(template, GuestOptions.defaults().withVisit(choices));
            InstalledImage image = guest.installer().install();
            bench.hypervisor.at(
                    bench.hypervisor.time().elapsed().plusSeconds(9), () -> bench.hypervisor.forwards(22, ssh.port()));
            visiting.visit(bench, guest, image);
            bench.assertNothingLeft("web");
        }
    }

    private void file(String path, String content) throws InterruptedException {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (!files.exists(path.substring(0, slash))) {
                files.mkdir(path.substring(0, slash), new Attributes(0777, 0, 0));
            }
        }
        files.write(
                path,
                content.getBytes(StandardCharsets.UTF_8),
                new Attributes(0777, 0, 0, Map.of(GuestFilesystem.WINDOWS_ACL, Bytes.of("own")), Optional.empty()));
    }

    private void windows() throws InterruptedException {
        file(SERVER, "MZ");
        file(CONFIG, SETTINGS);
        file("/ProgramData/ssh/ssh_host_ed25519_key", "the image's own");
        file("/ProgramData/ssh/ssh_host_ed25519_key.pub", "the image's own, to show");
    }

    private SortedMap<String, FileEntry> all() throws InterruptedException {
        return files.walk("/");
    }

    @Test
    void customisesByPowerShellAndLeavesTheImageAsItWas() throws Exception {
        visits(CHANGES, VisitChoices.NONE, (bench, guest, image) -> {
            windows();
            SortedMap<String, FileEntry> before = all();

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(ssh.commands)
                    .satisfiesExactly(
                            command -> assertThat(command)
                                    .contains("$path='C:\\motd.txt'", "OpenStandardInput().CopyTo")
                                    .endsWith("\nwelcome"),
                            command -> assertThat(command)
                                    .contains("$path='C:\\Windows\\Temp\\oz-", "\\script.ps1'")
                                    .endsWith("\nWrite-Output 'it''s done'"),
                            command -> assertThat(command)
                                    .contains("$ozFile='C:\\Windows\\Temp\\oz-", "[IO.Directory]::Delete"),
                            command -> assertThat(command).contains("Write-VolumeCache"),
                            command -> assertThat(command).isEqualTo("shutdown.exe /s /f /t 0"));
            assertThat(TreeDiff.between(before, all(), TreeDiff.Times.OF_FILES)).matches(TreeDiff::isEmpty);
            assertThat(bench.opened).containsExactly("check", "overlay.qcow2 READ_WRITE", "overlay.qcow2 READ_WRITE");
            assertThat(booted.get("/ProgramData/ssh/administrators_authorized_keys"))
                    .satisfies(entry -> assertThat(entry.xattrs()).containsEntry(GuestFilesystem.WINDOWS_ACL, ALONE));
            assertThat(booted.get("/ProgramData/ssh/ssh_host_ed25519_key"))
                    .satisfies(entry -> assertThat(entry.xattrs())
                            .as("of the file that was there")
                            .containsEntry(GuestFilesystem.WINDOWS_ACL, Bytes.of("own")));
        });
    }

    @Test
    void keysOfAdministratorsThatWereThereAndThoseThatComeStay() throws Exception {
        String keys = "/ProgramData/ssh/administrators_authorized_keys";
        visits(CHANGES, VisitChoices.NONE, (bench, guest, image) -> {
            windows();
            file(keys, "ssh-ed25519 OWN\r\n");
            ssh.meanwhile("$ozFile", () -> {
                try {
                    file(keys, new String(files.read(keys), StandardCharsets.UTF_8) + "ssh-ed25519 NEW\n");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(files.read(keys))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("ssh-ed25519 OWN\r\nssh-ed25519 NEW\n");
        });
    }

    @Test
    void anImageWhoseServerHasNoKeyOfOurKindYetGetsOneForTheVisit() throws Exception {
        visits(CHANGES, VisitChoices.NONE, (bench, guest, image) -> {
            file("/WINDOWS/system32/openssh/SSHD.EXE", "MZ");
            file("/ProgramData/SSH/sshd_config", SETTINGS);
            SortedMap<String, FileEntry> before = all();

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            assertThat(TreeDiff.between(before, all(), TreeDiff.Times.OF_FILES)).matches(TreeDiff::isEmpty);
            assertThat(booted.get("/ProgramData/SSH/ssh_host_ed25519_key"))
                    .satisfies(entry -> assertThat(entry.xattrs()).containsEntry(GuestFilesystem.WINDOWS_ACL, ALONE));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "it's",
                "\u2019; Stop-Computer; \u2018",
                "$(Stop-Computer) `n $env:PATH",
                "-Force --% %PATH%",
                "a; b | c &amp; d"
            })
    void pathsArriveAsTheyAre(String name) throws Exception {
        String changes = "<files><file name=\"C:\\d\\" + name + "\">x</file></files>";
        visits(changes, VisitChoices.NONE, (bench, guest, image) -> {
            windows();

            guest.customizer().customize(image, bench.events::add, CancellationToken.create());

            String path = "C:\\d\\" + name.replace("&amp;", "&");
            String quoted =
                    path.replace("'", "''").replace("\u2019", "\u2019\u2019").replace("\u2018", "\u2018\u2018");
            assertThat(ssh.commands.get(0)).contains("$path='" + quoted + "'\n");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/nothing | - | has no ssh server: there is no C:\\Windows\\System32\\OpenSSH\\sshd.exe",
                "/Windows/System32/OpenSSH/sshd.exe | - | was never started: there is no C:\\ProgramData\\ssh\\sshd_config",
                "/Program Files/OpenSSH/sshd.exe | Port 2222 | is not one that listens on port 22",
                "/Windows/System32/OpenSSH/sshd.exe | PubkeyAuthentication no | is not one that takes keys",
                "/Windows/System32/OpenSSH/sshd.exe | HostKey C:\\keys\\mine | is not one that shows the key ssh_host_ed25519",
                "/Windows/System32/OpenSSH/sshd.exe | Match all | looks for the keys of administrators in admin"
            })
    void anImageThatWouldNotLetUsInIsRefusedBeforeItBoots(String server, String setting, String told) throws Exception {
        visits(CHANGES, VisitChoices.NONE, (bench, guest, image) -> {
            file(server, "MZ");
            if (!setting.equals("-")) {
                String rest = setting.equals("Match all") ? "Match all\n" : SETTINGS;
                file(CONFIG, setting + "\n" + rest);
            }
            SortedMap<String, FileEntry> before = all();

            GuestUnreachableException failure =
                    catchThrowableOfType(GuestUnreachableException.class, () -> guest.customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure).hasMessageContaining(told);
            if (setting.equals("-")) {
                assertThat(failure)
                        .hasMessageContaining("Add-WindowsCapability -Online -Name OpenSSH.Server~~~~0.0.1.0")
                        .hasMessageContaining("Set-Service sshd -StartupType Automatic");
            }
            assertThat(bench.hypervisor.machines()).as("the install alone").hasSize(1);
            assertThat(TreeDiff.between(before, all(), TreeDiff.Times.OF_FILES)).matches(TreeDiff::isEmpty);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true | can't be sealed by Oz | sysprep.exe /generalize",
                "false | can't be gone on with | begins anew"
            })
    void sealingAndResumingAreRefusedBeforeAnyWork(boolean seal, String told, String instead) throws Exception {
        VisitChoices choices = seal ? VisitChoices.NONE.withSeal(true) : VisitChoices.NONE.withResume(true);
        visits(CHANGES, choices, (bench, guest, image) -> {
            windows();

            UnsupportedOsException failure = catchThrowableOfType(UnsupportedOsException.class, () -> guest.customizer()
                    .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure).hasMessageContaining(told).hasMessageContaining(instead);
            assertThat(bench.hypervisor.machines()).as("the install alone").hasSize(1);
            assertThat(bench.opened).isEmpty();
        });
    }

    @Test
    void aCommandThatFailsEndsTheVisitWithItsStatusAndItsLastLines() throws Exception {
        visits(CHANGES, VisitChoices.NONE, (bench, guest, image) -> {
            windows();
            byte[] before = Files.readAllBytes(image.disk());
            ssh.answers("$ozFile", 3, "one\r\nAccess is denied.\r\n");

            CustomizeFailedException failure =
                    catchThrowableOfType(CustomizeFailedException.class, () -> guest.customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure.status()).isEqualTo(3);
            assertThat(failure.lastLines()).containsExactly("one", "Access is denied.");
            assertThat(image.disk()).hasBinaryContent(before);
        });
    }

    @Test
    void theNewImageIsSeenToComeUp() throws Exception {
        visits(CHANGES, VisitChoices.NONE.withVerify(true), (bench, guest, image) -> {
            windows();
            ssh.answers("Win32_Service", 1, "spooler failed with 1067\r\n");
            byte[] before = Files.readAllBytes(image.disk());

            CustomizeFailedException failure =
                    catchThrowableOfType(CustomizeFailedException.class, () -> guest.customizer()
                            .customize(image, BuildListener.NONE, CancellationToken.create()));

            assertThat(failure.lastLines()).containsExactly("spooler failed with 1067");
            assertThat(image.disk()).hasBinaryContent(before);
        });
    }

    @Test
    void listsWhatPowerShellTells() throws Exception {
        visits("", VisitChoices.NONE, (bench, guest, image) -> {
            windows();
            ssh.answers("& 'scripted-list'", 0, "base\r\nhello\r\n");

            Icicle icicle = guest.icicleGenerator().generate(image, BuildListener.NONE, CancellationToken.create());

            assertThat(icicle.packages()).extracting(Icicle.Item::name).containsExactly("base", "hello");
        });
    }

    @Test
    void aServerThatDoesNotStartByItselfIsToldOf() throws Exception {
        visits(CHANGES, VisitChoices.NONE, (bench, guest, image) -> {
            windows();
            answering = false;

            GuestUnreachableException failure =
                    catchThrowableOfType(GuestUnreachableException.class, () -> guest.customizer()
                            .customize(image, bench.events::add, CancellationToken.create()));

            assertThat(failure)
                    .hasMessageContaining("no ssh server answered within 300 s")
                    .hasMessageContaining("Set-Service sshd -StartupType Automatic")
                    .hasMessageContaining("firewall");
            assertThat(bench.events).hasAtLeastOneElementOfType(BuildEvent.Failed.class);
            assertThat(List.copyOf(bench.hypervisor.running())).isEmpty();
        });
    }
}
