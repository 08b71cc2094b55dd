package org.oz4j.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.InstallFailedException;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;

/** The example of docs/testing.md: how a program that uses Oz is tested against an install that fails. */
class CloudProgramTest {
    /** What is tested: it orders an image, and tells its customer what became of it. */
    private record CloudProgram(Oz oz) {
        String order(Template template) {
            try {
                return "ready: "
                        + oz.guest(template).installer().install().disk().getFileName();
            } catch (InstallFailedException e) {
                return "failed: " + e.kind();
            }
        }
    }

    @Test
    void theCustomerIsToldOfAPanic(@TempDir Path folder) {
        FakeHypervisor hypervisor = FakeHypervisor.kvm()
                .guest(machine ->
                        GuestScript.start().worksFor(Duration.ofMinutes(9)).panics());
        try (Oz oz = Oz.builder()
                .hypervisor(hypervisor)
                .time(hypervisor.time())
                .config(OzConfig.defaults(folder))
                .onlyGivenPlugins()
                .plugin(new FakeOs())
                .build()) {

            assertThat(new CloudProgram(oz).order(FakeOs.template("web", folder)))
                    .isEqualTo("failed: PANIC");

            FakeHypervisorAssert.assertThat(hypervisor).startedMachine("web").thenWasDestroyed();
        }
    }

    @Test
    void theCustomerGetsTheImage(@TempDir Path folder) {
        FakeHypervisor hypervisor = FakeHypervisor.kvm().guest(FakeOs.installs());
        try (Oz oz = TestingDocumentTest.ozOn(hypervisor)
                .config(OzConfig.defaults(folder))
                .onlyGivenPlugins()
                .plugin(new FakeOs())
                .build()) {

            assertThat(new CloudProgram(oz).order(FakeOs.template("web", folder)))
                    .isEqualTo("ready: web.dsk");

            FakeHypervisorAssert.assertThat(hypervisor).startedMachine("web").thenPoweredOff();
        }
    }

    @Test
    void aWallClockThatJumpsAnHourEndsNothing(@TempDir Path folder) throws Exception {
        FakeHypervisor hypervisor = FakeHypervisor.kvm().guest(FakeOs.installs());
        TimeSource jumping = new TimeSource() {
            @Override
            public Instant now() {
                Instant now = hypervisor.time().now();
                return hypervisor.time().elapsed().toMinutes() < 2 ? now : now.plus(Duration.ofHours(1));
            }

            @Override
            public long nanoTime() {
                return hypervisor.time().nanoTime();
            }

            @Override
            public void sleep(Duration duration) throws InterruptedException {
                hypervisor.time().sleep(duration);
            }
        };
        try (Oz oz = Oz.builder()
                .hypervisor(hypervisor)
                .time(jumping)
                .config(OzConfig.builder(folder)
                        .installLimit(Duration.ofMinutes(59))
                        .build())
                .onlyGivenPlugins()
                .plugin(new FakeOs())
                .build()) {
            Instant before = jumping.now();

            assertThat(new CloudProgram(oz).order(FakeOs.template("web", folder)))
                    .isEqualTo("ready: web.dsk");

            assertThat(Duration.between(before, jumping.now())).isGreaterThan(Duration.ofHours(1));
        }
    }
}
