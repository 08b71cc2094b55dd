package org.oz4j.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtualTimeTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void aSleepAdvancesTheClockAtOnce() throws Exception {
        var start = time.now();
        time.sleep(Duration.ofHours(3));
        assertThat(time.now()).isEqualTo(start.plus(Duration.ofHours(3)));
        assertThat(time.nanoTime()).isEqualTo(Duration.ofHours(3).toNanos());
    }

    @Test
    void actionsRunInTheOrderOfTheirTimeAndOnlyWhenDue() {
        List<String> seen = new ArrayList<>();
        time.at(Duration.ofSeconds(2), () -> seen.add("b " + time.elapsed().toSeconds()));
        time.at(Duration.ofSeconds(1), () -> seen.add("a " + time.elapsed().toSeconds()));
        time.at(Duration.ofSeconds(2), () -> seen.add("c " + time.elapsed().toSeconds()));
        time.at(Duration.ofSeconds(9), () -> seen.add("never"));
        time.advance(Duration.ofSeconds(5));
        assertThat(seen).containsExactly("a 1", "b 2", "c 2");
        assertThat(time.elapsed()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void anInterruptEndsASleepWhereItFalls() {
        Thread self = Thread.currentThread();
        time.at(Duration.ofMinutes(7), self::interrupt);
        assertThatThrownBy(() -> time.sleep(Duration.ofHours(1))).isInstanceOf(InterruptedException.class);
        assertThat(time.elapsed()).isEqualTo(Duration.ofMinutes(7));
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aThreadThatIsInterruptedAlreadyDoesNotSleep() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> time.sleep(Duration.ofHours(1))).isInstanceOf(InterruptedException.class);
        assertThat(time.elapsed()).isZero();
    }

    @Test
    void advanceGoesOnAndKeepsTheInterruptFlag() {
        Thread.currentThread().interrupt();
        time.advance(Duration.ofHours(1));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(time.elapsed()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aSleepForEverIsNoOverflow() throws Exception {
        time.advance(Duration.ofDays(1));
        time.sleep(Duration.ofSeconds(Long.MAX_VALUE));
        time.sleep(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(time.elapsed()).isGreaterThan(Duration.ofDays(50_000));
    }

    @Test
    void anActionThatWaitsIsToldSo() {
        time.at(Duration.ofSeconds(1), () -> time.advance(Duration.ofSeconds(1)));
        assertThatThrownBy(() -> time.advance(Duration.ofSeconds(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("waits");
        time.advance(Duration.ofSeconds(5));
        assertThat(time.elapsed()).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void sleepsOfManyThreadsEndInTheOrderOfTheirTime() throws Exception {
        List<Integer> seen = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> both = new ArrayList<>();
            for (int period : new int[] {7, 10}) {
                both.add(threads.submit(() -> {
                    time.sleep(Duration.ofSeconds(1)); // both are known to the clock from here on
                    for (int i = 0; i < 30; i++) {
                        time.sleep(Duration.ofSeconds(period));
                        synchronized (seen) {
                            seen.add((int) time.elapsed().toSeconds());
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : both) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(seen).hasSize(60).isSorted();
    }
}
