package org.oz4j.testkit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildListener;
import org.oz4j.CancellationToken;
import org.oz4j.Guest;
import org.oz4j.GuestUnreachableException;
import org.oz4j.InstalledImage;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.GuestFile;

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
        FakeGuest installer = FakeOs.installs();
        FakeGuest installed = system.guest(hypervisor);
        hypervisor.guest(
                machine -> machine.spec().stopOnReboot() ? installer.script(machine) : installed.script(machine));
        Template template = FakeOs.templateBuilder("web", folder)
                .file(new GuestFile("/etc/motd", new Content.Text("welcome")))
                .build();
        try (Oz oz = Oz.builder()
                .hypervisor(hypervisor)
                .time(hypervisor.time())
                .config(OzConfig.defaults(folder))
                .onlyGivenPlugins()
                .plugin(new FakeOs())
                .build()) {
            Guest guest = oz.guest(template);
            InstalledImage image = guest.installer().install();
            guest.customizer().customize(image, BuildListener.NONE, CancellationToken.create());
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
