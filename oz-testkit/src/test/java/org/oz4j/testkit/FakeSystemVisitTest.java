package org.oz4j.testkit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildEvent;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Guest;
import org.oz4j.GuestOptions;
import org.oz4j.GuestUnreachableException;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Oz visits a fake system by ssh. */
@SuppressWarnings("NullAway.Init") // JUnit fills the folder in
class FakeSystemVisitTest {
    private final FakeHypervisor hypervisor = FakeHypervisor.kvm();
    private final FakeSystem system = FakeSystem.create();

    @TempDir
    private Path folder;

    @AfterEach
    void switchOff() throws Exception {
        system.close();
    }

    private void installAndCustomise() {
        installAndCustomise(
                template -> template.file(new GuestFile("/etc/motd", new Content.Text("welcome"))), BuildListener.NONE);
    }

    private void installAndCustomise(UnaryOperator<TemplateBuilder> changes, BuildListener listener) {
        FakeGuest installer = FakeOs.installs();
        FakeGuest installed = system.guest(hypervisor);
        hypervisor.guest(
                machine -> machine.spec().stopOnReboot() ? installer.script(machine) : installed.script(machine));
        Template template = changes.apply(FakeOs.templateBuilder("web", folder)).build();
        try (Oz oz = Oz.builder()
                .hypervisor(hypervisor)
                .time(hypervisor.time())
                .config(OzConfig.defaults(folder))
                .onlyGivenPlugins()
                .plugin(new FakeOs())
                .build()) {
            Guest guest = oz.guest(template, GuestOptions.defaults().withKeepEvidence(true));
            InstalledImage image = guest.installer().install();
            guest.customizer().customize(image, listener, CancellationToken.create());
        }
    }

    @Test
    void aFileOfTheTemplateIsOnItsDisk() throws Exception {
        installAndCustomise();

        assertThat(new String(system.files().read("/etc/motd"), StandardCharsets.UTF_8))
                .isEqualTo("welcome");
        FakeHypervisorAssert.assertThat(hypervisor).started("web", "web").hasNoRunningMachines();
    }

    @Test
    void whatIsDoneAndWhatItPrintsIsToldAndWrittenDown() throws Exception {
        List<BuildEvent> events = new CopyOnWriteArrayList<>();
        installAndCustomise(
                template -> template.file(new GuestFile("/etc/logo", new Content.Base64("AP8=")))
                        .command(new Command("greet", new Content.Text("echo hello; echo world")))
                        .command(new Command("last", new Content.Base64("ZWNobyBieWU="))),
                events::add);

        assertThat(system.files().read("/etc/logo")).containsExactly(0, 0xff);
        assertThat(of(events, BuildEvent.CommandOutput.class))
                .extracting(each -> each.step() + ": " + each.command() + ": " + each.line())
                .containsExactly(
                        "change: command greet: hello", "change: command greet: world", "change: command last: bye");
        assertThat(of(events, BuildEvent.StepProgress.class))
                .filteredOn(each -> each.step().equals("change"))
                .extracting(each -> each.text() + " " + each.done() + " " + Math.round(each.fraction() * 100) + " %")
                .containsExactly(
                        "file /etc/logo OptionalLong.empty 0 %",
                        "file /etc/logo OptionalLong[2] 0 %",
                        "command greet OptionalLong.empty 25 %",
                        "command last OptionalLong.empty 50 %",
                        "removing repositories that are not kept OptionalLong.empty 75 %");
        String notice = of(events, BuildEvent.Notice.class).stream()
                .map(BuildEvent.Notice::text)
                .filter(text -> text.startsWith("The logs are in "))
                .findFirst()
                .orElseThrow();
        assertThat(Path.of(notice.substring("The logs are in ".length())).resolve("commands.log"))
                .hasContent("== command greet\nhello\nworld\n== command last\nbye\n== sync\n");
    }

    private static <T> List<T> of(List<BuildEvent> events, Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void anotherHostKeyIsNotTrusted() {
        system.withAnotherHostKey();

        assertThatThrownBy(this::installAndCustomise)
                .isInstanceOf(GuestUnreachableException.class)
                .hasMessageContaining("does not show the host key");

        assertThat(system.commands()).isEmpty();
        FakeHypervisorAssert.assertThat(hypervisor).startedMachine("web").thenWasDestroyed();
    }

    @Test
    void aConnectionThatBreaksIsTold() {
        system.dropsIn("/etc/motd");

        assertThatThrownBy(this::installAndCustomise)
                .isInstanceOf(GuestUnreachableException.class)
                .hasMessageContaining("broke");

        FakeHypervisorAssert.assertThat(hypervisor).startedMachine("web").thenWasDestroyed();
    }
}
