package org.oz4j.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.oz4j.HypervisorException;
import org.oz4j.InstallFailedException;
import org.oz4j.InstallFailedException.Kind;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.Prompt;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;

import static org.oz4j.engine.GuestBuild.known;

/** Starts the installer's machine and watches it until the install is over, well or badly. */
final class InstallWatch {
    /** The file that holds what the guest prints on its console. */
    static final String CONSOLE = "console.log";
    /** The file that holds what the guest writes to its second port: the installer's own log, and the success token. */
    static final String LOG = "installer.log";

    /** The socket by which the console is written to. */
    static final String INPUT = "in";

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int SLOWDOWN_WITHOUT_KVM = 10;
    private static final String ENTER = "\r";
    private static final Pattern PERCENT = Pattern.compile("\\b(\\d{1,3})%(?!.*\\d%)"); // the last of a line

    private final GuestBuild build;
    private final Progress progress;
    private final TimeSource time;
    private final InstallFlow flow;
    private final ConsoleReader console;
    private final Duration timeLimit;
    private final Duration inactivityLimit;
    private final Duration pressing;
    private final long began;

    private final Map<Prompt, Integer> answered = new HashMap<>();
    private boolean answering; // until the guest has ended the line of the question

    /** Trouble, the line that told of it, and when that was. */
    private record Seen(Trouble trouble, String line, long at) {}

    private @Nullable Seen seen;
    private long lastActive;
    private long moving = -1; // bytes of disk, network and log
    private double marked; // the last mark's fraction
    private double fraction;
    private String doing = "starting the installer";

    InstallWatch(GuestBuild build, Progress progress) {
        this.build = build;
        this.progress = progress;
        this.time = build.engine.time();
        this.flow = known(build.profile).flow();
        this.console = new ConsoleReader(build.file(CONSOLE));
        int factor = known(build.host).virtType(build.template.os().arch()) == VirtType.TCG ? SLOWDOWN_WITHOUT_KVM : 1;
        this.timeLimit =
                build.engine.config().limits().install().orElse(flow.timeLimit().multipliedBy(factor));
        this.inactivityLimit = build.engine
                .config()
                .limits()
                .inactivity()
                .orElse(flow.inactivityLimit().multipliedBy(factor));
        this.pressing =
                flow.keys().map(keys -> keys.during().multipliedBy(factor)).orElse(Duration.ZERO);
        this.began = time.nanoTime();
    }

    /** Returns when the installer has succeeded. */
    void run() throws IOException, InterruptedException {
        MachineSpec spec = known(build.spec);
        for (int phase = 0; phase <= flow.reboots(); phase++) {
            build.start(
                    phase == 0
                            ? spec
                            : spec.toBuilder().boot(new Boot.FromDisk()).build());
            progress.at(fraction, doing);
            MachineState end = watch(phase == 0);
            if (end.kind() != MachineState.Kind.POWERED_OFF) {
                throw failure(
                        Kind.MACHINE_FAILED,
                        "the machine ended by itself (" + end.detail() + ")",
                        "See the hypervisor's log; that of the host's kernel (dmesg) tells of processes that crashed, or"
                                + " were ended for want of memory",
                        null);
            }
            known(build.machine).close();
            build.machine = null;
            if (succeeded()) {
                return;
            }
        }
        if (!(InstallSteps.signal(build) instanceof SuccessSignal.ImageCheck)) {
            throw failure(
                    Kind.NO_SUCCESS_TOKEN,
                    "the guest powered off without saying that it was installed",
                    "See what the installer printed last",
                    null);
        }
    }

    private MachineState watch(boolean first) throws IOException, InterruptedException {
        lastActive = time.nanoTime();
        long started = lastActive;
        while (true) {
            Machine machine = known(build.machine);
            MachineState state = machine.await(TICK);
            readConsole();
            if (state.stopped()) {
                if (!build.startsAgain(state, progress)) {
                    return state;
                }
                started = time.nanoTime();
                continue;
            }
            if (state.kind() == MachineState.Kind.PAUSED) {
                throw failure(
                        Kind.MACHINE_FAILED,
                        "the machine was paused (" + state.detail() + ")",
                        "Check the free space beside the image",
                        machine);
            }
            InstallFailure.checkFolder(build);
            checkTrouble(machine);
            checkLimits(machine);
            answer(machine);
            if (first && since(started).compareTo(pressing) < 0) {
                press(machine);
            }
        }
    }

    private void press(Machine machine) {
        try {
            machine.sendKeys(flow.keys().orElseThrow().codes());
        } catch (HypervisorException e) {
            // a machine that has stopped meanwhile is seen at the next look, and a key that was missed is pressed again
        }
    }

