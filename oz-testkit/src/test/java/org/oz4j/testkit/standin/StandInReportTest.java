package org.oz4j.testkit.standin;

import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StandInReportTest {
    @Test
    void readsFactsAmongWhatElseAConsoleShows() {
        StandInReport report = StandInReport.of(
                """
                BdsDxe: starting Boot0001 standin
                [    1.2] standin: answer-file=/dev/disk/by-label/OEMDRV:ks.cfg\r
                standin: cmdline=ks=file:/ks.cfg quiet
                standin: no fact
                """);

        assertThat(report.facts())
                .isEqualTo(
                        Map.of("answer-file", "/dev/disk/by-label/OEMDRV:ks.cfg", "cmdline", "ks=file:/ks.cfg quiet"));
        assertThat(report.fact("failed")).isEmpty();
    }
}
