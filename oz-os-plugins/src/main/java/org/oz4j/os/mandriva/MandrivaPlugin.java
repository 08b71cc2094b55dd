package org.oz4j.os.mandriva;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.os.mandriva.DrakxRow.Trait;
import org.oz4j.os.packages.Urpmi;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template.InstallType;

import static org.oz4j.os.mandriva.DrakxRow.Trait.ANY_ARCH;
import static org.oz4j.os.mandriva.DrakxRow.Trait.MEDIA;
import static org.oz4j.os.mandriva.DrakxRow.Trait.NO_SERIAL;
import static org.oz4j.os.mandriva.DrakxRow.Trait.NO_VIRTIO;
import static org.oz4j.os.mandriva.DrakxRow.Trait.OFFLINE_ACCESS;
import static org.oz4j.os.mandriva.DrakxRow.Trait.OLD_CRYPT;
import static org.oz4j.os.mandriva.DrakxRow.Trait.OLD_TYPES;
import static org.oz4j.os.mandriva.DrakxRow.Trait.OLD_VIRTIO;
import static org.oz4j.os.mandriva.DrakxRow.Trait.STAND_IN;
import static org.oz4j.os.mandriva.DrakxRow.Trait.TREE_IN_FOLDER;

/**
 * Mandrake Linux, Mandriva Linux and Mageia, by their installer DrakX.
 *
 * <p>From a medium, its changed copy holds the answers; from a tree, the installer's initrd does. When it is done the
 * installer reboots, which ends its machine.
 *
 * <p>Source: {@code mdk-stage1/doc/TECH-INFOS} of DrakX for {@code automatic}, its {@code install2.pm} for {@code
 * kickstart}.
 */
