package org.oz4j.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.oz4j.remote.ShellWords;

/** Runs the launchers at the top of the project as processes, with all their files in one folder. */
record Launchers(Path folder) {
    private static final String MEMORY = "256";

    /** How a process ended. */
    record Ended(int status, String out, String err) {}

    /** Runs a launcher with arguments. */
    Ended run(String launcher, String... arguments) throws IOException, InterruptedException {
        StringBuilder command = new StringBuilder("exec ").append(launcher);
        for (String argument : arguments) {
            command.append(' ').append(ShellWords.quote(argument));
        }
        return shell(command.toString());
    }

    /** Runs a line of shell, in which launchers go by their names. */
    Ended shell(String command) throws IOException, InterruptedException {
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Path top = Path.of("..").toRealPath();
        builder.environment()
                .putAll(Map.of(
                        "PATH", top + ":" + System.getenv("PATH"),
                        "OZ_NO_BUILD", "1",
                        "JAVA_HOME", System.getProperty("java.home"),
                        "OZ_DATA_DIR", folder.resolve("data").toString(),
                        "OZ_OUTPUT_DIR", folder.resolve("images").toString(),
                        "OZ_SCREENSHOT_DIR", folder.resolve("evidence").toString(),
                        "OZ_MEMORY", MEMORY));
        Process process = builder.start();
        process.getOutputStream().close();
        int status = process.waitFor();
        return new Ended(
                status, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
