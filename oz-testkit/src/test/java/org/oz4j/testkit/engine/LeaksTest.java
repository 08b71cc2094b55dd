package org.oz4j.testkit.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.GuestOptions;
import org.oz4j.InstalledImage;
import org.oz4j.NameInUseException;
import org.oz4j.testkit.FakeGuestContext;
import org.oz4j.testkit.GuestScript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Many installs in one program: one after another, and at once. */
class LeaksTest {
    private static final int MANY = 500;
    private static final int AT_ONCE = 200;
    private static final long SOME_HEAP = 8L << 20;

    @TempDir
    private Path folder;

    /** What a program holds. */
    private record Holds(int threads, long files, long heap) {
        static Holds now() throws IOException {
            for (int i = 0; i < 5; i++) {
                System.gc();
            }
            Runtime runtime = Runtime.getRuntime();
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                return new Holds(
                        Thread.getAllStackTraces().size(), files.count(), runtime.totalMemory() - runtime.freeMemory());
            }
        }
    }

    @Test
    void fiveHundredInstallsLeaveNoThreadsNoFilesAndNoMemory() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
        install(30); // classes are loaded, and pools are filled
        Holds before = Holds.now();

        long began = System.nanoTime();
        install(MANY);
        long millis = (System.nanoTime() - began) / 1_000_000;

        Holds after = Holds.now();
        System.out.printf(
                Locale.ROOT,
                "%d installs in %d ms: threads %d to %d, open files %d to %d, heap %d to %d KiB%n",
                MANY,
                millis,
                before.threads(),
                after.threads(),
                before.files(),
                after.files(),
                before.heap() >> 10,
                after.heap() >> 10);
        assertThat(after.threads()).isLessThanOrEqualTo(before.threads());
        assertThat(after.files()).isLessThanOrEqualTo(before.files());
        assertThat(after.heap()).isLessThan(before.heap() + SOME_HEAP);
    }

    private static GuestScript brief(FakeGuestContext machine) {
        return GuestScript.start()
                .worksFor(Duration.ofSeconds(20))
                .installs()
                .says(1, machine.token(Bench.TOKEN) + "\n")
                .powersOff();
    }

    private void install(int times) throws IOException {
        GuestOptions overwriting = GuestOptions.defaults().withOverwrite(true);
        for (int i = 0; i < times; i++) {
            try (Bench bench = new Bench(folder, LeaksTest::brief)) {
                bench.oz.guest(bench.template("web"), overwriting).installer().install();
                bench.assertNothingLeft("web");
            }
        }
    }

    @Test
    void twoHundredInstallsAreOpenAtOnce() throws Exception {
        CountDownLatch all = new CountDownLatch(AT_ONCE);
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try (Bench bench = new Bench(folder, machine -> {
            all.countDown();
            await(all); // no machine starts before all installs have come to its start
            return brief(machine);
        })) {
            long began = System.nanoTime();
            List<Future<InstalledImage>> installs = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                String name = "guest" + i;
                installs.add(threads.submit(
                        () -> bench.oz.guest(bench.template(name)).installer().install()));
            }
            for (Future<InstalledImage> install : installs) {
                assertThat(install.get(5, TimeUnit.MINUTES).disk()).exists();
            }
            System.out.printf(
                    Locale.ROOT, "%d installs at once in %d ms%n", AT_ONCE, (System.nanoTime() - began) / 1_000_000);

            assertThat(all.getCount()).isZero();
            bench.assertNothingLeft("guest0");
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(4, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void ofTwoInstallsOfOneNameTheSecondIsRefused() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Bench bench = new Bench(folder, machine -> {
            first.countDown();
            await(refused);
            return Bench.working(machine.token(Bench.TOKEN)).powersOff();
        })) {
            Future<InstalledImage> install = thread.submit(
                    () -> bench.oz.guest(bench.template("web")).installer().install());
            await(first);

            assertThatThrownBy(() -> bench.oz
                            .guest(bench.template("web"))
                            .installer()
                            .install(BuildListener.NONE, CancellationToken.create()))
                    .isInstanceOf(NameInUseException.class);
            refused.countDown();

            assertThat(install.get(1, TimeUnit.MINUTES).disk()).exists();
            bench.assertNothingLeft("web");
        } finally {
            thread.shutdownNow();
        }
    }
}
