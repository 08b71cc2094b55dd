package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.BuildEvent;
import org.oz4j.ImageFormat;
import org.oz4j.Oz;
import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.config.OzConfig;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.media.IsoWriter;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.PackageManager;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Feature;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.TemplateBuilder;
import org.oz4j.testkit.FakeGuest;
import org.oz4j.testkit.FakeGuestFilesystem;
import org.oz4j.testkit.FakeHypervisor;
import org.oz4j.testkit.FaultPlan;
import org.oz4j.testkit.GuestScript;

import static org.assertj.core.api.Assertions.assertThat;

/** An engine on a fake hypervisor, with a plugin whose installer is a script. */
final class Bench implements AutoCloseable {
    static final Pattern TOKEN = Pattern.compile("token=([0-9a-f]{32})");
    private static final long MIB = 1L << 20;

    /** What a test may vary of the plugin. */
    record Variant(
            int reboots,
            SuccessSignal signal,
            List<MediaRecipe> media,
            List<AccessRecipe> access,
            Optional<InstallFlow.Keys> keys,
            List<InstallFlow.Prompt> prompts,
            MachineHints machine) {
        Variant(int reboots, SuccessSignal signal, List<MediaRecipe> media) {
            this(
                    reboots,
                    signal,
                    media,
                    List.of(
                            new AccessRecipe.SystemdCredentials("ssh.service", "/usr/sbin/sshd -D"),
                            new AccessRecipe.OfflineEdit("ssh.service", "/usr/sbin/sshd -D")),
                    Optional.empty(),
                    List.of(),
                    MachineHints.modern(64, 4 * MIB));
        }

        static Variant standard() {
            return new Variant(
                    0,
                    new SuccessSignal.SerialToken(),
                    List.of(
                            new AnswerVolume("ANSWERS", "answers.txt", Map.of()),
                            new DirectKernel(
                                    new BootFile("kernel", Optional.empty()),
                                    new BootFile("initrd", Optional.empty()),
                                    "console=ttyS0",
                                    "answers.txt")));
        }

        Variant withReboots(int count) {
            return new Variant(count, signal, media, access, keys, prompts, machine);
        }

        Variant withAccess(AccessRecipe one) {
            return new Variant(reboots, signal, media, List.of(one), keys, prompts, machine);
        }

        Variant withSignal(SuccessSignal other) {
            return new Variant(reboots, other, media, access, keys, prompts, machine);
        }

        Variant withMedia(MediaRecipe... others) {
            return new Variant(reboots, signal, List.of(others), access, keys, prompts, machine);
        }

        Variant withMachine(MachineHints other) {
            return new Variant(reboots, signal, media, access, keys, prompts, other);
        }

        Variant answering(InstallFlow.Prompt... answered) {
            return new Variant(reboots, signal, media, access, keys, List.of(answered), machine);
        }

        Variant pressing(InstallFlow.Keys pressed) {
            return new Variant(reboots, signal, media, access, Optional.of(pressed), prompts, machine);
        }
    }

    private record ScriptedOs(Variant variant) implements OsPlugin {
        @Override
        public String id() {
            return "scripted";
        }

        @Override
        public List<OsRelease> releases() {
            return List.of(OsRelease.builder("ScriptedOS", "1", Support.INSTALLED, "made up for tests")
                    .names(List.of("Windows")) // whose templates have paths of their own
                    .installTypes(Set.of(InstallType.ISO, InstallType.URL))
                    .features(Set.of(Feature.UEFI, Feature.USERS, Feature.LAYOUT, Feature.EXT4, Feature.APPEND))
                    .probe(List.of(".treeinfo"))
                    .build());
        }

        @Override
        public GuestProfile profile(ProfileRequest request) {
            return new GuestProfile(
                    variant.machine(),
                    new AnswerFile(
                            "answers.txt",
                            "label=" + request.medium().volumeLabel().orElse("") + "\npassword="
                                    + request.rootPassword().sha512Crypt() + "\ntoken=" + request.successToken()
                                    + "\n" + further(request)),
                    variant.media(),
                    new InstallFlow(
                            variant.reboots(),
                            Duration.ofMinutes(60),
                            Duration.ofMinutes(5),
                            variant.signal(),
                            List.of(
                                    new Trouble(
                                            Trouble.Kind.ERROR,
                                            Pattern.compile("^FATAL"),
                                            Duration.ofSeconds(2),
                                            "Read the message"),
                                    new Trouble(
                                            Trouble.Kind.QUESTION,
                                            Pattern.compile("^Answer\\?$"),
                                            Duration.ofSeconds(5),
                                            "Answer it"),
                                    new Trouble(
                                            Trouble.Kind.PANIC,
                                            Pattern.compile("Kernel panic"),
                                            Duration.ZERO,
                                            "Buy memory")),
                            List.of(
                                    new Mark(Pattern.compile("^Copying"), "copying", 0.5),
                                    new Mark(Pattern.compile("^Closing"), "closing", 0.9)),
                            variant.keys(),
                            variant.prompts()),
                    variant.access(),
                    Optional.of(new ScriptedPackages(List.of())));
        }
    }

    /** What only some installs have. */
    private static String further(ProfileRequest request) {
        Template.Os os = request.template().os();
        StringBuilder lines = new StringBuilder();
        if (os.install().type() == InstallType.URL) {
            lines.append("tree=").append(request.location()).append('\n');
        }
        os.key().ifPresent(key -> lines.append("key=").append(key).append('\n'));
        request.proxy().ifPresent(proxy -> lines.append("proxy=").append(proxy).append('\n'));
        new TreeMap<>(request.userPasswords()).forEach((user, password) -> lines.append("user=" + user + " ")
                .append(password.sha512Crypt())
                .append('\n'));
        return lines.toString();
    }

