package org.oz4j.spi;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

import org.oz4j.Firmware;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.template.Template;

/**
 * What a plugin makes a profile from.
 *
 * @param template what the user asked for
 * @param release the row of the plugin's own table that it means
 * @param medium what the engine saw on the medium
 * @param location the medium's address as the guest sees it: where the host serves it on its loopback, the guest finds
 *     it elsewhere. For an install tree it ends with a slash
 * @param rootPassword the password of root or Administrator: the template's, or one made for this build
 * @param userPasswords the passwords of the template's users that have one, by user name
 * @param diskBus how the caller wants disks attached; a plugin that can't goes on with its own
 * @param proxy the proxy, as the guest sees it, that the installer is to fetch packages through by http; the installed
 *     system must not be told of it
 * @param successToken what the answer file's last step writes to the success port: letters and digits, new each build
 * @param firmware what the machine starts with, where the template or the configuration says; else the plugin chooses
 */
public record ProfileRequest(
        Template template,
        OsRelease release,
        MediaFacts medium,
        URI location,
        RootPassword rootPassword,
        Map<String, RootPassword> userPasswords,
        Optional<DiskBus> diskBus,
        Optional<URI> proxy,
        String successToken,
        Optional<Firmware> firmware) {
    /** Copies the map. */
    public ProfileRequest {
        userPasswords = Map.copyOf(userPasswords);
    }

    /** With the firmware that the template names. */
    public ProfileRequest(
            Template template,
            OsRelease release,
            MediaFacts medium,
            URI location,
            RootPassword rootPassword,
            Map<String, RootPassword> userPasswords,
            Optional<DiskBus> diskBus,
            Optional<URI> proxy,
            String successToken) {
        this(
                template,
                release,
                medium,
                location,
                rootPassword,
                userPasswords,
                diskBus,
                proxy,
                successToken,
                template.os().platform().firmware());
    }

    /** Whether the machine starts by UEFI: as is wanted, else where its architecture knows nothing else. */
    public boolean startsByUefi() {
        return firmware.orElse(template.os().arch().startsByUefiAlone() ? Firmware.UEFI : Firmware.BIOS)
                == Firmware.UEFI;
    }
}
