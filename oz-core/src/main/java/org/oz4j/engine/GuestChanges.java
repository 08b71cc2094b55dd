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

import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import org.oz4j.CustomizeFailedException;
import org.oz4j.GuestUnreachableException;
import org.oz4j.TimeSource;
import org.oz4j.media.TransferListener;
import org.oz4j.remote.GuestShell;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Repository;

import static org.oz4j.engine.GuestBuild.known;

/** Puts a template's repositories, packages, files and commands into a running guest, in the order of the field. */
final class GuestChanges {
    /** The file in the build's folder that takes all that commands print. */
    static final String LOG = "commands.log";

    private static final Duration COMMAND_LIMIT = Duration.ofHours(4);
    private static final Duration SMALL_LIMIT = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final int LAST_LINES = 20;

    private final GuestBuild build;
    private final Progress progress;
    private final Path log;
    private int done;
    private int all;

    /**
     * A part of the work, which a later visit need not do again.
     *
     * @param title what it does
     * @param asked what the template says of it
     * @param content what it puts into the guest, if that is more than the template says
     */
    private record Phase(String title, Object asked, Optional<Content> content, Work work) {
        /** A text that differs where the phase does. */
        String key(GuestBuild build) throws IOException, InterruptedException {
            String key = title + "\n" + asked;
            if (content.isPresent() && content.get() instanceof Content.Url) {
                try (InputStream bytes = open(build, content.get())) {
                    key += "\n" + DigestUtils.sha256Hex(bytes);
                }
            }
            return key;
        }
    }

    private interface Work {
        void in(GuestChanges changes) throws IOException, InterruptedException;
    }

    GuestChanges(GuestBuild build, Progress progress) {
        this.build = build;
        this.progress = progress;
        this.log = build.file(LOG);
    }

    private static List<Phase> phases(Template template) {
        List<Phase> phases = new ArrayList<>();
        for (Repository repository : template.repositories()) {
            phases.add(new Phase(
                    "repository " + repository.name(),
                    repository,
                    Optional.empty(),
                    changes -> changes.addRepository(repository)));
        }
        phases.addAll(commands("precommand", template.preCommands()));
        if (!template.packages().isEmpty()) {
            phases.add(new Phase(
                    "packages",
                    template.packages(),
                    Optional.empty(),
                    changes -> changes.tell(changes.build.packageWork().install())));
        }
        for (GuestFile file : template.files()) {
            phases.add(new Phase(
                    "file " + file.path(), file, Optional.of(file.content()), changes -> changes.upload(file)));
        }
        phases.addAll(commands("command", template.commands()));
        return phases;
    }

    private static List<Phase> commands(String kind, List<Command> commands) {
        List<Phase> phases = new ArrayList<>();
        for (Command command : commands) {
            String title = kind + " " + command.name();
            phases.add(new Phase(
                    title, command, Optional.of(command.content()), changes -> changes.runScript(title, command)));
        }
        return phases;
    }

    /** What each phase does, so that it can be told whether it was done already. */
    static List<String> keys(GuestBuild build) throws IOException, InterruptedException {
        List<String> keys = new ArrayList<>();
        for (Phase phase : phases(build.template)) {
            keys.add(phase.key(build));
        }
        return keys;
    }

    /**
     * Does what was not done yet.
     *
     * @param kept keeps each phase that is over, if any does
     */
    void make(@Nullable Phases kept) throws IOException, InterruptedException {
        List<Phase> phases = phases(build.template);
        all = phases.size() + 1;
        done = kept == null ? 0 : kept.over();
        for (Phase phase : phases.subList(done, phases.size())) {
            begin(phase.title());
            phase.work().in(this);
            if (kept != null) {
                sync();
                kept.keep(known(build.machine));
            }
        }
        begin("removing repositories that are not kept");
        List<String> removed = new ArrayList<>();
        for (Repository repository : build.template.repositories()) {
            if (!repository.persisted()) {
                tell(build.packageWork().remove(repository));
                removed.addAll(build.packageWork().repositoryFiles(repository).keySet());
            }
        }
        if (!removed.isEmpty()) {
            run("removing repositories", shell().dialect().remove(removed), SMALL_LIMIT);
        }
        sync();
    }

    /** The one that is logged in now: a command may restart the guest. */
    private GuestShell shell() {
        return known(build.shell);
    }

    private void sync() throws IOException, InterruptedException {
        run("sync", shell().dialect().sync(), SMALL_LIMIT);
    }

