package org.oz4j.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Icicle;
import org.oz4j.os.packages.Apk;
import org.oz4j.os.packages.Apt;
import org.oz4j.os.packages.Dnf;
import org.oz4j.os.packages.Pkg;
import org.oz4j.os.packages.Yum;
import org.oz4j.os.packages.Zypper;
import org.oz4j.remote.ShellWords;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class FakeSystemTest {
    private final FakeSystem system = FakeSystem.create();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    /** A fake, the part of Oz that talks to the real one, and the statuses of the real one. */
    record Pair(
            FakePackages fake, PackageManager real, int unknown, String complaint, int locked, boolean waitsForEver) {
        @Override
        public String toString() {
            return real.name();
        }
    }

    static Stream<Pair> managers() {
        return Stream.of(
                new Pair(
                        FakePackages.apt(), new Apt("trixie"), 100, "E: Unable to locate package nonsense", 100, false),
                new Pair(FakePackages.dnf(), new Dnf(), 1, "Error: Unable to find a match: nonsense", 0, true),
                new Pair(FakePackages.yum(), new Yum(), 1, "No package nonsense available.", 0, true),
                new Pair(
                        FakePackages.zypper(),
                        new Zypper(Zypper.Sources.FILES),
                        104,
                        "No provider of 'nonsense' found.",
                        7,
                        false),
                new Pair(FakePackages.pkg(), new Pkg(), 70, "No packages available to install matching", 75, false),
                new Pair(FakePackages.apk(), new Apk(), 1, "nonsense (no such package)", 99, false));
    }

    private int run(String command) throws InterruptedException {
        output.reset();
        errors.reset();
        return system.run(command, output, errors);
    }

    /** As Oz has it run in a guest. */
    private int run(PackageManager manager, List<String> words) throws InterruptedException {
        String variables = manager.environment().entrySet().stream()
                .map(variable -> variable.getKey() + "=" + ShellWords.quote(variable.getValue()))
                .collect(Collectors.joining(" "));
        String command = ShellWords.command(words);
        return run(variables.isEmpty() ? command : "env " + variables + " " + command);
    }

    private int install(Pair pair, String... names) throws InterruptedException {
        List<PackageRequest> wanted = Stream.of(names)
                .map(name -> new PackageRequest(name, Optional.empty(), Optional.empty(), Optional.empty()))
                .toList();
        int status = 0;
        for (List<String> command : pair.real().install(wanted)) {
            status = status == 0 ? run(pair.real(), command) : status;
        }
        return status;
    }

    private String said() {
        return output.toString(StandardCharsets.UTF_8) + errors.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("managers")
    void whatOzInstallsIsThereAndIsListed(Pair pair) throws Exception {
        system.packages(pair.fake().has("base", "1-1").offers("hello", "2.12-1"));

        assertThat(run(pair.real(), pair.real().refresh().get(0))).isZero();
        assertThat(install(pair, "hello")).as(said()).isZero();
        assertThat(run(pair.real(), pair.real().list())).as(said()).isZero();

        assertThat(output.toString(StandardCharsets.UTF_8).lines().map(pair.real()::item))
                .extracting(Optional::orElseThrow)
                .extracting(Icicle.Item::name, Icicle.Item::version)
                .containsExactly(tuple("base", "1-1"), tuple("hello", "2.12-1"));
        assertThat(pair.fake().installed()).isEqualTo(Map.of("base", "1-1", "hello", "2.12-1"));
    }

    @ParameterizedTest
    @MethodSource("managers")
    void whatNobodyOffersFailsAsInTheRealOne(Pair pair) throws Exception {
        system.packages(pair.fake().offers("hello", "2.12-1"));

        assertThat(install(pair, "nonsense")).isEqualTo(pair.unknown());

        assertThat(said()).contains(pair.complaint());
        assertThat(pair.fake().installed()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("managers")
    void aLockIsWaitedForAsLongAsOzWants(Pair pair) throws Exception {
        VirtualTime time = new VirtualTime();
        system.packages(pair.fake().offers("hello", "2.12-1"));

        pair.fake().lockedFor(Duration.ofSeconds(100), time);
        assertThat(install(pair, "hello")).as(said()).isZero();
        assertThat(time.elapsed()).isEqualTo(Duration.ofSeconds(100));

        pair.fake().lockedFor(Duration.ofHours(1), time);
        assertThat(install(pair, "hello")).as(said()).isEqualTo(pair.locked());
        assertThat(time.elapsed()).isEqualTo(pair.waitsForEver() ? Duration.ofSeconds(3700) : Duration.ofSeconds(220));
    }

    @Test
    void theShellKnowsConditionsQuotesVariablesAndFiles() throws Exception {
        assertThat(run(
                        "mkdir -p /a/b && if [ -e /a/b/c ]; then cat >/a/b/c; else umask 077 && echo 'it'\\''s' \"new\" >/a/b/c;"
                                + " fi; cat /a/b/c; N=5; exit $N"))
                .isEqualTo(5);

        assertThat(said()).isEqualTo("it's new\n");
        assertThat(new String(system.files().read("/a/b/c"), StandardCharsets.UTF_8))
                .isEqualTo("it's new\n");
    }

    @Test
    void theShellTellsWhatItDoesNotKnow() throws Exception {
        assertThat(run("ls | wc")).isEqualTo(2);
        assertThat(said()).contains("does not know |");
        assertThat(run("ls -l")).isEqualTo(127);
        assertThat(said()).contains("ls: not found");
        assertThat(run("false || { true && false; }; echo $?")).isZero();
        assertThat(said()).isEqualTo("1\n");
    }

    @Test
    void aScriptIsAProgramAndFilesGoWithTheirFolder() throws Exception {
        system.makeFolders("/tmp/oz-1");
        system.files().write("/tmp/oz-1/script", "#!/bin/sh\necho done >/root/it\nexit 3\n");

        assertThat(run("cd / && /tmp/oz-1/script; status=$?; rm -rf /tmp/oz-1; exit $status"))
                .isEqualTo(3);

        assertThat(system.files().exists("/root/it")).isTrue();
        assertThat(system.files().exists("/tmp/oz-1")).isFalse();
    }

    @Test
    void slowOutputTakesVirtualTime() throws Exception {
        VirtualTime time = new VirtualTime();
        system.slow(time, Duration.ofMinutes(1));

        run("echo a; echo b");

        assertThat(time.elapsed()).isEqualTo(Duration.ofMinutes(2));
    }

    @AfterEach
    void close() throws IOException {
        system.close();
    }
}
