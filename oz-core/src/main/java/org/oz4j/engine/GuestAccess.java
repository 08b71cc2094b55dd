package org.oz4j.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.UnsupportedOsException;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.media.IsoWriter;
import org.oz4j.remote.Ed25519Key;
import org.oz4j.spi.AccessRecipe;

import static org.oz4j.engine.GuestBuild.known;

/**
 * Keys of one visit to a guest, and how the machine hands them to it.
 *
 * @param user logs in
 * @param host the guest shows it
 * @param oemStrings what the machine's SMBIOS says
 * @param firmwareFiles what it finds in fw_cfg
 * @param disks what the machine has beside its disks
 */
record GuestAccess(
        Ed25519Key user,
        Ed25519Key host,
        List<String> oemStrings,
        Map<String, Path> firmwareFiles,
        List<MachineSpec.Disk> disks) {
    private static final String FOLDER = "/run/oz-access";
    // systemd.system-credentials(7); names below it have 28 characters at most, which a unit's drop-in is too long for
    private static final String CREDENTIALS = "opt/io.systemd.credentials/";

    /**
     * The cheapest way in that the OS has.
     *
     * @throws UnsupportedOsException where it has none
     */
    static AccessRecipe cheapest(GuestBuild build) {
        String os = build.match.release().title();
        return known(build.profile).access().stream()
                .findFirst()
                .orElseThrow(() -> new UnsupportedOsException(
                        os,
                        "No way into an installed " + os + " is known to this version of Oz",
                        "Install without customising"));
    }

    /** Makes new keys, and what hands them over by the cheapest way of the OS. */
    static GuestAccess prepare(GuestBuild build) throws IOException {
        AccessRecipe recipe = cheapest(build);
        Ed25519Key user = Ed25519Key.generate();
        Ed25519Key host = Ed25519Key.generate();
        if (recipe instanceof AccessRecipe.SystemdCredentials systemd) {
            // A file, since everybody may read what is on QEMU's command line, as SMBIOS is.
            Path keys = Files.writeString(build.file("access.conf"), keyFiles(user, host));
            return new GuestAccess(
                    user,
                    host,
                    List.of(unitSettings(systemd)),
                    Map.of(CREDENTIALS + "tmpfiles.extra", keys),
                    List.of());
        }
        Path volume = build.file("access.iso");
        Files.deleteIfExists(volume); // of the time before, in a build that goes in twice
        IsoWriter.write(volume, "cidata", noCloud(build.template.name(), user, host));
        return new GuestAccess(user, host, List.of(), Map.of(), List.of(MachineSpec.Disk.cd(volume)));
    }

    /** Files for the guest, as tmpfiles.d(5) has them made; the type f~ takes a file's content in base64. */
    private static String keyFiles(Ed25519Key user, Ed25519Key host) {
        return "d " + FOLDER + " 0700 root root -\n"
                + "f~ " + FOLDER + "/host_key 0600 root root - " + base64(host.openSshPrivateKey()) + "\n"
                + "f~ " + FOLDER + "/authorized_keys 0600 root root - " + base64(user.publicLine() + "\n") + "\n";
    }

    private static String unitSettings(AccessRecipe.SystemdCredentials recipe) {
        // An empty ExecStart= takes back the unit's own.
        String unit = "[Service]\nExecStart=\nExecStart=" + recipe.command() + " -o HostKey=" + FOLDER + "/host_key"
                + " -o AuthorizedKeysFile=" + FOLDER + "/authorized_keys -o PermitRootLogin=prohibit-password"
                + " -o PubkeyAuthentication=yes\n";
        return "io.systemd.credential.binary:systemd.unit-dropin." + recipe.unit() + "=" + base64(unit);
    }

    private static Map<String, byte[]> noCloud(String name, Ed25519Key user, Ed25519Key host) {
        List<String> data = new ArrayList<>();
        data.add("#cloud-config");
        data.add("disable_root: false");
        data.add("ssh_authorized_keys:");
        data.add("  - " + user.publicLine());
        data.add("ssh_keys:");
        data.add("  ed25519_private: |");
        host.openSshPrivateKey().lines().forEach(line -> data.add("    " + line));
        data.add("  ed25519_public: " + host.publicLine());
        return Map.of(
                "meta-data",
                bytes("instance-id: oz-" + Secrets.token() + "\nlocal-hostname: " + name + "\n"),
                "user-data",
                bytes(String.join("\n", data) + "\n"),
                "dropbear_host_key",
                host.dropbearPrivateKey());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The machine that boots an image and hands over the keys. */
    MachineSpec machine(MachineSpec plain, List<Path> serials, Optional<Path> nvram) {
        List<MachineSpec.Disk> all = new ArrayList<>(plain.disks());
        all.addAll(disks);
        return plain.toBuilder()
                .nvram(nvram)
                .boot(new MachineSpec.Boot.FromDisk())
                .disks(all)
                .serials(serials)
                .virtioPorts(List.of())
                .oemStrings(oemStrings)
                .firmwareFiles(firmwareFiles)
                .stopOnReboot(false)
                .build();
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "access by " + host.publicLine();
    }
}
