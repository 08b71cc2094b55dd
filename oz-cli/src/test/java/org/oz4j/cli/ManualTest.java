package org.oz4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import static org.assertj.core.api.Assertions.assertThat;

class ManualTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writesThePages() throws Exception {
        Manual.write(folder);
    }

    static List<CommandSpec> commands() {
        return Manual.commands();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aPageHasEveryOptionOfItsCommand(CommandSpec command) throws Exception {
        String page = Files.readString(folder.resolve(Manual.page(command) + ".adoc"));

        assertThat(page).contains("= " + command.qualifiedName("-") + "(1", "== Synopsis");
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                assertThat(page).contains(option.longestName());
            }
        }
    }

    @Test
    void theLaunchersAndTheCommandsOfTheirNamesHavePagesOfTheirOwn() {
        assertThat(folder.resolve("oz-install.1.adoc")).content().contains("--disk-bus");
        assertThat(folder.resolve("oz-install.1oz.adoc")).content().contains("--keep-evidence");
    }
}
