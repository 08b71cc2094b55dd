package org.oz4j.os.mandriva;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.Cases;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template.InstallType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class MandrivaPluginTest {
    private static final MandrivaPlugin PLUGIN = new MandrivaPlugin();
    private static final Path PERL = Path.of("/usr/bin/perl");

    @TempDir
    static Path folder;

    static List<Cases> cases() {
        return Cases.of(PLUGIN);
    }

    private static Cases of(String version, Arch arch, InstallType type) {
        return Cases.of(PLUGIN, version, arch, type);
    }

    private static String answers(ProfileRequest request) {
        return PLUGIN.profile(request).answers().content();
    }

    /** What Perl finds in a file by an expression, once it has evaluated the file as DrakX does. */
    private static String perl(String answers, String expression) throws Exception {
        Path file = Files.writeString(folder.resolve("auto_inst.cfg"), answers);
        return Cases.run(
                "our $o; open my $f, '<', '" + file
                        + "' or die; { local $/ = \"\\0\"; no strict; eval <$f>; die $@ if $@ }" + " print "
                        + expression + ";",
                PERL.toString());
    }

    @BeforeAll
    static void needsPerl() {
        assumeTrue(Files.isExecutable(PERL), "There is no Perl to read what is written for DrakX");
    }

    static Map<String, String> goldens() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(
                "mandrake-9.1.cfg",
                answers(of("Mandrake 9.1", Arch.I386, InstallType.ISO).plain()));
        files.put(
                "mandriva-2007.0-full.cfg",
                answers(of("Mandriva 2007.0", Arch.X86_64, InstallType.ISO).full()));
        files.put(
                "mageia-5-full.cfg",
                answers(of("Mageia 5", Arch.X86_64, InstallType.ISO).full()));
        files.put(
                "essentials.txt",
                cases().stream().map(each -> each.essentials(PLUGIN)).collect(Collectors.joining("\n")));
        return files;
    }

    @Test
    void writesWhatTheGoldenFilesHave() throws IOException {
        Map<String, String> expected = new LinkedHashMap<>();
        for (String name : goldens().keySet()) {
            expected.put(name, Cases.golden(MandrivaPluginTest.class, name));
        }
        assertThat(goldens()).isEqualTo(expected);
    }

    @Test
    void knowsAllReleases() {
        assertThat(cases().stream().map(each -> each.release().title()).distinct())
                .hasSize(19);
        assertThat(Cases.names(PLUGIN))
                .as("what means one release means no other")
                .doesNotHaveDuplicates();
        System.out.println("cases of the Mandriva family: " + cases().size());
        assertThat(cases()).hasSizeGreaterThan(100);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyFileIsOneForPerlAndItsScriptOneForBash(Cases one) throws Exception {
        for (ProfileRequest request : List.of(one.plain(), one.full())) {
            GuestProfile profile = PLUGIN.profile(request);
            String answers = profile.answers().content();
            Path file = Files.writeString(folder.resolve("checked.cfg"), answers);

            assertThat(Cases.run("", PERL.toString(), "-cw", file.toString()))
                    .startsWith("0 ")
                    .contains("syntax OK")
                    .doesNotContain("syntax error");
            assertThat(answers).doesNotContain("${");
            String script = perl(answers, "$o->{postInstall}").substring(2);
            assertThat(Cases.run(script, "bash", "-n")).isEqualTo("0 ");
            boolean token = profile.flow().success() instanceof SuccessSignal.SerialToken;
            assertThat(script.endsWith("\nprintf '\\n%s\\n' " + Cases.TOKEN + " >/tmp/oz-port\nrm -f /tmp/oz-port\n"))
                    .isEqualTo(token);
            assertThat(token)
                    .isEqualTo(
                            !one.release().os().equals("Mandrake") && one.arch().isX86());
            assertThat(profile.media()).allMatch(recipe -> recipe.isFor(one.type()) && recipe.carriesArguments());
        }
    }

    @Test
    void aFileThatIsNoneIsSeen() throws Exception {
        Path file = Files.writeString(folder.resolve("broken.cfg"), "$o = { 'a' => 'it's' };\n");

        assertThat(Cases.run("", PERL.toString(), "-cw", file.toString())).doesNotStartWith("0 ");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPasswordIsAHashWhereTheSystemKnowsIt(Cases one) throws Exception {
        String answers = answers(one.full());
        if (one.release().os().equals("Mageia")) {
            assertThat(answers).doesNotContain("sesame").doesNotContain("<pass>");
            assertThat(perl(answers, "$o->{superuser}{pw}, '|', $o->{users}[0]{pw}"))
                    .isEqualTo("0 $6$saltsalt$hash/hash.|$6$annsalt$annhash");
        } else {
            assertThat(perl(answers, "$o->{superuser}{password}, '|', $o->{users}[0]{password}"))
                    .isEqualTo("0 open 'sesame' \\ $x|ann's <pass>");
        }
    }

    static Stream<Cases> generations() {
        return Stream.of(
                of("Mandrake 9.1", Arch.I386, InstallType.ISO),
                of("Mandriva 2008.0", Arch.X86_64, InstallType.ISO),
                of("Mageia 5", Arch.X86_64, InstallType.URL));
    }

    @ParameterizedTest
    @MethodSource("generations")
    void valuesArriveAsTheyAre(Cases one) throws Exception {
        String answers = answers(one.full());
        String script = perl(answers, "$o->{postInstall}").substring(2);
        String keys = script.lines()
                .filter(line -> line.startsWith("printf") && line.contains("AAAAC3"))
                .map(line -> line.replaceFirst(">>.*$", ""))
                .collect(Collectors.joining("\n", "", "\n"));

        assertThat(perl(answers, "$o->{users}[0]{realname}")).isEqualTo("0 " + Cases.HARD_NAME);
        assertThat(perl(answers, "scalar @{$o->{users}}, $o->{timezone}{timezone}"))
                .isEqualTo("0 2Europe/Vienna");
        assertThat(Cases.run(keys, "bash")).isEqualTo("0 " + Cases.HARD_KEY + "\n" + Cases.HARD_KEY + "\n");
    }

    @ParameterizedTest
    @CsvSource({
        "Mandrake 9.1, I386, type, 1155 130 1155",
        "Mandriva 2008.0, I386, fs_type, ext3 swap ext3",
    })
    void partitionsHaveTheTypesThatTheInstallerKnows(String title, Arch arch, String key, String types)
            throws Exception {
        String answers = answers(of(title, arch, InstallType.ISO).full());

        assertThat(perl(answers, "join ' ', map { $_->{" + key + "} } @{$o->{partitions}}"))
                .isEqualTo("0 " + types);
        assertThat(perl(answers, "join ' ', map { $_->{size} } @{$o->{partitions}}"))
                .as("in sectors, rounded up")
                .isEqualTo("0 1048577 2097152 2097152");
        assertThat(perl(answers, "join ' ', map { $_->{ratio} || 0 } @{$o->{partitions}}"))
                .isEqualTo("0 0 0 100");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://mirror.example.com/tree/",
                "http://mirror.example.com:8080/tree/",
                "http://me@mirror.example.com/tree/",
                "http://mirror.example.com/a,b/"
            })
    void refusesATreeThatTheFirstStageCannotBeToldOf(String location) {
        Cases one = of("Mageia 5", Arch.X86_64, InstallType.URL);
        ProfileRequest request =
                one.request(one.template().url(URI.create(location)).build(), MediaFacts.none(), Optional.empty());

        assertThatThrownBy(() -> PLUGIN.profile(request))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining(location);
    }

    @Test
    void knowsWhatPanicLooksLike() {
        assertThat(PLUGIN.profile(of("Mageia 5", Arch.X86_64, InstallType.ISO).plain())
                        .flow()
                        .trouble())
                .filteredOn(each ->
                        each.line().matcher("Kernel panic - not syncing: VFS").find())
                .extracting(Trouble::kind)
                .containsExactly(Trouble.Kind.PANIC);
    }
}
