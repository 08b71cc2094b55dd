package org.oz4j.os.debian;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DebianPluginTest {
    private static final String SUM = "0f".repeat(32);
    private static final RootPassword PASSWORD = new RootPassword("open sesame", "$6$saltsalt$hashhash");

    private final DebianPlugin plugin = new DebianPlugin();

    private OsRelease release(String version) {
        return plugin.releases().stream()
                .filter(each -> each.version().equals(version))
                .findFirst()
                .orElseThrow();
    }

    private GuestProfile profile(String version, String location, String name) {
        return profile(version, location, name, Optional.empty());
    }

    private GuestProfile profile(String version, String location, String name, Optional<URI> proxy) {
        OsRelease release = release(version);
        Template template = Template.builder(name, "Debian", version, Arch.X86_64)
                .url(URI.create(location))
                .build();
        String sums = release.probe().get(0);
        MediaFacts facts = new MediaFacts(
                Optional.empty(),
                Set.of(sums),
                Map.of(sums, SUM + "  ./netboot/debian-installer/amd64/linux\n" + SUM + "  ./netboot/mini.iso\n"));
        return plugin.profile(new ProfileRequest(
                template,
                release,
                facts,
                URI.create(location),
                PASSWORD,
                Map.of(),
                Optional.empty(),
                proxy,
                "00112233445566778899aabbccddeeff"));
    }

    @Test
    void theInstallerFetchesThroughTheProxyAndTheSystemDoesNot() throws IOException {
        assertThat(profile(
                                "13",
                                "http://deb.debian.org/debian/",
                                "proxy",
                                Optional.of(URI.create("http://10.0.2.2:4123/")))
                        .answers()
                        .content())
                .isEqualTo(golden("debian-13-proxy.preseed.cfg"));
    }

    @ParameterizedTest
    @CsvSource({
        "12, http://deb.debian.org/debian/, bookworm-1, debian-12.preseed.cfg",
        "13, http://deb.debian.org/debian/, My Guest_13, debian-13.preseed.cfg",
        "13, http://10.0.2.2:8091/debian/, lab, debian-13-private-mirror.preseed.cfg"
    })
    void writesThePreseedFile(String version, String mirror, String name, String golden) throws IOException {
        assertThat(profile(version, mirror, name).answers().content()).isEqualTo(golden(golden));
    }

    @Test
    void honoursWhatVersion11AsksFor() throws IOException {
        Template template = Template.parse(
                """
                <template version="1.1">
                  <name>full</name>
                  <os>
                    <name>Debian</name><version>13</version><arch>x86_64</arch><firmware>uefi</firmware>
                    <install type="url"><url>http://10.0.2.2:8091/debian/</url></install>
                    <users>
                      <user name="ann"><fullname>Ann O'Hara</fullname><password>pass</password>
                        <groups>sudo, adm</groups><ssh-keys>ssh-ed25519 AAAAC3 ann's key</ssh-keys></user>
                      <user name="bob"/>
                    </users>
                    <ssh-keys>
                      ssh-ed25519 AAAAC3 one
                      ssh-rsa AAAAB3
                    </ssh-keys>
                    <locale>de_AT.UTF-8</locale><keyboard>de</keyboard><timezone>Europe/Vienna</timezone>
                    <hostname>web1.example.org</hostname>
                  </os>
                  <disk><size>10</size>
                    <layout>
                      <partition mount="/boot" size="512 MB" filesystem="ext4"/>
                      <partition mount="/" filesystem="ext4"/>
                      <partition size="1 GB" filesystem="swap"/>
                    </layout>
                  </disk>
                </template>
                """);
        RootPassword ann = new RootPassword("pass", "$6$annsalt$annhash");
        GuestProfile profile = plugin.profile(new ProfileRequest(
                template,
                release("13"),
                MediaFacts.none(),
                URI.create("http://10.0.2.2:8091/debian/"),
                PASSWORD,
                Map.of("ann", ann),
                Optional.of(MachineHints.DiskBus.SATA),
                Optional.empty(),
                "00112233445566778899aabbccddeeff"));

        assertThat(profile.answers().content()).isEqualTo(golden("debian-13-full.preseed.cfg"));
        assertThat(((DirectKernel) profile.media().get(0)).files())
                .containsOnly(Map.entry("oz-setup.sh", golden("debian-13-full.oz-setup.sh")));
    }

    private String golden(String name) throws IOException {
        try (var expected = getClass().getResourceAsStream(name)) {
            assertThat(expected).as(name).isNotNull();
            return new String(expected.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void neverWritesThePasswordInClear() {
        GuestProfile profile = profile("13", "http://deb.debian.org/debian/", "x");

        assertThat(profile.answers().content()).doesNotContain("open sesame");
        assertThat(profile.toString()).doesNotContain("hashhash");
    }

    @Test
    void startsTheNetbootKernelWithTheSumThatTheMirrorTells() {
        DirectKernel kernel = (DirectKernel)
                profile("13", "http://deb.debian.org/debian/", "x").media().get(0);

        assertThat(kernel.kernel().path())
                .isEqualTo("dists/trixie/main/installer-amd64/current/images/netboot/debian-installer/amd64/linux");
        assertThat(kernel.kernel().sha256()).contains(SUM);
        assertThat(kernel.initrd().sha256())
                .as("the sum file has no line for it")
                .isEmpty();
        assertThat(kernel.answerPath()).isEqualTo("preseed.cfg");
        assertThat(kernel.arguments())
                .contains("auto=true")
                .contains("priority=critical")
                .contains("console=ttyS0");
    }

    @Test
    void refusesAMirrorThatTheInstallerCannotUse() {
        assertThatThrownBy(() -> profile("13", "ftp://mirror.example.com/debian/", "x"))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("ftp://mirror.example.com/debian/")
                .hasMessageContaining("http://");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://ftp.example.com/debian/dists/trixie/",
                "http://ftp.example.com/debian/dists/trixie/main/installer-amd64/current/images/netboot/",
                "http://ftp.example.com/debian/"
            })
    void takesTheMirrorForTheTreeWhateverFolderOfItIsNamed(String location) {
        assertThat(plugin.tree(URI.create(location))).hasToString("http://ftp.example.com/debian/");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Prompt: '?' for help, default=1> | QUESTION",
                "Prompt: '?' for help> | QUESTION",
                "!! ERROR: Bad archive mirror | ERROR",
                "[Press enter to continue] | QUESTION",
                "'   Root password: ' | QUESTION",
                "'Re-enter password to verify:' | QUESTION",
                "[    1.0] Kernel panic - not syncing: VFS | PANIC"
            })
    void knowsWhatTroubleLooksLike(String line, Trouble.Kind kind) {
        assertThat(profile("13", "http://deb.debian.org/debian/", "x").flow().trouble())
                .filteredOn(each -> each.line().matcher(line).find())
                .extracting(Trouble::kind)
                .containsExactly(kind);
    }
}
