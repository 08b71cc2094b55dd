package org.oz4j.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.ConfigException;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.Problem;
import org.oz4j.config.OzConfig.Limits;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.OzConfig.VirtType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OzConfigTest {
    private static final Path HOME = Path.of("/home/ann");

    private final Path dir;

    OzConfigTest(@TempDir Path dir) {
        this.dir = dir;
    }

    @Test
    void readsEveryKey() throws IOException {
        OzConfig config = load(
                """
                # a comment
                [paths]
                output_dir = ~/images
                Data_Dir: $HOME/data
                screenshot_dir = ${HOME}/shots
                sshprivkey = /etc/oz/id_rsa

                [libvirt]
                uri = qemu:///session
                image_type = qcow2
                type = qemu
                bridge_name = virbr0
                cpus = 4
                memory = 4096
                image_mode = 0640
                firmware = uefi
                parallel = 3
                ; another
                [cache]
                original_media = no
                modified_media = yes
                jeos = Yes
                packages = yes
                size = 100
                [icicle]
                safe_generation = no
                [timeouts]
                install = 1200
                inactivity = 300
                boot = 60
                shutdown = 30
                """,
                Map.of());

        assertThat(config)
                .isEqualTo(new OzConfig(
                        HOME.resolve("images"),
                        HOME.resolve("data"),
                        HOME.resolve("shots"),
                        Optional.of("qemu:///session"),
                        Optional.of(VirtType.TCG),
                        new Network.Bridge("virbr0"),
                        ImageFormat.QCOW2,
                        "rw-r-----",
                        4,
                        4096,
                        false,
                        new Limits(
                                Optional.of(Duration.ofMinutes(20)),
                                Optional.of(Duration.ofMinutes(5)),
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(30)),
                        Optional.of(Path.of("/etc/oz/id_rsa")),
                        true,
                        true,
                        false,
                        Optional.of(Firmware.UEFI),
                        3,
                        true,
                        OptionalLong.of(100L << 30)));
    }

    @Test
    void anEmptyFileGivesTheDefaults() throws IOException {
        assertThat(load("", Map.of())).isEqualTo(OzConfig.defaults(HOME));
    }

    @Test
    void theEnvironmentGoesBeforeTheFile() throws IOException {
        OzConfig config = load(
                "[paths]\noutput_dir = /file\nscreenshot_dir = /shots\n[libvirt]\ncpus = 8\nmemory = 512\nbridge_name=br0\n",
                Map.of("OZ_OUTPUT_DIR", "~/env", "OZ_CPUS", "3", "OZ_NETWORK", "network:isolated", "OZ_MEMORY", " "));

        assertThat(config.outputDir()).isEqualTo(HOME.resolve("env"));
        assertThat(config.evidenceDir()).isEqualTo(Path.of("/shots"));
        assertThat(config.cpus()).isEqualTo(3);
        assertThat(config.memoryMiB()).isEqualTo(512);
        assertThat(config.network()).isEqualTo(new Network.Libvirt("isolated"));
    }

    @Test
    void readsEveryVariable() throws IOException {
        OzConfig config = load(
                "",
                Map.ofEntries(
                        Map.entry("OZ_OUTPUT_DIR", "/o"),
                        Map.entry("OZ_DATA_DIR", "/d"),
                        Map.entry("OZ_SCREENSHOT_DIR", "/s"),
                        Map.entry("OZ_LIBVIRT_URI", "qemu:///system"),
                        Map.entry("OZ_IMAGE_TYPE", "qcow2"),
                        Map.entry("OZ_VIRT_TYPE", "tcg"),
                        Map.entry("OZ_NETWORK", "bridge:br0"),
                        Map.entry("OZ_CPUS", "1"),
                        Map.entry("OZ_MEMORY", "1024"),
                        Map.entry("OZ_INSTALL_TIMEOUT", "100"),
                        Map.entry("OZ_INACTIVITY_TIMEOUT", "50"),
                        Map.entry("OZ_IMAGE_MODE", "rw-rw-r--")));

        assertThat(config)
                .isEqualTo(OzConfig.builder(HOME)
                        .outputDir(Path.of("/o"))
                        .dataDir(Path.of("/d"))
                        .evidenceDir(Path.of("/s"))
                        .hypervisorUri("qemu:///system")
                        .imageFormat(ImageFormat.QCOW2)
                        .virtType(VirtType.TCG)
                        .network(new Network.Bridge("br0"))
                        .cpus(1)
                        .memoryMiB(1024)
                        .installLimit(Duration.ofSeconds(100))
                        .inactivityLimit(Duration.ofSeconds(50))
                        .imageMode("rw-rw-r--")
                        .build());
    }

    @Test
    void imagesAndEvidenceMoveWithTheDataFolderUnlessSet() throws IOException {
        OzConfig config = load("[paths]\ndata_dir = /data\nscreenshot_dir = /s\n", Map.of());

        assertThat(config.outputDir()).isEqualTo(Path.of("/data/images"));
        assertThat(config.evidenceDir()).isEqualTo(Path.of("/s"));
    }

    @Test
    void listsAllProblemsAtOnceWithTheirLines() {
        String text =
                """
                stray = 1
                [libvirt]
                 imagetype = raw
                cpus = many
                cpus = 2
                nonsense
                [colours]
                red = yes
                [paths]
                output_dir = ~bob/images
                """;

        assertThatThrownBy(() -> load(text, Map.of("OZ_VIRT_TYPE", "xen")))
                .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.problems())
                        .extracting(p -> p.line() + ":" + p.column() + " " + p.message())
                        .satisfiesExactly(
                                m -> assertThat(m).isEqualTo("1:1 \"stray = 1\" stands before any [section]"),
                                m -> assertThat(m)
                                        .isEqualTo("4:1 [libvirt] cpus = \"many\" can't be used; allowed: a whole"
                                                + " number from 1 to 512"),
                                m -> assertThat(m).isEqualTo("5:1 [libvirt] cpus is set in line 4 already"),
                                m -> assertThat(m).startsWith("6:1 \"nonsense\" is neither"),
                                m -> assertThat(m).startsWith("10:1 [paths] output_dir = \"~bob/images\""),
                                m -> assertThat(m).startsWith("0:0 OZ_VIRT_TYPE = \"xen\" can't be used")));
    }

    @Test
    void warnsOfUnknownKeysAndNamesTheNearestKnownOne() throws IOException {
        Path file = Files.writeString(
                dir.resolve("oz.cfg"),
                "[libvirt]\nimagetype = raw\ncpus = 4\n[colours]\nred = yes\n[path]\ndata_dir = /d\n[libvirt]\nrng_rate = 1\n");

        LoadedConfig loaded = LoadedConfig.read(Optional.of(file), Map.of(), OzConfig.defaults(HOME), HOME);

        assertThat(loaded.config().cpus()).isEqualTo(4);
        assertThat(loaded.warnings())
                .extracting(Problem::toString)
                .satisfiesExactly(
                        m -> assertThat(m)
                                .isEqualTo(file + ":2:1: warning: [libvirt] imagetype is not known and does nothing;"
                                        + " the nearest that is known is [libvirt] image_type"),
                        m -> assertThat(m).startsWith(file + ":5:1: warning: [colours] red is not known"),
                        m -> assertThat(m).endsWith("the nearest that is known is [paths] data_dir"),
                        m -> assertThat(m).contains(":9:1: warning: [libvirt] rng_rate does nothing"));
    }

    @Test
    void warnsOfSettingsThatDoNothing() throws IOException {
        Path file = Files.writeString(
                dir.resolve("oz.cfg"),
                "[paths]\nsshprivkey = /etc/oz/id_rsa\n[cache]\njeos = yes\nmodified_media = yes\n");

        LoadedConfig loaded = LoadedConfig.read(Optional.of(file), Map.of(), OzConfig.defaults(HOME), HOME);

        assertThat(loaded.warnings())
                .extracting(Problem::toString)
                .containsExactly(file + ":2:1: warning: [paths] sshprivkey does nothing: a key is made for each build");
    }

    @Test
    void tellsWhereEachValueCameFrom() throws IOException {
        Path file = Files.writeString(dir.resolve("oz.cfg"), "[libvirt]\nmemory = 512\n[timeouts]\nboot = 7\n");

        LoadedConfig loaded =
                LoadedConfig.read(Optional.of(file), Map.of("OZ_CPUS", "4"), OzConfig.defaults(HOME), HOME);

        assertThat(loaded.values())
                .filteredOn(value -> !value.source().equals("default"))
                .containsExactly(
                        new LoadedConfig.Value("libvirt", "cpus", "OZ_CPUS", "4", "environment"),
                        new LoadedConfig.Value("libvirt", "memory", "OZ_MEMORY", "512", file + ":2"),
                        new LoadedConfig.Value("timeouts", "boot", "OZ_BOOT_TIMEOUT", "7", file + ":4"));
        assertThat(loaded.values())
                .contains(new LoadedConfig.Value("paths", "data_dir", "OZ_DATA_DIR", HOME + "/.oz", "default"));
    }

    @Test
    void takesRelativePathsFromTheWorkingFolder() throws IOException {
        assertThat(load("[paths]\nscreenshot_dir = .\n", Map.of()).evidenceDir())
                .isEqualTo(Path.of("").toAbsolutePath());
    }

    @ParameterizedTest
    @CsvSource({
        "OZ_IMAGE_TYPE, vmdx",
        "OZ_VIRT_TYPE, xen",
        "OZ_NETWORK, wifi",
        "OZ_NETWORK, bridge",
        "OZ_NETWORK, network:",
        "OZ_NETWORK, 'bridge:a b'",
        "OZ_CPUS, 0",
        "OZ_CPUS, 99999999999",
        "OZ_MEMORY, 2G",
        "OZ_MEMORY, 1",
        "OZ_INSTALL_TIMEOUT, 0",
        "OZ_INSTALL_TIMEOUT, 1h",
        "OZ_INACTIVITY_TIMEOUT, -1",
        "OZ_IMAGE_MODE, 0440",
        "OZ_IMAGE_MODE, rw",
        "OZ_LIBVIRT_URI, system",
        "OZ_DATA_DIR, ~bob/x"
    })
    void refusesValuesThatWontDo(String variable, String value) {
        assertThatThrownBy(() -> load("", Map.of(variable, value)))
                .isInstanceOf(ConfigException.class)
                .message()
                .startsWith("environment: ")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        "network = user, User[]",
        "network = libvirt|network_name = lab, Libvirt[name=lab]",
        "network_name = lab, Libvirt[name=lab]",
        "bridge_name = br0, Bridge[name=br0]",
        "bridge_name = br0|network_name = lab|network = bridge, Bridge[name=br0]",
        "network = bridge:br0, Bridge[name=br0]",
    })
    void readsTheNetworkFromItsKeys(String lines, String expected) throws IOException {
        assertThat(load("[libvirt]\n" + lines.replace('|', '\n'), Map.of()).network())
                .hasToString(expected);
    }

    @Test
    void aUserNetworkInTheFileGoesBeforeANameThatIsLeftThere() throws IOException {
        String text = "[libvirt]\nbridge_name = br0\nnetwork = user\n";

        assertThat(load(text, Map.of()).network()).isEqualTo(new Network.User());
        assertThat(load("[libvirt]\nnetwork = user\nbridge_name = br0\n", Map.of())
                        .network())
                .isEqualTo(new Network.User());
    }

    @Test
    void namesTheNetworkKeyThatLacksItsName() {
        assertThatThrownBy(() -> load("[libvirt]\nnetwork = libvirt\n", Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("oz.cfg:2: network = libvirt needs network_name");
    }

    @Test
    void namesAFileThatIsNotThere() {
        Path gone = dir.resolve("gone.cfg");

        assertThatThrownBy(() -> OzConfig.load(gone, Map.of(), HOME))
                .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.problems())
                        .containsExactly(new Problem(gone.toString(), 0, 0, "there is no such file")));
    }

    @Test
    void aBuilderOfAConfigurationKeepsWhatIsNotChanged() {
        OzConfig first =
                OzConfig.builder(HOME).cpus(7).bootLimit(Duration.ofSeconds(9)).build();

        assertThat(first.toBuilder().build()).isEqualTo(first);
        assertThat(first.toBuilder().memoryMiB(99).build().cpus()).isEqualTo(7);
    }

    private OzConfig load(String text, Map<String, String> environment) throws IOException {
        return OzConfig.load(Files.writeString(dir.resolve("oz.cfg"), text), environment, HOME);
    }
}
