package org.oz4j.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.BuildEvent;
import org.oz4j.BuildEvent.StepProgress;
import org.oz4j.TimeSource;
import org.oz4j.media.TransferListener;

import static org.assertj.core.api.Assertions.assertThat;

/** How far a step is, and how long a transfer will take. */
class ProgressTest {
    private final List<BuildEvent> events = new ArrayList<>();
    private final Progress progress = new Progress(events::add, "web", "fetch", 0.2, 0.5);
    private long now = 7_000_000_000L;

    private final TimeSource clock = new TimeSource() {
        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void sleep(Duration duration) {
            throw new UnsupportedOperationException();
        }
    };

    private StepProgress told(TransferListener transfer, double second, long done, long total) {
        now = 7_000_000_000L + (long) (second * 1e9);
        transfer.transferred(done, total);
        return (StepProgress) events.get(events.size() - 1);
    }

    @Test
    void aTransferTellsItsRateAndTheTimeLeftOfWhatCameInThisGo() {
        TransferListener transfer = progress.transfer("fetching x.iso", clock);

        assertThat(told(transfer, 0, 10_000_000, 50_000_000))
                .isEqualTo(new StepProgress(
                        "web",
                        "fetch",
                        "fetching x.iso",
                        0.2,
                        0.2 + 0.5 * 0.2,
                        OptionalLong.of(10_000_000),
                        OptionalLong.of(50_000_000),
                        "bytes"));
        assertThat(told(transfer, 0.9, 12_000_000, 50_000_000).text()).isEqualTo("fetching x.iso");
        assertThat(told(transfer, 4, 20_000_000, 50_000_000))
                .isEqualTo(new StepProgress(
                        "web",
                        "fetch",
                        "fetching x.iso, 2.5 MB/s, 12 s left",
                        0.4,
                        0.2 + 0.5 * 0.4,
                        OptionalLong.of(20_000_000),
                        OptionalLong.of(50_000_000),
                        "bytes"));
        assertThat(told(transfer, 5, 20_000_000, 50_000_000).text())
                .as("a transfer that stalls goes on")
                .isEqualTo("fetching x.iso, 2.0 MB/s, 15 s left");
        assertThat(told(transfer, 8, 50_000_000, 50_000_000).text()).isEqualTo("fetching x.iso, 5.0 MB/s");
    }

    @Test
    void aTransferThatBeginsAnewIsTimedAnewAndNeverGoesBack() {
        TransferListener transfer = progress.transfer("fetching", clock);
        told(transfer, 0, 0, 100_000_000);
        told(transfer, 10, 60_000_000, 100_000_000);

        assertThat(told(transfer, 20, 0, 100_000_000).fraction()).isEqualTo(0.6);
        assertThat(told(transfer, 24, 8_000_000, 100_000_000).text()).isEqualTo("fetching, 2.0 MB/s, 46 s left");
        told(transfer, 30, 4_000_000, 100_000_000);
        assertThat(told(transfer, 31, 90_000_000, 100_000_000).fraction()).isEqualTo(0.9);
    }

    @Test
    void aTransferOfUnknownLengthTellsItsRateAlone() {
        TransferListener transfer = progress.transfer("fetching", clock);
        told(transfer, 0, 0, -1);

        StepProgress later = told(transfer, 2, 3_000_000, -1);

        assertThat(later.text()).isEqualTo("fetching, 1.5 MB/s");
        assertThat(later.fraction()).isZero();
        assertThat(later.total()).isEmpty();
        assertThat(told(transfer, 3, 0, 0).total()).as("an empty file").hasValue(0);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 5000000000, 10, ''",
        "1000000, 999999999, 10, ''",
        "1000000, 1000000000, 1000001, ', 1.0 MB/s, 2 s left'",
        "1000000, 1000000000, 0, ', 1.0 MB/s'",
        "1234567, 500000000000, -1, ', 0.0 MB/s'"
    })
    void aPaceIsToldOnceSomethingIsKnownOfIt(long bytes, long nanos, long left, String told) {
        assertThat(Progress.pace(bytes, nanos, left)).isEqualTo(told);
    }

    @Test
    void aStepsShareIsPartOfTheWhole() {
        progress.at(0.5, "half");
        progress.at(0.3, "still half");
        progress.at(7, "done");

        assertThat(events)
                .map(StepProgress.class::cast)
                .extracting(StepProgress::overall)
                .containsExactly(0.45, 0.45, 0.7);
    }

    @Test
    void whatACommandPrintsIsToldWithTheCommand() {
        progress.output("install packages", "Setting up hello");

        assertThat(events)
                .containsExactly(new BuildEvent.CommandOutput("web", "fetch", "install packages", "Setting up hello"));
    }
}
