package org.oz4j.testkit.example;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.oz4j.os.packages.Apk;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AnswerFile;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Feature;

/** The plugin of docs/writing-a-plugin.md. */
public final class ExamplePlugin implements OsPlugin {
    private static final long GIB = 1L << 30;

    @Override
    public String id() {
        return "example";
    }

    @Override
    public List<OsRelease> releases() {
        return List.of(release("1", LocalDate.of(2027, 5, 31)), release("2", LocalDate.of(2029, 5, 31)));
    }

    private static OsRelease release(String version, LocalDate end) {
        return OsRelease.builder("ExampleOS", version, Support.CHECKED, "https://example.org/docs/" + version)
                .endOfLife(end)
                .features(Set.of(Feature.BIOS, Feature.HOSTNAME))
                .build();
    }

    @Override
    public GuestProfile profile(ProfileRequest request) {
        return new GuestProfile(
                MachineHints.modern(512, 10 * GIB),
                new AnswerFile("answers", answers(request)),
                List.of(
                        new MediaRecipe.AnswerVolume("ANSWERS", "answers", Map.of()),
                        new MediaRecipe.RemasteredIso(
                                Set.of("boot/vmlinuz"), "answers=cdrom", Set.of("rescue"), "answers", Map.of())),
                new InstallFlow(
                        0,
                        Duration.ofMinutes(20),
                        Duration.ofMinutes(2),
                        new InstallFlow.SuccessSignal.SerialToken(),
                        List.of(new Trouble(
                                Trouble.Kind.ERROR,
                                Pattern.compile("^installer: failed: "),
                                Duration.ofSeconds(1),
                                "The installer's own words are above")),
                        List.of(new Mark(Pattern.compile("^installer: copying"), "copying", 0.3))),
                List.of(new AccessRecipe.OfflineEdit("sshd.service", "/usr/sbin/sshd -D")),
                Optional.of(new Apk()));
    }

    private static String answers(ProfileRequest request) {
        return """
                hostname %s
                password %s
                at-end echo %s >/dev/ttyS1
                then poweroff
                """
                .formatted(
                        request.template().os().setup().hostname().orElse("example"),
                        request.rootPassword().sha512Crypt(),
                        request.successToken());
    }
}
