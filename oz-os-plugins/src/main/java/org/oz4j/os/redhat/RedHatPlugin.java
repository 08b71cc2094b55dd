package org.oz4j.os.redhat;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template.InstallType;

/**
 * Fedora, Red Hat Enterprise Linux and its kin, and Red Hat Linux since 7.0, by kickstart.
 *
 * <p>The installer's kernel is started directly, with the kickstart file in its initrd, so that the installer can be watched
 * on the serial console. Where a medium has no such kernel, it boots as it is and finds the file on a volume of the label
 * {@code OEMDRV}. Sources: the boot options of Anaconda's documentation ({@code inst.*} since Fedora 17), the Installation
 * Guide of Red Hat Enterprise Linux 7 ({@code OEMDRV}), and the guides of older ones ({@code ks=file:}, {@code ks=cdrom:}).
 */
public final class RedHatPlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final String KS = "ks.cfg";
    private static final int OEMDRV = 19;
    private static final int KSSTRICT = 28;
    private static final int VIRTIO_SERIAL = 13; // Linux 2.6.33
    private static final String PXEBOOT = "images/pxeboot/";
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final Pattern REPODATA = Pattern.compile("(.*/)?repodata/repomd\\.xml");

    /** Entries of a medium's boot menu that do something else; the check finds fault with a changed medium. */
    private static final Set<String> PASS_OVER =
            Set.of("rescue", "inst.rescue", "rd.live.check", "mediacheck", "inst.mediacheck", "memtest86");

    private static final List<Row> TABLE = Releases.all();
    private static final Map<String, Row> ROWS = TABLE.stream()
            .collect(Collectors.toUnmodifiableMap(row -> key(row.line().os(), row.version()), Function.identity()));

    private static final String ANSWERS = "See the kickstart file and what the installer printed";

    private static final List<Trouble> TROUBLE = List.of(
            error("Pane is dead|Traceback \\(most recent call last\\)|install exited abnormally", ANSWERS),
            error("An unknown error has occu|(problem|error) (occurred|was encountered) .*kickstart", ANSWERS),
            error("The installation (was stopped|cannot continue)|Can't have a question in command line mode", ANSWERS),
            error(
                    "[Ee]rror setting up (base |software )?(repository|source)|Failed to (set up|download) .*(source|metadata)"
                            + "|[Uu]nable to (retrieve|download) ",
                    "Check that the address holds an install tree, or that the medium has packages"),
            error("Entering emergency mode|dracut-emergency", "The installer's second stage was not found"),
            new Trouble(
                    Trouble.Kind.QUESTION,
                    Pattern.compile("Please make (a|your) (choice|selection) from|Press (ENTER|\\[?Enter\\]?) to "),
                    Duration.ofSeconds(5),
                    "The kickstart file leaves this question open"),
            Trouble.kernelPanic(
                    "Give the guest more memory, or another processor: Enterprise Linux 9 needs x86-64-v2, 10 needs v3"));

    private static Trouble error(String line, String advice) {
        return new Trouble(Trouble.Kind.ERROR, Pattern.compile(line), SOON, advice);
    }

    // The words are those of Anaconda's text modes; the shares are guessed.
    private static final List<Mark> MARKS = List.of(
            new Mark("Starting installer|running install|anaconda.* started", "installer", 0.03),
            new Mark(
                    "Setting up the installation environment|Creating (disklabel|ext|xfs|btrfs)|Formatting",
                    "disk",
                    0.08),
            new Mark("Starting package installation process|Retrieving |Dependency Check", "package lists", 0.12),
            new Mark("Downloading ", "download", 0.15),
            new Mark("Preparing transaction|Package Installation|Installation Starting", "packages", 0.3),
            new Mark("Performing post-installation setup|Post-?[Ii]nstall", "settings", 0.8),
            new Mark("Installing boot ?loader", "boot loader", 0.85),
            new Mark("Generating initramfs", "initramfs", 0.9),
            new Mark("Running post-install(ation)? scripts", "last script", 0.96));

    private static final int FIRST_OF_LINUX_4 = 22; // Fedora 22's release notes

    /** Called by {@link java.util.ServiceLoader}. */
    public RedHatPlugin() {}

    @Override
    public String id() {
        return "redhat";
    }

    @Override
    public List<OsRelease> releases() {
        return TABLE.stream().flatMap(row -> row.releases().stream()).toList();
    }

    private static String key(String os, String version) {
        return os + " " + version;
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        Row row = ROWS.get(key(request.release().os(), request.release().version()));
        if (row == null) {
            throw new IllegalArgumentException("not a release of this plugin: " + request.release());
        }
        Anaconda anaconda = row.anaconda();
        Arch arch = request.template().os().arch();
        SuccessSignal signal = SerialPorts.signal(arch, anaconda.level() >= VIRTIO_SERIAL);
        return new GuestProfile(
                MachineHints.of(arch, anaconda.nic(), anaconda.disk(request.diskBus()), anaconda.memoryMiB(), 10 * GIB)
                        .withOldVirtio(anaconda.level() < FIRST_OF_LINUX_4),
                new AnswerFile(KS, Kickstart.write(request, anaconda, signal, SerialPorts.argument(arch))),
                media(request, anaconda.level(), arch),
                new InstallFlow(0, Duration.ofMinutes(60), Duration.ofMinutes(5), signal, TROUBLE, MARKS),
                anaconda.access(),
                anaconda.packages());
    }

    private static List<MediaRecipe> media(ProfileRequest request, int level, Arch arch) {
        boolean tree = request.template().os().install().type() == InstallType.URL;
        Set<String> paths = request.medium().paths();
        TreeInfo info =
                new TreeInfo(Optional.ofNullable(request.medium().texts().get(TreeInfo.PATH)));
        BootFile kernel = info.file(arch, "kernel", usual(arch, level, "vmlinuz"));
        BootFile initrd = info.file(arch, "initrd", usual(arch, level, "initrd.img"));
        List<MediaRecipe> media = new ArrayList<>();
        if (tree) {
            String from = treeAddress(request.location());
            media.add(new DirectKernel(kernel, initrd, arguments(level, arch, "file:/", from), KS));
            return media;
        }
        refuseWithoutPackages(request, level);
        boolean direct = paths.isEmpty() || paths.containsAll(Set.of(kernel.path(), initrd.path()));
        if (!direct) {
            kernel = new BootFile("isolinux/vmlinuz", Optional.empty());
            initrd = new BootFile("isolinux/initrd.img", Optional.empty());
            direct = paths.containsAll(Set.of(kernel.path(), initrd.path()));
        }
        if (direct) {
            media.add(new DirectKernel(kernel, initrd, arguments(level, arch, "file:/", "cdrom"), KS));
        }
        if (level >= OEMDRV) {
            media.add(new AnswerVolume("OEMDRV", KS, Map.of()));
        }
        media.add(new RemasteredIso(
                Stream.of(kernel.path(), PXEBOOT + "vmlinuz", "isolinux/vmlinuz")
                        .collect(Collectors.toSet()),
                arguments(level, arch, "cdrom:/", ""),
                PASS_OVER,
                KS,
                Map.of()));
        return media;
    }

    /** Small media hold the installer alone, and stop it in the middle with a question. */
    private static void refuseWithoutPackages(ProfileRequest request, int level) {
        Set<String> paths = request.medium().paths();
        if (level >= Anaconda.DRACUT
                && !paths.isEmpty()
                && paths.stream().noneMatch(path -> REPODATA.matcher(path).matches())) {
            String title = request.release().title();
            throw new UnsupportedOsException(
                    title + " " + request.template().os().arch(),
                    "The ISO image " + request.location() + " of " + title + " holds no packages",
                    "Take the DVD image, or install from a tree: <install type='url'>");
        }
    }

    /**
     * The installer's kernel arguments.
     *
     * @param place where its kickstart file is
     * @param from where its packages are, where it is to be told; the boot entries of a medium tell it already
     */
    private static String arguments(int level, Arch arch, String place, String from) {
        List<String> words = new ArrayList<>();
        if (level < Anaconda.DRACUT) {
            words.addAll(List.of("ks=" + place + KS, "text"));
        } else {
            words.add("inst.ks=" + place + KS);
            if (!from.isEmpty()) {
                words.add("inst.repo=" + from);
            }
            words.addAll(List.of("inst.cmdline", "inst.notmux", "inst.nosave=all_ks"));
            if (level >= KSSTRICT) {
                words.add("inst.ksstrict");
            }
        }
        words.add("console=" + SerialPorts.argument(arch));
        return String.join(" ", words);
    }

    /** The tree's address as Anaconda is told it, without a slash at its end. */
    static String treeAddress(URI location) {
        return location.toString().replaceFirst("/+$", "");
    }

    /** Source: the {@code .treeinfo} files of Fedora and Enterprise Linux; what is older has the same places. */
    private static String usual(Arch arch, int level, String name) {
        boolean kernel = name.equals("vmlinuz");
        return switch (arch) {
            case PPC64, PPC64LE -> "ppc/ppc64/" + (kernel || level >= 9 ? name : "ramdisk.image.gz");
            case S390X -> "images/" + (kernel ? "kernel.img" : name);
            default -> PXEBOOT + name;
        };
    }
}
