package org.oz4j.it;

import java.util.ServiceLoader;
import java.util.stream.Stream;

import org.oz4j.Firmware;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.spi.OsPlugin;
import org.oz4j.template.Template.InstallType;
import org.oz4j.testkit.standin.StandInInstaller.AnacondaOptions;
import org.oz4j.testkit.standin.StandInMedium;
import org.oz4j.testkit.standin.VendorMedia;

import static org.oz4j.Firmware.BIOS;
import static org.oz4j.Firmware.UEFI;
import static org.oz4j.template.Template.InstallType.ISO;
import static org.oz4j.template.Template.InstallType.URL;

/**
 * A release, and a way to install it.
 *
 * @param os its name
 * @param version its version
 * @param type what it is installed from
 * @param firmware what the machine starts with
 * @param recipe the way in which the answers come
 * @param place where the installer finds them
 * @param medium the stand-in
 * @param isLong whether it is left out where time is short
 */
record StandInCase(
        String os,
        String version,
        InstallType type,
        Firmware firmware,
        Class<? extends MediaRecipe> recipe,
        String place,
        StandInMedium medium,
        boolean isLong) {
    private static final String KS_LABEL = "/dev/disk/by-label/OEMDRV:ks.cfg";

    static Stream<StandInCase> all() {
        StandInMedium el5 = VendorMedia.oldAnaconda("CentOS", "5.3", "CentOS_5.3_Final", true);
        StandInMedium el6 = VendorMedia.oldAnaconda("CentOS", "6.10", "CentOS_6.10_Final", false);
        StandInMedium el8 =
                VendorMedia.anaconda("AlmaLinux", "8.10", "AlmaLinux-8-10-x86_64-dvd", AnacondaOptions.BOTH, false);
        StandInMedium fedora =
                VendorMedia.anaconda("Fedora", "44", "Fedora-S-dvd-x86_64-44", AnacondaOptions.PREFIXED, true);
        return Stream.of(
                core("CentOS-5", "3", ISO, BIOS, DirectKernel.class, "initrd:/ks.cfg", el5),
                core("CentOS-5", "3", URL, BIOS, DirectKernel.class, "initrd:/ks.cfg", el5),
                core("CentOS-6", "10", ISO, BIOS, RemasteredIso.class, "cdrom:/ks.cfg", el6),
                core("AlmaLinux", "8", ISO, BIOS, AnswerVolume.class, KS_LABEL, el8),
                core("AlmaLinux", "8", ISO, UEFI, RemasteredIso.class, "cdrom:/ks.cfg", el8),
                core("Fedora", "44", ISO, UEFI, AnswerVolume.class, KS_LABEL, fedora),
                core("Fedora", "44", ISO, BIOS, RemasteredIso.class, "cdrom:/ks.cfg", fedora),
                core("Fedora", "44", ISO, BIOS, DirectKernel.class, "initrd:/ks.cfg", fedora),
                core("Fedora", "44", URL, UEFI, DirectKernel.class, "initrd:/ks.cfg", fedora));
    }

    private static StandInCase core(
            String os,
            String version,
            InstallType type,
            Firmware firmware,
            Class<? extends MediaRecipe> recipe,
            String place,
            StandInMedium medium) {
        return new StandInCase(os, version, type, firmware, recipe, place, medium, false);
    }

    /** The same, left out where time is short. */
    StandInCase later() {
        return new StandInCase(os, version, type, firmware, recipe, place, medium, true);
    }

    OsPlugin plugin() {
        return ServiceLoader.load(OsPlugin.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(plugin -> plugin.releases().stream()
                        .anyMatch(release ->
                                release.os().equals(os) && release.version().equals(version)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public String toString() {
        return os + "-" + version + "-" + type.toString().toLowerCase(java.util.Locale.ROOT) + "-" + firmware + "-"
                + recipe.getSimpleName();
    }
}