public final class MandrivaPlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final String CONSOLE = " console=tty0 console=ttyS0,115200";

    private static final Set<Arch> I386 = EnumSet.of(Arch.I386);
    private static final Set<Arch> PC = EnumSet.of(Arch.I386, Arch.X86_64);

    private static final List<DrakxRow> ROWS = List.of(
            // Its CD boots from an image of a floppy, which can't be changed yet.
            mandrake("8.2", Support.EXPERIMENTAL),
            mandrake("9.0", Support.CHECKED),
            mandrake("9.1", Support.CHECKED),
            mandrake("9.2", Support.CHECKED),
            mandrake("10.0", Support.CHECKED),
            mandrake("10.1", Support.CHECKED),
            mandriva("2005"),
            mandriva("2006.0"),
            mandriva("2007.0", TREE_IN_FOLDER, STAND_IN),
            mandriva("2008.0", TREE_IN_FOLDER, STAND_IN),
            mageia("2", "alt0", Support.CHECKED, ANY_ARCH, OLD_VIRTIO),
            mageia("3", "alt0", Support.CHECKED, ANY_ARCH, OLD_VIRTIO),
            mageia("4", "ARCH", Support.CHECKED, ANY_ARCH, OLD_VIRTIO),
            mageia("4.1", "ARCH", Support.CHECKED, ANY_ARCH, OLD_VIRTIO),
            mageia("5", "ARCH", Support.CHECKED, ANY_ARCH, OLD_VIRTIO, OFFLINE_ACCESS),
            mageia("6", "ARCH", Support.EXPERIMENTAL, OFFLINE_ACCESS),
            mageia("7", "ARCH", Support.EXPERIMENTAL, OFFLINE_ACCESS),
            mageia("8", "ARCH", Support.EXPERIMENTAL, OFFLINE_ACCESS),
            mageia("9", "ARCH", Support.EXPERIMENTAL, OFFLINE_ACCESS));

    private static final Map<String, DrakxRow> BY_TITLE =
            ROWS.stream().collect(Collectors.toUnmodifiableMap(MandrivaPlugin::title, Function.identity()));

    // The unit's ExecStart.
    private static final AccessRecipe EDIT = new AccessRecipe.OfflineEdit("sshd.service", "/usr/sbin/sshd -D $OPTIONS");

    // Before, an init script starts it, or systemd by either.
    private static final AccessRecipe CONFIG =
            new AccessRecipe.ServerConfig(List.of("/lib/systemd/system/sshd.service", "/etc/rc.d/init.d/sshd"));

    // The installer itself talks on the screen alone.
    private static final List<Trouble> TROUBLE = List.of(new Trouble(
            Trouble.Kind.PANIC,
            Pattern.compile("Kernel panic|VFS: Cannot open root device"),
            Duration.ofSeconds(1),
            "Give the guest more memory, or another disk bus"));

    /** Called by {@link java.util.ServiceLoader}. */
    public MandrivaPlugin() {}

    private static DrakxRow mandrake(String version, Support support) {
        Set<Trait> traits = EnumSet.of(OLD_CRYPT, OLD_TYPES, NO_VIRTIO, NO_SERIAL);
        return new DrakxRow("Mandrake", version, I386, "alt0", "ext3", support, traits);
    }

    private static DrakxRow mandriva(String version, Trait... more) {
        Set<Trait> traits = EnumSet.of(OLD_CRYPT, NO_VIRTIO, ANY_ARCH);
        traits.addAll(List.of(more));
        return new DrakxRow("Mandriva", version, PC, "alt0", "ext3", Support.CHECKED, traits);
    }

    private static DrakxRow mageia(String version, String folder, Support support, Trait... more) {
        Set<Trait> traits = EnumSet.of(MEDIA);
        traits.addAll(List.of(more));
        return new DrakxRow("Mageia", version, PC, folder, "ext4", support, traits);
    }

    private static String title(DrakxRow row) {
        return row.os() + " " + row.version();
    }

    @Override
    public String id() {
        return "mandriva";
    }

    @Override
    public List<OsRelease> releases() {
        return ROWS.stream().flatMap(row -> row.releases().stream()).toList();
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        DrakxRow row = BY_TITLE.get(request.release().title());
        if (row == null) {
            throw new IllegalArgumentException("not a release of this plugin: " + request.release());
        }
        SuccessSignal signal = row.has(NO_SERIAL)
                ? new SuccessSignal.ImageCheck()
                : SerialPorts.signal(request.template().os().arch(), false);
        Optional<String> token =
                Optional.of(request.successToken()).filter(any -> signal instanceof SuccessSignal.SerialToken);
        return new GuestProfile(
                machine(request, row),
                new AnswerFile("auto_inst.cfg", AutoInst.write(request, row, token)),
                List.of(
                        request.template().os().install().type() == InstallType.URL
                                ? fromTree(request, row)
                                : fromIso(request, row)),
                new InstallFlow(0, Duration.ofMinutes(60), Duration.ofMinutes(5), signal, TROUBLE, List.of()),
                row.has(OFFLINE_ACCESS) ? List.of(EDIT) : List.of(CONFIG),
                Optional.of(new Urpmi()));
    }

    private static MachineHints machine(ProfileRequest request, DrakxRow row) {
        boolean old = row.has(NO_VIRTIO);
        return MachineHints.of(
                        request.template().os().arch(),
                        old ? NicModel.RTL8139 : NicModel.VIRTIO,
                        request.diskBus().orElse(old ? DiskBus.IDE : DiskBus.VIRTIO),
                        old ? 512 : 1024,
                        10 * GIB)
                .withOldVirtio(row.has(OLD_VIRTIO));
    }

    private static MediaRecipe fromIso(ProfileRequest request, DrakxRow row) {
        String arch = arch(request);
        String tree = row.has(TREE_IN_FOLDER) ? arch + "/" : "";
        Set<String> kernels = new LinkedHashSet<>();
        if (row.has(MEDIA)) {
            // A medium for two architectures has other folders than one for one.
            String bits = arch.equals("i586") ? "32" : "64";
            kernels.add("isolinux/" + folder(row, arch) + "/vmlinuz");
            kernels.add(arch + "/isolinux/" + folder(row, arch) + "/vmlinuz");
            kernels.add("isolinux/alt0/" + bits + "/vmlinuz");
            kernels.add("syslinux/alt0/" + bits + "/vmlinuz");
        } else {
            kernels.add(tree + "isolinux/" + folder(row, arch) + "/vmlinuz");
        }
        // Relative to the tree, or where the installer has mounted the medium.
        String answers = row.has(MEDIA) ? "/tmp/media/auto_inst.cfg" : "auto_inst.cfg";
        return new RemasteredIso(
                kernels,
                "automatic=method:cdrom kickstart=" + answers + CONSOLE,
                Set.of("rescue"),
                tree + "auto_inst.cfg",
                Map.of());
    }

    private static MediaRecipe fromTree(ProfileRequest request, DrakxRow row) {
        String folder = "isolinux/" + folder(row, arch(request)) + "/";
        return new DirectKernel(
                new BootFile(folder + "vmlinuz", Optional.empty()),
                new BootFile(folder + "all.rdz", Optional.empty()),
                "automatic=" + automatic(request) + " kickstart=/auto_inst.cfg" + CONSOLE,
                "auto_inst.cfg");
    }

    /** Answers for the first stage: words parted by colons and commas, which it knows no escapes for. */
    private static String automatic(ProfileRequest request) {
        URI location = request.location();
        String path = location.getRawPath().replaceFirst("/$", "");
        boolean known = "http".equals(location.getScheme()) || "ftp".equals(location.getScheme());
        if (!known || location.getPort() >= 0 || location.getRawUserInfo() != null || path.matches(".*[,:].*")) {
            throw new UnsupportedOsException(
                    request.release().title(),
                    "The installer of " + request.release().title() + " can't install from " + location,
                    "Give an address that begins with http:// or ftp://, without a port, a user, commas or colons");
        }
        List<String> words = new ArrayList<>();
        words.add("method:" + location.getScheme());
        words.add("network:dhcp");
        words.add("server:" + location.getHost());
        words.add("directory:" + path);
        return String.join(",", words);
    }

    private static String folder(DrakxRow row, String arch) {
        return row.folder().equals("ARCH") ? arch : row.folder();
    }

    /** The name that media have for it. */
    private static String arch(ProfileRequest request) {
        Arch arch = request.template().os().arch();
        return arch == Arch.I386 ? "i586" : arch.toString();
    }
}
