package org.oz4j.host;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.ConfigException;
import org.oz4j.Problem;
import org.oz4j.config.OzConfig.VirtType;

/** Decides whether guests are run by the processor (KVM) or in software (TCG). */
public final class VirtTypes {
    /** The environment variable that overrides the choice. */
    public static final String VARIABLE = "OZ_VIRT_TYPE";

    private static final Path KVM = Path.of("/dev/kvm");
    private static final Pattern FLAGS = Pattern.compile("(?m)^flags\\s*:.*\\b(vmx|svm)\\b");

    private VirtTypes() {}

    /** What became of {@code /dev/kvm}. */
    public enum Device {
        /** It can be opened, or a daemon will open it. */
        USABLE,
        /** It is there, and can't be opened. */
        CLOSED,
        /** It is not there. */
        MISSING
    }

    /**
     * What the choice rests on.
     *
     * @param hostArch the host's architecture
     * @param listed whether libvirt's capabilities list KVM for it
     * @param remote whether the host is another one, of which there is no more to see
     * @param cpuinfo the text of {@code /proc/cpuinfo}
     * @param device {@code /dev/kvm}
     * @param variable the environment's override, if any
     * @param configured the configuration's override, if any
     */
    public record Facts(
            Arch hostArch,
            boolean listed,
            boolean remote,
            String cpuinfo,
            Device device,
            Optional<String> variable,
            Optional<VirtType> configured) {}

    /**
     * A choice, and why it was made.
     *
     * @param type the choice
     * @param reason why, for people
     */
    public record Choice(VirtType type, String reason) {}

    /**
     * Chooses.
     *
     * @throws ConfigException where the environment's override is no type
     */
    public static Choice choose(Facts facts) {
        if (facts.variable().isPresent()) {
            String value = facts.variable().get();
            VirtType type =
                    switch (value.toLowerCase(Locale.ROOT)) {
                        case "kvm" -> VirtType.KVM;
                        case "tcg", "qemu" -> VirtType.TCG;
                        default ->
                            throw new ConfigException(List.of(new Problem(
                                    VARIABLE, 0, 0, "is '" + value + "', which is none of kvm, tcg and qemu")));
                    };
            return new Choice(type, "the environment variable " + VARIABLE + " is " + value);
        }
        if (facts.configured().isPresent()) {
            return new Choice(facts.configured().get(), "the configuration says so");
        }
        if (!facts.listed()) {
            return tcg("libvirt does not list KVM for " + facts.hostArch());
        }
        if (facts.remote()) {
            return new Choice(VirtType.KVM, "libvirt on the remote host lists KVM");
        }
        if (facts.hostArch().isX86() && !FLAGS.matcher(facts.cpuinfo()).find()) {
            // A paravirtual /dev/kvm opens too, and hangs the guest.
            return tcg("/proc/cpuinfo shows neither vmx nor svm, so the processor can't run guests");
        }
        return switch (facts.device()) {
            case USABLE -> new Choice(VirtType.KVM, "libvirt lists KVM, and the processor and /dev/kvm allow it");
            case CLOSED -> tcg("/dev/kvm can't be opened by this user; the group kvm can");
            case MISSING -> tcg("there is no /dev/kvm");
        };
    }

    /**
     * Chooses for a QEMU that this program starts itself, for a guest of the host's own architecture.
     *
     * @param configured the configuration's override, if any
     * @throws ConfigException where the environment's override is no type
     */
    public static Choice ofThisHost(Optional<VirtType> configured) {
        Arch arch = Arch.of(System.getProperty("os.arch").replace("amd64", "x86_64"))
                .orElse(Arch.X86_64);
        return choose(new Facts(arch, true, false, cpuinfo(), device(), variable(), configured));
    }

    /** The environment's override. */
    public static Optional<String> variable() {
        return Optional.ofNullable(System.getenv(VARIABLE)).filter(value -> !value.isBlank());
    }

    /** The text of {@code /proc/cpuinfo}; empty where it can't be read. */
    public static String cpuinfo() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo"));
        } catch (IOException e) {
            return "";
        }
    }

    /** What becomes of {@code /dev/kvm} when this program opens it. */
    public static Device device() {
        if (!Files.exists(KVM)) {
            return Device.MISSING;
        }
        try (RandomAccessFile file = new RandomAccessFile(KVM.toFile(), "rw")) {
            return file.getFD().valid() ? Device.USABLE : Device.CLOSED;
        } catch (IOException e) {
            return Device.CLOSED;
        }
    }

    private static Choice tcg(String reason) {
        return new Choice(VirtType.TCG, reason);
    }
}
