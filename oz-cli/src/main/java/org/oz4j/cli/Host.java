package org.oz4j.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.oz4j.host.Commands;

/** The host as {@code doctor} sees it: files below a root, which is {@code /} but in tests, and commands. */
final class Host {
    /** Runs a command. */
    interface Runner {
        Commands.Result run(List<String> command, Duration limit) throws InterruptedException;
    }

    private static final List<String> PATH =
            List.of("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin");

    private final Path root;
    private final boolean superuser;
    private final Runner runner;

    /** This host. */
    static Host real() {
        return new Host(Path.of("/"), System.getProperty("user.name", "").equals("root"), Commands::run);
    }

    Host(Path root, boolean superuser, Runner runner) {
        this.root = root;
        this.superuser = superuser;
        this.runner = runner;
    }

    /** Whether we are root. */
    boolean superuser() {
        return superuser;
    }

    /** Whether there is such a program. */
    boolean hasProgram(String name) {
        return PATH.stream()
                .anyMatch(folder -> Files.isExecutable(root.resolve(folder).resolve(name)));
    }

    /** Whether there is such a file. */
    boolean hasFile(String path) {
        return Files.exists(root.resolve(path));
    }

    /** Whether we may read and write that file. */
    boolean canUse(String path) {
        return Files.isReadable(root.resolve(path)) && Files.isWritable(root.resolve(path));
    }

    /** Whether there is such a file below a folder of libraries, of whatever architecture. */
    boolean hasLibrary(String path) {
        Path usr = root.resolve("usr");
        for (String folder : List.of("lib", "lib64")) {
            if (Files.exists(usr.resolve(folder).resolve(path))) {
                return true;
            }
        }
        Path lib = usr.resolve("lib");
        if (!Files.isDirectory(lib)) {
            return false;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(lib, "*-linux-gnu*")) {
            for (Path folder : folders) {
                if (Files.exists(folder.resolve(path))) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /** What a file holds; empty where it can't be read. */
    String text(String path) {
        try {
            return Files.readString(root.resolve(path));
        } catch (IOException e) {
            return "";
        }
    }

    /** The space left in bytes where that folder is or will be. */
    long freeBytes(Path folder) {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Runs a command. */
    Commands.Result run(List<String> command, Duration limit) throws InterruptedException {
        return runner.run(command, limit);
    }
}
