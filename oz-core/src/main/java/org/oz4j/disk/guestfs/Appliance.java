package org.oz4j.disk.guestfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;
import org.oz4j.HostSetupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A handle of libguestfs, and with it the small machine that reads the image.
 *
 * <p>No call of libguestfs can be interrupted. So all of them are made on a thread of the handle's own, whose child
 * processes are libguestfs' alone; an interrupt of who waits ends those processes, and with them the call.
 */
final class Appliance implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Appliance.class);
    private static final int KILL_ROUND_MILLIS = 100;
    private static final Duration CALL_LIMIT = Duration.ofHours(4);
    private static final int KEPT_WORDS = 4096;

    static final List<String> PACKAGES = List.of("libguestfs0", kernelPackage());

    // Loaded by who uses it, since most hosts don't have it.
    private static final class Loaded {
        static final GuestfsLibrary LIBRARY = Native.load("libguestfs.so.0", GuestfsLibrary.class);
    }

    /** A call of libguestfs: what it gives, which where it fails is -1 or null. */
    interface Call<T> {
        @Nullable
        T of(GuestfsLibrary library, Pointer g);
    }

    /** libguestfs could not do something: its words, and the system's number for what went wrong, or 0. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        private final int number;

        Failure(String words, int number) {
            super(words);
            this.number = number;
        }

        String words() {
            return Objects.requireNonNull(getMessage());
        }

        boolean is(int... numbers) {
            return Arrays.stream(numbers).anyMatch(each -> each == number);
        }
    }

    private final GuestfsLibrary library;
    private final ExecutorService thread;
    private final Path childrenFile;
    private final StringBuilder said = new StringBuilder(); // guards itself
    private final GuestfsLibrary.EventCallback listener = this::hear; // native code calls it: nothing may collect it
    private final Pointer g;
    private boolean ended;

    private Appliance(GuestfsLibrary library, ExecutorService thread, Path childrenFile, Pointer g) {
        this.library = library;
        this.thread = thread;
        this.childrenFile = childrenFile;
        this.g = g;
    }

    private static String kernelPackage() {
        String arch = System.getProperty("os.arch");
        return "linux-image-" + (arch.equals("aarch64") ? "arm64" : arch);
    }

    /**
     * libguestfs.
     *
     * @throws HostSetupException where it is not there
     */
    static GuestfsLibrary library() {
        try {
            return Loaded.LIBRARY;
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new HostSetupException(
                    "libguestfs' library, libguestfs.so.0, can't be loaded",
                    "Install " + String.join(" ", PACKAGES),
                    PACKAGES,
                    e);
        }
    }

    /**
     * Makes a handle; nothing is launched yet.
     *
     * @throws HostSetupException where libguestfs is not there
     */
    static Appliance create() throws InterruptedException, Failure {
        GuestfsLibrary library = library();
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, "oz-guestfs");
            made.setDaemon(true);
            return made;
        });
        // An exit handler would close the handle under the feet of a thread that is still in a call. Where we are
        // killed, libguestfs' own watching process ends the machine.
        int flags = GuestfsLibrary.CREATE_NO_ENVIRONMENT | GuestfsLibrary.CREATE_NO_CLOSE_ON_EXIT;
        Pointer g = CompletableFuture.supplyAsync(() -> library.guestfs_create_flags(flags), thread)
                .join();
        if (g == null) {
            thread.shutdown();
            throw new Failure("no handle can be made", 0);
        }
        Path children = CompletableFuture.supplyAsync(Appliance::childrenFileOfThisThread, thread)
                .join();
        Appliance appliance = new Appliance(library, thread, children, g);
        try {
            appliance.run((lib, handle) -> {
                lib.guestfs_set_error_handler(handle, null, null);
                return lib.guestfs_parse_environment(handle);
            });
            appliance.run((lib, handle) -> lib.guestfs_set_event_callback(
                    handle,
                    appliance.listener,
                    GuestfsLibrary.EVENT_APPLIANCE | GuestfsLibrary.EVENT_LIBRARY,
                    0,
                    null));
            return appliance;
        } catch (Throwable e) {
            appliance.close();
            throw e;
        }
    }

    /** Where Linux lists the children of the thread that asks. */
    private static Path childrenFileOfThisThread() {
        try {
            return Path.of(
                    "/proc",
                    Files.readSymbolicLink(Path.of("/proc/thread-self")).toString(),
                    "children");
        } catch (IOException e) {
            return Path.of("/proc/none");
        }
    }

    /** Calls a function that gives a status. */
    void run(Call<Integer> call) throws InterruptedException, Failure {
        call(call);
    }

    /** Calls a function that gives something. */
    <T> T call(Call<T> call) throws InterruptedException, Failure {
        return call(call, CALL_LIMIT);
    }

    /** Calls a function that gives something, and ends it after that time. */
    synchronized <T> T call(Call<T> call, Duration limit) throws InterruptedException, Failure {
        if (ended) {
            throw new Failure("the image was closed, or a call was interrupted before", 0);
        }
        CompletableFuture<T> task = CompletableFuture.supplyAsync(() -> now(call), thread);
        try {
            return task.get(limit.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            if (e.getCause() instanceof IllegalArgumentException nonsense) {
                throw new Failure("libguestfs gives " + nonsense.getMessage(), 0);
            }
            throw new IllegalStateException("a call of libguestfs failed", e.getCause());
        } catch (TimeoutException e) {
            endCall(task);
            throw new Failure("it takes more than " + limit.toMinutes() + " minutes", 0);
        } catch (InterruptedException e) {
            endCall(task);
            throw e;
        }
    }

    private <T> T now(Call<T> call) {
        T result = call.of(library, g);
        if (result == null || result.equals(-1)) {
            // Asked for before anything else is called, which would lose it.
            String words = brief(NativeData.text(library.guestfs_last_error(g)));
            throw new CompletionException(new Failure(words, library.guestfs_last_errno(g)));
        }
        return result;
    }

    /** Without the advice to debug, which says nothing of the failure. */
    private static String brief(String words) {
        return words.lines()
                .takeWhile(line -> !line.startsWith("To see full error") && !line.startsWith("This usually means"))
                .collect(Collectors.joining(" "))
                .strip();
    }

    /** Ends a call that can't be waited for, and all that runs for us. */
    private void endCall(CompletableFuture<?> task) {
        ended = true;
        boolean interrupted = false;
        while (!task.isDone()) {
            children().forEach(ProcessHandle::destroyForcibly);
            try {
                task.get(KILL_ROUND_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException e) {
                LOG.debug("The call of libguestfs is being ended", e);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        letGo();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The processes that libguestfs has started for us, and theirs. */
    Stream<ProcessHandle> children() {
        try {
            return Arrays.stream(Files.readString(childrenFile).strip().split(" "))
                    .filter(pid -> !pid.isEmpty())
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                    .flatMap(child -> Stream.concat(child.descendants(), Stream.of(child)));
        } catch (IOException e) {
            LOG.debug("Linux does not tell the children of a thread", e);
            return Stream.empty();
        }
    }

    /** What programs that libguestfs runs have lately said, as far as it may be why a launch failed. */
    String said() {
        synchronized (said) {
            return said.toString()
                    .lines()
                    .filter(line -> line.startsWith("supermin:") || line.contains("qemu"))
                    .distinct()
                    .collect(Collectors.joining("; "));
        }
    }

    private void hear(
            Pointer handle,
            @Nullable Pointer opaque,
            long event,
            int number,
            int flags,
            @Nullable Pointer text,
            long length,
            @Nullable Pointer array,
            long arrayLength) {
        if (text == null || length <= 0) {
            return;
        }
        int taken = (int) Math.min(length, KEPT_WORDS);
        String words = new String(text.getByteArray(length - taken, taken), StandardCharsets.UTF_8);
        synchronized (said) {
            said.append(words).append(event == GuestfsLibrary.EVENT_LIBRARY ? "\n" : "");
            said.delete(0, Math.max(0, said.length() - KEPT_WORDS));
        }
    }

    /** Has all that was written put on the disk; an interrupt waits until that is done. */
    synchronized void shutDown() throws Failure {
        if (ended) {
            return;
        }
        ended = true;
        try {
            CompletableFuture.supplyAsync(() -> now(GuestfsLibrary::guestfs_shutdown), thread)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Ends the machine and gives the handle back. */
    @Override
    public synchronized void close() {
        ended = true;
        letGo();
    }

    private void letGo() {
        if (!thread.isShutdown()) {
            CompletableFuture.runAsync(() -> library.guestfs_close(g), thread).join();
            thread.shutdown();
        }
    }
}
