package org.oz4j.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.oz4j.hypervisor.MachineSpec;

/** The fake's host: what outlives a connection to it. */
final class FakeHost {
    private final VirtualTime time;
    private final List<String> timeline = new CopyOnWriteArrayList<>();
    private final List<FakeMachine> machines = new CopyOnWriteArrayList<>();
    private final Map<Integer, Integer> forwards = new ConcurrentHashMap<>();

    FakeHost(VirtualTime time) {
        this.time = time;
    }

    VirtualTime time() {
        return time;
    }

    Map<Integer, Integer> forwards() {
        return forwards;
    }

    void note(String what) {
        Duration now = time.elapsed();
        timeline.add(String.format(
                Locale.ROOT,
                "%d:%02d:%02d.%03d %s",
                now.toHours(),
                now.toMinutesPart(),
                now.toSecondsPart(),
                now.toMillisPart(),
                what));
    }

    List<String> timeline() {
        return List.copyOf(timeline);
    }

    /** Every machine that was ever started, in order. */
    List<FakeMachine> machines() {
        return List.copyOf(machines);
    }

    List<FakeMachine> living() {
        List<FakeMachine> living = new ArrayList<>(machines);
        living.removeIf(machine -> machine.state().stopped());
        return living;
    }

    Optional<FakeMachine> living(UUID uuid) {
        return living().stream()
                .filter(machine -> machine.spec().uuid().equals(uuid))
                .findFirst();
    }

    /** Adds a machine, unless one of its name or identity lives. */
    synchronized boolean add(FakeMachine machine) {
        MachineSpec spec = machine.spec();
        boolean clash = living().stream()
                .map(FakeMachine::spec)
                .anyMatch(other ->
                        other.name().equals(spec.name()) || other.uuid().equals(spec.uuid()));
        return !clash && machines.add(machine);
    }
}
