package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.GuestUnreachableException;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineState;
import org.oz4j.hypervisor.MachineState.Kind;
import org.oz4j.spi.InstallFlow.Trouble;

import static org.oz4j.engine.GuestBuild.known;

/** Sees why a visited guest does not answer, so that one that never will need not be waited for. */
final class VisitWatch {
    /** How long an event may be on its way that tells why a machine is gone. */
    static final Duration NEWS = Duration.ofSeconds(1);

    private final GuestBuild build;
    private final ConsoleReader console;
    private @Nullable String panic;

    VisitWatch(GuestBuild build) {
        this.build = build;
        this.console = new ConsoleReader(build.file(InstallWatch.CONSOLE));
    }

    /** Why the guest can't go on; empty where nothing speaks against it. */
    Optional<String> trouble() throws IOException {
        MachineState state = known(build.machine).state();
        if (state.kind() != Kind.RUNNING) {
            return Optional.of(words(state));
        }
        for (String line : console.poll()) {
            if (panic == null
                    && known(build.profile).flow().trouble().stream()
                            .anyMatch(each -> each.kind() == Trouble.Kind.PANIC
                                    && each.line().matcher(line).find())) {
                panic = "its kernel panicked (" + line.strip() + ")";
            }
        }
        return Optional.ofNullable(panic);
    }

    /** What a machine does that does not run, and what to do about it. */
    static String words(MachineState state) {
        String detail = state.detail().isEmpty() ? "" : " (" + state.detail() + ")";
        return state.kind() == Kind.PAUSED
                ? "its machine was paused" + detail + ", as where the host's disk is full"
                : "its machine has stopped" + detail;
    }

    /**
     * Goes by the guest while a command runs in it.
     *
     * @throws GuestUnreachableException where it can't go on
     */
    void check() {
        try {
            Optional<String> trouble = trouble();
            if (trouble.isPresent()) {
                throw new GuestUnreachableException("The guest can't go on: " + trouble.get(), null, null);
            }
        } catch (IOException e) {
            throw new GuestUnreachableException("The guest's console can't be read: " + e, null, e);
        }
    }

    /** The failure of work in the guest, with what became of its machine, and where the logs are. */
    GuestUnreachableException lost(GuestUnreachableException failure) throws InterruptedException {
        String why = "";
        String remedy = failure.remedy().orElse("");
        try {
            Machine machine = known(build.machine);
            machine.await(NEWS);
            why = trouble()
                    .filter(trouble -> !failure.problem().contains(trouble))
                    .map(trouble -> "; " + trouble)
                    .orElse("");
            Path folder = Evidence.collect(build, machine).folder();
            remedy += (remedy.isEmpty() ? "" : "; ") + "All that was printed is in " + folder;
        } catch (IOException e) {
            failure.addSuppressed(e); // a full disk, most likely
        }
        return new GuestUnreachableException(
                "Working in the guest '" + build.template.name() + "' failed: " + failure.problem() + why,
                remedy.isEmpty() ? null : remedy,
                failure);
    }
}
