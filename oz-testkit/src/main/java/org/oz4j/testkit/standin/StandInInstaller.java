package org.oz4j.testkit.standin;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.oz4j.testkit.linux.SmallLinux;

/**
 * How a stand-in behaves.
 *
 * <p>Its script is run by busybox' shell, with the functions of {@code lib.sh} beside this class: {@code find_answers} and
 * {@code use_answers} for the answer file, {@code check_*} for what it names, {@code finish} for the end.
 *
 * @param name of the installer it stands for
 * @param script what it does, for busybox' shell
 * @param settings what the script is told, as variables
 */
public record StandInInstaller(String name, String script, Map<String, String> settings) {
    /** Copies the map. */
    public StandInInstaller {
        settings = Map.copyOf(settings);
    }

    /** The boot options that an Anaconda knows; source: Anaconda's "Boot options" and its release notes. */
    public enum AnacondaOptions {
        /** {@code ks=}: to Fedora 16 and Enterprise Linux 6. */
        PLAIN,
        /** {@code inst.ks=} too: Fedora 17 to 33, Enterprise Linux 7 and 8. */
        BOTH,
        /** {@code inst.ks=} alone: Fedora 34 and Enterprise Linux 9 on. */
        PREFIXED
    }

    private static StandInInstaller of(String name, Map<String, String> settings) {
        byte[] script = SmallLinux.resource(StandInInstaller.class, name + ".sh");
        return new StandInInstaller(name, new String(script, StandardCharsets.UTF_8), settings);
    }

    /**
     * Red Hat's and Fedora's, which reads kickstart files.
     *
     * @param oldDisks whether disks on parallel ATA are {@code hda}: before Fedora 7
     */
    public static StandInInstaller anaconda(AnacondaOptions options, boolean oldDisks) {
        return of("anaconda", Map.of("OPTIONS", options.name(), "OLD_DISKS", oldDisks ? "yes" : ""));
    }

    /** Debian's, which reads preseed files. */
    public static StandInInstaller debianInstaller() {
        return of("debian-installer", Map.of());
    }

    /** Ubuntu's of today, which reads autoinstall configurations by cloud-init. */
    public static StandInInstaller subiquity() {
        return of("subiquity", Map.of());
    }

    /** SUSE's until 15, which reads AutoYaST profiles. */
    public static StandInInstaller linuxrc() {
        return of("linuxrc", Map.of());
    }

    /** SUSE's from 16 on. */
    public static StandInInstaller agama() {
        return of("agama", Map.of());
    }

    /**
     * Mandriva's and Mageia's.
     *
     * @param media whether it has the medium at {@code /tmp/media}, as Mageia's
     */
    public static StandInInstaller drakx(boolean media) {
        return of("drakx", Map.of("MEDIA", media ? "yes" : "", "OLD_DISKS", media ? "" : "yes"));
    }

    /** Alpine's CD, whose Tiny Cloud runs a script. */
    public static StandInInstaller tinyCloud() {
        return of("cloud", Map.of("CLOUD", "Tiny Cloud", "COMMAND", "setup-alpine"));
    }

    /** Arch Linux' CD, whose cloud-init runs a script. */
    public static StandInInstaller archiso() {
        return of("cloud", Map.of("CLOUD", "cloud-init", "COMMAND", "archinstall"));
    }

    /** FreeBSD's. */
    public static StandInInstaller bsdinstall() {
        return of("bsdinstall", Map.of());
    }

    /**
     * OpenBSD's, which asks on the serial console.
     *
     * @param version with a dot, as its folder on the CD is called
     */
    public static StandInInstaller openBsd(String version) {
        return of("openbsd", Map.of("VERSION", version));
    }

    /** Windows' since Vista. */
    public static StandInInstaller windowsSetup() {
        return of("windows-setup", Map.of());
    }

    /** Windows' before Vista. */
    public static StandInInstaller winnt() {
        return of("winnt", Map.of());
    }

    /** The name alone. */
    @Override
    public String toString() {
        return name;
    }
}
