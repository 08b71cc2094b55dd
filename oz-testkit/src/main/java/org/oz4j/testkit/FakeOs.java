package org.oz4j.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.media.IsoWriter;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template;
import org.oz4j.template.TemplateBuilder;

/**
 * An operating system for tests of programs that do not care which one it is: {@code FakeOS 1}, on an install medium of
 * a few kilobytes. Its installer is the guest's script, which a test writes; {@link #installs} is one that succeeds.
 */
public final class FakeOs implements OsPlugin {
    private static final Pattern TOKEN = Pattern.compile("token=([0-9a-f]{32})");
    private static final long DISK = 4L << 20;

    @Override
    public String id() {
        return "fake";
    }

    @Override
    public List<OsRelease> releases() {
        return List.of(OsRelease.builder("FakeOS", "1", OsRelease.Support.INSTALLED, "made up for tests")
                .build());
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        return new GuestProfile(
                MachineHints.modern(64, DISK),
                new AnswerFile("answers.txt", "token=" + request.successToken() + "\n"),
                List.of(new MediaRecipe.AnswerVolume("ANSWERS", "answers.txt", Map.of())),
                new InstallFlow(
                        0,
                        Duration.ofHours(1),
                        Duration.ofMinutes(5),
                        new InstallFlow.SuccessSignal.SerialToken(),
                        List.of(
                                new Trouble(
                                        Trouble.Kind.ERROR,
                                        Pattern.compile("^FATAL"),
                                        Duration.ofSeconds(2),
                                        "Read it"),
                                new Trouble(
                                        Trouble.Kind.PANIC,
                                        Pattern.compile("Kernel panic"),
                                        Duration.ZERO,
                                        "Give the machine more memory")),
                        List.of(),
                        Optional.empty()),
                List.of(new AccessRecipe.SystemdCredentials("ssh.service", "/usr/sbin/sshd -D")),
                Optional.empty());
    }

    /** A template that installs it under that name; its medium is made in that folder. */
    public static Template template(String name, Path folder) {
        return templateBuilder(name, folder).build();
    }

    /** The same, to be added to. */
    public static TemplateBuilder templateBuilder(String name, Path folder) {
        Path medium = folder.resolve("fake-os.iso");
        try {
            if (Files.notExists(medium)) {
                IsoWriter.write(medium, "FAKEOS", Map.of("readme", new byte[] {'h', 'i', '\n'}));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Template.builder(name, "FakeOS", "1", Arch.X86_64).iso(medium.toUri());
    }

    /** A guest whose installer works for 20 minutes, and succeeds. */
    public static FakeGuest installs() {
        return machine -> GuestScript.start()
                .prints("Installing\n")
                .worksFor(Duration.ofMinutes(20))
                .installs()
                .says(1, machine.token(TOKEN) + "\n")
                .powersOff();
    }
}
