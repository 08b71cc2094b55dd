package org.oz4j.os.arch;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.oz4j.Arch;
import org.oz4j.os.RequestOf;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MediaRecipe.AnswerVolume;

import static org.assertj.core.api.Assertions.assertThat;

class ArchPluginTest {
    private static final ArchPlugin PLUGIN = new ArchPlugin();
    private static final String FULL =
            """
            <users>
              <user name="ann"><fullname>Ann O'Hara</fullname><password>pass</password><groups>wheel, staff</groups>
                <ssh-keys>ssh-ed25519 AAAAC3 ann's key</ssh-keys></user>
              <user name="bob"/>
            </users>
            <ssh-keys>ssh-rsa AAAAB3</ssh-keys>
            <locale>de_AT.UTF-8</locale><keyboard>de</keyboard><timezone>Europe/Vienna</timezone>
            <hostname>web1.example.org</hostname>
            """;

    /** Source: archinstall's documentation, config_options.csv, and its configuration's class ArchConfig. */
    private static final Set<String> KNOWN_KEYS = Set.of(
            "archinstall-language",
            "bootloader",
            "bootloader_config",
            "disk_config",
            "hostname",
            "kernels",
            "locale_config",
            "network_config",
            "ntp",
            "packages",
            "script",
            "services",
            "swap",
            "timezone");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static AnswerVolume volume(GuestProfile profile) {
        return (AnswerVolume) profile.media().get(0);
    }

    private static GuestProfile plain() {
        return RequestOf.iso(PLUGIN, RequestOf.release(PLUGIN, "latest"), Arch.X86_64, template -> template)
                .profile();
    }

    private static GuestProfile full() {
        return RequestOf.xml(PLUGIN, "rolling", FULL, "").profile();
    }

    private static String configuration(GuestProfile profile) {
        return volume(profile).files().getOrDefault("archinstall.json", "");
    }

    @Test
    void writesTheScriptAndTheConfiguration() {
        assertThat(plain().answers().content()).isEqualTo(RequestOf.golden(getClass(), "arch.user-data"));
        assertThat(configuration(plain())).isEqualTo(RequestOf.golden(getClass(), "arch.json"));
    }

    @Test
    void honoursWhatVersion11AsksFor() {
        assertThat(full().answers().content()).isEqualTo(RequestOf.golden(getClass(), "arch-full.user-data"));
        assertThat(configuration(full())).isEqualTo(RequestOf.golden(getClass(), "arch-full.json"));
    }

    @Test
    void theConfigurationIsJsonThatArchinstallTakes() throws IOException {
        JsonNode json = JSON.readTree(configuration(full()));

        assertThat(json.propertyStream().map(Map.Entry::getKey)).isSubsetOf(KNOWN_KEYS);
        assertThat(json.at("/disk_config/config_type").asText()).isEqualTo("pre_mounted_config");
        assertThat(json.at("/disk_config/mountpoint").asText()).isEqualTo("/mnt/archinstall");
        assertThat(json.at("/bootloader_config/bootloader").asText())
                .isEqualTo(json.at("/bootloader").asText())
                .isEqualTo("Grub");
        assertThat(json.at("/network_config/type").asText()).isIn("iso", "nm", "nm_iwd", "iwd", "manual");
        assertThat(json.at("/locale_config/sys_lang").asText()).isEqualTo("de_AT.UTF-8");
        assertThat(json.at("/locale_config/sys_enc").asText()).isEqualTo("UTF-8");
        assertThat(json.at("/locale_config/kb_layout").asText()).isEqualTo("de");
        assertThat(json.at("/timezone").asText()).isEqualTo("Europe/Vienna");
        assertThat(json.at("/hostname").asText()).isEqualTo("web1.example.org");
        assertThat(configuration(full())).as("it holds no secret").doesNotContain("hashhash");
    }

    @Test
    void isFoundOnAVolumeOfTheCloud() {
        assertThat(volume(plain()).label()).isEqualTo("cidata");
        assertThat(volume(plain()).files()).containsOnlyKeys("meta-data", "archinstall.json");
        assertThat(plain().access())
                .hasOnlyElementsOfTypes(AccessRecipe.SystemdCredentials.class, AccessRecipe.OfflineEdit.class);
    }
}
