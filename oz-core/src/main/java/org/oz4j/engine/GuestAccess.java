package org.oz4j.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.ImageFormat;
import org.oz4j.UnsupportedOsException;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.media.IsoWriter;
import org.oz4j.remote.Ed25519Key;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.MachineHints.DiskBus;

import static org.oz4j.engine.GuestBuild.known;

/**
 * Keys of one visit to a guest, and how the machine hands them to it.
 *
 * @param user logs in
 * @param host the guest shows it
 * @param oemStrings what the machine's SMBIOS says
 * @param disks what the machine has beside its disks
 */
record GuestAccess(Ed25519Key user, Ed25519Key host, List<String> oemStrings, List<MachineSpec.Disk> disks) {
    private static final String FOLDER = "/run/oz-access";

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
            return new GuestAccess(user, host, credentials(systemd, user, host), List.of());
        }
        Path volume = build.file("access.iso");
        IsoWriter.write(volume, "cidata", noCloud(build.template.name(), user, host));
        return new GuestAccess(
                user,
                host,
                List.of(),
                List.of(new MachineSpec.Disk(volume, ImageFormat.RAW, DiskBus.SATA, true, false)));
    }

    private static List<String> credentials(AccessRecipe.SystemdCredentials recipe, Ed25519Key user, Ed25519Key host) {
        // The type f~ of tmpfiles.d(5) takes a file's content in base64.
        String files = "d " + FOLDER + " 0700 root root -\n"
                + "f~ " + FOLDER + "/host_key 0600 root root - " + base64(host.openSshPrivateKey()) + "\n"
                + "f~ " + FOLDER + "/authorized_keys 0600 root root - " + base64(user.publicLine() + "\n") + "\n";
        // An empty ExecStart= takes back the unit's own.
        String unit = "[Service]\nExecStart=\nExecStart=" + recipe.command() + " -o HostKey=" + FOLDER + "/host_key"
                + " -o AuthorizedKeysFile=" + FOLDER + "/authorized_keys -o PermitRootLogin=prohibit-password"
                + " -o PubkeyAuthentication=yes\n";
        return List.of(
                "io.systemd.credential.binary:tmpfiles.extra=" + base64(files),
                "io.systemd.credential.binary:systemd.unit-dropin." + recipe.unit() + "=" + base64(unit));
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
                .stopOnReboot(false)
                .build();
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "access by " + host.publicLine();
    }
}
