package org.oz4j.media;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Programs of this host that check what we wrote. */
final class Tools {
    private Tools() {}

    /** Skips a test where a program is missing. */
    static void need(String path, String debianPackage) {
        assumeTrue(Files.isExecutable(Path.of(path)), "needs " + path + " of the package " + debianPackage);
    }

    /** The output of a program, which must succeed. */
    static String ok(String... command) throws InterruptedException {
        Commands.Result result = Commands.run(List.of(command), Duration.ofMinutes(1));
        assertThat(result.status())
                .as(String.join(" ", command) + "\n" + result.output() + result.errors())
                .isZero();
        return result.output();
    }
}
