package org.oz4j.testkit.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.reporting.FileEntry;
import org.junit.platform.launcher.LauncherConstants;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.oz4j.InstalledImage;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests that are marked with {@link OzVm}, by JUnit itself. */
class OzVmIT {
    private static final String SAMPLE = "oz4j.sample"; // whose value is the file that samples tell their folders in

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    /** What others write. */
    static class SampleTest {
        @OzVm
        @Test
        void passes(RealMachines real) throws Exception {
            tell(real);
            InstalledImage image = real.install(real.tinyLinux("passes"));
            assertThat(image.disk()).startsWith(real.folder()).exists();
        }

        @OzVm
        @Test
        void fails(RealMachines real) throws Exception {
            tell(real);
            InstalledImage image = real.install(real.tinyLinux("fails"));
            assertThat(image.disk()).doesNotExist();
        }

        private static void tell(RealMachines real) throws IOException {
            Files.writeString(
                    Path.of(System.getProperty(SAMPLE)),
                    real.folder() + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    @OzVm
    @Test
    void aTestThatFailsHasItsEvidenceAttachedAndNothingIsLeft() throws Exception {
        Path told = folder.resolve("told");
        List<String> ended = new ArrayList<>();
        List<Path> attached = new ArrayList<>();
        System.setProperty(SAMPLE, told.toString());
        try {
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(DiscoverySelectors.selectClass(SampleTest.class))
                                    .configurationParameter(
                                            LauncherConstants.OUTPUT_DIR_PROPERTY_NAME, folder.toString())
                                    .build(),
                            new TestExecutionListener() {
                                @Override
                                public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                    if (test.isTest()) {
                                        ended.add(test.getDisplayName() + " " + result.getStatus());
                                    }
                                }

                                @Override
                                public void executionSkipped(TestIdentifier test, String reason) {
                                    ended.add(test.getDisplayName() + " skipped: " + reason);
                                }

                                @Override
                                public void fileEntryPublished(TestIdentifier test, FileEntry file) {
                                    attached.add(file.getPath());
                                }
                            });
        } finally {
            System.clearProperty(SAMPLE);
        }

        assertThat(ended)
                .containsExactlyInAnyOrder(
                        "passes(RealMachines) " + Status.SUCCESSFUL, "fails(RealMachines) " + Status.FAILED);
        assertThat(attached).singleElement().satisfies(evidence -> {
            try (Stream<Path> files = Files.walk(evidence)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .contains("console.log", "machine.xml", "last-lines.txt");
            }
        });
        assertThat(Files.readAllLines(told)).hasSize(2).allSatisfy(made -> assertThat(Path.of(made))
                .doesNotExist());
    }
}
