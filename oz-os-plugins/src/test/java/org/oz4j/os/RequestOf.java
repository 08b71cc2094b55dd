package org.oz4j.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/** Asks a plugin for a profile, as the engine does. */
public final class RequestOf {
    /** What the engine would have made. */
    public static final String TOKEN = "00112233445566778899aabbccddeeff";

    /** A password that no format takes as it is. */
    public static final String CLEAR = "open sesame";

    private static final String LETTERS = "'\"$&<>\\ %`";

    private final OsPlugin plugin;
    private final OsRelease release;
    private final Template template;
    private MediaFacts medium = MediaFacts.none();
    private Optional<DiskBus> bus = Optional.empty();
    private Optional<URI> proxy = Optional.empty();
    private String password = CLEAR;

    private RequestOf(OsPlugin plugin, OsRelease release, Template template) {
        this.plugin = plugin;
        this.release = release;
        this.template = template;
    }

    /** For a release and architecture, from an ISO image. */
    public static RequestOf iso(OsPlugin plugin, OsRelease release, Arch arch, UnaryOperator<TemplateBuilder> more) {
        TemplateBuilder builder = Template.builder("guest", release.os(), release.version(), arch)
                .iso(URI.create("http://mirror.example.com/cd.iso"));
        return new RequestOf(plugin, release, more.apply(builder).build());
    }

    /** For the contents of {@code <os>} after its install, and what follows it, of a template of version 1.1. */
    public static RequestOf xml(OsPlugin plugin, String version, String os, String rest) {
        OsRelease release = release(plugin, version);
        return new RequestOf(
                plugin,
                release,
                Template.parse("<template version='1.1'><name>guest</name><os><name>%s</name><version>%s</version>"
                                .formatted(release.os(), version)
                        + "<arch>x86_64</arch><install type='iso'><iso>http://mirror.example.com/cd.iso</iso>"
                        + "</install>" + os + "</os>" + rest + "</template>"));
    }

    /** For the row of a version that has an architecture, from an ISO image. */
    public static RequestOf on(OsPlugin plugin, String version, Arch arch) {
        return iso(plugin, row(plugin, version, arch).orElseThrow(), arch, template -> template);
    }

    /** The row of a version that has an architecture. */
    public static Optional<OsRelease> row(OsPlugin plugin, String version, Arch arch) {
        return plugin.releases().stream()
                .filter(each -> each.version().equals(version) && each.arches().contains(arch))
                .findFirst();
    }

    /** The release of that version. */
    public static OsRelease release(OsPlugin plugin, String version) {
        return plugin.releases().stream()
                .filter(each -> each.version().equals(version) || each.aliases().contains(version))
                .findFirst()
                .orElseThrow();
    }

    /** With those texts on the medium. */
    public RequestOf medium(Map<String, String> texts, String... editions) {
        medium = new MediaFacts(Optional.of("LABEL"), texts.keySet(), texts, List.of(editions));
        return this;
    }

    /** With those paths on the medium. */
    public RequestOf paths(String... paths) {
        medium = new MediaFacts(Optional.of("LABEL"), Set.of(paths), Map.of());
        return this;
    }

    /** With disks on that bus. */
    public RequestOf bus(DiskBus wanted) {
        bus = Optional.of(wanted);
        return this;
    }

    /** With a proxy. */
    public RequestOf proxy(String address) {
        proxy = Optional.of(URI.create(address));
        return this;
    }

    /** With that password of root. */
    public RequestOf password(String clear) {
        password = clear;
        return this;
    }

    /** The plugin's answer. */
    public GuestProfile profile() {
        Map<String, RootPassword> users = new HashMap<>();
        template.os().setup().users().forEach(user -> user.password()
                .ifPresent(clear -> users.put(user.name(), new RootPassword(clear, "$6$salt$" + user.name()))));
        return plugin.profile(new ProfileRequest(
                template,
                release,
                medium,
                URI.create("http://mirror.example.com/cd.iso"),
                new RootPassword(password, "$6$saltsalt$hashhash"),
                users,
                bus,
                proxy,
                TOKEN));
    }

    /** All that the installer is given to read: the answer file, and the files of each way to hand it over. */
    public static String allTexts(GuestProfile profile) {
        return Stream.concat(
                        Stream.of(profile.answers().content()),
                        profile.media().stream().flatMap(each -> files(each).values().stream()))
                .collect(Collectors.joining("\n"));
    }

    private static Map<String, String> files(MediaRecipe recipe) {
        if (recipe instanceof MediaRecipe.AnswerVolume volume) {
            return volume.files();
        }
        if (recipe instanceof MediaRecipe.RemasteredIso iso) {
            return iso.files();
        }
        if (recipe instanceof MediaRecipe.DirectKernel kernel) {
            return kernel.files();
        }
        return ((MediaRecipe.Floppy) recipe).files();
    }

    /** A text with all that means something to one format or another. */
    public static String hostile() {
        return "x" + LETTERS + "y";
    }

    /** A file beside a test. */
    public static String golden(Class<?> test, String name) {
        try (var expected = test.getResourceAsStream(name)) {
            assertThat(expected).as(name).isNotNull();
            return new String(expected.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
