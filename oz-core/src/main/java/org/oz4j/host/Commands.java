package org.oz4j.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.oz4j.HostSetupException;

/** The one place that starts a process. */
public final class Commands {
    /**
     * What a command did.
     *
     * @param status its exit status
     * @param output its standard output, as UTF-8
     * @param errors its standard error output, as UTF-8
     */
    public record Result(int status, String output, String errors) {}

    private Commands() {}

    /**
     * Runs a command to its end, with no input and in the C locale.
     *
     * @param command the program and its arguments
     * @param limit after which the command is ended
     * @throws HostSetupException where the program can't be started, or took too long
     * @throws InterruptedException where the thread was interrupted; the command is ended
     */
    public static Result run(List<String> command, Duration limit) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new HostSetupException("Can't start " + command.get(0), null, List.of(), e);
        }
        try {
            process.getOutputStream().close();
            CompletableFuture<String> output = read(process.getInputStream());
            CompletableFuture<String> errors = read(process.getErrorStream());
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new HostSetupException(
                        "The command '" + String.join(" ", command) + "' took longer than " + limit.toSeconds() + " s",
                        null,
                        List.of(),
                        null);
            }
            return new Result(process.exitValue(), output.get(), errors.get());
        } catch (IOException | ExecutionException e) {
            throw new HostSetupException("Can't talk to " + command.get(0), null, List.of(), e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join(); // nothing of it is left when we return
        }
    }

    private static CompletableFuture<String> read(InputStream stream) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (stream) {
                        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> {
                    Thread thread = new Thread(task, "oz-command-output");
                    thread.setDaemon(true);
                    thread.start();
                });
    }
}
