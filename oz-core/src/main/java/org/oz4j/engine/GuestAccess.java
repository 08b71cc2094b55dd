package org.oz4j.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.oz4j.GuestUnreachableException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.Edit;
import org.oz4j.disk.Edit.Owned;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.media.IsoWriter;
import org.oz4j.remote.Ed25519Key;
import org.oz4j.remote.RsaKey;
import org.oz4j.remote.SshKey;
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
 * @param edit how the image is edited, if it is
 * @param announced where the guest tells its addresses, on networks that may not know them
 */
record GuestAccess(
        SshKey user,
        SshKey host,
        List<String> oemStrings,
        Map<String, Path> firmwareFiles,
        List<MachineSpec.Disk> disks,
        Optional<AccessRecipe> edit,
        Optional<Announcement> announced) {
    private static final String UNITS = "/etc/systemd/system/";
    private static final String ANNOUNCE = "/announce";
    private static final String WANTED = UNITS + "multi-user.target.wants";
    private static final String DROP_IN = "/zz-oz-access.conf";
    private static final String IN_IMAGE = "/etc/oz-access";
    private static final List<String> UNIT_FOLDERS = List.of(UNITS, "/usr/lib/systemd/system/", "/lib/systemd/system/");
    private static final String SCRIPTS = "/etc/init.d/";
    private static final String JOBS = "/etc/init/";
    private static final String SERVER_CONFIG = "/etc/ssh/sshd_config";
    private static final String FOLDER = "/run/oz-access";
    // systemd.system-credentials(7); names below it have 28 characters at most, which a unit's drop-in is too long for
    private static final String CREDENTIALS = "opt/io.systemd.credentials/";

    /**
     * The cheapest way in that the OS has, or the one that was chosen.
     *
     * @throws UnsupportedOsException where it has none
     */
    static AccessRecipe cheapest(GuestBuild build) {
        String os = build.match.release().title();
        List<AccessRecipe> all = known(build.profile).access();
        Optional<String> chosen = build.options.visit().access();
        return all.stream()
                .filter(recipe -> chosen.isEmpty() || recipe.label().equals(chosen.get()))
                .findFirst()
                .orElseThrow(() -> all.isEmpty()
                        ? new UnsupportedOsException(
                                os,
                                "No way into an installed " + os + " is known to this version of Oz",
                                "Install without customising")
                        : new UnsupportedOsException(
                                os,
                                os + " is not entered by '" + chosen.orElse("") + "'",
                                "Choose one of: "
                                        + all.stream().map(AccessRecipe::label).collect(Collectors.joining(", "))));
    }

    /** Makes new keys, and what hands them over by the cheapest way of the OS. */
    static GuestAccess prepare(GuestBuild build) throws IOException {
        AccessRecipe recipe = cheapest(build);
        Optional<Announcement> announced = Announcement.of(build);
        if (recipe.edits()) {
            boolean rsa = recipe.keys() == AccessRecipe.Keys.RSA;
            return new GuestAccess(
                    rsa ? RsaKey.generate() : Ed25519Key.generate(),
                    rsa ? RsaKey.generate() : Ed25519Key.generate(),
                    List.of(),
                    Map.of(),
                    List.of(),
                    Optional.of(recipe),
                    announced);
        }
        Ed25519Key user = Ed25519Key.generate();
        Ed25519Key host = Ed25519Key.generate();
        if (recipe instanceof AccessRecipe.SystemdCredentials systemd) {
            // A file, since everybody may read what is on QEMU's command line, as SMBIOS is.
            Path keys = Files.writeString(build.file("access.conf"), keyFiles(user, host, announced));
            return new GuestAccess(
                    user,
                    host,
                    List.of("io.systemd.credential.binary:systemd.unit-dropin." + systemd.unit() + "="
                            + base64(unitSettings(systemd.command(), FOLDER, announced))),
                    Map.of(CREDENTIALS + "tmpfiles.extra", keys),
                    List.of(),
                    Optional.empty(),
                    announced);
        }
        Path volume = build.file("access.iso");
        Files.deleteIfExists(volume); // of the time before, in a build that goes in twice
        IsoWriter.write(volume, "cidata", noCloud(build.template.name(), user, host, announced));
        return new GuestAccess(
                user, host, List.of(), Map.of(), List.of(MachineSpec.Disk.cd(volume)), Optional.empty(), announced);
    }

    /** Files for the guest, as tmpfiles.d(5) has them made; the type f~ takes a file's content in base64. */
    private static String keyFiles(Ed25519Key user, Ed25519Key host, Optional<Announcement> announced) {
        return "d " + FOLDER + " 0700 root root -\n"
                + "f~ " + FOLDER + "/host_key 0600 root root - " + base64(host.openSshPrivateKey()) + "\n"
                + "f~ " + FOLDER + "/authorized_keys 0600 root root - " + base64(user.publicLine() + "\n") + "\n"
                + announced
                        .map(way -> "f~ " + FOLDER + ANNOUNCE + " 0600 root root - " + base64(way.script()) + "\n")
                        .orElse("");
    }

    private static String unitSettings(String command, String folder, Optional<Announcement> announced) {
        // Empty ones take back the unit's own. Debian's ExecStartPre fails where a sealed image has no host keys.
        return "[Service]\nExecStartPre=\nExecStart=\nExecStart=" + command + options(folder) + "\n"
                + (announced.isPresent() ? "ExecStartPost=-/bin/sh " + folder + ANNOUNCE + "\n" : "");
    }

    /** What an ssh server's command line gets; what OpenSSH 7 calls prohibit-password was without-password before. */
    private static String options(String folder) {
        return " -o HostKey=" + folder + "/host_key -o AuthorizedKeysFile=" + folder
                + "/authorized_keys -o PermitRootLogin=without-password -o PubkeyAuthentication=yes";
    }

    /** Whether the keys go into the image before it boots. */
    boolean needsEdits() {
        return edit.isPresent();
    }

    /**
     * What puts the keys into the image.
     *
     * @throws GuestUnreachableException where it has no ssh server, or one that takes no keys there
     */
    List<Edit> edits(GuestFilesystem files) throws InterruptedException {
        AccessRecipe recipe = edit.orElseThrow();
        if (recipe instanceof AccessRecipe.WindowsOpenSsh) {
            return WindowsAccess.edits(files, user, host);
        }
        List<Edit> edits = new ArrayList<>(List.of(
                new Edit.MakeFolder(IN_IMAGE, Owned.byRoot(0700)),
                new Edit.Write(IN_IMAGE + "/host_key", Bytes.of(bytes(host.openSshPrivateKey())), Owned.byRoot(0600)),
                new Edit.Write(
                        IN_IMAGE + "/authorized_keys", Bytes.of(bytes(user.publicLine() + "\n")), Owned.byRoot(0600))));
        announced.ifPresent(way ->
                edits.add(new Edit.Write(IN_IMAGE + ANNOUNCE, Bytes.of(bytes(way.script())), Owned.byRoot(0600))));
        if (recipe instanceof AccessRecipe.InitScript script) {
            edits.addAll(starting(files, script));
        } else if (recipe instanceof AccessRecipe.ServerConfig config) {
            edits.addAll(starting(files, config));
        } else {
            edits.addAll(starting(files, (AccessRecipe.OfflineEdit) recipe));
        }
        return edits;
    }

    private List<Edit> starting(GuestFilesystem files, AccessRecipe.OfflineEdit server) throws InterruptedException {
        boolean there = false;
        for (String folder : UNIT_FOLDERS) {
            there |= files.exists(folder + server.unit());
        }
        if (!there) {
            throw noServer(files, "unit " + server.unit());
        }
        String dropIns = UNITS + server.unit() + ".d";
        List<Edit> edits = new ArrayList<>(List.of(
                new Edit.MakeFolder(dropIns, Owned.byRoot(0755)),
                new Edit.Write(
                        dropIns + DROP_IN,
                        Bytes.of(bytes(unitSettings(server.command(), IN_IMAGE, announced))),
                        Owned.byRoot(0644)),
                new Edit.MakeFolder(WANTED, Owned.byRoot(0755))));
        if (!files.exists(WANTED + "/" + server.unit())) {
            edits.add(new Edit.MakeLink(WANTED + "/" + server.unit(), "/usr/lib/systemd/system/" + server.unit()));
        }
        return edits;
    }

    private List<Edit> starting(GuestFilesystem files, AccessRecipe.InitScript server) throws InterruptedException {
        if (!files.exists(SCRIPTS + server.name()) || !files.exists(server.runlevel())) {
            throw noServer(files, "init script " + server.name());
        }
        List<Edit> edits = new ArrayList<>(List.of(new Edit.AddLine(
                server.options(),
                server.variable() + "=\"$" + server.variable() + options(IN_IMAGE) + "\"",
                Owned.byRoot(0644))));
        if (files.list(server.runlevel()).stream()
                .noneMatch(link -> link.matches("S\\d\\d\\Q" + server.name() + "\\E"))) {
            edits.add(new Edit.MakeLink(server.runlevel() + "/S55" + server.name(), SCRIPTS + server.name()));
        }
        if (announced.isPresent()) {
            // The script reads the file as shell commands, and may do so with -e.
            edits.add(new Edit.AddLine(server.options(), "sh " + IN_IMAGE + ANNOUNCE + " || :", Owned.byRoot(0644)));
        }
        return edits;
    }

    private List<Edit> starting(GuestFilesystem files, AccessRecipe.ServerConfig server) throws InterruptedException {
        boolean there = false;
        for (String starter : server.starters()) {
            there |= files.exists(starter);
        }
        if (!there || !files.exists(SERVER_CONFIG)) {
            throw noServer(files, String.join(" nor ", server.starters()) + ", or no " + SERVER_CONFIG);
        }
        List<Edit> edits = new ArrayList<>();
        // each goes before the last: the first value of a name counts
        for (String line : List.of(
                "PubkeyAuthentication yes",
                "PermitRootLogin without-password",
                "AuthorizedKeysFile " + IN_IMAGE + "/authorized_keys",
                "HostKey " + IN_IMAGE + "/host_key")) {
            edits.add(new Edit.AddLine(SERVER_CONFIG, line, Owned.byRoot(0644), true));
        }
        if (announced.isPresent()) {
            edits.addAll(announcing(files));
        }
        return edits;
    }

    /** What has systemd or Upstart run the announcement, whichever is there. */
    private static List<Edit> announcing(GuestFilesystem files) throws InterruptedException {
        String command = "/bin/sh " + IN_IMAGE + ANNOUNCE + "\n";
        List<Edit> edits = new ArrayList<>();
        if (files.exists(UNITS)) {
            String unit = UNITS + "oz-announce.service";
            edits.add(new Edit.Write(
                    unit, Bytes.of(bytes("[Service]\nType=forking\nExecStart=" + command)), Owned.byRoot(0644)));
            edits.add(new Edit.MakeFolder(WANTED, Owned.byRoot(0755)));
            edits.add(new Edit.MakeLink(WANTED + "/oz-announce.service", unit));
        }
        if (files.exists(JOBS)) {
            edits.add(new Edit.Write(
                    JOBS + "oz-announce.conf",
                    Bytes.of(bytes("start on runlevel [2345]\ntask\nexec " + command)),
                    Owned.byRoot(0644)));
        }
        return edits;
    }

    private static GuestUnreachableException noServer(GuestFilesystem files, String what) {
        return new GuestUnreachableException(
                "The image " + files.image() + " has no ssh server: there is no " + what,
                "Install one together with the system",
                null);
    }

    private static Map<String, byte[]> noCloud(
            String name, Ed25519Key user, Ed25519Key host, Optional<Announcement> announced) {
        List<String> data = new ArrayList<>();
        data.add("#cloud-config");
        data.add("disable_root: false");
        data.add("ssh_authorized_keys:");
        data.add("  - " + user.publicLine());
        data.add("ssh_keys:");
        data.add("  ed25519_private: |");
        host.openSshPrivateKey().lines().forEach(line -> data.add("    " + line));
        data.add("  ed25519_public: " + host.publicLine());
        announced.ifPresent(way -> {
            data.add("bootcmd:");
            data.add("  - |");
            way.script().lines().forEach(line -> data.add("    " + line));
        });
        Map<String, byte[]> files = new HashMap<>();
        files.put("meta-data", bytes("instance-id: oz-" + Secrets.token() + "\nlocal-hostname: " + name + "\n"));
        files.put("user-data", bytes(String.join("\n", data) + "\n"));
        files.put("dropbear_host_key", host.dropbearPrivateKey());
        announced.ifPresent(way -> files.put("announce", bytes(way.script())));
        return files;
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
                .virtioPorts(announced.map(Announcement::ports).orElse(List.of()))
                .agent(announced.isPresent())
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
