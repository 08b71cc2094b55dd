package org.oz4j.os;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import org.oz4j.Arch;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Feature;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.User;
import org.oz4j.template.Template.VolumeGroup;
import org.oz4j.template.TemplateBuilder;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What tests ask of a plugin: all that its releases, architectures and kinds of medium make. */
public record Cases(OsRelease release, Arch arch, InstallType type) {
    /** The last step's token. */
    public static final String TOKEN = "00112233445566778899aabbccddeeff";
    /** A name that formats and shells trip over. */
    public static final String HARD_NAME = "Ann O'Hara & <Söhne> \"$HOME\" `id` \\ @x %y";
    /** A key whose comment they trip over. */
    public static final String HARD_KEY = "ssh-ed25519 AAAAC3 ann's \"$key\" & <co> \\";
    /** Root's password. */
    public static final RootPassword ROOT = new RootPassword("open 'sesame' \\ $x", "$6$saltsalt$hash/hash.");
    /** The password of a user. */
    public static final RootPassword ANN = new RootPassword("ann's <pass>", "$6$annsalt$annhash");

    private static final long GIB = 1L << 30;
    private static final URI TREE = URI.create("http://mirror.example.com/tree/");

    /** All cases of a plugin. */
    public static List<Cases> of(OsPlugin plugin) {
        List<Cases> cases = new ArrayList<>();
        for (OsRelease release : plugin.releases()) {
            for (Arch arch : release.arches().stream().sorted().toList()) {
                for (InstallType type : release.installTypes().stream().sorted().toList()) {
                    cases.add(new Cases(release, arch, type));
                }
            }
        }
        return cases;
    }

    /** The folder of vendors' schemas beside the project; a test is skipped where that schema is not there. */
    public static Path schemas(String name) {
        Path folder = Path.of(System.getProperty("oz.schemas", "../../shared/schemas"));
        assumeTrue(
                Files.exists(folder.resolve(name)), "No " + name + " in " + folder + ", so nothing is checked by it");
        return folder;
    }

    /** All that templates may say to mean the releases of a plugin. */
    public static List<String> names(OsPlugin plugin) {
        List<String> names = new ArrayList<>();
        for (Cases one : of(plugin)) {
            List<String> systems = new ArrayList<>(one.release().names());
            systems.add(one.release().os());
            List<String> versions = new ArrayList<>(one.release().aliases());
            versions.add(one.release().version());
            for (String system : systems) {
                versions.forEach(version -> names.add(system + " " + version + " " + one.arch() + " " + one.type()));
            }
        }
        return names;
    }

    /** The one case. */
    public static Cases of(OsPlugin plugin, String version, Arch arch, InstallType type) {
        return of(plugin).stream()
                .filter(each -> each.release().title().equals(version) && each.arch() == arch && each.type() == type)
                .findFirst()
                .orElseThrow();
    }

    /** Asks for nothing more than the system. */
    public ProfileRequest plain() {
        return request(template().build(), MediaFacts.none(), Optional.empty());
    }

    /** Asks for all that the release says it honours, with values that formats trip over. */
    public ProfileRequest full() {
        boolean groups = release.features().contains(Feature.VOLUME_GROUPS);
        Setup setup = new Setup(
                Optional.of("web1.example.org"),
                asked(Feature.LOCALE, "de_AT.UTF-8"),
                asked(Feature.KEYBOARD, "de"),
                Optional.of("Europe/Vienna"),
                List.of(
                        new User(
                                "ann",
                                Optional.of(HARD_NAME),
                                Optional.of("secret"),
                                List.of("wheel", "adm"),
                                List.of(HARD_KEY)),
                        new User("bob", Optional.empty(), Optional.empty(), List.of(), List.of())),
                List.of("ssh-rsa AAAAB3 one", HARD_KEY));
        Layout layout = new Layout(
                List.of(
                        new Partition("", Optional.of("/boot"), OptionalLong.of(GIB / 2 + 1), "ext3"),
                        new Partition("", Optional.empty(), OptionalLong.of(GIB), "swap"),
                        new Partition(
                                "",
                                Optional.of("/"),
                                groups ? OptionalLong.of(4 * GIB) : OptionalLong.empty(),
                                "ext3")),
                groups
                        ? List.of(new VolumeGroup(
                                "vg0",
                                OptionalLong.empty(),
                                List.of(
                                        new Partition("srv", Optional.of("/srv"), OptionalLong.of(2 * GIB), "xfs"),
                                        new Partition("var", Optional.of("/var"), OptionalLong.empty(), "btrfs"))))
                        : List.of());
        Template template = template()
                .setup(setup)
                .kernelParameters("foo=bar")
                .disk(new Template.Disk(OptionalLong.of(10 * GIB), Optional.empty(), Optional.of(layout)))
                .build();
        return request(template, MediaFacts.none(), Optional.empty());
    }

    private Optional<String> asked(Feature feature, String value) {
        return release.features().contains(feature) ? Optional.of(value) : Optional.empty();
    }

    /** A template for it. */
    public TemplateBuilder template() {
        TemplateBuilder template = Template.builder("guest", release.os(), release.version(), arch);
        return type == InstallType.URL ? template.url(TREE) : template.iso(TREE.resolve("../cd.iso"));
    }

    /** Asks for that template. */
    public ProfileRequest request(Template template, MediaFacts medium, Optional<URI> proxy) {
        return new ProfileRequest(
                template,
                release,
                medium,
                template.os().install().location(),
                ROOT,
                Map.of("ann", ANN),
                Optional.empty(),
                proxy,
                TOKEN);
    }

    /** How it is started and what on, for people: a line for each way, and one for the machine. */
    public String essentials(OsPlugin plugin) {
        var profile = plugin.profile(plain());
        StringBuilder text = new StringBuilder(this + ":\n");
        for (MediaRecipe recipe : profile.media()) {
            if (recipe instanceof MediaRecipe.DirectKernel way) {
                text.append("  kernel ")
                        .append(way.kernel().path())
                        .append(' ')
                        .append(way.initrd().path());
                text.append(" answers ")
                        .append(way.answerPath())
                        .append(" with ")
                        .append(way.arguments());
            } else if (recipe instanceof MediaRecipe.RemasteredIso way) {
                text.append("  medium ")
                        .append(String.join(" ", way.kernels().stream().sorted().toList()));
                text.append(" answers ")
                        .append(way.answerPath())
                        .append(" with ")
                        .append(way.arguments());
            } else {
                text.append("  ").append(recipe);
            }
            text.append('\n');
        }
        return text.append("  ").append(profile.machine()).append('\n').toString();
    }

    /** Runs a command with that on its standard input; gives its status and what it printed. */
    public static String run(String input, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var to = process.getOutputStream()) {
            to.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + output;
    }

    /** A file beside a test. */
    public static String golden(Class<?> beside, String name) throws IOException {
        try (InputStream stream = beside.getResourceAsStream(name)) {
            return stream == null ? name + " is missing" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public String toString() {
        return release.title() + " " + arch + " " + type;
    }
}
