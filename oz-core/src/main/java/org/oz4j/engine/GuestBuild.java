package org.oz4j.engine;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.oz4j.BuildCancelledException;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.DiskException;
import org.oz4j.GuestOptions;
import org.oz4j.HypervisorException;
import org.oz4j.Icicle;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.OzException;
import org.oz4j.PluginException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.engine.OzEngine.Engine;
import org.oz4j.engine.PluginRegistry.Match;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.media.Checksum;
import org.oz4j.media.IsoImage;
import org.oz4j.media.MediaStore.Kind;
import org.oz4j.media.Stored;
import org.oz4j.media.TransferListener;
import org.oz4j.remote.GuestShell;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.PackageManager;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;

/**
 * An install, or a visit to an installed image: runs its declared steps in order, and leaves each one that began in
 * reverse order.
 *
 * <p>Cancelling means interrupting the thread that runs the steps, whoever asks for it: there is one mechanism.
 */
final class GuestBuild {
    final Engine engine;
    final Match match;
    final Template template;
    final GuestOptions options;
    final BuildListener listener;
    final Path image;
    final long started;

    private final List<Step> steps;
    private final List<Stored> held = new ArrayList<>();
    private final int weight;

    /** What the installer comes from, by its address. */
    final Map<URI, Stored> fetched = new LinkedHashMap<>();

    /** What the template's contents come from, by its address: what was looked at is also what the guest gets. */
    final Map<URI, Path> contents = new HashMap<>();

    // What the steps hand on to one another, in the order in which it comes to be.
    @Nullable
    Reservation reservation;

    @Nullable
    HostFacts host;

    @Nullable
    IsoImage iso;

    @Nullable
    Stored isoFile;

    @Nullable
    MediaFacts facts;

    @Nullable
    GuestProfile profile;

    @Nullable
    String successToken;

    /** What the guest fetches packages through, as it sees it. */
    Optional<URI> proxy = Optional.empty();

    Optional<InstalledCache> installed = Optional.empty();

    /** What is done and kept in a visit that can be gone on with; null where nothing is. */
    @Nullable
    Phases phases;

    /** Where the edits are written down that opened the image; null where none did. */
    @Nullable
    Path edits;

    @Nullable
    MachineSpec spec;

    @Nullable
    Machine machine;

    /** What was started last, with what there was of it before. */
    private @Nullable Traces before;

    /** Whether a machine was started again that had crashed at once. */
    private boolean startedAgain;

    /** Whether a machine may have started that is not known. */
    private boolean starting;

    /** Whether the machine may run on. */
    private boolean machineLeft;

    /** What was put into its place; null before. */
    @Nullable
    Publication publication;

    @Nullable
    VisitWatch watch;

    @Nullable
    GuestShell shell;

    /** Reaches the machine's guest, and logs in; the new shell takes the place of the last. */
    interface Login {
        void by(Progress progress) throws IOException, InterruptedException;
    }

    @Nullable
    Login login;

    @Nullable
    Icicle icicle;

    @Nullable
    InstalledImage result;

    /** Whether the visited image is the new one. */
    boolean published;

    /** What is visited; null in an install. */
    private @Nullable InstalledImage visited;

    /** An install. */
    GuestBuild(Engine engine, Match match, Template template, GuestOptions options, BuildListener listener) {
        this(engine, match, template, options, listener, List.of(InstallSteps.values()));
    }

    /** A visit to an image that is there. */
    GuestBuild(
            Engine engine,
            Match match,
            Template template,
            GuestOptions options,
            BuildListener listener,
            InstalledImage visited,
            List<Step> steps) {
        this(engine, match, template, options.withImage(visited.disk()), listener, steps);
        this.visited = visited;
    }

    private GuestBuild(
            Engine engine,
            Match match,
            Template template,
            GuestOptions options,
            BuildListener listener,
            List<Step> steps) {
        this.steps = steps;
        this.weight = steps.stream().mapToInt(Step::weight).sum();
        this.engine = engine;
        this.match = match;
        this.template = template;
        this.options = options;
        this.listener = listener;
        this.image = imagePath(engine, template, options);
        this.started = engine.time().nanoTime();
    }

    /** Where an install puts the image. */
    static Path imagePath(Engine engine, Template template, GuestOptions options) {
        return options.image()
                .orElseGet(() -> engine.config()
                        .outputDir()
                        .resolve(template.name() + formatOf(engine, template, 0).extension()))
                .toAbsolutePath()
                .normalize();
    }

    /** The value of a step before this one. */
    static <T> T known(@Nullable T value) {
        return Objects.requireNonNull(value, "a step before this one sets it");
    }

    /** The image that is visited. */
    InstalledImage visited() {
        return known(visited);
    }

