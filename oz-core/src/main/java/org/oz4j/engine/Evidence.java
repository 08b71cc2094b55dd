package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.OzException;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.Machine;

/**
 * What a build leaves to be looked at: console log, screenshot, machine description and last lines in one folder.
 *
 * @param folder where it lies
 * @param lastLines what the installer showed last
 */
record Evidence(Path folder, List<String> lastLines) {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
    private static final int LAST_LINES = 40;

    /** Collects what there is; what can't be had is left out, since the failure itself matters more. */
    static Evidence collect(GuestBuild build, @Nullable Machine running) throws IOException, InterruptedException {
        Path parent = build.engine.config().evidenceDir();
        Files.createDirectories(parent);
        String prefix =
                build.template.name() + "-" + STAMP.format(build.engine.time().now()) + "-";
        Path folder = WorkFolder.createIn(parent, prefix).path();
        Path console = build.file(InstallWatch.CONSOLE);
        ConsoleReader reader = new ConsoleReader(console);
        if (Files.exists(console)) {
            Files.copy(console, folder.resolve("console.log"), StandardCopyOption.REPLACE_EXISTING);
            reader.poll();
        }
        Path commands = build.file(GuestChanges.LOG);
        if (Files.exists(commands)) {
            Files.copy(commands, folder.resolve(GuestChanges.LOG), StandardCopyOption.REPLACE_EXISTING);
        }
        List<String> lines = reader.lastLines(LAST_LINES);
        Files.write(folder.resolve("last-lines.txt"), lines);
        if (running != null) {
            try {
                Files.writeString(folder.resolve("machine.xml"), running.description());
                Optional<byte[]> screen = running.screenshot();
                if (screen.isPresent()) {
                    Files.write(folder.resolve("screen.png"), screen.get());
                }
            } catch (OzException e) {
                Files.writeString(folder.resolve("not-collected.txt"), e.getMessage() + "\n");
            }
        } else if (build.spec != null) {
            Files.writeString(
                    folder.resolve("machine.xml"), build.engine.hypervisor().describe(build.spec));
        }
        return new Evidence(folder, lines);
    }
}
