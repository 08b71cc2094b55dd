package org.oz4j.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

import org.oz4j.ImageFormat;
import org.oz4j.hypervisor.MachineState.Kind;

/** Assertions on one machine of a {@link FakeHypervisor}; what happened there is part of each failure's message. */
public final class FakeMachineAssert {
    private final FakeHypervisor hypervisor;
    private final FakeMachine machine;

    FakeMachineAssert(FakeHypervisor hypervisor, FakeMachine machine) {
        this.hypervisor = hypervisor;
        this.machine = machine;
    }

    /** It has a hard disk of that format and file name. */
    public FakeMachineAssert withDisk(String fileName, ImageFormat format) {
        List<String> disks = machine.spec().disks().stream()
                .filter(disk -> disk.isHardDisk())
                .map(disk -> disk.path().getFileName() + " " + disk.format().label())
                .toList();
        return check(
                "have the disk",
                fileName + " " + format.label(),
                disks,
                disks.contains(fileName + " " + format.label()));
    }

    /** It has that much memory, in MiB. */
    public FakeMachineAssert withMemory(int memoryMiB) {
        int found = machine.spec().memoryMiB();
        return check("have the memory", memoryMiB, found, found == memoryMiB);
    }

    /** It has so many processors. */
    public FakeMachineAssert withCpus(int count) {
        return check(
                "have processors", count, machine.spec().cpus(), machine.spec().cpus() == count);
    }

    /** Its console shows that text; to be asked before the folder of the build is gone, as in a step of its script. */
    public FakeMachineAssert printed(String text) {
        String console = "";
        for (Path file : machine.spec().serials().stream().limit(1).toList()) {
            try {
                console = Files.exists(file) ? Files.readString(file) : "";
            } catch (IOException e) {
                console = "unreadable: " + e;
            }
        }
        return check("have printed", text, console, console.contains(text));
    }

    /** It has powered off by itself. */
    public FakeMachineAssert thenPoweredOff() {
        return became(Kind.POWERED_OFF);
    }

    /** Somebody pulled its plug. */
    public FakeMachineAssert thenWasDestroyed() {
        return became(Kind.DESTROYED);
    }

    /** It has crashed. */
    public FakeMachineAssert thenCrashed() {
        return became(Kind.CRASHED);
    }

    /** It runs still. */
    public FakeMachineAssert stillRuns() {
        return became(Kind.RUNNING);
    }

    private FakeMachineAssert became(Kind wanted) {
        Kind found = machine.state().kind();
        return check("be", wanted, found, found == wanted);
    }

    private FakeMachineAssert check(String what, Object wanted, Object found, boolean holds) {
        if (!holds) {
            throw new AssertionError("Expected the machine %s to %s: %s, and it is: %s.%nWhat happened:%n%s"
                    .formatted(machine.spec().name(), what, wanted, Objects.toString(found), hypervisor.timeline()));
        }
        return this;
    }
}