    /**
     * What the guest's package manager is told.
     *
     * @throws UnsupportedOsException where Oz knows none
     */
    PackageWork packageWork() {
        String os = match.release().title();
        PackageManager manager = known(profile)
                .packages()
                .orElseThrow(() -> new UnsupportedOsException(
                        os,
                        os + " has no package manager that Oz knows",
                        "Leave packages, repositories and the list of what is inside out"));
        return new PackageWork(manager, template, proxy);
    }

    /** Whether a step is one of those of this build. */
    boolean has(Step step) {
        return steps.contains(step);
    }

    /** Gives the name back, where it was taken; with a machine that may run on it is left for the next run to end. */
    void endReservation() throws IOException {
        if (reservation != null && machineLeft) {
            reservation.leave();
        } else if (reservation != null) {
            reservation.close();
        }
    }

    /**
     * Fetches a file, which stays for as long as the build.
     *
     * @param name where it goes in the build's folder, where nothing is kept
     */
    Stored fetch(List<URI> locations, Optional<Checksum> checksum, Kind kind, String name, Progress progress)
            throws InterruptedException {
        TransferListener listener =
                progress.transfer("fetching " + locations.get(0).getPath().replaceAll(".*/", ""), engine.time());
        Stored file = hold(
                engine.config().useCache()
                        ? engine.media().fetch(locations, checksum, kind, listener)
                        : engine.downloads().fetchTo(locations, checksum, file(name), listener));
        fetched.put(locations.get(0), file);
        return file;
    }

    /** Has a kept file stay until the build is over. */
    Stored hold(Stored file) {
        held.add(file);
        return file;
    }

    /** Lets go of the kept files. */
    void letGo() throws IOException {
        InAnyCase.run(held.stream().map(file -> file::close));
    }

    /** Says what the proxy was good for, where there is one. */
    void tellOfProxy(Progress progress) {
        if (proxy.isPresent()) {
            progress.notice(engine.proxy().summary());
        }
    }

    /** Starts a machine; one whose start failed is looked for at the end, since it may run all the same. */
    void start(MachineSpec wanted) throws IOException, InterruptedException {
        before = Traces.of(wanted);
        starting = true;
        machine = engine.hypervisor().start(wanted);
        starting = false;
    }

    /**
     * Starts the machine again where its process crashed before the guest had written or said anything, which is as if it
     * had not been started. Emulators do crash now and then while the firmware maps its devices, as QEMU 7.2 without KVM
     * has done. Once in a build: what crashes twice has another cause.
     *
     * @return whether it was
     */
    boolean startsAgain(MachineState state, Progress progress) throws IOException, InterruptedException {
        if (startedAgain
                || state.kind() != MachineState.Kind.CRASHED
                || !known(before).areStillAll()) {
            return false;
        }
        startedAgain = true;
        progress.notice("The machine's process crashed before the guest did anything (" + state.detail()
                + "), so it is started again");
        known(machine).close();
        machine = null;
        start(known(before).spec());
        return true;
    }

    /** Pulls the machine's plug, where there is one; where that can't be done, it is not tried again, and the next run does it. */
    void endMachine() {
        if (machine == null) {
            endStarting();
            return;
        }
        machineLeft = true;
        UUID uuid = machine.uuid();
        try (Machine running = machine) {
            machine = null; // let go of in any case
            running.destroy();
        } catch (HypervisorException e) {
            if (e.kind() != HypervisorException.Kind.LOST) {
                throw e;
            }
            endLost(uuid, e);
        }
        machineLeft = false;
    }

    /** Ends a machine of which it was not heard whether it has started. */
    private void endStarting() {
        if (!starting) {
            return;
        }
        machineLeft = true;
        try {
            Reservation.end(engine.hypervisor(), known(reservation).machine());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return; // the next run does it
        }
        starting = false;
        machineLeft = false;
    }

    /** Ends a machine that runs on though the hypervisor was lost. */
    private void endLost(UUID uuid, HypervisorException lost) {
        try {
            Reservation.end(engine.hypervisor(), uuid);
        } catch (HypervisorException e) {
            lost.addSuppressed(e);
            throw lost;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw lost;
        }
    }

    Path folder() {
        return Reservation.folderFor(image, template.name());
    }

    Path file(String name) {
        return folder().resolve(name);
    }

    Duration sinceStart() {
        return Duration.ofNanos(engine.time().nanoTime() - started);
    }

