package org.oz4j.os.alpine;

import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.os.answers.Accounts;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.os.packages.Apk;
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
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.Setup;

/**
 * Alpine Linux 3.18 and later, from its CD as it is: Tiny Cloud, which the CD starts where it finds a volume
 * {@code cidata}, runs a script that has {@code setup-alpine} install with an answer file.
 *
 * <p>Source: release notes of Alpine 3.18 ("unattended installs via tiny-cloud"); the README of Tiny Cloud, "user-data";
 * setup-alpine(8), setup-disk(8) and those that they name. That no install has confirmed that the CD does start it is why the
 * releases are experimental. Packages come from Alpine's own mirror, over the network.
 *
 * <p>For other architectures: aports, scripts/mkimg.standard.sh and mkimg.base.sh, for the CDs and how they start (GRUB by UEFI
 * or by Open Firmware, one image of kernel and initramfs on s390x) and for the kernels, which have the driver of virtio's ports;
 * QEMU, "Boot devices on s390x". Any CD of an architecture will do, with the kernel {@code virt} or {@code lts}.
 */
public final class AlpinePlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final int MEMORY_MIB = 512; // the CD's system lives in memory
    private static final int MEMORY_OF_LTS_MIB = 1024; // where the CD may have the larger kernel alone

    private static final Set<Feature> FEATURES = EnumSet.of(
            Feature.USERS, Feature.SSH_KEYS, Feature.KEYBOARD, Feature.TIMEZONE, Feature.HOSTNAME, Feature.APPEND);

    /** Versions, and their last days: https://alpinelinux.org/releases/; empty where it is not told yet. */
    private static final Map<String, String> ROWS = Map.ofEntries(
            Map.entry("3.18", "2025-05-09"),
            Map.entry("3.19", "2025-11-01"),
            Map.entry("3.20", "2026-04-01"),
            Map.entry("3.21", "2026-11-01"),
            Map.entry("3.22", "2027-05-01"),
            Map.entry("3.23", "2027-11-01"),
            Map.entry("3.24", ""));

    /** Of these, riscv64 has CDs since 3.23: dl-cdn.alpinelinux.org/alpine/v3.23/releases/riscv64. */
    private static final Map<Arch, Set<Feature>> OTHERS = Map.of(
            Arch.AARCH64, Set.of(Feature.UEFI),
            Arch.RISCV64, Set.of(Feature.UEFI),
            Arch.PPC64LE, Set.of(),
            Arch.S390X, Set.of());

    private static final Set<String> WITH_RISCV64 = Set.of("3.23", "3.24");

    private static final List<Trouble> TROUBLE = List.of(
            new Trouble(
                    Trouble.Kind.ERROR,
                    Pattern.compile("^oz: ERROR: "),
                    Duration.ofSeconds(2),
                    "The words of setup-alpine are above"),
            Trouble.kernelPanic("Give the guest more memory"));

    private static final List<Mark> MARKS = List.of(
            new Mark("^oz: base system", "base system", 0.1),
            new Mark("^Installing system on ", "packages", 0.3),
            new Mark("^oz: settings", "settings", 0.9));

    private static final AccessRecipe ACCESS =
            new AccessRecipe.ServerConfig(List.of("/etc/runlevels/default/sshd")); // setup-sshd has OpenRC start it

    /** Called by {@link java.util.ServiceLoader}. */
    public AlpinePlugin() {}

    @Override
    public String id() {
        return "alpine";
    }

    @Override
    public List<OsRelease> releases() {
        return ROWS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(row -> rows(row.getKey(), row.getValue()))
                .toList();
    }

    /** The rows of a version, of which that for PCs is the first. */
    private static Stream<OsRelease> rows(String version, String endOfLife) {
        String notes = "https://wiki.alpinelinux.org/wiki/Release_Notes_for_Alpine_" + version + ".0";
        return Stream.concat(
                Stream.of(row(version, endOfLife, Arch.X86_64, Set.of(Feature.BIOS, Feature.UEFI), notes)),
                OTHERS.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .filter(other -> other.getKey() != Arch.RISCV64 || WITH_RISCV64.contains(version))
                        .map(other -> row(
                                version,
                                endOfLife,
                                other.getKey(),
                                other.getValue(),
                                "https://dl-cdn.alpinelinux.org/alpine/v" + version + "/releases/" + other.getKey()
                                        + "/; aports, scripts/mkimg.base.sh")));
    }

    private static OsRelease row(String version, String endOfLife, Arch arch, Set<Feature> firmware, String source) {
        Set<Feature> features = EnumSet.copyOf(FEATURES);
        features.addAll(firmware);
        OsRelease.Builder builder = OsRelease.builder("Alpine", version, Support.EXPERIMENTAL, source)
                .names(List.of("AlpineLinux"))
                .aliases(List.of("v" + version))
                .arches(Set.of(arch))
                .features(features);
        Optional.of(endOfLife)
                .filter(day -> !day.isEmpty())
                .map(LocalDate::parse)
                .ifPresent(builder::endOfLife);
        return builder.build();
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        Arch arch = request.template().os().arch();
        DiskBus bus = request.diskBus().filter(wanted -> wanted != DiskBus.IDE).orElse(DiskBus.VIRTIO);
        SuccessSignal signal = SerialPorts.signal(arch, true);
        int memory = arch.isX86() ? MEMORY_MIB : MEMORY_OF_LTS_MIB;
        return new GuestProfile(
                MachineHints.of(arch, NicModel.VIRTIO, bus, memory, 4 * GIB),
                new AnswerFile("user-data", script(request, bus, signal)),
                List.of(new AnswerVolume("cidata", "user-data", Map.of("meta-data", "instance-id: oz\n"))),
                new InstallFlow(0, Duration.ofMinutes(20), Duration.ofMinutes(3), signal, TROUBLE, MARKS),
                List.of(ACCESS),
                Optional.of(new Apk()));
    }

    private static String script(ProfileRequest request, DiskBus bus, SuccessSignal signal) {
        Arch arch = request.template().os().arch();
        Setup setup = request.template().os().setup();
        return AnswerTemplate.fill(
                AlpinePlugin.class,
                "user-data.ftl",
                Map.ofEntries(
                        Map.entry("title", request.release().title()),
                        Map.entry("token", request.successToken()),
                        Map.entry("pc", arch.isX86()),
                        Map.entry(
                                "port",
                                signal instanceof SuccessSignal.VirtioToken virtio
                                        ? virtio.port()
                                        : SerialPorts.log(signal)),
                        Map.entry("console", SerialPorts.console(arch)),
                        Map.entry("consoles", SerialPorts.arguments(arch)),
                        Map.entry("password", request.rootPassword().sha512Crypt()),
                        Map.entry(
                                "keymap",
                                setup.keyboard()
                                        .map(layout -> layout + " " + layout)
                                        .orElse("us us")),
                        Map.entry(
                                "hostname",
                                HostName.of(request.template(), "alpine").full()),
                        Map.entry("timezone", setup.timezone().orElse("UTC")),
                        Map.entry("disk", "/dev/" + bus.prefix() + "a"),
                        Map.entry("proxy", request.proxy().map(URI::toString).orElse("")),
                        Map.entry("users", Accounts.users(request)),
                        Map.entry("rootkeys", setup.sshKeys())));
    }
}
