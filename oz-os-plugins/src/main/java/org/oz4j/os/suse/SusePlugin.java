package org.oz4j.os.suse;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.oz4j.Arch;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.os.packages.Zypper;
import org.oz4j.os.suse.SuseRow.Trait;
import org.oz4j.os.suse.SuseRow.Yast;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template.InstallType;

/**
 * openSUSE from 10.3 and SUSE Linux Enterprise Server from 11: by YaST, with an AutoYaST profile, and from 16 on by Agama.
 *
 * <p>YaST's medium is never booted as it is, though linuxrc would find {@code autoinst.xml} on a volume {@code OEMDRV}
 * (since openSUSE 13.2 and SLES 12, fate#316530): its boot menu starts the hard disk by itself. Agama's starts the
 * installer.
 *
 * <p>Sources: the AutoYaST Guide, "The auto-installation process"; linuxrc's documentation, SDB:Linuxrc; Agama's "Boot
 * options" and its {@code grub.cfg}.
 */
public final class SusePlugin implements OsPlugin {
    private static final long GIB = 1L << 30;

    private static final Map<String, SuseRow> BY_TITLE =
            SuseReleases.ROWS.stream().collect(Collectors.toUnmodifiableMap(SusePlugin::title, Function.identity()));

    private static final String SSH = "sshd.service";
    private static final String SSHD = "/usr/sbin/sshd -D $SSHD_OPTS"; // what the unit's ExecStart says
    private static final AccessRecipe CREDENTIALS = new AccessRecipe.SystemdCredentials(SSH, SSHD);
    // its package openssh
    private static final AccessRecipe SCRIPT =
            new AccessRecipe.InitScript("sshd", "/etc/sysconfig/ssh", "SSHD_OPTS", "/etc/init.d/rc3.d");
    private static final AccessRecipe EDIT = new AccessRecipe.OfflineEdit(SSH, SSHD);

    // systemd ran its init script before the package had a unit
    private static final AccessRecipe CONFIG = new AccessRecipe.ServerConfig(
            List.of("/usr/lib/systemd/system/" + SSH, "/lib/systemd/system/" + SSH, "/etc/init.d/sshd"));

    private static final Trouble PANIC = Trouble.kernelPanic("Give the guest more memory, or another kernel");

    // linuxrc's messages; YaST's own stay in its text dialogs, where the time limit ends them
    private static final List<Trouble> YAST_TROUBLE = List.of(
            error("Linuxrc crashed", "The medium may be broken"),
            error("Automatic setup not possible", "linuxrc did not find the installer on the medium"),
            error(
                    "No (SUSE|openSUSE|repository|Repository).* found",
                    "linuxrc did not find the installer on the medium"),
            new Trouble(
                    Trouble.Kind.QUESTION,
                    Pattern.compile("(?i)(insert|make sure that) .*(CD|DVD|medium) ?(number )?\\d"),
                    Duration.ofSeconds(10),
                    "The install needs a second medium; give one image that holds all, or a tree"),
            PANIC);
    private static final List<Trouble> AGAMA_TROUBLE = List.of(
            error("Entering emergency mode|dracut-emergency", "The installer's live system did not start"), PANIC);

    private static final List<Mark> YAST_MARKS = List.of(
            new Mark("Loading Installation System|Loading basic drivers", "installer", 0.02),
            new Mark("Starting YaST", "YaST", 0.08),
            new Mark("Preparing disks|Creating (partition|volume)", "partitions", 0.12),
            new Mark("Performing Installation|Installing Packages", "packages", 0.15),
            new Mark("Finishing (Basic )?Installation|Save configuration", "finishing", 0.90));
    private static final List<Mark> AGAMA_MARKS = List.of(
            new Mark("Agama (web )?(server|service)|agama-web-server", "Agama", 0.10),
            new Mark("agama-autoinstall|Agama automatic installation", "profile", 0.15),
            new Mark("Reached target .*(Power.Off|Shutdown)", "finishing", 0.97));

    /** Called by {@link java.util.ServiceLoader}. */
    public SusePlugin() {}

    private static Trouble error(String line, String advice) {
        return new Trouble(Trouble.Kind.ERROR, Pattern.compile(line), Duration.ofSeconds(5), advice);
    }

    private static String title(SuseRow row) {
        return row.os() + " " + row.version();
    }

    @Override
    public String id() {
        return "suse";
    }

    @Override
    public List<OsRelease> releases() {
        return SuseReleases.ROWS.stream()
                .flatMap(row -> row.releases().stream())
                .toList();
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        SuseRow row = BY_TITLE.get(request.release().title());
        if (row == null) {
            throw new IllegalArgumentException("not a release of this plugin: " + request.release());
        }
        Optional<String> product = row.product()
                .filter(any ->
                        row.yast() == Yast.NONE || request.medium().paths().contains("LiveOS/squashfs.img"));
        return product.isPresent() ? agama(request, row, product.get()) : yast(request, row);
    }

