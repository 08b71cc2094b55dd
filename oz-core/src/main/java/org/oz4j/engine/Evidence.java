package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.OzException;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.Machine;
import org.slf4j.LoggerFactory;

/**
 * What a build leaves to be looked at: console log, the installer's own log, screenshot, machine description and last
 * lines in one folder.
 *
 * @param folder where it lies
 * @param lastLines what the installer showed last
 * @param lastLogged what it wrote last into its own log
 */
record Evidence(Path folder, List<String> lastLines, List<String> lastLogged) {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
    private static final int LAST_LINES = 40;
    private static final int LAST_LOGGED = 40;

    /** Collects what there is; what can't be had is left out, since the failure itself matters more. */
    static Evidence collect(GuestBuild build, @Nullable Machine running) throws IOException, InterruptedException {
        Path parent = build.engine.config().evidenceDir();
        Files.createDirectories(parent);
        String prefix =
                build.template.name() + "-" + STAMP.format(build.engine.time().now()) + "-";
        Path folder = WorkFolder.createIn(parent, prefix).path();
        List<String> lines = lastLines(build.file(InstallWatch.CONSOLE), LAST_LINES);
        try {
            fill(folder, build, lines, running);
        } catch (IOException e) {
            LoggerFactory.getLogger(Evidence.class).debug("Not all of the evidence could be kept in {}", folder, e);
        }
        return new Evidence(folder, lines, lastLines(build.file(InstallWatch.LOG), LAST_LOGGED));
    }

    private static void fill(Path folder, GuestBuild build, List<String> lines, @Nullable Machine running)
            throws IOException, InterruptedException {
        for (String name : List.of(InstallWatch.CONSOLE, InstallWatch.LOG, GuestChanges.LOG)) {
            Path file = build.file(name);
            if (Files.exists(file) && Files.size(file) > 0) {
                Files.copy(file, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.write(folder.resolve("last-lines.txt"), lines);
        if (running != null) {
            try {
                Files.writeString(folder.resolve("machine.xml"), running.description());
                Optional<byte[]> screen = running.screenshot();
                if (screen.isPresent()) {
                    Files.write(folder.resolve("screen.png"), screen.get());
                }
            } catch (OzException e) {
                lack(folder, e.getMessage());
            }
        } else if (build.spec != null) {
            Files.writeString(
                    folder.resolve("machine.xml"), build.engine.hypervisor().describe(build.spec));
        }
    }

    /** Tells whoever looks why something is not there; where not even that can be written, the failure itself matters more. */
    static void lack(Path folder, @Nullable String why) {
        try {
            Files.writeString(
                    folder.resolve("not-collected.txt"),
                    why + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            LoggerFactory.getLogger(Evidence.class).debug("Not in the evidence: {}", why, e);
        }
    }

    private static List<String> lastLines(Path file, int count) throws IOException {
        ConsoleReader reader = new ConsoleReader(file);
        reader.poll();
        return reader.lastLines(count);
    }
}
