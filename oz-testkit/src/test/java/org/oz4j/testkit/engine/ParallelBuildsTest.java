package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildCancelledException;
import org.oz4j.BuildEvent;
import org.oz4j.CancellationToken;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.hypervisor.MachineSpec;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.GuestScript;
import org.oz4j.testkit.engine.Bench.Variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Builds of one program that wait for their turn, and a program that waits for its builds. */
@Timeout(120)
class ParallelBuildsTest {
    @TempDir
    private Path folder = Path.of("");

    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final List<BuildEvent> notices = new CopyOnWriteArrayList<>();
    private final Map<String, Thread> threads = new ConcurrentHashMap<>();

    private GuestScript guest(FakeGuestContext machine) {
        if (machine.spec().name().equals("first")) {
            inside.countDown();
            await(goOn);
        }
        return GuestScript.start()
                .worksFor(Duration.ofSeconds(20))
                .installs()
                .says(1, machine.token(Bench.TOKEN) + "\n")
                .powersOff();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<InstalledImage> install(Oz oz, Bench bench, String name, CancellationToken token) {
        CompletableFuture<InstalledImage> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(oz.guest(bench.template(name)).installer().install(this::hear, token));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        threads.put(name, thread);
        thread.start();
        return result;
    }

    private void hear(BuildEvent event) {
        if (event instanceof BuildEvent.Notice notice && notice.text().startsWith("Waiting")) {
            notices.add(event);
        }
    }

    /** Until the thread of that name waits, or is over. */
    private void awaitWaiting(String name) {
        Thread thread = Objects.requireNonNull(threads.get(name));
        while (notices.stream().noneMatch(notice -> notice.build().equals(name))
                || thread.getState() != Thread.State.WAITING) {
            if (thread.getState() == Thread.State.TERMINATED) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void buildsBeyondTheNumberThatMayRunWaitAndGoOnInTheOrderInWhichTheyCame() throws Exception {
        try (Bench bench = new Bench(folder, this::guest)) {
            bench.config = bench.config.toBuilder().parallel(1).build();
            try (Oz oz = bench.open(Variant.standard())) {
                CancellationToken none = CancellationToken.create();
                CancellationToken token = CancellationToken.create();
                CompletableFuture<InstalledImage> first = install(oz, bench, "first", none);
                await(inside);
                CompletableFuture<InstalledImage> given = install(oz, bench, "given-up", token);
                awaitWaiting("given-up");
                CompletableFuture<InstalledImage> second = install(oz, bench, "second", none);
                awaitWaiting("second");
                CompletableFuture<InstalledImage> third = install(oz, bench, "third", none);
                awaitWaiting("third");

                token.cancel();
                assertThatThrownBy(() -> given.get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(BuildCancelledException.class);
                awaitWaiting("second");
                assertThat(second)
                        .as("a build that gives up waiting makes no room")
                        .isNotDone();
                goOn.countDown();
                for (CompletableFuture<InstalledImage> build : List.of(first, second, third)) {
                    assertThat(build.get(60, TimeUnit.SECONDS).disk()).exists();
                }
            }

            assertThat(notices).containsExactly(waiting("given-up"), waiting("second"), waiting("third"));
            assertThat(bench.hypervisor.machines())
                    .extracting(MachineSpec::name)
                    .containsExactly("first", "second", "third");
        }
    }

    private static BuildEvent waiting(String name) {
        return new BuildEvent.Notice(name, "reserve", "Waiting: 1 builds run already");
    }

    @Test
    void closingOzReturnsWhenWhatRanHasCleanedUp() throws Exception {
        AtomicBoolean waited = new AtomicBoolean();
        try (Bench bench = new Bench(folder, this::guest)) {
            Thread closer = new Thread(bench.oz::close);
            CompletableFuture<InstalledImage> build = CompletableFuture.supplyAsync(
                    () -> bench.oz.guest(bench.template("one")).installer().install(event -> {
                        if (event.equals(new BuildEvent.StepStarted("one", "medium"))) {
                            inside.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                while (closer.getState() == Thread.State.RUNNABLE) {
                                    Thread.onSpinWait();
                                }
                                waited.set(closer.getState() != Thread.State.TERMINATED);
                                Thread.currentThread().interrupt();
                            }
                        }
                    }));
            await(inside);

            closer.start();
            closer.join();

            assertThat(waited).isTrue();
            bench.assertNoImage("one");
            assertThatThrownBy(() -> build.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(BuildCancelledException.class);
        }
    }

    /** A program that ends in the midst of an install. */
    static final class Ending {
        private Ending() {}

        /** Runs it, in that folder. */
        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            CountDownLatch never = new CountDownLatch(1);
            Bench bench = new Bench(folder, machine -> GuestScript.start().worksFor(Duration.ofMinutes(1)));
            bench.oz.guest(bench.template("one")).installer().install(event -> {
                System.out.println(event.getClass().getSimpleName());
                if (event instanceof BuildEvent.StepProgress progress
                        && progress.step().equals("install")) {
                    new Thread(() -> System.exit(3)).start();
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
            });
        }
    }

    @Test
    void theEndOfTheProgramCancelsWhatRunsAndWaitsForItsCleanUp() throws Exception {
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Ending.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();

        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(program.exitValue())
                .as(Files.readString(folder.resolve("out")))
                .isEqualTo(3);
        assertThat(folder.resolve("out")).content().contains("StepProgress\nStepFailed\n");
        try (Bench bench = new Bench(folder, this::guest)) {
            bench.assertNoImage("one");
        }
    }
}
