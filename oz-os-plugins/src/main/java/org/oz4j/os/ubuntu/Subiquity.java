package org.oz4j.os.ubuntu;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.os.packages.Apt;
import org.oz4j.os.preseed.SetupScript;
import org.oz4j.remote.ShellWords;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.KernelAndVolume;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Setup;

/**
 * Ubuntu Server's installer since 20.04. It takes its answers from cloud-init, which finds them on a volume, or in a folder of
 * the medium; told {@code autoinstall} it asks nobody whether it may.
 *
 * <p>Sources: Ubuntu's documentation of autoinstall, "Providing configuration" and "Reference manual"; cloud-init's, "NoCloud";
 * for the kernel's name on riscv64's discs the boot configuration that livecd-rootfs writes.
 */
final class Subiquity {
    /** Where a medium lists what it can install. */
    static final String SOURCES = "casper/install-sources.yaml";

    private static final Pattern MINIMAL = Pattern.compile("(?m)^[- ]*id: *[\"']?(ubuntu-server-minimal)[\"']? *$");
    private static final long DISK = 20L << 30;
    private static final String ANSWERS = "user-data";
    private static final String FAILED = "Oz: the install failed";

    private static final List<Trouble> TROUBLE = List.of(
            new Trouble(
                    Trouble.Kind.ERROR,
                    Pattern.compile("^" + FAILED),
                    Duration.ofSeconds(3),
                    "The installer's log is on the second serial port"),
            new Trouble(
                    Trouble.Kind.ERROR,
                    Pattern.compile("Malformed autoinstall|Autoinstall validation error"),
                    Duration.ofSeconds(5),
                    "The installer refuses its answers"),
            new Trouble(
                    Trouble.Kind.QUESTION,
                    Pattern.compile("Continue with autoinstall\\?"),
                    Duration.ofSeconds(5),
                    "The kernel argument autoinstall is missing"),
            Trouble.kernelPanic("Give the guest more memory, or another kernel"));

    // The shares are guesses: no run of it was measured.
    private static final List<Mark> MARKS = List.of(
            new Mark("start: subiquity/Early", "early commands", 0.05),
            new Mark("start: subiquity/Install/install:", "installing", 0.10),
            new Mark("partitioning|configuring partition|/curtin_install/.*partitioning", "partitions", 0.12),
            new Mark("extract", "base system", 0.20),
            new Mark("curthooks|installing[_ -]kernel", "kernel", 0.50),
            new Mark("final system configuration|/postinstall", "software", 0.75),
            new Mark("start: subiquity/Late", "finishing", 0.95));

    private Subiquity() {}

    /**
     * The profile.
     *
     * @param memoryMiB the least memory
     * @param access ways into the installed system
     */
    static GuestProfile profile(ProfileRequest request, String codename, int memoryMiB, List<AccessRecipe> access) {
        Arch arch = request.template().os().arch();
        DiskBus bus = request.diskBus().orElse(DiskBus.VIRTIO);
        String console = SerialPorts.console(arch);
        InstallFlow.SuccessSignal signal = SerialPorts.signal(arch, false);
        String kernel = arch == Arch.RISCV64 ? "casper/vmlinux" : "casper/vmlinuz";
        String arguments = "autoinstall console=" + SerialPorts.argument(arch) + " no_timer_check";
        String folder = "nocloud/";
        return new GuestProfile(
                MachineHints.of(arch, NicModel.VIRTIO, bus, memoryMiB, DISK),
                new AnswerFile(ANSWERS, answers(request, bus, console, SerialPorts.log(signal))),
                List.of(
                        new KernelAndVolume(
                                new BootFile(kernel, Optional.empty()),
                                new BootFile("casper/initrd", Optional.empty()),
                                arguments,
                                "cidata",
                                ANSWERS,
                                Map.of("meta-data", "")),
                        new RemasteredIso(
                                Set.of(kernel),
                                arguments + " ds=nocloud;s=/cdrom/" + folder,
                                Set.of(),
                                folder + ANSWERS,
                                Map.of(folder + "meta-data", ""))),
                new InstallFlow(0, Duration.ofMinutes(60), Duration.ofMinutes(5), signal, TROUBLE, MARKS),
                access,
                Optional.of(new Apt(codename)));
    }

