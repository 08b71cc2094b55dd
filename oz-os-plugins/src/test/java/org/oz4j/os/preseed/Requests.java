package org.oz4j.os.preseed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.os.debian.DebianPlugin;
import org.oz4j.os.ubuntu.UbuntuPlugin;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Feature;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;

/** What the tests of both families ask of their plugins, and how they look at it. */
public final class Requests {
    /** What must never be seen where a hash will do. */
    public static final String CLEAR = "open sesame & $HOME";

    /** What the last step writes. */
    public static final String TOKEN = "00112233445566778899aabbccddeeff";

    /** A full name, and a key's comment, that no format may trip over. */
    public static final String ODD = "Ann \"O'Hara\" $HOME `id` & <b> \\n %s";

    private static final Set<String> SERVER_DISC = Set.of(
            "install.amd/vmlinuz",
            "install.386/vmlinuz",
            "install/vmlinuz",
            "casper/vmlinuz",
            "pool/main/o/openssh/openssh-server_1_amd64.deb");

    private final String os;
    private final String version;
    private Arch arch = Arch.X86_64;
    private InstallType type = InstallType.URL;
    private String location = "http://10.0.2.2:8091/mirror/";
    private Optional<DiskBus> bus = Optional.empty();
    private Optional<URI> proxy = Optional.empty();
    private boolean full;
    private boolean server;
    private boolean uefi;
    private Map<String, String> texts = Map.of();

    private Requests(String os, String version) {
        this.os = os;
        this.version = version;
    }

    /** A plain guest of x86_64 from a mirror. */
    public static Requests of(String os, String version) {
        return new Requests(os, version);
    }

    /** On another machine, from another kind of medium. */
    public Requests on(Arch other, InstallType kind) {
        arch = other;
        type = kind;
        return this;
    }

    /** From a disc; one with all packages, or one that needs a mirror. */
    public Requests disc(boolean allPackages) {
        server = allPackages;
        return on(arch, InstallType.ISO);
    }

    /** From that place. */
    public Requests from(String address) {
        location = address;
        return this;
    }

    /** With that wish for disks. */
    public Requests bus(DiskBus wish) {
        bus = Optional.of(wish);
        return this;
    }

    /** Through a proxy. */
    public Requests proxied() {
        proxy = Optional.of(URI.create("http://10.0.2.2:4123/"));
        return this;
    }

    /** With all that the release says that it can. */
    public Requests full() {
        full = true;
        return this;
    }

    /** With UEFI. */
    public Requests uefi() {
        uefi = true;
        return this;
    }

    /** With those texts on the medium. */
    public Requests texts(Map<String, String> probed) {
        texts = probed;
        return this;
    }

    /** Both plugins. */
    public static List<OsPlugin> plugins() {
        return List.of(new DebianPlugin(), new UbuntuPlugin());
    }

    /** The profile. */
    public GuestProfile profile() {
        for (OsPlugin plugin : plugins()) {
            for (OsRelease release : plugin.releases()) {
                if (release.os().equals(os)
                        && (release.version().equals(version)
                                || release.aliases().contains(version))
                        && release.arches().contains(arch)
                        && release.installTypes().contains(type)) {
                    return plugin.profile(request(release));
                }
            }
        }
        throw new IllegalArgumentException("no release " + os + " " + version + " " + arch + " " + type);
    }

    private ProfileRequest request(OsRelease release) {
        return new ProfileRequest(
                Template.parse(xml(release)),
                release,
                new MediaFacts(Optional.empty(), server ? SERVER_DISC : Set.of(), texts),
                URI.create(type == InstallType.URL ? location : "file:///disc.iso"),
                new RootPassword(CLEAR, "$6$saltsalt$rootHash./0"),
                Map.of("ann", new RootPassword(CLEAR, "$6$annsalt1$annHash./1")),
                bus,
                proxy,
                TOKEN);
    }

