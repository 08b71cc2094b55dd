package org.oz4j.hypervisor.libvirt;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.config.OzConfig.VirtType;

/** Decides whether guests are run by the processor (KVM) or in software (TCG). */
final class VirtTypes {
    /** The environment variable that overrides the choice. */
    static final String VARIABLE = "OZ_VIRT_TYPE";

    private static final Pattern FLAGS = Pattern.compile("(?m)^flags\\s*:.*\\b(vmx|svm)\\b");

    private VirtTypes() {}

    /** What became of {@code /dev/kvm}. */
    enum Device {
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
    record Facts(
            Arch hostArch,
            boolean listed,
            boolean remote,
            String cpuinfo,
            Device device,
            Optional<String> variable,
            Optional<VirtType> configured) {}

    /** A choice, and why it was made. */
    record Choice(VirtType type, String reason) {}

    /**
     * Chooses.
     *
     * @throws IllegalArgumentException where the environment's override is no type
     */
    static Choice choose(Facts facts) {
        if (facts.variable().isPresent()) {
            String value = facts.variable().get();
            VirtType type =
                    switch (value.toLowerCase(Locale.ROOT)) {
                        case "kvm" -> VirtType.KVM;
                        case "tcg", "qemu" -> VirtType.TCG;
                        default -> throw new IllegalArgumentException(value);
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
        if (isX86(facts.hostArch()) && !FLAGS.matcher(facts.cpuinfo()).find()) {
            // A paravirtual /dev/kvm opens too, and hangs the guest.
            return tcg("/proc/cpuinfo shows neither vmx nor svm, so the processor can't run guests");
        }
        return switch (facts.device()) {
            case USABLE -> new Choice(VirtType.KVM, "libvirt lists KVM, and the processor and /dev/kvm allow it");
            case CLOSED -> tcg("/dev/kvm can't be opened by this user; the group kvm can");
            case MISSING -> tcg("there is no /dev/kvm");
        };
    }

    private static Choice tcg(String reason) {
        return new Choice(VirtType.TCG, reason);
    }

    private static boolean isX86(Arch arch) {
        return arch == Arch.X86_64 || arch == Arch.I386;
    }
}