    private static GuestProfile yast(ProfileRequest request, SuseRow row) {
        boolean one = row.yast() == Yast.ONE_STAGE;
        String console = console(request);
        String system = console + (one ? " net.ifnames=0" : "");
        String common = "textmode=1 " + system + (one ? " self_update=0" : "");
        boolean tree = request.template().os().install().type() == InstallType.URL;
        String source = tree
                ? " install=" + request.location()
                        + request.proxy().map(proxy -> " proxy=" + proxy).orElse("")
                : "";
        String folder = "boot/" + request.template().os().arch() + "/";
        return new GuestProfile(
                machine(request, row, one ? 2048 : 1024),
                new AnswerFile("autoinst.xml", AutoYast.write(request, row, system)),
                List.of(
                        new DirectKernel(
                                bootFile(request, "linux"),
                                bootFile(request, "initrd"),
                                "autoyast=file:///autoinst.xml " + common + source,
                                "autoinst.xml"),
                        // Newer linuxrc takes file: for a file of its own initrd, older YaST finds it on the CD too.
                        new RemasteredIso(
                                Set.of(folder + "loader/linux", folder + "linux"),
                                (one ? "autoyast=relurl://autoinst.xml " : "autoyast=file:///autoinst.xml ") + common,
                                Set.of("rescue=1", "Rescue=1", "mediacheck=1", "upgrade=1", "Upgrade=1"),
                                "autoinst.xml",
                                Map.of())),
                flow(request, row, YAST_TROUBLE, YAST_MARKS),
                access(row),
                Optional.of(new Zypper()));
    }

    private static GuestProfile agama(ProfileRequest request, SuseRow row, String product) {
        String console = console(request);
        String finish = "inst.finish=poweroff plymouth.enable=0 " + console;
        String kernel = "boot/" + request.template().os().arch() + "/loader/linux";
        // Agama's live system has another root than its initrd, but both have the same /run.
        String unit = "[Service]\nExecStartPre=/usr/bin/cp /autoinst.json /run/oz-autoinst.json\n";
        return new GuestProfile(
                machine(request, row, 4096),
                new AnswerFile("autoinst.json", Agama.write(request, row, product, console)),
                List.of(
                        new AnswerVolume("OEMDRV", "autoinst.json", Map.of()),
                        new DirectKernel(
                                bootFile(request, "linux"),
                                bootFile(request, "initrd"),
                                "inst.auto=file:///run/oz-autoinst.json " + finish,
                                "autoinst.json",
                                Map.of("etc/systemd/system/initrd-cleanup.service.d/oz.conf", unit)),
                        // where dracut mounts the medium that it boots
                        new RemasteredIso(
                                Set.of(kernel),
                                "inst.auto=file:///run/initramfs/live/autoinst.json " + finish,
                                Set.of("mediacheck=1"),
                                "autoinst.json",
                                Map.of())),
                flow(request, row, AGAMA_TROUBLE, AGAMA_MARKS),
                access(row),
                Optional.of(new Zypper()));
    }

    private static InstallFlow flow(ProfileRequest request, SuseRow row, List<Trouble> trouble, List<Mark> marks) {
        return new InstallFlow(
                row.reboots(), Duration.ofMinutes(60), Duration.ofMinutes(5), signal(request, row), trouble, marks);
    }

    /** Those of two stages may be older than names of virtio's ports; those of one have Linux 3.12 at least. */
    static SuccessSignal signal(ProfileRequest request, SuseRow row) {
        return SerialPorts.signal(request.template().os().arch(), row.yast() != Yast.TWO_STAGES);
    }

    private static List<AccessRecipe> access(SuseRow row) {
        if (row.has(Trait.CREDENTIALS)) {
            return List.of(CREDENTIALS, EDIT);
        }
        if (row.has(Trait.INIT_SCRIPT)) {
            return List.of(SCRIPT);
        }
        return List.of(row.has(Trait.OFFLINE_ACCESS) ? EDIT : CONFIG);
    }

    private static MachineHints machine(ProfileRequest request, SuseRow row, int memoryMiB) {
        boolean old = row.has(Trait.NO_VIRTIO);
        return MachineHints.of(
                        request.template().os().arch(),
                        old ? NicModel.RTL8139 : NicModel.VIRTIO,
                        request.diskBus().orElse(old ? DiskBus.IDE : DiskBus.VIRTIO),
                        memoryMiB,
                        10 * GIB)
                .withOldVirtio(row.has(Trait.OLD_VIRTIO));
    }

    /** The disk to install on. */
    static String device(ProfileRequest request) {
        return request.diskBus().orElse(DiskBus.VIRTIO) == DiskBus.VIRTIO ? "/dev/vda" : "/dev/sda";
    }

    private static String console(ProfileRequest request) {
        return SerialPorts.arguments(request.template().os().arch());
    }

    /** Where the medium has it: beside the boot loader, where that is one for PCs. */
    private static BootFile bootFile(ProfileRequest request, String name) {
        Arch arch = request.template().os().arch();
        String beside = "boot/" + arch + "/loader/" + name;
        String alone = "boot/" + arch + "/" + name;
        Set<String> paths = request.medium().paths();
        boolean loader = arch.isX86() ? !paths.contains(alone) || paths.contains(beside) : paths.contains(beside);
        return new BootFile(loader ? beside : alone, Optional.empty());
    }
}