    /** Runs the steps; what they made is in the fields. */
    void run(CancellationToken token) {
        Thread thread = Thread.currentThread();
        AtomicBoolean byToken = new AtomicBoolean();
        Runnable interrupt = () -> {
            byToken.set(true);
            thread.interrupt();
        };
        engine.running().enter();
        CancellationToken.Registration own = token.onCancel(interrupt);
        CancellationToken.Registration closing = engine.running().closing().onCancel(interrupt);
        boolean interrupted = false;
        boolean turn = false;
        OzException failure = null;
        Deque<Step> begun = new ArrayDeque<>();
        String name = template.name();
        try {
            listener.on(new BuildEvent.Started(
                    name,
                    match.release().title() + " " + template.os().arch(),
                    engine.time().now(),
                    steps.stream().map(Step::title).toList()));
            engine.running()
                    .awaitTurn(() -> listener.on(new BuildEvent.Notice(
                            name,
                            steps.get(0).title(),
                            "Waiting: " + engine.config().parallel() + " builds run already")));
            turn = true;
            runSteps(begun);
        } catch (Exception e) {
            interrupted = Thread.interrupted() || e instanceof InterruptedException;
            failure = asOzException(e, interrupted);
        } finally {
            // From here on nothing may disturb the clean-up.
            own.close();
            closing.close();
            interrupted |= Thread.interrupted();
            failure = leave(begun, failure);
            if (turn) {
                engine.running().endTurn();
            }
            engine.running().leave();
            if (interrupted && !byToken.get()) {
                thread.interrupt();
            }
        }
        if (failure != null) {
            report(new BuildEvent.Failed(name, failure), failure);
            throw failure;
        }
        listener.on(
                new BuildEvent.Succeeded(name, result == null ? known(visited).withTook(sinceStart()) : result));
    }

    private void runSteps(Deque<Step> begun) throws Exception {
        int before = 0;
        for (Step step : steps) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long began = engine.time().nanoTime();
            listener.on(new BuildEvent.StepStarted(template.name(), step.title()));
            begun.push(step);
            Progress progress = new Progress(
                    listener, template.name(), step.title(), (double) before / weight, (double) step.weight() / weight);
            try {
                step.run(this, progress);
            } catch (Exception e) {
                boolean cancelled = e instanceof InterruptedException
                        || Thread.currentThread().isInterrupted();
                String problem = cancelled ? "cancelled" : String.valueOf(e.getMessage());
                report(new BuildEvent.StepFailed(template.name(), step.title(), problem), e);
                throw e;
            }
            before += step.weight();
            listener.on(new BuildEvent.StepFinished(
                    template.name(),
                    step.title(),
                    Duration.ofNanos(engine.time().nanoTime() - began)));
        }
    }

    /** Tells the listener of a failure; a listener that throws now must not hide it. */
    private void report(BuildEvent event, Exception failure) {
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private OzException asOzException(Exception e, boolean interrupted) {
        if (interrupted || e instanceof ClosedByInterruptException) {
            return new BuildCancelledException(template.name(), machineLeft, e);
        }
        if (e instanceof OzException known) {
            return known;
        }
        if (e instanceof IOException) {
            return new DiskException(
                    image,
                    "Building '" + template.name() + "' failed on a file of the host: " + e,
                    "Check the free space and the rights of " + image.getParent(),
                    e);
        }
        // A fault in a plugin or in a listener, or in ours.
        return new PluginException(
                match.plugin().id(),
                "Building '" + template.name() + "' failed unexpectedly: " + e,
                "Report it with the stack trace",
                e);
    }

    private @Nullable OzException leave(Deque<Step> begun, @Nullable OzException failure) {
        OzException told = failure;
        for (Step step : begun) {
            try {
                step.leave(this);
            } catch (Exception e) {
                if (told == null) {
                    told = new DiskException(
                            image,
                            "The image is complete, but cleaning up after it failed: " + e,
                            "Take away the folder " + Reservation.folderFor(image, template.name()),
                            e);
                } else {
                    told.addSuppressed(e);
                }
            }
        }
        return told;
    }

    /** The address of the user's own answer file, if any. */
    Optional<URI> ownAnswers() {
        return options.answerFile().map(Path::toUri).or(() -> template.answers().source());
    }

    /** Has the OS's plugin describe the guest. */
    GuestProfile describe(
            MediaFacts medium,
            URI location,
            RootPassword rootPassword,
            Map<String, RootPassword> userPasswords,
            String token) {
        Optional<DiskBus> bus = options.machine().diskBus();
        GuestProfile described = match.plugin()
                .profile(new ProfileRequest(
                        template,
                        match.release(),
                        medium,
                        location,
                        rootPassword,
                        userPasswords,
                        bus,
                        proxy,
                        token,
                        InstallSteps.wantedFirmware(this)));
        if (bus.isPresent() && described.machine().diskBus() != bus.get()) {
            String os = match.release().title();
            throw new UnsupportedOsException(
                    os,
                    "The installer of " + os + " is not told of disks on the bus "
                            + bus.get().label(),
                    "Leave the disk bus to Oz, which takes "
                            + described.machine().diskBus().label());
        }
        return described;
    }

    /** How the guest is connected while it is built. */
    Network network() {
        return template.machine().network().orElse(engine.config().network());
    }

    /** The format that a disk's image has in the end. */
    ImageFormat format(int disk) {
        return formatOf(engine, template, disk);
    }

    private static ImageFormat formatOf(Engine engine, Template template, int disk) {
        return disk < template.disks().size()
                ? template.disks().get(disk).format().orElse(engine.config().imageFormat())
                : engine.config().imageFormat();
    }
}
