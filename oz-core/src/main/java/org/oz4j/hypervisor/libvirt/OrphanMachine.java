package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.oz4j.HypervisorException;
import org.oz4j.HypervisorException.Kind;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineState;

/** A QEMU that outlived the program whose embedded driver started it: all that can be done is to end it. */
final class OrphanMachine implements Machine {
    private static final Duration END = Duration.ofSeconds(10);

    private final String hypervisor;
    private final UUID uuid;
    private final String name;
    private final ProcessHandle process;
    private volatile boolean closed;

    private OrphanMachine(String hypervisor, UUID uuid, String name, ProcessHandle process) {
        this.hypervisor = hypervisor;
        this.uuid = uuid;
        this.name = name;
        this.process = process;
    }

    /** The machine of that identity, where a QEMU process of this host runs it. */
    static Optional<Machine> find(String hypervisor, UUID uuid) {
        return process(hypervisor, uuid)
                .map(process -> new OrphanMachine(hypervisor, uuid, guestName(command(process)), process));
    }

    /** The QEMU process of this host that runs the machine of that identity; empty where none is seen, or that is another host. */
    static Optional<ProcessHandle> process(String hypervisor, UUID uuid) {
        if (Uris.remote(hypervisor)) {
            return Optional.empty();
        }
        return ProcessHandle.allProcesses()
                .filter(process -> isQemu(command(process), uuid))
                .findFirst();
    }

    /** Whether that command line is QEMU's for the machine of that identity. */
    static boolean isQemu(List<String> command, UUID uuid) {
        return !command.isEmpty()
                && command.get(0).contains("qemu")
                && Collections.indexOfSubList(command, List.of("-uuid", uuid.toString())) > 0;
    }

    /** The process's command line; empty where it can't be read. */
    static List<String> command(ProcessHandle process) {
        try {
            // Not ProcessHandle.info(): it gives no arguments where the line is long, and QEMU's is.
            byte[] line = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
            return Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            return List.of(); // it has ended, or is none of ours
        }
    }

    private static String guestName(List<String> command) {
        int option = command.indexOf("-name");
        String value = option >= 0 && option + 1 < command.size() ? command.get(option + 1) : "";
        for (String part : value.split(",", -1)) {
            if (part.startsWith("guest=")) {
                return part.substring("guest=".length());
            }
        }
        return value;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public UUID uuid() {
        return uuid;
    }

    @Override
    public MachineState state() {
        checkOpen();
        return process.isAlive()
                ? new MachineState(MachineState.Kind.RUNNING, "left by a program that died")
                : new MachineState(MachineState.Kind.DESTROYED, "its process has ended");
    }

    @Override
    public MachineState await(Duration time) throws InterruptedException {
        checkOpen();
        try {
            process.onExit().get(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // the state tells
        } catch (ExecutionException e) {
            throw new IllegalStateException("a wait for a process failed", e);
        }
        return state();
    }

    @Override
    public Activity activity() {
        checkOpen();
        return new Activity(
                process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos(), 0, 0);
    }

    @Override
    public Optional<byte[]> screenshot() {
        checkOpen();
        return Optional.empty();
    }

    @Override
    public void sendKeys(List<Integer> keyCodes) {
        throw unsupported("send keys to it");
    }

    @Override
    public void type(String text) {
        throw unsupported("type on its console");
    }

    @Override
    public void requestShutdown() {
        throw unsupported("ask it to shut down");
    }

    @Override
    public List<InetSocketAddress> endpoints(int guestPort) {
        throw unsupported("reach its ports");
    }

    @Override
    public void snapshot(Path disk, Path overlay) {
        throw unsupported("take a snapshot of its disk");
    }

    @Override
    public void destroy() {
        checkOpen();
        process.destroyForcibly();
        boolean interrupted = false;
        try {
            process.onExit().get(END.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (TimeoutException | ExecutionException e) {
            throw new HypervisorException(
                    Kind.REFUSED, hypervisor, "The QEMU process " + process.pid() + " does not end", null, e);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String description() {
        checkOpen();
        return "";
    }

    @Override
    public void close() {
        closed = true;
    }

    private void checkOpen() {
        if (closed) {
            throw new HypervisorException(
                    Kind.CLOSED, hypervisor, "The machine " + name + " was used after it was closed", null, null);
        }
    }

    private HypervisorException unsupported(String what) {
        checkOpen();
        return new HypervisorException(
                Kind.UNSUPPORTED,
                hypervisor,
                "The machine " + name + " was left by a program that died, so nobody can " + what,
                "Destroy it",
                null);
    }
}