    /** Says all it is told, and knows nothing called "unspeakable". */
    private record ScriptedPackages(List<String> unsigned) implements PackageManager {
        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public PackageManager with(List<Template.Repository> repositories) {
            return new ScriptedPackages(repositories.stream()
                    .filter(one -> !one.signed())
                    .map(one -> "trusting=" + one.name())
                    .toList());
        }

        @Override
        public List<List<String>> addRepository(Template.Repository repository) {
            return List.of(List.of("scripted-add", repository.name(), repository.url()));
        }

        @Override
        public List<List<String>> removeRepository(Template.Repository repository) {
            return List.of(List.of("scripted-remove", repository.name()));
        }

        @Override
        public Map<String, String> repositoryFiles(Template.Repository repository) {
            return Map.of("/etc/" + repository.name(), repository.url().toString());
        }

        @Override
        public List<List<String>> refresh() {
            return List.of(List.of("scripted-refresh"));
        }

        @Override
        public List<List<String>> install(List<Template.PackageRequest> packages) {
            return packages.stream()
                    .map(one -> {
                        if (one.name().equals("unspeakable")) {
                            throw new TemplateException(List.of(new Problem("package unspeakable", 0, 0, "can't be")));
                        }
                        return Stream.concat(
                                        Stream.of("scripted-install", one.file().orElse(one.name())), unsigned.stream())
                                .toList();
                    })
                    .toList();
        }

        @Override
        public List<String> list() {
            return List.of("scripted-list");
        }
    }

    final Path folder;
    final FakeHypervisor hypervisor;

    /** What all images hold. */
    final FakeGuestFilesystem files = FakeGuestFilesystem.empty();

    /** The images that were opened, with how. */
    final List<String> opened = new ArrayList<>();

    private final FaultPlan plan;
    private final ImageOpener images = new ImageOpener() {
        @Override
        public void check() {
            opened.add("check");
        }

        @Override
        public GuestFilesystem open(Path image, ImageFormat format, Mode mode, Path work) {
            opened.add(image.getFileName() + " " + mode);
            return files.reopen();
        }
    };

    OzConfig config;
    final Oz oz;
    final List<BuildEvent> events = new ArrayList<>();
    final Path iso;

    Bench(Path folder, FakeGuest guest) throws IOException {
        this(folder, guest, Variant.standard());
    }

    Bench(Path folder, FakeGuest guest, Variant variant) throws IOException {
        this(folder, guest, variant, FaultPlan.nothing());
    }

    /** One on which something goes wrong. */
    Bench(Path folder, FakeGuest guest, Variant variant, FaultPlan plan) throws IOException {
        this.folder = folder;
        this.plan = plan;
        hypervisor = FakeHypervisor.kvm().toBuilder().guest(guest).build();
        Path home = folder.resolve("home");
        config = OzConfig.defaults(plan.files(home));
        iso = folder.resolve("install.iso");
        if (Files.notExists(iso)) {
            byte[] initrd = "070701".getBytes(StandardCharsets.US_ASCII);
            IsoWriter.write(iso, "SCRIPTED", Map.of("kernel", new byte[] {1, 2, 3}, "initrd", initrd));
        }
        oz = open(variant);
    }

    /** Another program, on the same host. */
    Oz open(Variant variant) {
        return Oz.builder()
                .config(config)
                .onlyGivenPlugins()
                .plugin(new ScriptedOs(variant))
                .hypervisor(plan.hypervisor(hypervisor))
                .imageOpener(plan.images(images))
                .time(hypervisor.time())
                .build();
    }

    Template template(String name) {
        return template(name, Optional.empty());
    }

    Template template(String name, Optional<String> kernelParameters) {
        TemplateBuilder builder = Template.builder(name, "ScriptedOS", "1", Arch.X86_64)
                .iso(iso.toUri())
                .rootPassword("top secret");
        kernelParameters.ifPresent(builder::kernelParameters);
        return builder.build();
    }

    /** An installer that does all right, up to the point where it would power off. */
    static GuestScript working(String token) {
        return GuestScript.start()
                .after(Duration.ofSeconds(3))
                .prints("Copying files\n")
                .worksFor(Duration.ofMinutes(20))
                .installs()
                .says(1, token + "\n");
    }

    /** A machine that runs with nobody to own it. */
    void orphan(String name, UUID uuid) {
        MachineSpec spec = MachineSpec.builder(name, Arch.X86_64)
                .uuid(uuid)
                .memoryMiB(64)
                .stopOnReboot(true)
                .build();
        try {
            hypervisor.start(spec).close();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What users were told so far, beside progress. */
    List<String> notices() {
        return events.stream()
                .filter(BuildEvent.Notice.class::isInstance)
                .map(event -> ((BuildEvent.Notice) event).text())
                .toList();
    }

    Path image(String name) {
        return config.outputDir().resolve(name + ".dsk");
    }

    /** Checks that a build has left nothing but, maybe, its image and evidence. */
    void assertNothingLeft(String name) throws IOException {
        assertThat(hypervisor.running()).as(hypervisor.timeline()).isEmpty();
        assertThat(files(config.dataDir().resolve("builds"))).isEmpty();
        assertThat(config.outputDir().resolve("." + name + ".oz")).doesNotExist();
    }

    void assertNoImage(String name) throws IOException {
        assertNothingLeft(name);
        assertThat(files(config.outputDir())).isEmpty();
    }

    private static List<Path> files(Path place) throws IOException {
        if (Files.notExists(place)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(place)) {
            return found.toList();
        }
    }

    @Override
    public void close() {
        oz.close();
    }
}
