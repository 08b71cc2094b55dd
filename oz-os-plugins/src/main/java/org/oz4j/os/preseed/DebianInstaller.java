package org.oz4j.os.preseed;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.packages.Apt;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template.InstallType;

/**
 * Makes the profile of an install by debian-installer: its kernel is started directly, with the preseed file in its initial
 * ramdisk, from a mirror or from a disc; or a changed disc boots.
 *
 * <p>Source: the Debian GNU/Linux Installation Guide for each release, chapters 5.3 (boot parameters) and B
 * (preseeding); {@code d-i} loads {@code /preseed.cfg} of its initrd by itself.
 */
public final class DebianInstaller {
    private static final long GIB = 1L << 30;
    private static final int MINIMUM_MEMORY_MIB = 512;
    private static final String ANSWERS = "preseed.cfg";
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
            Trouble.kernelPanic("Give the guest more memory, or another kernel"));

    // The shares are those of a run on a slow host; the installer's own percentages fill the way between them.
    private static final List<Mark> MARKS = List.of(
            new Mark("Detecting network hardware|Configuring the network", "network", 0.03),
            new Mark("Checking the (Debian|Ubuntu) archive mirror|Downloading Release files", "mirror", 0.05),
            new Mark("Loading additional components", "installer components", 0.07),
            new Mark("Starting up the partitioner|Partitions formatting", "partitions", 0.12),
            new Mark("Installing the base system", "base system", 0.16),
            new Mark("Configuring apt", "package sources", 0.55),
            new Mark("Select and install software", "software", 0.62),
            new Mark("Installing GRUB boot loader|Install the GRUB boot loader", "boot loader", 0.80),
            new Mark("Finishing the installation", "finishing", 0.96));

    private DebianInstaller() {}

    /** The mirror that an address is of, which may name a folder inside of it, as users of the Python tool do. */
    public static URI tree(URI location) {
        Matcher inside = INSIDE_OF_TREE.matcher(location.toString());
        return inside.find() ? URI.create(inside.replaceFirst("/")) : location;
    }

    /**
     * The profile.
     *
     * @param access ways into the installed system
     */
    public static GuestProfile profile(ProfileRequest request, Installer installer, List<AccessRecipe> access) {
        Arch arch = request.template().os().arch();
        Port port = Port.of(arch);
        Hardware hardware = hardware(request, installer);
        Preseed preseed = new Preseed(request, installer, hardware);
        return new GuestProfile(
                MachineHints.of(arch, hardware.nic(), hardware.bus(), MINIMUM_MEMORY_MIB, 10 * GIB),
                new AnswerFile(ANSWERS, preseed.write()),
                request.template().os().install().type() == InstallType.URL
                        ? List.of(fromTree(request, installer, port, preseed))
                        : List.of(
                                fromDisc(request, installer, port, preseed),
                                changedDisc(request, installer, port, preseed)),
                new InstallFlow(
                        installer.generation() == Generation.BASE_CONFIG ? 1 : 0,
                        Duration.ofMinutes(45),
                        Duration.ofSeconds(90),
                        installer.signal(arch),
                        TROUBLE,
                        MARKS),
                access,
                Optional.of(new Apt(installer.codename())));
    }

    private static Hardware hardware(ProfileRequest request, Installer installer) {
        Hardware own = request.template().os().arch().isX86() ? installer.hardware() : Hardware.VIRTIO;
        return request.diskBus().map(own::with).orElse(own);
    }

    private static DirectKernel fromTree(ProfileRequest request, Installer installer, Port port, Preseed preseed) {
        String images = installer.images(port);
        Optional<String> sums = Optional.ofNullable(request.medium().texts().get(images + "SHA256SUMS"));
        return new DirectKernel(
                bootFile(images, installer.kernel(port), sums),
                bootFile(images, installer.initrd(port), sums),
                arguments(request, installer) + named(installer, "/" + ANSWERS),
                ANSWERS,
                preseed.files());
    }

    private static BootFile bootFile(String images, String path, Optional<String> sums) {
        Optional<String> sum = sums.flatMap(text -> text.lines()
                .map(line -> line.trim().split("\\s+", 2))
                .filter(fields -> fields.length == 2 && fields[1].equals("./" + path))
                .map(fields -> fields[0])
                .findFirst());
        return new BootFile(images + path, sum);
    }

    private static DirectKernel fromDisc(ProfileRequest request, Installer installer, Port port, Preseed preseed) {
        Port.Disc disc = installer.disc(port);
        Set<String> paths = request.medium().paths();
        if (!paths.isEmpty() && !paths.contains(disc.kernel())) {
            String title = request.release().title();
            throw new UnsupportedOsException(
                    title,
                    "The disc has no " + disc.kernel() + ", which starts the installer of " + title,
                    installer.family() == Family.UBUNTU
                            ? "Take the disc named server or alternate, of that architecture; a live or desktop disc won't do"
                            : "Take a netinst, CD or DVD image of that architecture; a live disc won't do");
        }
        return new DirectKernel(
                new BootFile(disc.kernel(), Optional.empty()),
                new BootFile(disc.initrd(), Optional.empty()),
                arguments(request, installer) + named(installer, "/" + ANSWERS),
                ANSWERS,
                preseed.files());
    }

    /** The file on a disc is read after the first questions, so the kernel's arguments answer these. */
    private static RemasteredIso changedDisc(ProfileRequest request, Installer installer, Port port, Preseed preseed) {
        Port.Disc disc = installer.disc(port);
        String file = "/cdrom/" + ANSWERS;
        return new RemasteredIso(
                Set.of(disc.kernel()),
                arguments(request, installer)
                        + " locale=en_US.UTF-8 debian-installer/locale=en_US.UTF-8"
                        + (installer.generation().upTo(Generation.SHORT_CHOICES)
                                ? " console-keymaps-at/keymap=us console-setup/ask_detect=false console-setup/layoutcode=us"
                                : " keymap=us keyboard-configuration/layoutcode=us")
                        + (installer.generation().upTo(Generation.FINISH_INSTALL) ? "" : " file=" + file)
                        + " preseed/file=" + file,
                Set.of("rescue/enable=true", "initrd=/" + gtk(disc.initrd())),
                ANSWERS,
                preseed.files());
    }

    private static String gtk(String initrd) {
        return initrd.replaceFirst("/([^/]*)$", "/gtk/$1");
    }

    // no_timer_check: on a busy host without KVM, the kernel's check of the timer interrupt fails and panics now and
    // then; under KVM the kernel leaves the check out by itself (kernel-parameters.txt).
    private static String arguments(ProfileRequest request, Installer installer) {
        String console = "console=" + Preseed.console(request.template().os().arch());
        String old = installer.generation().upTo(Generation.PREBASECONFIG) ? " debconf/priority=critical" : "";
        return "auto=true priority=critical" + old + " DEBIAN_FRONTEND=text " + console + " no_timer_check quiet";
    }

    /** Those that look for no file in their initial ramdisk by themselves are told. */
    private static String named(Installer installer, String path) {
        return installer.generation().upTo(Generation.PREBASECONFIG) ? " preseed/file=" + path : "";
    }
}
