package org.oz4j.os.suse;

import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.thaiopensource.util.PropertyMapBuilder;
import com.thaiopensource.validate.ValidateProperty;
import com.thaiopensource.validate.ValidationDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.Cases;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow.Trouble;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Setup;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SusePluginTest {
    private static final SusePlugin PLUGIN = new SusePlugin();

    static List<Cases> cases() {
        return Cases.of(PLUGIN);
    }

    private static Cases of(String version, Arch arch, InstallType type) {
        return Cases.of(PLUGIN, version, arch, type);
    }

    private static String answers(ProfileRequest request) {
        return PLUGIN.profile(request).answers().content();
    }

    /** The script of a profile, as its installer reads it. */
    private static String script(String answers) throws Exception {
        if (answers.startsWith("{")) {
            return new ObjectMapper()
                    .readTree(answers)
                    .at("/scripts/post/0/content")
                    .asText();
        }
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader(answers)))
                .getElementsByTagName("source")
                .item(0)
                .getTextContent();
    }

    // --- golden files

    static Map<String, String> goldens() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(
                "opensuse-10.3.xml",
                answers(of("OpenSUSE 10.3", Arch.I386, InstallType.ISO).plain()));
        files.put(
                "opensuse-11.4.xml",
                answers(of("OpenSUSE 11.4", Arch.X86_64, InstallType.ISO).full()));
        files.put(
                "opensuse-15.6.xml",
                answers(of("OpenSUSE 15.6", Arch.X86_64, InstallType.ISO).plain()));
        files.put(
                "sles-15.7-tree.xml",
                answers(of("SLES 15.7", Arch.X86_64, InstallType.URL).full()));
        files.put(
                "opensuse-tumbleweed-aarch64.xml",
                answers(of("OpenSUSE Tumbleweed", Arch.AARCH64, InstallType.ISO).plain()));
        files.put(
                "opensuse-16.0.json",
                answers(of("OpenSUSE 16.0", Arch.X86_64, InstallType.ISO).plain()));
        files.put(
                "sles-16.0-full.json",
                answers(of("SLES 16.0", Arch.X86_64, InstallType.ISO).full()));
        files.put(
                "essentials.txt",
                cases().stream().map(each -> each.essentials(PLUGIN)).collect(Collectors.joining("\n")));
        return files;
    }

    @Test
    void writesWhatTheGoldenFilesHave() throws IOException {
        Map<String, String> expected = new LinkedHashMap<>();
        for (String name : goldens().keySet()) {
            expected.put(name, Cases.golden(SusePluginTest.class, name));
        }
        assertThat(goldens()).isEqualTo(expected);
    }

    // --- all releases

    @Test
    void knowsAllReleases() {
        assertThat(cases().stream().map(each -> each.release().title()).distinct())
                .hasSize(43);
        assertThat(Cases.names(PLUGIN))
                .as("what means one release means no other")
                .doesNotHaveDuplicates();
        assertThat(cases()).hasSizeGreaterThan(250);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyProfileTakesTheTokenAndNoPasswordInClear(Cases one) throws Exception {
        for (ProfileRequest request : List.of(one.plain(), one.full())) {
            GuestProfile profile = PLUGIN.profile(request);
            String answers = profile.answers().content();

            assertThat(script(answers))
                    .contains("\nset -e\n")
                    .endsWith("\nprintf '\\n%s\\n' " + Cases.TOKEN + " >/dev/"
                            + SerialPorts.log(profile.flow().success()) + "\n");
            assertThat(answers).doesNotContain("${");
            if (one.release().version().equals("10.3")) {
                assertThat(answers).contains("open &apos;sesame&apos; \\ $x");
            } else {
                assertThat(answers)
                        .doesNotContain("sesame")
                        .doesNotContain("&lt;pass")
                        .contains("$6$saltsalt$hash/hash.");
            }
            assertThat(profile.media()).anyMatch(recipe -> recipe.isFor(one.type()) && recipe.carriesArguments());
            assertThat(profile.media().stream().anyMatch(MediaRecipe::carriesExtras))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OpenSUSE Tumbleweed, X86_64, ISO, ttyS1",
        "OpenSUSE Tumbleweed, AARCH64, ISO, virtio-ports/org.oz4j.success",
        "OpenSUSE 16.0, PPC64LE, ISO, virtio-ports/org.oz4j.success",
        "SLES 12, S390X, URL, virtio-ports/org.oz4j.success",
        "SLES 11.4, PPC64, ISO, null"
    })
    void onlyPcsSayItOnASecondSerialPort(String title, Arch arch, InstallType type, String port) throws Exception {
        GuestProfile profile = PLUGIN.profile(of(title, arch, type).plain());

        assertThat(SerialPorts.log(profile.flow().success())).isEqualTo(port);
        assertThat(script(profile.answers().content())).endsWith(" >/dev/" + port + "\n");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyScriptIsOneForBash(Cases one) throws Exception {
        for (ProfileRequest request : List.of(one.plain(), one.full())) {
            assertThat(Cases.run(script(answers(request)), "bash", "-n")).isEqualTo("0 ");
        }
    }

    @Test
    void aScriptThatIsNoneIsSeen() throws Exception {
        assertThat(Cases.run("if true; then\necho 'x\n", "bash", "-n")).doesNotStartWith("0 ");
    }

    @Test
    void everyYastProfileIsValid() throws Exception {
        int checked = 0;
        for (Cases one : cases()) {
            for (ProfileRequest request : List.of(one.plain(), one.full())) {
                String answers = answers(request);
                if (answers.startsWith("<")) {
                    assertThat(faults(answers)).as(one.toString()).isEmpty();
                    checked++;
                }
            }
        }
        System.out.println("AutoYaST profiles that the schema finds valid: " + checked);
        assertThat(checked).isGreaterThan(400);
    }

    @Test
    void theSchemaSeesWhatIsWrong() throws Exception {
        String good = answers(of("OpenSUSE 15.6", Arch.X86_64, InstallType.ISO).plain());

        assertThat(faults(good.replace("<confirm config:type=\"boolean\">", "<confirm>")))
                .isNotEmpty();
        assertThat(faults(good.replace("<size>max</size>", "<size>1.5 GB</size>")))
                .isNotEmpty();
        assertThat(faults(good.replace("keymap>", "keybord>"))).isNotEmpty();
    }

    private static List<String> faults(String xml) throws Exception {
        List<String> faults = new ArrayList<>();
        PropertyMapBuilder properties = new PropertyMapBuilder();
        properties.put(ValidateProperty.ERROR_HANDLER, new DefaultHandler() {
            @Override
            public void error(SAXParseException e) {
                faults.add(e.getMessage());
            }
        });
        ValidationDriver driver = new ValidationDriver(properties.toPropertyMap());
        assertThat(driver.loadSchema(
                        new InputSource(new StringReader(Cases.golden(SusePluginTest.class, "autoyast.rng")))))
                .isTrue();
        driver.validate(new InputSource(new StringReader(xml)));
        return faults;
    }

    @Test
    void everyAgamaProfileIsValid() throws Exception {
        Schema schema = agamaSchema();
        int checked = 0;
        for (Cases one : cases()) {
            for (ProfileRequest request : List.of(one.plain(), one.full())) {
                String answers = answers(request);
                if (answers.startsWith("{")) {
                    assertThat(schema.validate(answers, InputFormat.JSON))
                            .as(one.toString())
                            .isEmpty();
                    checked++;
                }
            }
        }
        System.out.println("Agama profiles that Agama's schema finds valid: " + checked);
        assertThat(checked).isEqualTo(16);
        String good = answers(of("SLES 16.0", Arch.X86_64, InstallType.ISO).full());
        assertThat(schema.validate(good.replace("\"hashedPassword\"", "\"hashed\""), InputFormat.JSON))
                .isNotEmpty();
        assertThat(schema.validate(good.replace("\"type\": \"xfs\"", "\"type\": \"zfs\""), InputFormat.JSON))
                .isNotEmpty();
    }

    /** Agama's own schemas, where they lie beside the project. */
    private static Schema agamaSchema() throws IOException {
        Path folder = Cases.schemas("agama.profile.schema.json");
        String base = "https://github.com/agama-project/agama/blob/master/rust/share/";
        Map<String, String> schemas = new HashMap<>();
        for (String name : List.of("profile", "storage", "software", "dasd", "zfcp", "iscsi")) {
            schemas.put(
                    base + name + ".schema.json", Files.readString(folder.resolve("agama." + name + ".schema.json")));
        }
        return SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2019_09, builder -> builder.schemas(schemas))
                .getSchema(SchemaLocation.of(base + "profile.schema.json"));
    }

    // --- values

    static Stream<Cases> generations() {
        return Stream.of(
                of("OpenSUSE 11.4", Arch.X86_64, InstallType.ISO),
                of("OpenSUSE 15.6", Arch.X86_64, InstallType.ISO),
                of("OpenSUSE 16.0", Arch.X86_64, InstallType.ISO));
    }

    @ParameterizedTest
    @MethodSource("generations")
    void valuesArriveAsTheyAre(Cases one) throws Exception {
        String script = script(answers(one.full()));
        List<String> lines = script.lines()
                .filter(line -> line.startsWith("useradd") || (line.startsWith("printf") && line.contains("AAAAC3")))
                .map(line -> line.replaceFirst(">>.*$", ""))
                .toList();
        String tried = "useradd() { printf '%s|' \"$@\"; echo; }\n" + String.join("\n", lines) + "\n";

        assertThat(Cases.run(tried, "bash"))
                .isEqualTo("0 -m|-s|/bin/bash|-c|" + Cases.HARD_NAME + "|-G|wheel,adm|-p|$6$annsalt$annhash|ann|\n"
                        + "-m|-s|/bin/bash|bob|\n" + Cases.HARD_KEY + "\n" + Cases.HARD_KEY + "\n");
    }

    @Test
    void aPasswordThatCannotBeAHashArrivesAsItIs() throws Exception {
        String answers = answers(of("OpenSUSE 10.3", Arch.I386, InstallType.ISO).full());
        String line = script(answers)
                .lines()
                .filter(each -> each.endsWith("| chpasswd"))
                .findFirst()
                .orElseThrow();

        assertThat(Cases.run(line.replace("chpasswd", "cat"), "bash")).isEqualTo("0 ann:ann's <pass>\n");
    }

    @ParameterizedTest
    @CsvSource({
        "xx, en_US.UTF-8, The keyboard 'xx'",
        "us, C.UTF-8, can't set the locale 'C.UTF-8'",
    })
    void refusesByNameWhatYastCannotSay(String keyboard, String locale, String message) {
        Cases one = of("OpenSUSE 15.6", Arch.X86_64, InstallType.ISO);
        Setup setup = new Setup(
                Optional.empty(), Optional.of(locale), Optional.of(keyboard), Optional.empty(), List.of(), List.of());
        ProfileRequest request = one.request(one.template().setup(setup).build(), MediaFacts.none(), Optional.empty());

        assertThatThrownBy(() -> PLUGIN.profile(request))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining(message);
    }

    @Test
    void uefiHasGptAndAPartitionForItsLoader() {
        Cases one = of("OpenSUSE 15.6", Arch.X86_64, InstallType.ISO);
        Template template = one.template()
                .platform(new Platform(Optional.of(Firmware.UEFI), false, Optional.empty()))
                .build();

        assertThat(answers(one.request(template, MediaFacts.none(), Optional.empty())))
                .contains("<disklabel>gpt</disklabel>", "<mount>/boot/efi</mount>", ">259</partition_id>");
        assertThat(answers(one.plain()))
                .contains("<disklabel>msdos</disklabel>")
                .doesNotContain("/boot/efi");
    }

    @Test
    void theDiskIsTheOneOfTheBusThatIsAskedFor() {
        Cases one = of("OpenSUSE 16.0", Arch.X86_64, InstallType.ISO);
        ProfileRequest plain = one.plain();
        ProfileRequest sata = new ProfileRequest(
                plain.template(),
                plain.release(),
                plain.medium(),
                plain.location(),
                plain.rootPassword(),
                Map.of(),
                Optional.of(DiskBus.SATA),
                Optional.empty(),
                Cases.TOKEN);

        assertThat(answers(plain)).contains("/dev/vda\"");
        assertThat(answers(sata)).contains("/dev/sda\"");
        assertThat(PLUGIN.profile(sata).machine().diskBus()).isEqualTo(DiskBus.SATA);
    }

    @Test
    void theInstallerFetchesThroughTheProxyAndTheSystemForgetsIt() throws Exception {
        Cases one = of("OpenSUSE 15.6", Arch.X86_64, InstallType.URL);
        GuestProfile profile = PLUGIN.profile(one.request(
                one.template().build(), MediaFacts.none(), Optional.of(URI.create("http://10.0.2.2:4123/"))));

        assertThat(((DirectKernel) profile.media().get(0)).arguments())
                .endsWith(" install=http://mirror.example.com/tree/ proxy=http://10.0.2.2:4123/");
        assertThat(script(profile.answers().content()))
                .contains("/etc/sysconfig/proxy")
                .doesNotContain("4123");
        assertThat(script(answers(one.plain()))).doesNotContain("/etc/sysconfig/proxy");
    }

    // --- media

    @Test
    void tumbleweedIsInstalledByWhatItsMediumHas() {
        Cases one = of("OpenSUSE Tumbleweed", Arch.X86_64, InstallType.ISO);
        MediaFacts live = new MediaFacts(Optional.of("Install"), Set.of("LiveOS/squashfs.img"), Map.of());

        assertThat(PLUGIN.profile(one.plain()).answers().name()).isEqualTo("autoinst.xml");
        assertThat(PLUGIN.profile(one.request(one.template().build(), live, Optional.empty()))
                        .answers()
                        .name())
                .isEqualTo("autoinst.json");
    }

    @Test
    void theKernelIsTakenFromWhereTheMediumHasIt() {
        Cases one = of("OpenSUSE 15.6", Arch.AARCH64, InstallType.ISO);
        MediaFacts facts = new MediaFacts(Optional.empty(), Set.of("boot/aarch64/loader/linux"), Map.of());
        DirectKernel guessed =
                (DirectKernel) PLUGIN.profile(one.plain()).media().get(0);
        DirectKernel seen =
                (DirectKernel) PLUGIN.profile(one.request(one.template().build(), facts, Optional.empty()))
                        .media()
                        .get(0);

        assertThat(guessed.kernel().path()).isEqualTo("boot/aarch64/linux");
        assertThat(seen.kernel().path()).isEqualTo("boot/aarch64/loader/linux");
        assertThat(guessed.arguments()).contains("console=ttyAMA0");
    }

    @Test
    void agamasInitrdHandsTheProfileOnToItsLiveSystem() {
        GuestProfile profile =
                PLUGIN.profile(of("OpenSUSE 16.0", Arch.X86_64, InstallType.ISO).plain());
        DirectKernel kernel = (DirectKernel) profile.media().get(1);

        assertThat(kernel.files().values())
                .containsExactly(
                        "[Service]\nExecStartPre=/usr/bin/cp /" + kernel.answerPath() + " /run/oz-autoinst.json\n");
        assertThat(kernel.arguments()).contains("inst.auto=file:///run/oz-autoinst.json", "inst.finish=poweroff");
    }

    // --- troubles

    @ParameterizedTest
    @CsvSource({
        "15.6, Linuxrc crashed. :-((, ERROR",
        "15.6, *** Automatic setup not possible., ERROR",
        "15.6, No repository found., ERROR",
        "11.4, Make sure that CD number 2 is in your drive., QUESTION",
        "16.0, Entering emergency mode. Exit the shell to continue., ERROR",
        "16.0, [    1.0] Kernel panic - not syncing: VFS, PANIC"
    })
    void knowsWhatTroubleLooksLike(String version, String line, Trouble.Kind kind) {
        assertThat(PLUGIN.profile(of("OpenSUSE " + version, Arch.X86_64, InstallType.ISO)
                                .plain())
                        .flow()
                        .trouble())
                .filteredOn(each -> each.line().matcher(line).find())
                .extracting(Trouble::kind)
                .containsExactly(kind);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Loading Installation System (1/6)", "Reached target Power-Off."})
    void ordinaryLinesAreNoTrouble(String line) {
        for (Cases one : generations().toList()) {
            assertThat(PLUGIN.profile(one.plain()).flow().trouble())
                    .noneMatch(each -> each.line().matcher(line).find());
        }
    }
}
