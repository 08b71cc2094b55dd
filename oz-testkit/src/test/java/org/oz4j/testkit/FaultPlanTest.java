package org.oz4j.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.testkit.FaultPlan.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@SuppressWarnings("NullAway.Init") // JUnit fills the folder in
class FaultPlanTest {
    @TempDir
    private Path folder;

    private void writesTwice(FaultPlan plan) throws IOException {
        Path place = plan.files(folder);
        Files.writeString(place.resolve("first"), "12345678");
        Files.writeString(place.resolve("second"), "12345678");
    }

    @Test
    void everyPointOfARunIsFoundWithAllThatCanGoWrongThere() throws Exception {
        List<FaultPlan> plans = FaultPlan.everySinglePointOf(this::writesTwice);

        assertThat(plans.stream().map(FaultPlan::point).distinct())
                .containsExactly(
                        "open to write first #1", "write first #1", "open to write second #1", "write second #1");
        assertThat(plans.stream()
                        .filter(plan -> plan.seam().equals("write first"))
                        .map(plan -> plan.kind().orElseThrow()))
                .containsExactly(Kind.FAILS, Kind.HALF_DONE, Kind.INTERRUPTED, Kind.CANCELLED, Kind.KILLED);
    }

    @Test
    void whatIsHalfDoneIsHalfThere() {
        FaultPlan plan = FaultPlan.at("write second", 1, Kind.HALF_DONE);

        assertThatThrownBy(() -> plan.play(this::writesTwice))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at: write second");

        assertThat(folder.resolve("first")).hasContent("12345678");
        assertThat(folder.resolve("second")).hasContent("1234");
        assertThat(plan.happened()).isTrue();
    }

    @Test
    void whoIsDeadReachesNothingAnyMore() {
        FaultPlan plan = FaultPlan.at("open to write first", 1, Kind.KILLED);

        assertThatThrownBy(() -> plan.play(now -> {
                    Path place = now.files(folder);
                    try {
                        Files.writeString(place.resolve("first"), "1");
                    } finally {
                        Files.writeString(place.resolve("second"), "2");
                    }
                }))
                .isInstanceOf(IOException.class);

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anInterruptComesWhileTheClockIsWaitedFor() throws Exception {
        FakeHypervisor fake = FakeHypervisor.kvm();
        FaultPlan plan = FaultPlan.at("hypervisor host", 1, Kind.INTERRUPTED);

        assertThatThrownBy(() -> plan.play(now -> now.hypervisor(fake).host()))
                .isInstanceOf(InterruptedException.class);

        assertThat(plan.happenedAt()).hasValue(fake.time().elapsed());
    }
}
