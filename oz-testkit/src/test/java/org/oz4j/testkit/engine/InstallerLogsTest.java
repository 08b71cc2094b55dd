package org.oz4j.testkit.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.BuildEvent;
import org.oz4j.Diagnosis.Cause;
import org.oz4j.DiskException;
import org.oz4j.ImageFormat;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.Oz;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;
import org.oz4j.template.Template;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeOs;
import org.oz4j.testkit.GuestScript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What an installer that failed has left on the disk. */
class InstallerLogsTest {
    private static final String LOGS = "installer-logs";

    /** Makes file systems, and then gives up without a word. */
    private static final FakeGuest SILENT = machine ->
            GuestScript.start().worksFor(Duration.ofMinutes(9)).installs().powersOff();

    @TempDir
    Path folder;

    private static InstallFailedException failing(Bench bench) {
        return failing(bench.oz, bench.template("web"), bench.events);
    }

    private static InstallFailedException failing(Oz oz, Template template, List<BuildEvent> events) {
        return catchThrowableOfType(
                InstallFailedException.class,
                () -> oz.guest(template).installer().install(events::add));
    }

    private static void put(Bench bench, String path, String text) throws InterruptedException {
        for (int end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
            if (!bench.files.exists(path.substring(0, end))) {
                bench.files.mkdir(path.substring(0, end), new Attributes(0755, 0, 0));
            }
        }
        bench.files.write(path, text);
    }

    private static Path logs(InstallFailedException failure) {
        return failure.evidence().orElseThrow().resolve(LOGS);
    }

    @Test
    void itsLogsAreKeptAndTellTheCause() throws Exception {
        try (Bench bench = new Bench(folder, SILENT)) {
            put(bench, "/var/log/installer/syslog", "debootstrap: begins\ntar: No space left on device\n");
            put(bench, "/var/log/installer/autoinstall-user-data", "password: secret\n");
            put(bench, "/var/log/installer/media-info.log", "");
            put(bench, "/var/log/messages", "not of the installer\n");
            put(bench, "/root/install.log", "Installing glibc\n");

            InstallFailedException failure = failing(bench);

            assertThat(failure.kind()).isEqualTo(Kind.NO_SUCCESS_TOKEN);
            assertThat(failure.diagnosis().cause()).isEqualTo(Cause.OUT_OF_SPACE);
            assertThat(failure).hasMessageContaining("tar: No space left on device");
            assertThat(logs(failure)).isDirectoryContaining("glob:**/root_install.log");
            assertThat(logs(failure).resolve("var_log_installer_syslog"))
                    .content()
                    .isEqualTo("debootstrap: begins\ntar: No space left on device\n");
            assertThat(logs(failure).toFile().list()).hasSize(2);
            assertThat(bench.opened).containsExactly("disk.img READ_ONLY");
            assertThat(bench.notices()).contains("Looking for the installer's logs on the disk");
            bench.assertNoImage("web");
        }
    }

    @Test
    void whatItsLogsSaidLongBeforeTheEndIsNoCause() throws Exception {
        try (Bench bench = new Bench(folder, SILENT)) {
            put(bench, "/var/log/installer/syslog", "tar: No space left on device\n" + "and went on\n".repeat(40));

            assertThat(failing(bench).diagnosis().cause()).isEqualTo(Cause.UNKNOWN);
        }
    }

    @Test
    void whatTheGuestPrintedGoesBeforeItsLogs() throws Exception {
        FakeGuest panicking = machine ->
                GuestScript.start().worksFor(Duration.ofMinutes(9)).installs().panics();
        try (Bench bench = new Bench(folder, panicking)) {
            put(bench, "/var/log/installer/syslog", "tar: No space left on device\n");

            InstallFailedException failure = failing(bench);

            assertThat(failure.diagnosis().cause()).isEqualTo(Cause.KERNEL_PANIC);
            assertThat(logs(failure)).isNotEmptyDirectory();
            assertThat(failure.evidence().orElseThrow().resolve("screen.png"))
                    .as("taken before the machine was ended")
                    .exists();
        }
    }

    @Test
    void noSecretIsInThem() throws Exception {
        try (Bench bench = new Bench(folder, SILENT)) {
            put(
                    bench,
                    "/Windows/Panther/setupact.log",
                    "Key ABCDE-12345 was taken\nroot:$6$salt$" + "h".repeat(86) + ":1\n");
            Template template = Template.builder("web", "ScriptedOS", "1", Arch.X86_64)
                    .iso(bench.iso.toUri())
                    .key("ABCDE-12345")
                    .build();

            InstallFailedException failure = failing(bench.oz, template, bench.events);

            assertThat(logs(failure).resolve("Windows_Panther_setupact.log"))
                    .content()
                    .isEqualTo("Key ******** was taken\nroot:********:1\n");
        }
    }

    @Test
    void aDiskWithNoFileSystemIsNotOpened() throws Exception {
        FakeGuest early =
                machine -> GuestScript.start().worksFor(Duration.ofMinutes(1)).powersOff();
        try (Bench bench = new Bench(folder, early)) {
            assertThat(failing(bench).kind()).isEqualTo(Kind.NO_SUCCESS_TOKEN);
            assertThat(bench.opened).isEmpty();
        }
    }

    @Test
    void whatKeepsThemFromUsIsWrittenDownAndTheFailureIsTheInstalls() throws Exception {
        ImageOpener broken = new ImageOpener() {
            @Override
            public void check() {}

            @Override
            public GuestFilesystem open(Path image, ImageFormat format, Mode mode, Path work) {
                throw new DiskException(image, "The file system is damaged", null, null);
            }
        };
        try (Bench bench = new Bench(folder, SILENT);
                Oz oz = oz(bench, Optional.of(broken))) {
            InstallFailedException failure = failing(oz, FakeOs.template("web", folder), bench.events);

            assertThat(failure.kind()).isEqualTo(Kind.NO_SUCCESS_TOKEN);
            assertThat(failure.evidence().orElseThrow().resolve("not-collected.txt"))
                    .content()
                    .isEqualTo("The installer's logs on the disk: The file system is damaged\n");
            bench.assertNoImage("web");
        }
    }

    @Test
    void noLibguestfsIsStartedForTheDiskOfAHypervisorThatIsNotOurs() throws Exception {
        try (Bench bench = new Bench(folder, SILENT);
                Oz oz = oz(bench, Optional.empty())) {
            InstallFailedException failure = failing(oz, FakeOs.template("web", folder), bench.events);

            assertThat(failure.kind()).isEqualTo(Kind.NO_SUCCESS_TOKEN);
            assertThat(Files.exists(failure.evidence().orElseThrow().resolve("not-collected.txt")))
                    .isFalse();
            assertThat(bench.notices()).noneMatch(text -> text.contains("logs on the disk"));
        }
    }

    private static Oz oz(Bench bench, Optional<ImageOpener> opener) {
        var builder = Oz.builder()
                .config(bench.config)
                .onlyGivenPlugins()
                .plugin(new FakeOs())
                .hypervisor(bench.hypervisor)
                .time(bench.hypervisor.time());
        opener.ifPresent(builder::imageOpener);
        return builder.build();
    }
}
