package org.oz4j.testkit;

import java.util.List;

import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.oz4j.hypervisor.MachineSpec;

/** AssertJ assertions on a {@link FakeHypervisor}; what happened on it is part of each failure's message. */
public final class FakeHypervisorAssert extends AbstractAssert<FakeHypervisorAssert, FakeHypervisor> {
    private FakeHypervisorAssert(FakeHypervisor actual) {
        super(actual, FakeHypervisorAssert.class);
    }

    /** Begins assertions on that hypervisor. */
    public static FakeHypervisorAssert assertThat(FakeHypervisor actual) {
        return new FakeHypervisorAssert(actual);
    }

    /** No machine lives, not even a paused one. */
    public FakeHypervisorAssert hasNoRunningMachines() {
        return check("machines that live", actual.running(), List.of());
    }

    /** Exactly these machines live, in the order of their start. */
    public FakeHypervisorAssert hasRunning(String... names) {
        return check("machines that live", actual.running(), List.of(names));
    }

    /** Exactly these machines were started, in that order. */
    public FakeHypervisorAssert started(String... names) {
        return check("machines that were started", startedNames(), List.of(names));
    }

    /** A machine of that name was started; what follows is about the last one. */
    public FakeMachineAssert startedMachine(String name) {
        FakeMachine machine = actual.last(name).orElse(null);
        if (machine == null) {
            throw new AssertionError("Expected a machine named " + name + " to be started, and there were "
                    + startedNames() + ".\nWhat happened:\n" + actual.timeline());
        }
        return new FakeMachineAssert(actual, machine);
    }

    /** No machine was started. */
    public FakeHypervisorAssert startedNothing() {
        return started();
    }

    private List<String> startedNames() {
        return actual.machines().stream().map(MachineSpec::name).toList();
    }

    private FakeHypervisorAssert check(String what, List<String> found, List<String> wanted) {
        Assertions.assertThat(found)
                .withFailMessage(() -> "Expected the %s to be %s, and they are %s.%nWhat happened:%n%s"
                        .formatted(what, wanted, found, actual.timeline()))
                .isEqualTo(wanted);
        return this;
    }
}