    /** Types the reply to a question that the console ends with. */
    private void answer(Machine machine) throws InterruptedException {
        if (answering) {
            return;
        }
        String line = console.prompt();
        Optional<Prompt> asked = flow.prompts().stream()
                .filter(each -> answered.getOrDefault(each, 0) < each.times())
                .filter(each -> each.line().matcher(line).find())
                .findFirst();
        if (asked.isEmpty()) {
            return;
        }
        try {
            machine.type(asked.get().reply() + ENTER);
        } catch (HypervisorException e) {
            if (!machine.state().stopped()) { // one that has stopped meanwhile is seen at the next look
                throw e;
            }
        }
        answered.merge(asked.get(), 1, Integer::sum);
        answering = true;
    }

    private void readConsole() throws IOException {
        List<String> lines = console.poll();
        for (String line : lines) {
            progress.consoleLine(line);
            see(line, true);
        }
        String prompt = console.prompt();
        if (!prompt.isBlank()) {
            see(prompt, false);
        }
        if (!lines.isEmpty()) {
            answering = false;
            lastActive = time.nanoTime();
        }
    }

    private void see(String line, boolean complete) {
        follow(line);
        Optional<Trouble> match = flow.trouble().stream()
                .filter(each -> each.line().matcher(line).find())
                .findFirst();
        if (seen != null && seen.trouble().kind() == Trouble.Kind.QUESTION && complete && match.isEmpty()) {
            seen = null; // the installer went on
        }
        if (seen == null && match.isPresent()) {
            seen = new Seen(match.get(), line, time.nanoTime());
        }
    }

    /** Takes the progress of the installer out of a line: a mark, or a percentage of the way to the next mark. */
    private void follow(String line) {
        double before = fraction;
        String text = doing;
        for (Mark mark : flow.marks()) {
            if (mark.fraction() > marked && mark.line().matcher(line).find()) {
                marked = mark.fraction();
                fraction = Math.max(fraction, marked);
                doing = mark.text();
            }
        }
        Matcher percent = PERCENT.matcher(line);
        if (marked > 0 && percent.find()) {
            double next = flow.marks().stream()
                    .mapToDouble(Mark::fraction)
                    .filter(each -> each > marked)
                    .min()
                    .orElse(1);
            int done = Math.min(100, Integer.parseInt(percent.group(1)));
            fraction = Math.max(fraction, marked + (next - marked) * done / 100);
        }
        if (fraction > before || !doing.equals(text)) {
            progress.at(fraction, doing);
        }
    }

    private void checkTrouble(Machine machine) throws IOException, InterruptedException {
        if (seen == null || since(seen.at()).compareTo(seen.trouble().settled()) < 0) {
            return;
        }
        Trouble trouble = seen.trouble();
        switch (trouble.kind()) {
            case ERROR ->
                throw failure(Kind.INSTALLER_ERROR, "the installer reported an error", trouble.advice(), machine);
            case QUESTION ->
                throw failure(Kind.QUESTION, "the installer stopped to ask a question", trouble.advice(), machine);
            case PANIC -> throw failure(Kind.PANIC, "the guest's kernel panicked", trouble.advice(), machine);
        }
    }

    private void checkLimits(Machine machine) throws IOException, InterruptedException {
        Activity activity = machine.activity();
        Path log = build.file(LOG);
        long moved = activity.diskBytes() + activity.networkBytes() + (Files.exists(log) ? Files.size(log) : 0);
        if (moved != moving) {
            moving = moved;
            lastActive = time.nanoTime();
        }
        if (since(lastActive).compareTo(inactivityLimit) >= 0) {
            throw failure(
                    Kind.INACTIVE,
                    "the guest has used neither disk nor network, and printed or logged nothing, for "
                            + inactivityLimit.toSeconds() + " s",
                    "See where it hangs; the limit is the setting 'inactivity'",
                    machine);
        }
        if (since(began).compareTo(timeLimit) >= 0) {
            throw failure(
                    Kind.TIME_LIMIT,
                    "it took longer than " + timeLimit.toSeconds() + " s",
                    "See where it is slow; the limit is the setting 'install'",
                    machine);
        }
    }

    private Duration since(long nanoTime) {
        return Duration.ofNanos(time.nanoTime() - nanoTime);
    }

    private boolean succeeded() throws IOException {
        if (InstallSteps.signal(build) instanceof SuccessSignal.ImageCheck) {
            return false; // nobody can say yet: the disk is looked at in the end
        }
        Path file = build.file(LOG);
        if (Files.notExists(file)) {
            return false;
        }
        // A line of its own: an installer's log may hold the command that will write it.
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.strip().equals(known(build.successToken)));
        }
    }

    private InstallFailedException failure(Kind kind, String what, String advice, @Nullable Machine running)
            throws IOException, InterruptedException {
        return InstallFailure.of(
                build,
                progress,
                kind,
                doingNow(),
                what,
                advice,
                Optional.ofNullable(seen).map(Seen::line),
                running);
    }

    private String doingNow() {
        return doing.startsWith("starting") ? doing : "at '" + doing + "'";
    }
}
