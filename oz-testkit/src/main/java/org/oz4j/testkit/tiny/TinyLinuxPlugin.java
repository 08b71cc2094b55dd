package org.oz4j.testkit.tiny;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;
import org.oz4j.testkit.linux.SmallLinux;

/** Installs {@link TinyLinux}; a plugin like any other, and the smallest to learn from. */
public final class TinyLinuxPlugin implements OsPlugin {
    private static final int MEMORY_MIB = 256;
    private static final long DISK_SIZE = 512L * 1024 * 1024;
    private static final Duration TIME_LIMIT = Duration.ofMinutes(5);
    private static final Duration INACTIVITY_LIMIT = Duration.ofSeconds(30);
    private static final Duration PROMPT_SETTLED = Duration.ofSeconds(3);

    private static final OsRelease RELEASE = OsRelease.builder(
                    "TinyLinux", "1", Support.INSTALLED, "org.oz4j.testkit.tiny.TinyLinux")
            .build();

    /** Makes the plugin. */
    public TinyLinuxPlugin() {}

    @Override
    public String id() {
        return "tiny";
    }

    @Override
    public List<OsRelease> releases() {
        return List.of(RELEASE);
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        refuseWhatTpkHasNot(request.template());
        return new GuestProfile(
                MachineHints.modern(MEMORY_MIB, DISK_SIZE),
                answers(request),
                List.of(
                        new MediaRecipe.AnswerVolume("TINYANSWERS", "answers", Map.of()),
                        new MediaRecipe.DirectKernel(
                                new BootFile("boot/vmlinuz", Optional.empty()),
                                new BootFile("boot/initrd.gz", Optional.empty()),
                                SmallLinux.KERNEL_ARGUMENTS,
                                "answers"),
                        new MediaRecipe.RemasteredIso(Set.of("boot/vmlinuz"), "", Set.of(), "answers", Map.of())),
                flow(),
                List.of(new AccessRecipe.NoCloud()),
                Optional.of(new Tpk()));
    }

    private static AnswerFile answers(ProfileRequest request) {
        return new AnswerFile(
                "answers",
                """
                disk=vda
                hostname=%s
                root_password_hash=%s
                success_token=%s
                success_port=/dev/ttyS1
                finish=poweroff
                """
                        .formatted(
                                hostName(request.template().name()),
                                request.rootPassword().sha512Crypt(),
                                request.successToken()));
    }

    // A guest's name may be longer than a host name, and have other characters.
    private static String hostName(String guest) {
        String name = guest.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        name = name.substring(0, Math.min(63, name.length())).replaceAll("^-|-$", "");
        return name.isEmpty() ? "tiny" : name;
    }

    private static InstallFlow flow() {
        return new InstallFlow(
                0,
                TIME_LIMIT,
                INACTIVITY_LIMIT,
                new SuccessSignal.SerialToken(),
                List.of(
                        new Trouble(
                                Trouble.Kind.ERROR,
                                Pattern.compile("^(tiny-installer|init): ERROR: .*"),
                                Duration.ZERO,
                                "Correct the template by what the installer says"),
                        new Trouble(
                                Trouble.Kind.QUESTION,
                                Pattern.compile("^tiny-installer: QUESTION: .*"),
                                PROMPT_SETTLED,
                                "Give the answer in the answer file"),
                        new Trouble(
                                Trouble.Kind.PANIC,
                                Pattern.compile("Kernel panic - not syncing"),
                                Duration.ZERO,
                                "Give the machine more memory, and check the medium's checksum")),
                List.of(
                        mark(1, "Reading the answers", 0.3),
                        mark(2, "Partitioning the disk", 0.4),
                        mark(3, "Making the file system", 0.5),
                        mark(4, "Unpacking the base system", 0.6),
                        mark(5, "Configuring the system", 0.8),
                        mark(6, "Installing packages", 0.85),
                        mark(7, "Installing the boot loader", 0.9),
                        mark(8, "Finishing", 0.95)));
    }

    private static Mark mark(int step, String text, double fraction) {
        return new Mark(Pattern.compile("^tiny-installer: \\[" + step + "/8\\] "), text, fraction);
    }

    /** Says now what would be found out by the customized system, or, worse, silently not be done. */
    private static void refuseWhatTpkHasNot(Template template) {
        for (Repository repository : template.repositories()) {
            if (repository.signed()) {
                throw refused(
                        "The repository " + repository.name() + " is to be checked by its signatures",
                        "tpk checks none; leave <signed> out");
            }
            if (repository.sslVerify() && repository.url().startsWith("https:")) {
                throw refused(
                        "The certificate of the repository " + repository.name() + " is to be checked",
                        "tpk can't; use an http or file address, or set <ssl_verify> to no");
            }
        }
        for (PackageRequest request : template.packages()) {
            if (request.file().isPresent() || request.arguments().isPresent()) {
                throw refused(
                        "The package " + request.name() + " has a file or arguments",
                        "tpk takes packages by their name, and by their repository");
            }
        }
    }

    private static UnsupportedOsException refused(String problem, String remedy) {
        return new UnsupportedOsException(RELEASE.title() + " " + Arch.X86_64, problem, remedy);
    }
}
