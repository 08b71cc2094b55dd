package org.oz4j.engine;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import org.oz4j.BuildEvent;
import org.oz4j.CustomizeFailedException;
import org.oz4j.DiskException;
import org.oz4j.Firmware;
import org.oz4j.GuestUnreachableException;
import org.oz4j.Icicle;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.UnsupportedOsException;
import org.oz4j.disk.DiskImages;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;
import org.oz4j.disk.OfflineEdits;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.remote.GuestDialect;
import org.oz4j.remote.GuestShell;
import org.oz4j.remote.SshKnocker;
import org.oz4j.remote.SshShell;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.PackageManager;

import static org.oz4j.engine.GuestBuild.known;

/** The steps of a visit to an installed guest: to customise it, or to list what is inside. */
enum VisitSteps implements Step {
    /** Checks what can be checked before any work, takes the name, and cleans up after a build that died under it. */
    RESERVE(1) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            InstalledImage image = build.visited();
            if (!Files.isRegularFile(image.disk()) || !Files.isReadable(image.disk())) {
                throw new DiskException(
                        image.disk(), "There is no image " + image.disk() + " to work on", "Install it first", null);
            }
            build.profile = build.describe(
                    MediaFacts.none(),
                    build.template.os().install().location(),
                    Secrets.random().password("root", Optional.empty()),
                    Map.of(),
                    "none");
            boolean enters = build.has(ENTER);
            boolean edits = enters && GuestAccess.cheapest(build).edits();
            boolean seals = build.has(TIDY_UP) && build.options.visit().seal();
            if (build.has(CHANGE)) {
                checkChoices(build);
            }
            if (!enters || edits || seals) {
                build.engine.images().check();
            }
            if (build.has(CHANGE)
                    && !(build.template.packages().isEmpty()
                            && build.template.repositories().isEmpty())) {
                build.packageWork().check();
            }
            InstallSteps.reserve(build, progress);
        }

        private void checkChoices(GuestBuild build) {
            String os = build.match.release().title();
            AccessRecipe access = GuestAccess.cheapest(build);
            Optional<String> instead = access.insteadOfSealing();
            if (build.options.visit().seal() && instead.isPresent()) {
                throw new UnsupportedOsException(os, "An image of " + os + " can't be sealed by Oz", instead.get());
            }
            if (build.options.visit().resume() && !access.takesCutOff()) {
                throw new UnsupportedOsException(
                        os,
                        "A customising of " + os + " can't be gone on with where it fails",
                        "Do without resuming; the image is left as it is, and the next run begins anew");
            }
        }

        @Override
        public void leave(GuestBuild build) throws IOException {
            build.endReservation();
        }
    },

    /** Makes an overlay: the image itself is only read from here on. */
    OVERLAY(1) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            InstalledImage image = build.visited();
            Path kept = Phases.folderFor(image.disk(), build.template.name());
            if (!build.has(CHANGE) || !build.options.visit().resume()) {
                build.engine.hypervisor().createOverlay(build.file(OVERLAY_FILE), image.disk(), image.format());
                if (build.has(CHANGE) && Files.exists(kept)) {
                    progress.notice(
                            "Begins anew: what an earlier run kept for resuming, in " + kept + ", is left alone");
                }
                return;
            }
            Phases phases =
                    Phases.begin(build.engine.hypervisor(), image, build.template.name(), GuestChanges.keys(build));
            build.phases = phases;
            if (phases.over() > 0) {
                progress.notice("Resumes: " + phases.done() + " are done");
            }
        }

        @Override
        public void leave(GuestBuild build) throws IOException {
            Path kept = Phases.folderFor(build.visited().disk(), build.template.name());
            if (build.published) {
                WorkFolder.delete(kept); // of the old image, whoever kept it
            } else if (build.phases != null) {
                build.phases.close();
                if (build.phases.over() > 0) {
                    build.listener.on(new BuildEvent.Notice(
                            build.template.name(),
                            title(),
                            build.phases.done() + " are kept for resuming, in " + kept));
                }
            }
        }
    },

    /** Boots the guest with the keys of this visit, and reaches it. */
    ENTER(30) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            Path overlay = overlay(build);
            Optional<Path> earlier = build.phases == null ? Optional.empty() : build.phases.record();
            enter(build, overlay, earlier, progress);
            Path edits = Phases.recordOf(overlay);
            build.edits = Files.exists(edits) ? edits : null;
        }

        @Override
        public void leave(GuestBuild build) {
            goOut(build);
        }
    },

    /** Does what the template says. */
    CHANGE(60) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            build.proxy = build.engine.proxy().of(build.network());
            inside(build, () -> {
                new GuestChanges(build, progress).make(build.phases);
                return build;
            });
            build.tellOfProxy(progress);
        }
    },

    /** Asks the package manager what is installed. */
    LIST(60) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            PackageWork work = build.packageWork();
            PackageManager manager = work.manager();
            GuestDialect dialect = known(build.shell).dialect();
            List<String> lines =
                    output(build, progress, manager.name(), dialect.command(work.environment(), manager.list()));
            Optional<String> command = build.template.os().icicleCommand();
            List<String> extra = command.isPresent()
                    ? output(build, progress, "icicle command", dialect.text(command.get()))
                    : List.of();
            build.icicle = Icicle.of(build.template.description(), os(build, manager), lines, manager::item, extra);
        }

        private List<String> output(GuestBuild build, Progress progress, String what, String command)
                throws InterruptedException, IOException {
            progress.at(0.5, what);
            AtomicLong told = new AtomicLong();
            GuestShell.Result result =
                    inside(build, () -> known(build.shell).run(command, LIST_LIMIT, line -> told.incrementAndGet()));
            GuestChanges.check(build, what, result);
            List<String> lines = result.output().lines().toList();
            if (lines.size() + result.errors().lines().count() < told.get()) {
                throw new GuestUnreachableException(
                        "The " + what + " of '" + build.template.name() + "' printed " + told
                                + " lines, more than are kept of a command",
                        "Have it print less",
                        null);
            }
            return lines;
        }
    },

    /** Reads what is installed out of the package manager's own files, with no machine. */
    READ(60) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            InstalledImage image = build.visited();
            PackageManager manager = build.packageWork().manager();
            progress.at(0.1, "opening the image");
            List<Icicle.Item> items;
            try (GuestFilesystem files = build.engine
                    .images()
                    .open(image.disk(), image.format(), ImageOpener.Mode.READ_ONLY, build.folder())) {
                items = manager.installed(files);
            }
            if (build.template.os().icicleCommand().isPresent()) {
                progress.notice("The icicle command was not run: nothing is booted");
            }
            build.icicle = new Icicle(build.template.description(), Optional.of(os(build, manager)), items);
        }
    },

    /** Has the guest power off by itself, so that its file systems are whole. */
    SHUT_DOWN(5) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            Machine machine = known(build.machine);
            // A small system has nobody who hears the power button, so it is told; the connection may break under that.
            try {
                GuestShell shell = known(build.shell);
                GuestShell.Result told = shell.run(shell.dialect().powerOff(), POWEROFF_LIMIT, line -> {});
                if (told.status() > 0) {
                    machine.requestShutdown();
                }
            } catch (GuestUnreachableException e) {
                machine.requestShutdown();
            }
            known(build.shell).close();
            Duration limit = build.engine.config().limits().shutdown();
            MachineState end = machine.await(limit);
            if (end.kind() != MachineState.Kind.POWERED_OFF) {
                Evidence evidence = Evidence.collect(build, machine);
                throw new CustomizeFailedException(
                        build.template.name(),
                        end.kind() == MachineState.Kind.RUNNING
                                ? "powering off within " + limit.toSeconds() + " s"
                                : "powering off, where " + VisitWatch.words(end) + ",",
                        -1,
                        evidence.lastLines(),
                        evidence.folder());
            }
            machine.close();
            build.machine = null;
        }
    },

    /** Takes out of the image what opened it, and what it shall not share with copies of it. */
    TIDY_UP(5) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            boolean seal = build.options.visit().seal();
            if (!seal && build.edits == null) {
                return;
            }
            progress.at(0.1, "opening the image");
            try (GuestFilesystem files = open(build, overlay(build))) {
                if (build.edits != null) {
                    undo(files, build.edits, progress);
                }
                if (seal) {
                    Sealing.seal(files).forEach(progress::notice);
                }
            }
        }
    },

    /** Makes the new image. */
    FINISH(9) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            InstalledImage image = build.visited();
            Path finished = build.file(FINISHED);
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(image.disk()));
            // The old image is read to the end, and replaced by a rename: there is no moment at which it is half new.
            build.engine.hypervisor().convert(overlay(build), ImageFormat.QCOW2, finished, image.format(), mode);
            DiskImages.syncToDisk(finished);
        }
    },

    /** Boots the new image on an overlay: it must let us in, and all its services must come up. */
    VERIFY(30) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            build.engine
                    .hypervisor()
                    .createOverlay(
                            build.file(GATE),
                            build.file(FINISHED),
                            build.visited().format());
            enter(build, build.file(GATE), Optional.empty(), progress);
            progress.at(0.5, "waiting until all services are up");
            GuestShell shell = known(build.shell);
            GuestShell.Result settled =
                    inside(build, () -> shell.run(shell.dialect().settle(), SETTLE_LIMIT, line -> {}));
            GuestChanges.check(build, "coming up with all its services", settled);
            goOut(build);
        }

        @Override
        public void leave(GuestBuild build) {
            goOut(build);
        }
    },

    /** Puts the new image into the old one's place, at once or not at all. */
    PUBLISH(1) {
        @Override
        public void run(GuestBuild build, Progress progress) throws Exception {
            if (build.options.keepEvidence()) {
                progress.notice(
                        "The logs are in " + Evidence.collect(build, null).folder());
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Files.move(build.file(FINISHED), build.visited().disk(), StandardCopyOption.ATOMIC_MOVE);
            build.published = true;
        }
    };

    /** To customise. */
    static final List<Step> CUSTOMIZE = List.of(RESERVE, OVERLAY, ENTER, CHANGE, SHUT_DOWN, TIDY_UP, FINISH, PUBLISH);

    /** To customise, and to see the new image come up before it takes the old one's place. */
    static final List<Step> CUSTOMIZE_AND_VERIFY =
            List.of(RESERVE, OVERLAY, ENTER, CHANGE, SHUT_DOWN, TIDY_UP, FINISH, VERIFY, PUBLISH);

    /** To list what is inside. */
    static final List<Step> ICICLE = List.of(RESERVE, OVERLAY, ENTER, LIST);

    /** To list what is inside without booting it. */
    static final List<Step> ICICLE_OFFLINE = List.of(RESERVE, READ);

    private static final String OVERLAY_FILE = "overlay.qcow2";
    private static final String FINISHED = "finished.img";
    private static final String GATE = "gate.qcow2";

    private static final Duration SETTLE_LIMIT = Duration.ofMinutes(20);
    private static final int SSH = 22;
    private static final Duration LOGIN_PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration POWEROFF_LIMIT = Duration.ofSeconds(30);
    private static final Duration LIST_LIMIT = Duration.ofMinutes(30);

    private final int weight;

    VisitSteps(int weight) {
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

    /** The overlay of the image that is written to. */
    private static Path overlay(GuestBuild build) {
        return build.phases == null ? build.file(OVERLAY_FILE) : build.phases.current();
    }

    private static void undo(GuestFilesystem files, Path record, Progress progress) throws InterruptedException {
        for (OfflineEdits.Kept kept : OfflineEdits.resume(record).undo(files)) {
            progress.notice("What opened the image was not taken out at " + kept.path() + ": " + kept.why());
        }
    }

    /**
     * Boots an overlay of the image with keys of this visit, and reaches the guest.
     *
     * @param earlier the edits of an earlier visit that are still in it
     */
    private static void enter(GuestBuild build, Path overlay, Optional<Path> earlier, Progress progress)
            throws IOException, InterruptedException {
        InstalledImage image = build.visited();
        GuestAccess access = GuestAccess.prepare(build);
        if (access.needsEdits() || earlier.isPresent()) {
            progress.at(0.01, "putting keys into the image");
            try (GuestFilesystem files = open(build, overlay)) {
                if (earlier.isPresent()) {
                    undo(files, earlier.get(), progress);
                }
                if (access.needsEdits()) {
                    OfflineEdits.begin(Phases.recordOf(overlay)).apply(files, access.edits(files));
                }
            }
        }
        List<MachineSpec.Disk> disks = new ArrayList<>();
        disks.add(new MachineSpec.Disk(
                overlay, ImageFormat.QCOW2, known(build.profile).machine().diskBus(), true));
        MachineSpec plain = InstallSteps.machineSpec(
                build, known(build.reservation).machine(), disks, new MachineSpec.Boot.FromDisk(), progress::notice);
        Optional<Path> nvram = Optional.empty();
        if (image.firmware() == Firmware.UEFI) {
            Path variables = InstallSteps.nvramBeside(image.disk());
            nvram = Optional.of(build.file("nvram.fd"));
            if (Files.exists(variables)) {
                Files.copy(variables, nvram.get(), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        build.spec = access.machine(plain, InstallSteps.serials(build), nvram);
        build.start(build.spec);
        VisitWatch watch = new VisitWatch(build);
        build.watch = watch;
        Optional<Announcement.Reader> announced = access.announced().map(Announcement.Reader::new);
        build.login = doing -> {
            doing.at(0.05, "waiting for the ssh server");
            SshKnocker.Greeted greeted = awaitGreeting(build, watch, announced, doing);
            doing.at(0.9, "logging in");
            build.shell = build.engine
                    .shells()
                    .apply(SshShell.connect(
                            greeted,
                            access.user(),
                            access.host(),
                            GuestAccess.cheapest(build).dialect(),
                            build.engine.time(),
                            LOGIN_PATIENCE,
                            new SshShell.Waiting(watch::check)));
        };
        build.login.by(progress);
    }

    private interface Work<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Works in the guest; where that is lost, the failure tells what became of it. */
    private static <T> T inside(GuestBuild build, Work<T> work) throws IOException, InterruptedException {
        try {
            return work.run();
        } catch (GuestUnreachableException e) {
            throw known(build.watch).lost(e);
        }
    }

    private static GuestFilesystem open(GuestBuild build, Path overlay) throws InterruptedException {
        return build.engine.images().open(overlay, ImageFormat.QCOW2, ImageOpener.Mode.READ_WRITE, build.folder());
    }

    private static Icicle.Os os(GuestBuild build, PackageManager manager) {
        OsRelease release = build.match.release();
        return new Icicle.Os(
                release.os(), release.version(), build.template.os().arch().toString(), manager.purlType());
    }

    /** Waits for the guest's ssh server, wherever it comes up. */
    private static SshKnocker.Greeted awaitGreeting(
            GuestBuild build, VisitWatch watch, Optional<Announcement.Reader> announced, Progress progress)
            throws InterruptedException, IOException {
        Duration limit = build.engine.config().limits().boot();
        long end = build.engine.time().nanoTime() + limit.toNanos();
        try (SshKnocker knocker = new SshKnocker()) {
            while (true) {
                Machine machine = known(build.machine);
                Optional<String> trouble = watch.trouble();
                if (trouble.isPresent() && build.startsAgain(machine.await(VisitWatch.NEWS), progress)) {
                    continue;
                }
                Set<InetSocketAddress> all = new LinkedHashSet<>();
                if (trouble.isEmpty()) {
                    all.addAll(machine.endpoints(SSH));
                    if (announced.isPresent()) {
                        all.addAll(announced.get().endpoints(SSH));
                    }
                }
                List<InetSocketAddress> servers = List.copyOf(all);
                Optional<SshKnocker.Greeted> greeted = knocker.knock(servers);
                if (greeted.isPresent()) {
                    return greeted.get();
                }
                if (trouble.isPresent() || build.engine.time().nanoTime() > end) {
                    Evidence evidence = Evidence.collect(build, machine);
                    throw new GuestUnreachableException(
                            "The guest '" + build.template.name() + "' can't be reached: "
                                    + trouble.map(why -> why + " while it booted")
                                            .orElseGet(() -> silence(build, servers, limit)),
                            "See its console in " + evidence.folder() + "; the limit is the setting 'boot'"
                                    + GuestAccess.cheapest(build)
                                            .whereSilent()
                                            .map(more -> ". " + more)
                                            .orElse(""),
                            null);
                }
                build.engine.time().sleep(PAUSE);
            }
        }
    }

    private static String silence(GuestBuild build, List<InetSocketAddress> servers, Duration limit) {
        return servers.isEmpty()
                ? "neither the network " + build.network().label() + " nor the guest told its address for "
                        + limit.toSeconds() + " s"
                : "no ssh server answered within " + limit.toSeconds() + " s at " + servers;
    }

    /** Ends the machine and the talk with it. */
    private static void goOut(GuestBuild build) {
        if (build.shell != null) {
            build.shell.close();
        }
        build.endMachine();
    }
}
