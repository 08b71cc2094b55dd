package org.oz4j.testkit.tiny;

import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.Mark;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.PackageManager;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TinyLinuxPluginTest {
    private final TinyLinuxPlugin plugin = new TinyLinuxPlugin();

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(OsPlugin.class)).anyMatch(TinyLinuxPlugin.class::isInstance);
    }

    @Test
    void answersWhatTheGoldenFileSays() throws Exception {
        GuestProfile profile = profile(template("web_1.Example", List.of(), List.of()));

        assertThat(profile.answers().content()).isEqualTo(golden("answers"));
        assertThat(profile.answers()).hasToString("answers");
    }

    @Test
    void describesTheInstallAsTheGoldenFileSays() throws Exception {
        GuestProfile profile = profile(template("box", List.of(), List.of()));
        StringBuilder text = new StringBuilder();
        text.append(profile.machine()).append('\n');
        profile.media().forEach(recipe -> text.append(recipe).append('\n'));
        text.append(profile.flow().timeLimit())
                .append(' ')
                .append(profile.flow().inactivityLimit());
        text.append(' ').append(profile.flow().success()).append('\n');
        profile.flow().trouble().forEach(trouble -> text.append(trouble).append('\n'));
        profile.flow().marks().forEach(mark -> text.append(mark).append('\n'));

        assertThat(text).hasToString(golden("profile"));
        assertThat(profile.media().get(0)).isInstanceOf(AnswerVolume.class);
        assertThat(profile.media().get(1)).isInstanceOf(DirectKernel.class);
        assertThat(profile.flow().success()).isInstanceOf(SuccessSignal.SerialToken.class);
    }

    @Test
    void knowsEveryStepThatTheInstallerPrints() throws Exception {
        String installer = resource("initrd/installer");
        List<String> steps = Pattern.compile("(?m)^next ['\"](.*)['\"]$")
                .matcher(installer)
                .results()
                .map(step -> step.group(1))
                .toList();
        List<Mark> marks = profile(template("box", List.of(), List.of())).flow().marks();

        assertThat(installer).contains("STEPS=" + marks.size() + "\n");
        assertThat(steps).hasSameSizeAs(marks);
        for (int i = 0; i < steps.size(); i++) {
            String line = "tiny-installer: [" + (i + 1) + "/" + steps.size() + "] " + steps.get(i);
            assertThat(marks.get(i).line().matcher(line).find()).as(line).isTrue();
        }
    }

    @Test
    void recognizesTroubleInLinesThatTheInstallerPrints() {
        assertThat(kindOf("tiny-installer: ERROR: unknown disk 'sdq'; there are: vda "))
                .isEqualTo(Trouble.Kind.ERROR);
        assertThat(kindOf("tiny-installer: QUESTION: Which disk? (vda ) ")).isEqualTo(Trouble.Kind.QUESTION);
        assertThat(kindOf("[    1.2] Kernel panic - not syncing: No working init found."))
                .isEqualTo(Trouble.Kind.PANIC);
    }

    @Test
    void makesAHostNameOfAnyGuestName() {
        assertThat(answers("___")).contains("hostname=tiny\n");
        assertThat(answers("x".repeat(62) + ".y")).contains("hostname=" + "x".repeat(62) + "\n");
    }

    @Test
    void refusesWhatItsPackageManagerCanNotDo() {
        assertRefused(
                template("box", List.of(new Repository("r", "http://h/r", true, true, true)), List.of()),
                "checked by its signatures");
        assertRefused(
                template("box", List.of(new Repository("r", "https://h/r", false, true, true)), List.of()),
                "certificate of the repository r");
        assertRefused(
                template(
                        "box",
                        List.of(),
                        List.of(new PackageRequest(
                                "hello", Optional.empty(), Optional.of("hello.tgz"), Optional.empty()))),
                "The package hello has a file or arguments");
    }

    @Test
    void installsPackagesFromTheirRepositories() {
        PackageManager tpk = new Tpk();
        assertThat(tpk.repositoryFiles(new Repository("my repo/1", "http://h/r", false, true, false)))
                .containsOnlyKeys("/etc/tpk/repos.d/my+repo%2F1.repo")
                .containsValue("http://h/r\n");
        assertThat(tpk.install(List.of(
                        new PackageRequest("hello", Optional.empty(), Optional.empty(), Optional.empty()),
                        new PackageRequest("moo", Optional.of("my repo/1"), Optional.empty(), Optional.empty()))))
                .containsExactly(List.of("tpk", "install", "hello", "my+repo%2F1/moo"));
        assertThat(tpk.install(List.of())).isEmpty();
    }

    private void assertRefused(Template template, String problem) {
        assertThatThrownBy(() -> profile(template))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining(problem);
    }

    private Trouble.Kind kindOf(String line) {
        return profile(template("box", List.of(), List.of())).flow().trouble().stream()
                .filter(trouble -> trouble.line().matcher(line).find())
                .map(Trouble::kind)
                .findFirst()
                .orElseThrow();
    }

    private String answers(String name) {
        return profile(template(name, List.of(), List.of())).answers().content();
    }

    private GuestProfile profile(Template template) {
        return plugin.profile(new ProfileRequest(
                template,
                plugin.releases().get(0),
                MediaFacts.none(),
                URI.create("file:///tiny.iso"),
                new RootPassword("secret", "$6$salt$hash"),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                "TOKEN42"));
    }

    private static Template template(String name, List<Repository> repositories, List<PackageRequest> packages) {
        TemplateBuilder builder =
                Template.builder(name, "TinyLinux", "1", Arch.X86_64).iso(URI.create("file:///tiny.iso"));
        repositories.forEach(builder::repository);
        packages.forEach(builder::packageRequest);
        return builder.build();
    }

    private static String golden(String name) throws Exception {
        return resource("golden/" + name + ".txt");
    }

    private static String resource(String name) throws Exception {
        try (InputStream in = Objects.requireNonNull(TinyLinuxPlugin.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
