package org.oz4j.os.ubuntu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.os.Cases;
import org.oz4j.os.preseed.Requests;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.template.Template.InstallType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class SubiquityTest {
    private static final String SOURCES = "- default: true\n  id: ubuntu-server\n- id: ubuntu-server-minimal\n";

    @TempDir
    Path folder;

    private static Requests disc(String version) {
        return Requests.of("Ubuntu", version).disc(false);
    }

    static Stream<Arguments> installs() {
        return Stream.of(
                arguments("ubuntu-20.04", disc("20.04")),
                arguments(
                        "ubuntu-24.04",
                        disc("24.04.4").proxied().texts(Map.of("casper/install-sources.yaml", SOURCES))),
                arguments("ubuntu-26.04-full", disc("26.04").full()),
                arguments("ubuntu-22.04-full-uefi", disc("22.04").full().uefi()),
                arguments("ubuntu-24.04-aarch64", disc("24.04").on(Arch.AARCH64, InstallType.ISO)),
                arguments("ubuntu-26.04-riscv64", disc("26.04").on(Arch.RISCV64, InstallType.ISO)));
    }

    @ParameterizedTest
    @MethodSource("installs")
    void writesTheAutoinstallFile(String name, Requests requests) {
        GuestProfile profile = requests.profile();
        String all = Requests.essentials(profile) + "--- user-data\n"
                + profile.answers().content();

        assertThat(all).isEqualTo(Requests.golden(getClass(), name + ".txt", all));
    }

    private static JsonNode autoinstall(Requests requests) throws Exception {
        String text = requests.profile().answers().content();
        assertThat(text).startsWith("#cloud-config\n");
        return new ObjectMapper(new YAMLFactory()).readTree(text).get("autoinstall");
    }

    @Test
    void theInstallersOwnSchemaTakesIt() throws Exception {
        String name = "autoinstall.schema.json";
        String text = Files.readString(Cases.schemas(name).resolve(name));
        var schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(text, InputFormat.JSON);
        int count = 0;
        for (String version : List.of("20.04", "22.04", "24.04", "25.10", "26.04")) {
            for (Requests requests : List.of(
                    disc(version),
                    disc(version).proxied(),
                    disc(version).full(),
                    disc(version).full().uefi())) {
                JsonNode answers = autoinstall(requests);
                assertThat(schema.validate(answers.toString(), InputFormat.JSON))
                        .as(requests.toString())
                        .isEmpty();
                count++;
            }
        }
        System.out.println("autoinstall files: " + count);
        assertThat(schema.validate("{\"version\": 1, \"shutdown\": \"halt\"}", InputFormat.JSON))
                .isNotEmpty();
    }

    private static List<String> commands(JsonNode answers, String key) {
        List<String> commands = new ArrayList<>();
        answers.get(key).forEach(command -> commands.add(command.asText()));
        return commands;
    }

    @Test
    void theShellTakesEveryCommand() throws Exception {
        JsonNode answers = autoinstall(disc("24.04").full().proxied());
        List<String> commands = commands(answers, "late-commands");
        commands.addAll(commands(answers, "error-commands"));
        for (String command : commands) {
            Path file = Files.writeString(folder.resolve("command"), command + "\n");
            assertThat(Requests.complaint(file, "dash", "-n")).as(command).isEmpty();
        }
        assertThat(commands).hasSize(12);
    }

    /** Runs the last commands on a folder in place of the new system; each as {@code sh -c}, as the installer does. */
    @Test
    void theLastCommandsSetUpTheNewSystemAndThenWriteTheToken() throws Exception {
        Files.createDirectories(folder.resolve("etc/netplan"));
        Files.createDirectories(folder.resolve("home/ann"));
        Files.writeString(folder.resolve("etc/hosts"), "127.0.0.1 localhost\n127.0.1.1 ubuntu-server\n");
        Files.writeString(folder.resolve("etc/netplan/00-installer-config.yaml"), "old");
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path chroot = Files.writeString(
                bin.resolve("chroot"),
                "#!/bin/sh\nshift\ntest \"$1\" != chpasswd || cat\nprintf '[%s]' \"$@\"\necho\n");
        Path curtin = Files.writeString(bin.resolve("curtin"), "#!/bin/sh\nprintf '[%s]' \"$@\"\necho\n");
        assertThat(chroot.toFile().setExecutable(true) && curtin.toFile().setExecutable(true))
                .isTrue();
        StringBuilder said = new StringBuilder();
        Path port = folder.resolve("port");
        for (String command : commands(autoinstall(disc("24.04").full()), "late-commands")) {
            assertThat(port).as("before the end").doesNotExist();
            said.append(Requests.run(
                    Map.of("PATH", bin + ":" + System.getenv("PATH")),
                    "dash",
                    "-c",
                    command.replace("/target", folder.toString()).replace("/dev/ttyS1", port.toString())));
        }

        assertThat(said.toString())
                .contains("root:$6$saltsalt$rootHash./0\n[chpasswd][-e]")
                .contains("[useradd][-m][-s][/bin/bash][-c][" + Requests.ODD
                        + "][-G][adm,staff][-p][$6$annsalt1$annHash./1][ann]")
                .contains("[ssh-keygen][-A]")
                .contains("[update-grub]")
                .doesNotContain("status");
        assertThat(Files.readString(port)).isEqualTo("\n" + Requests.TOKEN + "\n");
        assertThat(folder.resolve("etc/hostname")).hasContent("web1");
        assertThat(folder.resolve("etc/hosts")).hasContent("127.0.0.1 localhost\n127.0.1.1 web1.example.org web1");
        assertThat(folder.resolve("root/.ssh/authorized_keys")).hasContent("ssh-rsa BBBB " + Requests.ODD);
        assertThat(folder.resolve("etc/netplan")).isDirectoryNotContaining("glob:**00-installer-config.yaml");
        JsonNode netplan = new ObjectMapper(new YAMLFactory())
                .readTree(folder.resolve("etc/netplan/01-wired.yaml").toFile());
        assertThat(netplan.at("/network/ethernets/wired/dhcp4").asBoolean()).isTrue();
        assertThat(folder.resolve("etc/default/grub.d/60-console.cfg"))
                .hasContent("GRUB_CMDLINE_LINUX=\"console=tty0 console=ttyS0,115200\"");
    }

    @Test
    void onlyTheLastPartitionFillsUpTheDisk() throws Exception {
        JsonNode actions = autoinstall(disc("24.04").full()).at("/storage/config");
        List<Long> sizes = new ArrayList<>();
        actions.forEach(action -> {
            if (action.get("type").asText().equals("partition")) {
                sizes.add(action.get("size").asLong());
            }
        });

        assertThat(sizes).hasSize(4).noneMatch(size -> size < 1);
        assertThat(sizes.stream().mapToLong(Long::longValue).sum())
                .isBetween((10L << 30) - (6L << 20), (10L << 30) - (2L << 20));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Oz: the install failed | ERROR",
                "Continue with autoinstall? (yes or no) | QUESTION",
                "[ 1.0] Kernel panic - not syncing: VFS | PANIC"
            })
    void knowsWhatTroubleLooksLike(String line, Trouble.Kind kind) {
        assertThat(disc("24.04").profile().flow().trouble())
                .filteredOn(each -> each.line().matcher(line).find())
                .extracting(Trouble::kind)
                .containsExactly(kind);
    }
}
