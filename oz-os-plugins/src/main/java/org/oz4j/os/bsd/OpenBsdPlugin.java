package org.oz4j.os.bsd;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.Prompt;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.Setup;

/**
 * OpenBSD, from a changed copy of its install CD, by BIOS.
 *
 * <p>Source: autoinstall(8) for the response file, boot.conf(8) and boot(8) for the loader, which has the serial port for its
 * console; distrib/miniroot's {@code dot.profile} and {@code install.sub} for what is asked and how the installer is started
 * with a file; distrib/amd64's {@code install.md} and {@code iso/Makefile} for the CD; mount_cd9660(8), useradd(8), myname(5).
 *
 * <p>The installer takes a response file by DHCP and HTTP, or out of its own RAM disk, where a CD can put none. Of the two
 * questions that it asks on its console, the first is answered with "shell", and the shell is told to start our script on
 * the CD: that copies the file into the RAM disk, starts {@code /install -af} as {@code autoinstall} itself does, and adds
 * to the new system what a response file can't say.
 */
public final class OpenBsdPlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final int MEMORY_MIB = 1024;

    /** Where our files are on the CD, and then in the RAM disk. */
    private static final String FOLDER = "oz";

    private static final String START = "cd /dev && sh MAKEDEV cd0; mount -t cd9660 -r /dev/cd0a /mnt2 && cp -R /mnt2/"
            + FOLDER + " / && sh /" + FOLDER + "/install";

    private static final List<Prompt> PROMPTS =
            List.of(new Prompt("\\(A\\)utoinstall or \\(S\\)hell\\?$", "s"), new Prompt("^[^ ]*# ?$", START));

    private static final List<Trouble> TROUBLE = List.of(
            trouble(Trouble.Kind.ERROR, "^oz: the installation failed", "See the line before it"),
            trouble(Trouble.Kind.ERROR, "^Question has no answer in response file", "Report it, with the release"),
            trouble(Trouble.Kind.PANIC, "^panic: |^ddb(\\{\\d+\\})?> ?$", "Give the guest more memory"));

    private static final List<Mark> MARKS = List.of(
            new Mark("^Welcome to the OpenBSD/", "starting the installer", 0.1),
            new Mark("^Let's install the sets!", "unpacking the sets", 0.2),
            new Mark("^Making all device nodes", "finishing the system", 0.8),
            new Mark("^CONGRATULATIONS!", "setting up accounts", 0.95));

    private static final Set<Feature> FEATURES =
            Set.of(Feature.BIOS, Feature.USERS, Feature.SSH_KEYS, Feature.TIMEZONE, Feature.HOSTNAME);

    /** Last days are those on which the release after the next one came: https://www.openbsd.org/faq/faq5.html. */
    private static final List<OsRelease> RELEASES = Stream.of(
                    release("7.4", "2024-10-08"),
                    release("7.5", "2025-04-28"),
                    release("7.6", "2025-10-22"),
                    release("7.7", "2026-05-19"),
                    release("7.8", ""),
                    release("7.9", ""))
            .toList();

    /** Called by {@link java.util.ServiceLoader}. */
    public OpenBsdPlugin() {}

    private static OsRelease release(String version, String endOfLife) {
        OsRelease.Builder builder = OsRelease.builder(
                        "OpenBSD",
                        version,
                        Support.EXPERIMENTAL,
                        "https://www.openbsd.org/" + version.replace(".", "") + ".html, autoinstall(8), boot.conf(8), "
                                + "distrib/miniroot/install.sub")
                .arches(Set.of(Arch.X86_64))
                .features(FEATURES);
        return endOfLife.isEmpty()
                ? builder.build()
                : builder.endOfLife(LocalDate.parse(endOfLife)).build();
    }

    private static Trouble trouble(Trouble.Kind kind, String line, String advice) {
        return new Trouble(kind, Pattern.compile(line), Duration.ofSeconds(2), advice);
    }

    @Override
    public String id() {
        return "openbsd";
    }

    @Override
    public List<OsRelease> releases() {
        return RELEASES;
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        String sets = request.release().version() + "/amd64";
        checkMedium(request.release(), request.medium(), sets);
        DiskBus bus = request.diskBus().orElse(DiskBus.VIRTIO);
        Map<String, Object> values = values(request, bus, sets);
        return new GuestProfile(
                MachineHints.modern(MEMORY_MIB, 20 * GIB).withDiskBus(bus),
                new AnswerFile("install.conf", fill("install.conf.ftl", values)),
                List.of(new RemasteredIso(
                        FOLDER + "/install.conf",
                        Map.of(
                                FOLDER + "/install",
                                fill("openbsd-install.ftl", values),
                                FOLDER + "/setup",
                                fill("openbsd-setup.ftl", values),
                                "etc/boot.conf",
                                fill("boot.conf.ftl", values)))),
                new InstallFlow(
                                0,
                                Duration.ofMinutes(30),
                                Duration.ofMinutes(5),
                                new SuccessSignal.SerialToken(),
                                TROUBLE,
                                MARKS)
                        .withPrompts(PROMPTS),
                List.of(),
                Optional.empty());
    }

    /** The small CD has the installer alone. */
    private static void checkMedium(OsRelease release, MediaFacts medium, String sets) {
        String needed = sets + "/base" + release.version().replace(".", "") + ".tgz";
        if (!medium.paths().isEmpty() && !medium.paths().contains(needed)) {
            throw new UnsupportedOsException(
                    release.title(),
                    "The medium has no sets (" + needed + ")",
                    "Take install" + release.version().replace(".", "") + ".iso of amd64");
        }
    }

    private static String fill(String name, Map<String, Object> values) {
        return AnswerTemplate.fill(OpenBsdPlugin.class, name, values);
    }

    private static Map<String, Object> values(ProfileRequest request, DiskBus bus, String sets) {
        Setup setup = request.template().os().setup();
        String title = request.release().title();
        HostName host = HostName.of(request.template(), "openbsd");
        return Map.ofEntries(
                Map.entry("title", title),
                Map.entry("sets", sets),
                // source: wd(4), sd(4)
                Map.entry("disk", bus == DiskBus.IDE ? "wd0" : "sd0"),
                Map.entry("token", request.successToken()),
                Map.entry("hostname", host.full()),
                Map.entry("domain", host.domain()),
                Map.entry("timezone", setup.timezone().orElse("Etc/UTC")),
                Map.entry("password", Bcrypt.of(request.rootPassword(), title)),
                Map.entry("users", users(request, title)),
                Map.entry("rootkeys", setup.sshKeys()));
    }

    private static List<Map<String, Object>> users(ProfileRequest request, String title) {
        return request.template().os().setup().users().stream()
                .map(user -> {
                    RootPassword password = request.userPasswords().get(user.name());
                    return Map.<String, Object>of(
                            "name", user.name(),
                            "full", user.fullName().orElse(user.name()),
                            "password", password == null ? "" : Bcrypt.of(password, title),
                            "groups", user.groups(),
                            "keys", user.sshKeys());
                })
                .toList();
    }
}