    private String xml(OsRelease release) {
        Set<Feature> features = release.features();
        StringBuilder os = new StringBuilder();
        String disks = "";
        if (full) {
            String odd = ODD.replace("&", "&amp;").replace("<", "&lt;");
            os.append("<users><user name='ann'><fullname>")
                    .append(odd)
                    .append("</fullname><password>x</password><groups>adm, staff</groups><ssh-keys>ssh-rsa AAAA ")
                    .append(odd)
                    .append("</ssh-keys></user><user name='bob'/></users><ssh-keys>ssh-rsa BBBB ")
                    .append(odd)
                    .append("</ssh-keys>");
            os.append(features.contains(Feature.LOCALE) ? "<locale>de_AT.UTF-8</locale>" : "");
            os.append(features.contains(Feature.KEYBOARD) ? "<keyboard>de</keyboard>" : "");
            os.append("<timezone>Europe/Vienna</timezone><hostname>web1.example.org</hostname>");
            disks = "<disk><size>10</size><layout><partition mount='/boot' size='512 MB' filesystem='ext3'/>"
                    + "<partition mount='/' filesystem='"
                    + (features.contains(Feature.EXT4) ? "ext4" : "ext3")
                    + "'/><partition size='1 GB' filesystem='swap'/></layout></disk>";
        }
        return "<template version='1.1'><name>guest</name><os><name>" + this.os + "</name><version>" + version
                + "</version><arch>" + arch + "</arch>"
                + (uefi ? "<firmware>uefi</firmware>" : "")
                + "<install type='"
                + (type == InstallType.URL ? "url'><url>" + location + "</url>" : "iso'><iso>file:///disc.iso</iso>")
                + "</install>" + os + "</os>" + disks + "</template>";
    }

    /** All pairs of machine and medium of a release. */
    public static Stream<Requests> all(OsRelease release) {
        return release.arches().stream().sorted().flatMap(arch -> release.installTypes().stream()
                .sorted()
                .map(type -> of(release.os(), release.version()).on(arch, type)));
    }

    @Override
    public String toString() {
        return os + " " + version + " " + arch + " " + type + (full ? " full" : "") + (server ? " all packages" : "");
    }

    /** The files that the recipes of a profile carry beside the answers. */
    public static Map<String, String> files(GuestProfile profile) {
        Map<String, String> files = new TreeMap<>();
        for (MediaRecipe recipe : profile.media()) {
            if (recipe instanceof MediaRecipe.DirectKernel kernel) {
                files.putAll(kernel.files());
            } else if (recipe instanceof MediaRecipe.RemasteredIso iso) {
                files.putAll(iso.files());
            } else if (recipe instanceof MediaRecipe.KernelAndVolume both) {
                files.putAll(both.files());
            }
        }
        return files;
    }

    /** The machine, the media and the flow, as lines. */
    public static String essentials(GuestProfile profile) {
        List<String> lines = new ArrayList<>();
        lines.add("machine " + profile.machine().nic().label() + " "
                + profile.machine().diskBus().label() + " " + profile.machine().firmware() + " "
                + profile.machine().clock() + " " + profile.machine().pointer().label() + " "
                + profile.machine().minimumMemoryMiB() + " MiB");
        lines.add("success " + profile.flow().success().getClass().getSimpleName() + ", reboots "
                + profile.flow().reboots());
        profile.access().forEach(access -> lines.add("access " + access.label()));
        for (MediaRecipe recipe : profile.media()) {
            if (recipe instanceof MediaRecipe.DirectKernel kernel) {
                lines.add("kernel " + kernel.kernel().path() + " "
                        + kernel.initrd().path());
                lines.add("  " + kernel.arguments());
                lines.add("  " + kernel.answerPath() + " "
                        + new TreeSet<>(kernel.files().keySet()));
            } else if (recipe instanceof MediaRecipe.KernelAndVolume both) {
                lines.add("kernel " + both.kernel().path() + " " + both.initrd().path());
                lines.add("  " + both.arguments());
                lines.add("  " + both.label() + ":" + both.answerPath() + " "
                        + new TreeSet<>(both.files().keySet()));
            } else if (recipe instanceof MediaRecipe.RemasteredIso iso) {
                lines.add("remaster " + new TreeSet<>(iso.kernels()) + " not " + new TreeSet<>(iso.passOver()));
                lines.add("  " + iso.arguments());
                lines.add("  " + iso.answerPath() + " "
                        + new TreeSet<>(iso.files().keySet()));
            } else {
                lines.add(recipe.toString());
            }
        }
        return String.join("\n", lines) + "\n";
    }

    /** A file beside the test; what was made is left in {@code target/golden}, to be looked at and taken over. */
    public static String golden(Class<?> test, String name, String made) {
        try {
            Path folder = Files.createDirectories(Path.of("target", "golden"));
            Files.writeString(folder.resolve(name), made);
            try (var expected = test.getResourceAsStream(name)) {
                return expected == null
                        ? "there is no " + name
                        : new String(expected.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a command has to say against a file; empty where it takes it. */
    public static String complaint(Path file, String... command) throws IOException, InterruptedException {
        return run(
                Map.of(),
                Stream.concat(Stream.of(command), Stream.of(file.toString())).toArray(String[]::new));
    }

    /** What a command prints; where it fails, with its status. */
    public static String run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(new HashMap<>(environment));
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return "it does not end";
        }
        return process.exitValue() == 0 ? output : output + "status " + process.exitValue();
    }
}