    private static String answers(ProfileRequest request, DiskBus bus, String console, String log) {
        Template template = request.template();
        Setup setup = template.os().setup();
        boolean uefi = request.startsByUefi();
        String disk = "/dev/" + (bus == DiskBus.VIRTIO ? "vda" : "sda");
        Optional<Layout> layout = template.disks().stream().findFirst().flatMap(Template.Disk::layout);
        Map<String, Object> values = new HashMap<>();
        values.put("title", request.release().title());
        values.put("locale", setup.locale().orElse("en_US.UTF-8"));
        values.put("keyboard", setup.keyboard().orElse("us"));
        values.put("timezone", setup.timezone().orElse("Etc/UTC"));
        Optional.ofNullable(request.medium().texts().get(SOURCES))
                .map(MINIMAL::matcher)
                .filter(matcher -> matcher.find())
                .ifPresent(matcher -> values.put("source", matcher.group(1)));
        request.proxy().ifPresent(address -> values.put("proxy", address.toString()));
        values.put("disk", disk);
        values.put(
                "actions",
                layout.map(one -> AutoinstallStorage.write(
                                one,
                                request.release().title(),
                                disk,
                                template.diskSize().orElse(DISK),
                                uefi))
                        .orElse(List.of()));
        values.put("late", late(request, setup, console, log));
        values.put("failed", FAILED);
        values.put("console", console);
        values.put("log", log);
        return AnswerTemplate.fill(Subiquity.class, "user-data.ftl", values);
    }

    /** The commands at the end, with the new system at {@code /target}; the first that fails ends the install. */
    private static List<String> late(ProfileRequest request, Setup setup, String console, String log) {
        HostName host = HostName.of(request.template(), "ubuntu");
        List<String> late = new ArrayList<>();
        late.add("echo " + ShellWords.quote(host.name()) + " >/target/etc/hostname");
        late.add("sed -i '/^127[.]0[.]1[.]1/d' /target/etc/hosts && echo "
                + ShellWords.quote("127.0.1.1 " + (host.domain().isEmpty() ? "" : host.full() + " ") + host.name())
                + " >>/target/etc/hosts");
        late.add("echo " + ShellWords.quote("root:" + request.rootPassword().sha512Crypt())
                + " | chroot /target chpasswd -e");
        String accounts =
                SetupScript.accounts(setup, request.userPasswords(), RootPassword::sha512Crypt, SetupScript.PRINTF);
        if (!accounts.isEmpty()) {
            late.add("set -e\n" + accounts);
        }
        // cloud-init would look for a cloud at each boot, and is what brings the network up in some releases
        late.add("rm -f /target/etc/netplan/*.yaml && umask 077 && "
                + "echo '{network: {version: 2, ethernets: {wired: {match: {name: \"e*\"}, dhcp4: true}}}}'"
                + " >/target/etc/netplan/01-wired.yaml");
        late.add("mkdir -p /target/etc/cloud && touch /target/etc/cloud/cloud-init.disabled");
        late.add("chroot /target ssh-keygen -A");
        late.add("mkdir -p /target/etc/default/grub.d && echo 'GRUB_CMDLINE_LINUX=\"console=tty0 console=" + console
                + ",115200\"' >/target/etc/default/grub.d/60-console.cfg"
                + " && curtin in-target --target=/target -- update-grub");
        if (request.proxy().isPresent()) {
            late.add("rm -f /target/etc/apt/apt.conf.d/90curtin-aptproxy"
                    + " /target/etc/systemd/system/snapd.service.d/snap_proxy.conf");
        }
        late.add("(echo; echo " + request.successToken() + ") >/dev/" + log);
        return late;
    }
}
