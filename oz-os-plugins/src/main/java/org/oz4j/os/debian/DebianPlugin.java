package org.oz4j.os.debian;

import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.oz4j.os.packages.Apt;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Setup;

/**
 * Debian 12 and 13, from a mirror: the netboot kernel is started directly, with the preseed file in its initrd.
 *
 * <p>Source: the Debian GNU/Linux Installation Guide for each release, chapters 5.3 (boot parameters) and B
 * (preseeding); {@code d-i} loads {@code /preseed.cfg} of its initrd by itself.
 */
public final class DebianPlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final int MINIMUM_MEMORY_MIB = 512;

    private static final Set<Feature> FEATURES = EnumSet.of(
            Feature.BIOS,
            Feature.UEFI,
            Feature.USERS,
            Feature.SSH_KEYS,
            Feature.LOCALE,
            Feature.KEYBOARD,
            Feature.TIMEZONE,
            Feature.HOSTNAME,
            Feature.LAYOUT,
            Feature.EXT2,
            Feature.EXT3,
            Feature.EXT4,
            Feature.XFS,
            Feature.BTRFS,
            Feature.VFAT,
            Feature.APPEND);

    /** Debian's keys for the sums of CDs: https://www.debian.org/CD/verify. */
    private static final List<String> CD_SIGNERS = List.of(
            "10460DAD76165AD81FBC0CE9988021A964E6EA7D",
            "DF9B9C49EAA9298432589D76DA87E80D6294BE9B",
            "F41D30342F3546695F65C66942468F4009EA8AC3");

    /** What differs between releases. */
    private record Row(String version, String codename) {
        OsRelease release() {
            return OsRelease.builder(
                            "Debian",
                            version,
                            Support.INSTALLED,
                            "https://www.debian.org/releases/" + codename + "/amd64/")
                    .aliases(List.of(codename))
                    .installTypes(Set.of(InstallType.URL))
                    // Release changes with every point release, so that no older image is taken for the same
                    .probe(List.of(images() + "SHA256SUMS", "dists/" + codename + "/Release"))
                    .features(FEATURES)
                    .signers(CD_SIGNERS)
                    .build();
        }

        String images() {
            return "dists/" + codename + "/main/installer-amd64/current/images/";
        }
    }

    private static final Map<String, Row> ROWS = List.of(new Row("12", "bookworm"), new Row("13", "trixie")).stream()
            .collect(Collectors.toUnmodifiableMap(Row::version, row -> row));

    private static final Pattern INSIDE_OF_TREE = Pattern.compile("/dists(/.*)?$");

    // The text front end prints a question's choices, then this; the installer never answers such a prompt by itself.
    private static final Duration PROMPT = Duration.ofSeconds(5);
    private static final String OPEN_QUESTION = "The answer file leaves this question open, or its answer was refused";

    private static final List<Trouble> TROUBLE = List.of(
            new Trouble(
                    Trouble.Kind.ERROR,
                    Pattern.compile("^!! ERROR: "),
                    Duration.ofSeconds(3),
                    "The installer's own words are above"),
            new Trouble(Trouble.Kind.QUESTION, Pattern.compile("^Prompt: .*> *$"), PROMPT, OPEN_QUESTION),
            // A hidden answer has no such prompt: the cursor waits behind "Root password: ".
            new Trouble(
                    Trouble.Kind.QUESTION,
                    Pattern.compile("(?i)^ *(re-enter )?[a-z ]*password[a-z ]*: *$"),
                    PROMPT,
                    OPEN_QUESTION),
            new Trouble(Trouble.Kind.QUESTION, Pattern.compile("\\[Press enter to continue\\]"), PROMPT, OPEN_QUESTION),
            new Trouble(
                    Trouble.Kind.PANIC,
                    Pattern.compile("Kernel panic - not syncing"),
                    Duration.ofSeconds(1),
                    "Give the guest more memory, or another kernel"));

    private static final String SSH = "ssh.service";
    private static final String SSHD = "/usr/sbin/sshd -D $SSHD_OPTS"; // what the unit's ExecStart says
    private static final AccessRecipe CREDENTIALS = new AccessRecipe.SystemdCredentials(SSH, SSHD);
    private static final AccessRecipe EDIT = new AccessRecipe.OfflineEdit(SSH, SSHD);

    private static Mark mark(String line, String text, double fraction) {
        return new Mark(Pattern.compile(line), text, fraction);
    }

    // The shares are those of a run on a slow host; the installer's own percentages fill the way between them.
    private static final List<Mark> MARKS = List.of(
            mark("Detecting network hardware|Configuring the network", "network", 0.03),
            mark("Checking the Debian archive mirror|Downloading Release files", "mirror", 0.05),
            mark("Loading additional components", "installer components", 0.07),
            mark("Starting up the partitioner|Partitions formatting", "partitions", 0.12),
            mark("Installing the base system", "base system", 0.16),
            mark("Configuring apt", "package sources", 0.55),
            mark("Select and install software", "software", 0.62),
            mark("Installing GRUB boot loader|Install the GRUB boot loader", "boot loader", 0.80),
            mark("Finishing the installation", "finishing", 0.96));

    /** Called by {@link java.util.ServiceLoader}. */
    public DebianPlugin() {}

    @Override
    public String id() {
        return "debian";
    }

    @Override
    public List<OsRelease> releases() {
        return ROWS.values().stream().map(Row::release).toList();
    }

    @Override
    public URI tree(URI location) {
        // Users of the Python tool name the folder of the netboot images; the tree is the mirror around it.
        Matcher inside = INSIDE_OF_TREE.matcher(location.toString());
        return inside.find() ? URI.create(inside.replaceFirst("/")) : location;
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        Row row = ROWS.get(request.release().version());
        if (row == null) {
            throw new IllegalArgumentException("not a release of this plugin: " + request.release());
        }
        Setup setup = request.template().os().setup();
        Optional<String> sums = Optional.ofNullable(request.medium().texts().get(row.images() + "SHA256SUMS"));
        // no_timer_check: on a busy host without KVM, the kernel's check of the timer interrupt fails and panics now
        // and
        // then; under KVM the kernel leaves the check out by itself (kernel-parameters.txt).
        String arguments = "auto=true priority=critical DEBIAN_FRONTEND=text console=ttyS0,115200 no_timer_check quiet";
        return new GuestProfile(
                MachineHints.modern(MINIMUM_MEMORY_MIB, 10 * GIB)
                        .withDiskBus(request.diskBus().orElse(DiskBus.VIRTIO)),
                new AnswerFile("preseed.cfg", Preseed.write(request, row.codename())),
                List.of(new DirectKernel(
                        bootFile(row, "linux", sums),
                        bootFile(row, "initrd.gz", sums),
                        arguments,
                        "preseed.cfg",
                        SetupScript.isNeeded(setup)
                                ? Map.of(SetupScript.NAME, SetupScript.write(setup, request.userPasswords()))
                                : Map.of())),
                new InstallFlow(
                        0,
                        Duration.ofMinutes(45),
                        Duration.ofSeconds(90),
                        new InstallFlow.SuccessSignal.SerialToken(),
                        TROUBLE,
                        MARKS),
                // Debian 12 has systemd 252, whose credentials can't change a unit's settings.
                row.version().equals("12") ? List.of(EDIT) : List.of(CREDENTIALS, EDIT),
                Optional.of(new Apt(row.codename())));
    }

    private static BootFile bootFile(Row row, String name, Optional<String> sums) {
        String path = "netboot/debian-installer/amd64/" + name;
        Optional<String> sum = sums.flatMap(text -> text.lines()
                .map(line -> line.trim().split("\\s+", 2))
                .filter(fields -> fields.length == 2 && fields[1].equals("./" + path))
                .map(fields -> fields[0])
                .findFirst());
        return new BootFile(row.images() + path, sum);
    }
}
