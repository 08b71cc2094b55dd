package org.oz4j.os.windows;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.windows.WindowsRow.Setup;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Keys;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MachineHints.Clock;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MachineHints.Pointer;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;

/**
 * Windows 2000 to Windows 11 and Windows Server 2025, from the vendor's medium as it is: Setup finds {@code winnt.sif} on a
 * floppy, and {@code autounattend.xml} on any second CD, where drivers may lie too.
 *
 * <p>Sources: Microsoft, "Implicit Answer File Search Order"; Microsoft Windows XP, Deploy.cab, deploy.chm, "Using a CD boot".
 * The sole account is the built-in Administrator, who is logged on once, by which the install ends.
 */
public final class WindowsPlugin implements OsPlugin {
    private static final long GIB = 1L << 30;
    private static final int ENTER = 28; // KEY_ENTER of linux/input-event-codes.h
    /** Media that start by UEFI wait five seconds for a key, and start the disk without one. */
    private static final Keys ANY_KEY = new Keys(List.of(ENTER), Duration.ofSeconds(30));
    /** Setup of old shows a clock while it works without the disk; today's waits for services and devices. */
    private static final Duration INACTIVITY = Duration.ofMinutes(20);

    private static final Map<String, WindowsRow> ROWS =
            WindowsRow.ALL.stream().collect(Collectors.toUnmodifiableMap(WindowsRow::version, Function.identity()));

    /** Called by {@link java.util.ServiceLoader}. */
    public WindowsPlugin() {}

    @Override
    public String id() {
        return "windows";
    }

    @Override
    public List<OsRelease> releases() {
        return WindowsRow.ALL.stream().flatMap(row -> row.releases().stream()).toList();
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        WindowsRow row = ROWS.get(request.release().version());
        if (row == null) {
            throw new IllegalArgumentException("not a release of this plugin: " + request.release());
        }
        return row.setup() == Setup.NT5 ? byFloppy(row, request) : byVolume(row, request);
    }

    private static GuestProfile byFloppy(WindowsRow row, ProfileRequest request) {
        return profile(
                row,
                machine(row, NicModel.RTL8139, DiskBus.IDE, Firmware.BIOS), // it has no drivers for more
                new AnswerFile("winnt.sif", WinntSif.write(request)),
                new Floppy("winnt.sif", Map.of(WinntSif.SCRIPT, WinntSif.script(request))),
                new InstallFlow(
                        2, Duration.ofHours(1), INACTIVITY, new SuccessSignal.SerialToken(), List.of(), List.of()));
    }

    private static GuestProfile byVolume(WindowsRow row, ProfileRequest request) {
        boolean uefi =
                request.firmware().orElse(row.setup() == Setup.ELEVEN ? Firmware.UEFI : Firmware.BIOS) == Firmware.UEFI;
        if (uefi && request.template().os().arch() == Arch.I386) {
            throw new UnsupportedOsException(
                    request.release().title(),
                    "Windows for 32 bits does not start by UEFI of 64 bits",
                    "Take <firmware> out, or install the one for x86_64");
        }
        return profile(
                row,
                machine(
                        row,
                        NicModel.E1000,
                        request.diskBus().orElse(DiskBus.SATA),
                        uefi ? Firmware.UEFI : Firmware.BIOS),
                new AnswerFile("autounattend.xml", Unattend.write(row, request, uefi)),
                new AnswerVolume("UNATTEND", "autounattend.xml", Map.of(), true),
                new InstallFlow(
                        4, // two at least; drivers and updates may want more
                        Duration.ofMinutes(150),
                        INACTIVITY,
                        new SuccessSignal.SerialToken(),
                        List.of(),
                        List.of(),
                        Optional.of(ANY_KEY)));
    }

    private static MachineHints machine(WindowsRow row, NicModel nic, DiskBus bus, Firmware firmware) {
        return new MachineHints(
                nic, bus, firmware, Clock.LOCALTIME, Pointer.USB_TABLET, row.memoryMiB(), row.diskGiB() * GIB);
    }

    private static GuestProfile profile(
            WindowsRow row, MachineHints machine, AnswerFile answers, MediaRecipe medium, InstallFlow flow) {
        return new GuestProfile(
                machine,
                answers,
                List.of(medium),
                flow,
                row.openSsh() ? List.of(new AccessRecipe.WindowsOpenSsh()) : List.of(),
                Optional.of(new WindowsPackages()));
    }
}
