package org.oz4j.os.arch;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.oz4j.os.answers.Accounts;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.packages.Pacman;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.Setup;

/**
 * Arch Linux of today, from its CD as it is: cloud-init, which the CD starts, runs a script of a volume {@code cidata}, that
 * divides the disk and has archinstall do the rest.
 *
 * <p>Source: archinstall's documentation, "Guided installation" and "Disk Configuration" ("Leave as is", which is the mode
 * whose form has not changed between its versions); archiso's profile releng, which enables cloud-init; cloud-init's
 * documentation, "NoCloud" and "User-Data Script". archinstall's configuration has changed often, and no install has
 * confirmed this one, so the release is experimental. Packages come from Arch's mirrors, over the network.
 */
public final class ArchPlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final int MEMORY_MIB = 2048; // the CD's system, and what it fetches, live in memory

    private static final String SSH = "sshd.service";
    private static final String SSHD = "/usr/bin/sshd -D"; // what the unit's ExecStart says

    private static final Set<Feature> FEATURES = EnumSet.of(
            Feature.BIOS,
            Feature.UEFI,
            Feature.USERS,
            Feature.SSH_KEYS,
            Feature.LOCALE,
            Feature.KEYBOARD,
            Feature.TIMEZONE,
            Feature.HOSTNAME,
            Feature.APPEND);

    private static final List<Trouble> TROUBLE = List.of(
            new Trouble(
                    Trouble.Kind.ERROR,
                    Pattern.compile("^oz: ERROR: "),
                    Duration.ofSeconds(5),
                    "The words of archinstall are above, and in the installer's log"),
            Trouble.kernelPanic("Give the guest more memory"));

    private static final List<Mark> MARKS = List.of(
            new Mark("^oz: partitions", "partitions", 0.05),
            new Mark("^oz: base system", "base system", 0.1),
            new Mark("^oz: settings", "settings", 0.9));

    /** Called by {@link java.util.ServiceLoader}. */
    public ArchPlugin() {}

    @Override
    public String id() {
        return "arch";
    }

    @Override
    public List<OsRelease> releases() {
        return List.of(OsRelease.builder(
                        "Arch",
                        "rolling",
                        Support.EXPERIMENTAL,
                        "https://archinstall.archlinux.page/installing/guided.html")
                .names(List.of("ArchLinux"))
                .aliases(List.of("latest"))
                .features(FEATURES)
                .build());
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        DiskBus bus = request.diskBus().filter(wanted -> wanted != DiskBus.IDE).orElse(DiskBus.VIRTIO);
        Map<String, String> files =
                Map.of("meta-data", "instance-id: oz\n", "archinstall.json", configuration(request));
        return new GuestProfile(
                MachineHints.modern(MEMORY_MIB, 10 * GIB).withDiskBus(bus),
                new AnswerFile("user-data", script(request, bus)),
                List.of(new AnswerVolume("cidata", "user-data", files)),
                new InstallFlow(
                        0,
                        Duration.ofMinutes(45),
                        Duration.ofMinutes(5),
                        new SuccessSignal.SerialToken(),
                        TROUBLE,
                        MARKS),
                List.of(new AccessRecipe.SystemdCredentials(SSH, SSHD), new AccessRecipe.OfflineEdit(SSH, SSHD)),
                Optional.of(new Pacman()));
    }

    private static String configuration(ProfileRequest request) {
        Setup setup = request.template().os().setup();
        String locale = setup.locale().orElse("en_US.UTF-8");
        int dot = locale.indexOf('.');
        return AnswerTemplate.fill(
                ArchPlugin.class,
                "archinstall.json.ftl",
                Map.of(
                        "hostname", HostName.of(request.template(), "arch").full(),
                        "keyboard", setup.keyboard().orElse("us"),
                        "locale", locale,
                        "encoding",
                                dot < 0 ? "UTF-8" : locale.substring(dot + 1).replaceFirst("@.*", ""),
                        "timezone", setup.timezone().orElse("UTC")));
    }

    private static String script(ProfileRequest request, DiskBus bus) {
        return AnswerTemplate.fill(
                ArchPlugin.class,
                "user-data.ftl",
                Map.of(
                        "title", request.release().title(),
                        "token", request.successToken(),
                        "password", request.rootPassword().sha512Crypt(),
                        "disk", "/dev/" + bus.prefix() + "a",
                        "users", Accounts.users(request),
                        "rootkeys", request.template().os().setup().sshKeys()));
    }
}
