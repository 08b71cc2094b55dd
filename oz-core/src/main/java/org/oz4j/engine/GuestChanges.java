package org.oz4j.engine;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.CustomizeFailedException;
import org.oz4j.media.TransferListener;
import org.oz4j.remote.GuestShell;
import org.oz4j.remote.ShellWords;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Repository;

/** Puts a template's repositories, packages, files and commands into a running guest, in the order of the field. */
final class GuestChanges {
    /** The file in the build's folder that takes all that commands print. */
    static final String LOG = "commands.log";

    private static final Duration COMMAND_LIMIT = Duration.ofHours(4);
    private static final Duration SMALL_LIMIT = Duration.ofMinutes(10);
    private static final int LAST_LINES = 20;

    private final GuestBuild build;
    private final Progress progress;
    private final GuestShell shell;
    private final Template template;
    private final Path log;
    private int done;
    private int all;

    GuestChanges(GuestBuild build, Progress progress, GuestShell shell) {
        this.build = build;
        this.progress = progress;
        this.shell = shell;
        this.template = build.template;
        this.log = build.file(LOG);
    }

    void make() throws IOException, InterruptedException {
        all = template.repositories().size()
                + template.preCommands().size()
                + (template.packages().isEmpty() ? 0 : 1)
                + template.files().size()
                + template.commands().size()
                + 1;
        addRepositories();
        runAll("precommand", template.preCommands());
        installPackages();
        for (GuestFile file : template.files()) {
            begin("file " + file.path());
            try (InputStream content = open(file.content())) {
                shell.upload(content, file.path(), "0644", COMMAND_LIMIT);
            }
        }
        runAll("command", template.commands());
        begin("removing repositories that are not kept");
        List<String> removed = new ArrayList<>(List.of("rm", "-f", "--"));
        for (Repository repository : template.repositories()) {
            if (!repository.persisted()) {
                tell(build.packageWork().remove(repository));
                removed.addAll(build.packageWork().repositoryFiles(repository).keySet());
            }
        }
        if (removed.size() > 3) {
            run("removing repositories", ShellWords.command(removed), SMALL_LIMIT);
        }
        run("sync", "sync", SMALL_LIMIT);
    }

    private void begin(String what) {
        progress.at((double) done++ / all, what);
    }

    private void addRepositories() throws InterruptedException, IOException {
        for (Repository repository : template.repositories()) {
            begin("repository " + repository.name());
            for (Map.Entry<String, String> file :
                    build.packageWork().repositoryFiles(repository).entrySet()) {
                upload(file.getValue(), file.getKey());
            }
            tell(build.packageWork().add(repository));
        }
    }

    private void upload(String text, String path) throws IOException, InterruptedException {
        try (InputStream content = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))) {
            shell.upload(content, path, "0644", SMALL_LIMIT);
        }
    }

    private void installPackages() throws InterruptedException, IOException {
        if (template.packages().isEmpty()) {
            return;
        }
        begin("packages");
        tell(build.packageWork().install());
    }

    private void tell(List<List<String>> commands) throws InterruptedException, IOException {
        PackageWork work = build.packageWork();
        for (List<String> words : commands) {
            run(work.manager().name() + " " + words.get(words.size() - 1), work.shellText(words), COMMAND_LIMIT);
        }
    }

    /** Each command is a script of its own, in a folder that is taken away again. */
    private void runAll(String kind, List<Command> commands) throws IOException, InterruptedException {
        for (Command command : commands) {
            begin(kind + " " + command.name());
            String folder = "/tmp/oz-" + Secrets.token();
            String script = folder + "/script";
            try (InputStream content = open(command.content())) {
                shell.upload(content, script, "0700", SMALL_LIMIT);
            }
            // A script without #! is run by the shell itself; its status outlives the cleaning up.
            run(
                    kind + " " + command.name(),
                    "cd / && " + script + "; status=$?; rm -rf " + folder + "; exit $status",
                    COMMAND_LIMIT);
        }
    }

    private InputStream open(Content content) throws IOException, InterruptedException {
        if (content instanceof Content.Text text) {
            return new ByteArrayInputStream(text.text().getBytes(StandardCharsets.UTF_8));
        }
        if (content instanceof Content.Base64 base64) {
            return new ByteArrayInputStream(Base64.getDecoder().decode(base64.encoded()));
        }
        URI location = ((Content.Url) content).location();
        Path target = build.file("content-" + Secrets.token());
        Path file = build.engine
                .media()
                .fetchTo(List.of(location), Optional.empty(), target, TransferListener.NONE)
                .path();
        return Files.newInputStream(file);
    }

    private void run(String what, String command, Duration limit) throws InterruptedException, IOException {
        write("== " + what + "\n");
        StringBuilder printed = new StringBuilder();
        GuestShell.Result result;
        try {
            result = shell.run(command, limit, line -> {
                printed.append(line).append('\n');
                progress.output(what, line);
            });
        } finally {
            write(printed.toString());
        }
        check(build, what, result);
    }

    /** Fails the visit, with the evidence, where a command did not end well. */
    static void check(GuestBuild build, String what, GuestShell.Result result)
            throws IOException, InterruptedException {
        if (result.status() != 0) {
            Evidence evidence = Evidence.collect(build, build.machine);
            throw new CustomizeFailedException(
                    build.template.name(), what, result.status(), result.lastLines(LAST_LINES), evidence.folder());
        }
    }

    private void write(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