    private void begin(String what) {
        progress.at((double) done++ / all, what);
    }

    private void addRepository(Repository repository) throws InterruptedException, IOException {
        for (Map.Entry<String, String> file :
                build.packageWork().repositoryFiles(repository).entrySet()) {
            upload(file.getValue(), file.getKey());
        }
        tell(build.packageWork().add(repository));
    }

    private void upload(GuestFile file) throws IOException, InterruptedException {
        try (InputStream content = open(build, file.content())) {
            TransferListener told = progress.transfer("file " + file.path(), build.engine.time());
            shell().upload(content, file.path(), "0644", COMMAND_LIMIT, sent -> told.transferred(sent, -1));
        }
    }

    private void upload(String text, String path) throws IOException, InterruptedException {
        try (InputStream content = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))) {
            shell().upload(content, path, "0644", SMALL_LIMIT);
        }
    }

    private void tell(List<List<String>> commands) throws InterruptedException, IOException {
        PackageWork work = build.packageWork();
        for (List<String> words : commands) {
            run(
                    work.manager().name() + " " + words.get(words.size() - 1),
                    shell().dialect().command(work.environment(), words),
                    COMMAND_LIMIT);
        }
    }

    /** Each command is a script of its own, in a folder that is taken away again. */
    private void runScript(String title, Command command) throws IOException, InterruptedException {
        String script = shell().dialect().scriptFile(Secrets.token());
        byte[] text;
        try (InputStream content = open(build, command.content())) {
            text = content.readAllBytes();
        }
        shell().upload(new ByteArrayInputStream(text), script, "0700", SMALL_LIMIT);
        String running = shell().dialect().runScript(script);
        if (shell().dialect().restarts(new String(text, StandardCharsets.UTF_8))) {
            restart(title, running);
        } else {
            run(title, running, COMMAND_LIMIT);
        }
    }

    /** Runs what restarts the guest at its end, and goes on in the guest that has restarted. */
    private void restart(String title, String running) throws IOException, InterruptedException {
        String before = bootIdentity();
        try {
            GuestShell.Result result = print(title, running, COMMAND_LIMIT);
            if (result.status() > 0) {
                check(build, title, result);
            }
        } catch (GuestUnreachableException e) {
            known(build.watch).check(); // the connection went down with the guest
        }
        TimeSource time = build.engine.time();
        Duration limit = build.engine.config().limits().boot();
        long end = time.nanoTime() + limit.toNanos();
        while (true) {
            try {
                if (!bootIdentity().equals(before)) {
                    return;
                }
                time.sleep(PAUSE);
            } catch (GuestUnreachableException e) {
                known(build.watch).check();
                shell().close();
                known(build.login).by(progress);
            }
            if (time.nanoTime() > end) {
                throw new GuestUnreachableException(
                        "The guest did not restart within " + limit.toSeconds() + " s of: " + title,
                        "The limit is the setting 'boot'",
                        null);
            }
        }
    }

    private String bootIdentity() throws InterruptedException {
        return shell().run(shell().dialect().bootIdentity(), SMALL_LIMIT, line -> {})
                .output();
    }

    private static InputStream open(GuestBuild build, Content content) throws IOException, InterruptedException {
        if (content instanceof Content.Text text) {
            return new ByteArrayInputStream(text.text().getBytes(StandardCharsets.UTF_8));
        }
        if (content instanceof Content.Base64 base64) {
            return new ByteArrayInputStream(Base64.getDecoder().decode(base64.encoded()));
        }
        URI location = ((Content.Url) content).location();
        Path file = build.contents.get(location);
        if (file == null) {
            Path target = build.file("content-" + Secrets.token());
            file = build.engine
                    .downloads()
                    .fetchTo(List.of(location), Optional.empty(), target, TransferListener.NONE)
                    .path();
            build.contents.put(location, file);
        }
        return Files.newInputStream(file);
    }

    private void run(String what, String command, Duration limit) throws InterruptedException, IOException {
        check(build, what, print(what, command, limit));
    }

    /** Runs a command, and tells what it prints. */
    private GuestShell.Result print(String what, String command, Duration limit)
            throws InterruptedException, IOException {
        write("== " + what + "\n");
        StringBuilder printed = new StringBuilder();
        try {
            return shell().run(command, limit, line -> {
                printed.append(line).append('\n');
                progress.output(what, line);
            });
        } finally {
            write(printed.toString());
        }
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
