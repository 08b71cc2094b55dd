package org.oz4j.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.oz4j.DiskException;
import org.oz4j.Firmware;
import org.oz4j.ImageExistsException;
import org.oz4j.ImageFormat;
import org.oz4j.InstallFailedException;
import org.oz4j.InstalledImage;
import org.oz4j.MediaException;
import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.config.Loopback;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.Sizes;
import org.oz4j.disk.DiskImages;
import org.oz4j.disk.ImageInspector;
import org.oz4j.disk.ImageReport;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.hypervisor.MachineSpec.Disk;
import org.oz4j.icicle.ProvenanceFile;
import org.oz4j.media.Checksum;
import org.oz4j.media.Downloads;
import org.oz4j.media.IsoImage;
import org.oz4j.media.MediaIdentity;
import org.oz4j.media.MediaStore.Kind;
import org.oz4j.media.Stored;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Feature;
import org.oz4j.template.Template;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.InstallType;

import static org.oz4j.engine.GuestBuild.known;

/** The steps of an install, in order. */
enum InstallSteps implements Step {
    /** Checks what can be checked before any work, takes the name, and cleans up after a build that died under it. */
    RESERVE(1) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            checkRequest(build);
            reserve(build, progress);
        }

        @Override
        public void leave(GuestBuild build) throws IOException {
            build.endReservation();
        }
    },

    /** Fetches and verifies the medium, or looks into the install tree. */
    FETCH(8) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            Template.Install install = build.template.os().install();
            Downloads downloads = build.engine.downloads();
            if (install.type() == InstallType.ISO) {
                Optional<Checksum> checksum = Optional.empty();
                if (install.checksum().isPresent()) {
                    checksum = Optional.of(
                            downloads.checksum(install.checksum().get(), install.location(), signature(build)));
                }
                List<URI> locations = new ArrayList<>(List.of(install.location()));
                locations.addAll(install.mirrors());
                Stored file = build.fetch(locations, checksum, Kind.MEDIA, "install.iso", progress);
                if (install.signature().isPresent()
                        && !(install.checksum().orElse(null) instanceof ChecksumSource.SumFile)) {
                    progress.at(0.9, "verifying the signature");
                    downloads.verify(
                            file.path(), install.location(), signature(build).orElseThrow());
                }
                build.isoFile = file;
                build.iso = IsoImage.open(file.path());
                Optional<MediaIdentity> identity = MediaIdentity.of(build.iso);
                checkIdentity(build, identity);
                build.facts = facts(
                        build.iso,
                        build.match.release(),
                        identity.map(MediaIdentity::editions).orElse(List.of()));
            } else {
                Map<String, String> texts = new HashMap<>();
                for (String path : build.match.release().probe()) {
                    downloads.text(tree(build).resolve(path), PROBE_LIMIT).ifPresent(text -> texts.put(path, text));
                }
                build.facts = new MediaFacts(Optional.empty(), texts.keySet(), texts);
            }
        }

        @Override
        public void leave(GuestBuild build) throws IOException {
            // apart from the reservation, whose end must not hang on files
            try {
                build.letGo();
            } finally {
                if (build.iso != null) {
                    build.iso.close();
                }
            }
        }
    },

    /** Has the OS's plugin describe the install. */
    DESCRIBE(1) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            build.proxy = build.engine.proxy().of(build.network());
            build.profile = describe(build, known(build.facts), InstalledCache.secrets(build), progress::notice);
        }
    },

    /** Makes the install medium that carries the answer file, and the description of the machine that boots it. */
    MEDIUM(5) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            GuestProfile profile = known(build.profile);
            InstallMedium medium = new InstallMedium(build, choose(profile.media(), build), answers(build, profile));
            medium.fetch(progress);
            build.installed = InstalledCache.look(build, medium);
            List<Disk> disks = disks(build);
            Boot boot = isInstalled(build) ? new Boot.FromDisk() : medium.make(disks);
            build.spec = machineSpec(build, known(build.reservation).machine(), disks, boot, progress::notice);
        }
    },

    /** Creates the disk, beside the place where it will be published. */
    DISK_IMAGE(1) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            if (isInstalled(build)) {
                build.installed.orElseThrow().place(progress);
                return;
            }
            for (int i = 0; i < diskCount(build); i++) {
                DiskImages.create(
                        build.file(disk(i)),
                        build.format(i).whileInstalling(),
                        diskSize(build, i),
                        build.engine.config().imageMode());
            }
        }
    },

    /** Runs the installer, and watches it to its end. */
    INSTALL(80) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            if (isInstalled(build)) {
                progress.notice("The same was installed before, and is taken as it was kept");
            } else {
                new InstallWatch(build, progress).run();
                build.tellOfProxy(progress);
            }
        }

        @Override
        public void leave(GuestBuild build) {
            build.endMachine();
        }
    },

    /** Looks at the disk, where the installer had no way to say that it succeeded. */
    CHECK(1) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            if (isInstalled(build)) {
                return;
            }
            if (signal(build) instanceof SuccessSignal.ImageCheck) {
                check(build, progress);
            }
            if (build.installed.isPresent()) {
                build.installed.get().keep(progress);
            }
        }

        private void check(GuestBuild build, Progress progress) throws IOException, InterruptedException {
            ImageReport report =
                    ImageInspector.inspect(build.file(disk(0)), build.format(0).whileInstalling());
            if (!report.looksInstalled()) {
                throw InstallFailure.of(
                        build,
                        progress,
                        InstallFailedException.Kind.IMAGE_CHECK,
                        "",
                        "the guest powered off, but its disk does not look installed: " + report.explain(),
                        "See whether the answer file runs to its end",
                        Optional.empty(),
                        null);
            }
        }
    },

    /** Moves the finished image to its place, at once or not at all. */
    PUBLISH(3) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            ImageFormat format = build.format(0);
            long size = DiskImages.virtualSize(build.file(disk(0)), format.whileInstalling());
            List<Path> finished = new ArrayList<>();
            for (int i = 0; i < diskCount(build); i++) {
                Path disk = finish(build, i, progress);
                DiskImages.syncToDisk(disk);
                finished.add(disk);
            }
            if (build.options.keepEvidence()) {
                progress.notice(
                        "The console log is in " + Evidence.collect(build, null).folder());
            }
            Path xml = build.file("domain.xml");
            Files.writeString(xml, build.engine.hypervisor().describe(bootSpec(build)));
            Path provenance = InstallProvenance.write(build);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            for (int i = 0; i < finished.size(); i++) {
                checkNotThere(build, i);
            }
            Path publishedXml = domainXmlBeside(build.image);
            Publication publication = new Publication(build.folder());
            build.publication = publication;
            // The image's own rename is the moment of truth: after it the build has succeeded.
            publication.move(xml, publishedXml);
            publication.move(provenance, ProvenanceFile.beside(build.image));
            Path variables = nvramBeside(build.image);
            if (known(build.spec).nvram().isPresent()) {
                publication.move(known(build.spec).nvram().get(), variables);
            } else {
                publication.delete(variables); // of an old image, which started by UEFI
            }
            for (int i = 1; i < finished.size(); i++) {
                publication.move(finished.get(i), published(build, i));
            }
            publication.move(finished.get(0), build.image);
            build.result = new InstalledImage(
                    build.template.name(),
                    build.match.release().title(),
                    build.template.os().arch(),
                    build.image,
                    IntStream.range(1, finished.size())
                            .mapToObj(i -> published(build, i))
                            .toList(),
                    format,
                    size,
                    known(build.spec).firmware(),
                    publishedXml,
                    build.sinceStart());
        }

        @Override
        public void leave(GuestBuild build) throws IOException {
            if (build.result == null && build.publication != null) {
                build.publication.takeBack();
            }
        }

        /** The image in its final format. */
        private Path finish(GuestBuild build, int disk, Progress progress) throws InterruptedException {
            Path made = build.file(disk(disk));
            ImageFormat format = build.format(disk);
            if (format == format.whileInstalling()) {
                return made;
            }
            progress.notice("Converting the image to " + format.label());
            Path converted = build.file("converted-" + disk(disk));
            build.engine
                    .hypervisor()
                    .convert(
                            made,
                            format.whileInstalling(),
                            converted,
                            format,
                            build.engine.config().imageMode());
            return converted;
        }

        private MachineSpec bootSpec(GuestBuild build) {
            MachineSpec spec = known(build.spec);
            List<Disk> disks = IntStream.range(0, diskCount(build))
                    .mapToObj(i -> new Disk(
                            published(build, i),
                            build.format(i),
                            spec.disks().get(0).bus(),
                            false))
                    .toList();
            return spec.toBuilder()
                    .uuid(UUID.randomUUID())
                    .nvram(spec.nvram().map(file -> nvramBeside(build.image)))
                    .boot(new Boot.FromDisk())
                    .disks(disks)
                    .serials(List.of())
                    .virtioPorts(List.of())
                    .stopOnReboot(false)
                    .build();
        }
    };

    private static final int PROBE_LIMIT = 1 << 20;
    private static final int ANSWERS_LIMIT = 4 << 20;
    private static final int SECTOR = 512;

    private final int weight;

    InstallSteps(int weight) {
        this.weight = weight;
    }

    @Override
    public int weight() {
        return weight;
    }

    @Override
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Takes the name, cleans up after a build that died under it, and asks what the host can do. */
    static void reserve(GuestBuild build, Progress progress) throws IOException, InterruptedException {
        build.reservation = Reservation.make(
                build.engine.config().dataDir().resolve("builds"),
                build.template.name(),
                build.folder(),
                build.engine.hypervisor(),
                progress);
        build.host = build.engine.hypervisor().host();
        HostFacts host = build.host;
        if (!host.guests().contains(build.template.os().arch())) {
            throw new UnsupportedOsException(
                    build.match.release().title(),
                    "This host can't run " + build.template.os().arch() + " guests",
                    "Install the QEMU package for " + build.template.os().arch());
        }
        progress.notice("Guests run by " + host.virtType() + ": " + host.virtTypeReason());
    }

    /** The signature to verify, by the key that the template names or by those of the system's vendor. */
    private static Optional<Downloads.Signed> signature(GuestBuild build) {
        return build.template
                .os()
                .install()
                .signature()
                .map(signature -> new Downloads.Signed(
                        signature.location(),
                        signature
                                .key()
                                .map(List::of)
                                .orElse(build.match.release().signers())));
    }

    /** What would fail hours later, refused at once. */
    private static void checkRequest(GuestBuild build) throws IOException {
        if (signature(build).filter(signature -> signature.keys().isEmpty()).isPresent()) {
            throw new UnsupportedOsException(
                    build.match.release().title(),
                    "No key is known that the vendor of "
                            + build.match.release().title() + " signs media with",
                    "Name it in <signature key=...>");
        }
        for (int i = 0; i < diskCount(build); i++) {
            if (build.template.disks().size() > i
                    && build.template.disks().get(i).size().orElse(1) > Sizes.LARGEST_DISK) {
                throw new DiskException(
                        build.image,
                        "Disk " + (i + 1) + " of the template '" + build.template.name()
                                + "' is larger than any image can be",
                        "Give it a size up to 1 EiB",
                        null);
            }
            checkNotThere(build, i);
            Path place = published(build, i);
            if (Files.isDirectory(place)) {
                throw new DiskException(place, place + " is a folder", "Name a file for the image", null);
            }
        }
        Optional<Path> answers = build.ownAnswers()
                .filter(address -> "file".equals(address.getScheme()))
                .map(Path::of);
        if (answers.isPresent() && !Files.isReadable(answers.get())) {
            throw new TemplateException(
                    List.of(new Problem(answers.get().toString(), 0, 0, "the answer file can't be read")));
        }
        checkAgainstProfile(build);
        Path folder = build.image.getParent();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DiskException(build.image, "Can't make the folder " + folder, "Choose another place", e);
        }
        if (!Files.isWritable(folder)) {
            throw new DiskException(build.image, "Can't write into the folder " + folder, "Choose another place", null);
        }
    }

    /** Asks the plugin what it would do with a medium of which nothing is known yet, and whether that can be done. */
    private static void checkAgainstProfile(GuestBuild build) {
        build.profile = describe(build, MediaFacts.none(), Secrets.masked(), notice -> {});
        choose(build.profile.media(), build);
        for (int i = 0; i < diskCount(build); i++) {
            diskSize(build, i);
        }
    }

    /** Has the OS's plugin describe the install, with these secrets, the token of success among them. */
    static GuestProfile describe(GuestBuild build, MediaFacts medium, Secrets secrets, Consumer<String> notice) {
        build.successToken = secrets.token("of success");
        return build.describe(
                medium,
                location(build, notice),
                secrets.password("root", build.template.os().rootPassword()),
                userPasswords(build.template, secrets),
                build.successToken);
    }

    /** The medium's address as the guest sees it. */
    private static URI location(GuestBuild build, Consumer<String> notice) {
        return build.template.os().install().type() == InstallType.URL
                ? asGuestSees(tree(build), build, notice)
                : build.template.os().install().location();
    }

    /** Refuses a medium that says that it is of another system; one that says nothing may be the right one. */
    private static void checkIdentity(GuestBuild build, Optional<MediaIdentity> identity) {
        OsRelease release = build.match.release();
        List<String> versions = new ArrayList<>(release.aliases());
        versions.add(release.version());
        versions.add(build.template.os().version());
        if (identity.isPresent()
                && !identity.get()
                        .fits(release.os(), versions, build.template.os().arch())) {
            throw new MediaException(
                    MediaException.Kind.WRONG_MEDIUM,
                    build.template.os().install().location(),
                    "The template '" + build.template.name() + "' installs " + release.title() + " "
                            + build.template.os().arch() + ", and the medium is of "
                            + identity.get().title() + " (" + identity.get().source() + ")",
                    "Correct the template or its <iso>; 'oz identify' makes a template for a medium",
                    null);
        }
    }

    private static MediaFacts facts(IsoImage iso, OsRelease release, List<String> editions) throws IOException {
        Map<String, String> texts = new HashMap<>();
        for (String path : release.probe()) {
            if (iso.contains(path)) {
                texts.put(path, new String(iso.read(path, PROBE_LIMIT), StandardCharsets.UTF_8));
            }
        }
        return new MediaFacts(Optional.of(iso.volumeLabel()), iso.paths(), texts, editions);
    }

    /** The install tree's address, with a slash at its end so that paths resolve below it. */
    static URI tree(GuestBuild build) {
        URI tree = build.match.plugin().tree(build.template.os().install().location());
        return tree.toString().endsWith("/") ? tree : URI.create(tree + "/");
    }

    static URI asGuestSees(URI tree, GuestBuild build, Consumer<String> notice) {
        String host = tree.getHost();
        if (host == null || !Set.of("http", "https", "ftp").contains(tree.getScheme())) {
            throw new MediaException(
                    MediaException.Kind.NOT_FOUND,
                    tree,
                    "A guest can't install from " + tree,
                    "Serve the install tree over http and give that address",
                    null);
        }
        URI seen = URI.create(Loopback.asGuestSees(tree.toString()));
        if (seen.equals(tree)) {
            return tree;
        }
        if (!(build.network() instanceof Network.User)) {
            throw new MediaException(
                    MediaException.Kind.UNREACHABLE,
                    tree,
                    "The address " + tree + " means the guest itself once the guest uses it",
                    "Give the host's address on the guest's network, or use user mode networking",
                    null);
        }
        notice.accept("The guest sees " + tree + " as " + seen);
        return seen;
    }

    /** The first way that carries all that the template asks for. */
    static MediaRecipe choose(List<MediaRecipe> recipes, GuestBuild build) {
        Template.Os os = build.template.os();
        boolean kernelArguments = os.kernelParameters().isPresent();
        boolean extras = !os.install().extras().isEmpty();
        return recipes.stream()
                .filter(recipe -> recipe.isFor(os.install().type()))
                .filter(recipe -> recipe.carriesArguments() || !kernelArguments)
                .filter(recipe -> recipe.carriesExtras() || !extras)
                .findFirst()
                .orElseThrow(() -> new UnsupportedOsException(
                        build.match.release().title(),
                        "No way to start the installer of "
                                + build.match.release().title() + " carries all that the template '"
                                + build.template.name() + "' asks for",
                        extras
                                ? "Take <extras> out; its medium can't be changed"
                                : kernelArguments ? "Take <kernelparam> out" : "Install from an ISO image"));
    }

    /** Whether the very same was installed before and kept. */
    static boolean isInstalled(GuestBuild build) {
        return build.installed.filter(InstalledCache::isHit).isPresent();
    }

    static MachineSpec machineSpec(
            GuestBuild build, UUID machine, List<Disk> disks, Boot boot, Consumer<String> notice) {
        MachineHints hints = known(build.profile).machine();
        int memory = build.template
                .machine()
                .memoryMiB()
                .orElse(build.engine.config().memoryMiB());
        if (memory < hints.minimumMemoryMiB()) {
            notice.accept("The installer needs " + hints.minimumMemoryMiB() + " MiB of memory; the " + memory
                    + " MiB that are asked for are not used");
            memory = hints.minimumMemoryMiB();
        }
        Firmware firmware = firmware(build);
        List<MachineSpec.VirtioPort> ports = signal(build) instanceof SuccessSignal.VirtioToken virtio
                ? List.of(new MachineSpec.VirtioPort(virtio.port(), build.file(InstallWatch.LOG)))
                : List.of();
        return MachineSpec.builder(build.template.name(), build.template.os().arch())
                .uuid(machine)
                .cpus(build.template
                        .machine()
                        .cpus()
                        .orElse(build.engine.config().cpus()))
                .memoryMiB(memory)
                .firmware(firmware)
                .nvram(firmware == Firmware.UEFI ? Optional.of(build.file("nvram.fd")) : Optional.empty())
                .boot(boot)
                .disks(disks)
                .nic(new MachineSpec.Nic(
                        build.options.machine().nic().orElse(hints.nic()),
                        build.network(),
                        build.options.machine().mac()))
                .clock(hints.clock())
                .pointer(hints.pointer())
                .oldVirtio(hints.oldVirtio())
                .serials(serials(build))
                .consoleInput(consoleInput(build))
                .virtioPorts(ports)
                .stopOnReboot(true)
                .build();
    }

    /** Where there are questions to answer, the console can be written to. */
    private static Optional<Path> consoleInput(GuestBuild build) {
        return known(build.profile).flow().prompts().isEmpty()
                ? Optional.empty()
                : Optional.of(build.file(InstallWatch.INPUT));
    }

    /** The console, and a second port where a plugin may count on one that is no virtio port: PCs have it. */
    static List<Path> serials(GuestBuild build) {
        SuccessSignal signal = signal(build);
        boolean second = signal instanceof SuccessSignal.SerialToken
                || (signal instanceof SuccessSignal.ImageCheck
                        && build.template.os().arch().isX86());
        return second
                ? List.of(build.file(InstallWatch.CONSOLE), build.file(InstallWatch.LOG))
                : List.of(build.file(InstallWatch.CONSOLE));
    }

    /** What the machine starts with. */
    static Firmware firmware(GuestBuild build) {
        return wantedFirmware(build).orElse(known(build.profile).machine().firmware());
    }

    /** What the template wants it to start with; else the configured firmware, where the OS is known to start by it. */
    static Optional<Firmware> wantedFirmware(GuestBuild build) {
        return build.template.os().platform().firmware().or(() -> build.engine
                .config()
                .firmware()
                .filter(firmware -> build.match
                        .release()
                        .features()
                        .contains(firmware == Firmware.UEFI ? Feature.UEFI : Feature.BIOS)));
    }

    /** How this install says that it succeeded; an answer file of the user's own can't know of our token. */
    static SuccessSignal signal(GuestBuild build) {
        return build.ownAnswers().isPresent()
                ? new SuccessSignal.ImageCheck()
                : known(build.profile).flow().success();
    }

    static int diskCount(GuestBuild build) {
        return Math.max(1, build.template.disks().size());
    }

    /** The disks to install on. */
    static List<Disk> disks(GuestBuild build) {
        List<Disk> disks = new ArrayList<>();
        for (int i = 0; i < diskCount(build); i++) {
            ImageFormat format = build.format(i).whileInstalling();
            disks.add(new Disk(
                    build.file(disk(i)), format, known(build.profile).machine().diskBus(), true));
        }
        return disks;
    }

    /** The working file of a disk; the first is the one to install on. */
    static String disk(int number) {
        return number == 0 ? "disk.img" : "disk" + (number + 1) + ".img";
    }

    static Path published(GuestBuild build, int disk) {
        return disk == 0
                ? build.image
                : build.image.resolveSibling(baseName(build.image) + "-disk" + (disk + 1)
                        + build.format(disk).extension());
    }

    /** Refuses to replace an image that nobody asked to be replaced. */
    private static void checkNotThere(GuestBuild build, int disk) {
        Path place = published(build, disk);
        if (!build.options.overwrite() && Files.exists(place)) {
            throw new ImageExistsException(place);
        }
    }

    static long diskSize(GuestBuild build, int disk) {
        List<Template.Disk> disks = build.template.disks();
        OptionalLong wanted = disk < disks.size() ? disks.get(disk).size() : OptionalLong.empty();
        long size = wanted.orElse(known(build.profile).machine().defaultDiskSize());
        Optional<Template.Layout> layout = disk < disks.size() ? disks.get(disk).layout() : Optional.empty();
        if (layout.isPresent() && layout.get().size() > size) {
            throw new UnsupportedOsException(
                    build.match.release().title(),
                    "The <layout> of the template '" + build.template.name() + "' takes "
                            + layout.get().size() + " bytes of a disk that has " + size
                            + " by default",
                    "Give the disk a <size>");
        }
        return (size + SECTOR - 1) / SECTOR * SECTOR;
    }

    private static Map<String, RootPassword> userPasswords(Template template, Secrets secrets) {
        Map<String, RootPassword> made = new HashMap<>();
        for (Template.User user : template.os().setup().users()) {
            user.password()
                    .ifPresent(password -> made.put(user.name(), secrets.password(user.name(), Optional.of(password))));
        }
        return made;
    }

    /** A kernel's arguments, with the template's own at their end. */
    static String arguments(String arguments, Template template) {
        return template.os()
                .kernelParameters()
                .map(more -> arguments + " " + more.strip())
                .orElse(arguments);
    }

    /** The answer file: the user's own or the plugin's, with what the template adds to it. */
    private static byte[] answers(GuestBuild build, GuestProfile profile) throws Exception {
        byte[] answers = profile.answers().content().getBytes(StandardCharsets.UTF_8);
        Optional<URI> own = build.ownAnswers();
        if (own.isPresent()) {
            answers = build.engine
                    .downloads()
                    .text(own.get(), ANSWERS_LIMIT)
                    .orElseThrow(() -> new MediaException(
                            MediaException.Kind.NOT_FOUND,
                            own.get(),
                            "There is no answer file at " + own.get(),
                            "Correct its address",
                            null))
                    .getBytes(StandardCharsets.UTF_8);
        }
        Optional<String> append = build.template.answers().append();
        if (append.isEmpty()) {
            return answers;
        }
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(answers);
        both.write(("\n" + append.get() + "\n").getBytes(StandardCharsets.UTF_8));
        return both.toByteArray();
    }

    /** The plugin's answer file with stars in place of secrets. */
    static String maskedAnswers(GuestBuild build) {
        String token = build.successToken;
        try {
            String answers = describe(build, known(build.facts), Secrets.masked(), notice -> {})
                    .answers()
                    .content();
            return masked(build, answers);
        } finally {
            build.successToken = token;
        }
    }

    /** A text without the product key. */
    static String masked(GuestBuild build, String text) {
        return build.template
                .os()
                .key()
                .map(key -> text.replace(key, Secrets.MASK))
                .orElse(text);
    }

    static Path domainXmlBeside(Path image) {
        return image.resolveSibling(baseName(image) + ".xml");
    }

    static Path nvramBeside(Path image) {
        return image.resolveSibling(baseName(image) + ".nvram.fd");
    }

    private static String baseName(Path image) {
        return image.getFileName().toString().replaceFirst("\\.[^.]+$", "");
    }
}
