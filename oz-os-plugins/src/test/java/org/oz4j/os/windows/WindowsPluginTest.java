package org.oz4j.os.windows;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.Icicle;
import org.oz4j.TemplateException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.RequestOf;
import org.oz4j.remote.PowerShellDialect;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Feature;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Platform;
import org.oz4j.template.Template.Repository;
import org.oz4j.template.TemplateBuilder;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class WindowsPluginTest {
    private static final WindowsPlugin PLUGIN = new WindowsPlugin();
    private static final String FULL =
            """
            <key>AAAAA-BBBBB</key><rootpw>Open "sesame" &amp; &lt;go&gt; 1</rootpw>
            <users>
              <user name="ann"><fullname>Ann &lt;O'Hara&gt; &amp; "Co" %d $x</fullname><password>pass 'word'</password>
                <groups>Administrators, Backup</groups></user>
              <user name="bob"><password>other</password></user>
            </users>
            <locale>de_AT.UTF-8</locale><keyboard>de</keyboard><timezone>Europe/Vienna</timezone>
            <hostname>web1.example.org</hostname>
            """;

    private static OsRelease release(String version) {
        return RequestOf.release(PLUGIN, version);
    }

    private static RequestOf request(String version, UnaryOperator<TemplateBuilder> more) {
        return RequestOf.iso(PLUGIN, release(version), Arch.X86_64, more);
    }

    private static String answers(String version, UnaryOperator<TemplateBuilder> more) {
        return request(version, more).profile().answers().content();
    }

    private static UnaryOperator<TemplateBuilder> by(Firmware firmware) {
        return template -> template.platform(new Platform(Optional.of(firmware), false, Optional.empty()));
    }

    private static Element root(String text) {
        Document document = UnattendRules.check(text);
        return document.getDocumentElement();
    }

    private static List<String> texts(Element root, String name) {
        return UnattendRules.all(root, name).stream()
                .map(Element::getTextContent)
                .toList();
    }

    static List<OsRelease> today() {
        return PLUGIN.releases().stream()
                .filter(each -> each.features().contains(Feature.LOCALE))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "2008, BIOS, windows-2008-bios.xml",
        "7, BIOS, windows-7-bios.xml",
        "10, BIOS, windows-10-bios.xml",
        "11, UEFI, windows-11-uefi.xml",
        "2025, UEFI, windows-2025-uefi.xml"
    })
    void writesTheAnswerFile(String version, Firmware firmware, String golden) {
        assertThat(answers(version, by(firmware))).isEqualTo(RequestOf.golden(getClass(), golden));
    }

    @Test
    void honoursWhatVersion11AsksFor() {
        String text = RequestOf.xml(PLUGIN, "2022", FULL + "<firmware>uefi</firmware>", "")
                .password("Open \"sesame\" & <go> 1")
                .profile()
                .answers()
                .content();

        assertThat(text).isEqualTo(RequestOf.golden(getClass(), "windows-2022-full.xml"));
        Element root = root(text);
        assertThat(texts(root, "DisplayName")).containsExactly("Ann <O'Hara> & \"Co\" %d $x", "bob");
        assertThat(texts(root, "Group")).containsExactly("Administrators;Backup", "Users");
        assertThat(UnattendRules.all(root, "LocalAccount").stream()
                        .map(account -> decoded(UnattendRules.text(account, "Value"))))
                .containsExactly("pass 'word'Password", "otherPassword");
        assertThat(decoded(UnattendRules.text(UnattendRules.only(root, "AdministratorPassword"), "Value")))
                .isEqualTo("Open \"sesame\" & <go> 1AdministratorPassword");
        assertThat(decoded(UnattendRules.text(UnattendRules.only(root, "AutoLogon"), "Value")))
                .isEqualTo("Open \"sesame\" & <go> 1Password");
        assertThat(texts(root, "UserLocale")).containsOnly("de-AT");
        assertThat(texts(root, "UILanguage")).as("the medium's").containsOnly("en-US");
        assertThat(texts(root, "InputLocale")).containsOnly("0407:00000407");
        assertThat(texts(root, "TimeZone")).containsExactly("W. Europe Standard Time");
        assertThat(texts(root, "ComputerName")).containsExactly("web1");
        assertThat(texts(root, "Path")).anyMatch(path -> path.contains("\"NV Domain\" /t REG_SZ /d example.org"));
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_16LE);
    }

    @ParameterizedTest
    @MethodSource("today")
    void keepsTheRulesOfAnswerFiles(OsRelease release) {
        int files = 0;
        for (Arch arch : release.arches()) {
            for (Firmware firmware : Firmware.values()) {
                boolean possible = release.features().contains(firmware == Firmware.UEFI ? Feature.UEFI : Feature.BIOS)
                        && (arch != Arch.I386 || firmware == Firmware.BIOS);
                if (!possible) {
                    continue;
                }
                String text = RequestOf.iso(PLUGIN, release, arch, by(firmware))
                        .profile()
                        .answers()
                        .content();
                Element root = root(text);
                assertThat(text).contains("processorArchitecture=\"" + (arch == Arch.I386 ? "x86" : "amd64") + '"');
                assertThat(texts(root, "PartitionID").get(0)).isEqualTo("1");
                assertThat(texts(root, "Type"))
                        .isEqualTo(firmware == Firmware.UEFI ? List.of("EFI", "MSR", "Primary") : List.of("Primary"));
                assertThat(texts(root, "CommandLine"))
                        .containsExactly(
                                "cmd.exe /c \"(echo " + RequestOf.TOKEN + ")>COM2 & shutdown.exe /s /f /t 5\"");
                assertThat(texts(root, "LogonCount")).containsExactly("1");
                files++;
            }
        }
        System.out.println(release.title() + ": " + files + " answer files keep the rules");
        assertThat(files).isPositive();
    }

    @Test
    void theRulesSeeWhatIsWrong() {
        String good = answers("10", by(Firmware.UEFI));
        for (Map.Entry<String, String> spoiled : new TreeMap<>(Map.of(
                        "pass=\"specialize\"", "pass=\"auditUser\"",
                        "<Type>MSR</Type>", "<Type>Msr</Type>",
                        "name=\"Microsoft-Windows-Setup\"", "name=\"Microsoft-Windows-Shell-Setup\"",
                        "<PartitionID>3</PartitionID>", "<PartitionID>2</PartitionID>",
                        "<Order>2</Order>", "<Order>4</Order>",
                        "<Extend>true</Extend>", "<Size>100</Size>",
                        "<PlainText>false</PlainText>", "<PlainText>true</PlainText>",
                        "<ProtectYourPC>3", "<ProtectYourPC>0"))
                .entrySet()) {
            assertThat(good).contains(spoiled.getKey());
            assertThatThrownBy(() -> UnattendRules.check(good.replace(spoiled.getKey(), spoiled.getValue())))
                    .as(spoiled.getKey())
                    .isInstanceOf(AssertionError.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "10, -, Windows 10 Home|Windows 10 Pro, Windows 10 Pro",
                "10, -, '', Windows 10 Pro",
                "10, -, Windows 10 Enterprise LTSC, Windows 10 Enterprise LTSC",
                "10, AAAAA, Windows 10 Home|Windows 10 Pro, -",
                "2008, -, Windows Server 2008 R2 SERVERSTANDARDCORE|Windows Server 2008 R2 SERVERSTANDARD,"
                        + " Windows Server 2008 R2 SERVERSTANDARD",
                "2022, AAAAA, Windows Server 2022 SERVERSTANDARDCORE|Windows Server 2022 SERVERSTANDARD,"
                        + " Windows Server 2022 SERVERSTANDARD"
            })
    void choosesTheEditionByItsName(String version, String key, String onMedium, String chosen) {
        String text = request(version, template -> key == null ? template : template.key(key))
                .medium(Map.of(), onMedium.isEmpty() ? new String[0] : onMedium.split("\\|"))
                .profile()
                .answers()
                .content();

        Element root = root(text);
        assertThat(texts(root, "MetaData")).hasSize(chosen == null ? 0 : 1);
        if (chosen != null) {
            assertThat(UnattendRules.text(UnattendRules.only(root, "MetaData"), "Value"))
                    .isEqualTo(chosen);
        }
        assertThat(texts(UnattendRules.only(root, "ProductKey"), "Key"))
                .isEqualTo(key == null ? List.of() : List.of(key));
    }

    @Test
    void speaksTheLanguageOfTheMedium() {
        String text = request("10", template -> template)
                .medium(Map.of("sources/lang.ini", "[Available UI Languages]\r\nfr-FR = 3\r\n\r\n[Fallback]\r\n"))
                .profile()
                .answers()
                .content();

        assertThat(texts(root(text), "UILanguage")).containsOnly("fr-FR");
        assertThat(texts(root(text), "InputLocale")).containsOnly("fr-FR");
    }

    @Test
    void takesNoLanguageFromAFileThatIsNone() {
        String text = request("10", template -> template)
                .medium(Map.of("sources/lang.ini", "[Available UI Languages]\r\nfr" + "-FR".repeat(20_000) + "\r\n"))
                .profile()
                .answers()
                .content();

        assertThat(texts(root(text), "UILanguage")).containsOnly("en-US");
    }

    @Test
    void looksForDriversWhereTheTemplateAddsThem() {
        GuestProfile profile = request("11", template -> template.extra(
                                new Extra(true, URI.create("file:///srv/drivers/"), "drivers/viostor"))
                        .extra(new Extra(false, URI.create("file:///srv/a.inf"), "net/a.inf")))
                .bus(DiskBus.VIRTIO)
                .profile();
        Element root = root(profile.answers().content());

        assertThat(profile.media().get(0).carriesExtras()).isTrue();
        assertThat(profile.machine().diskBus()).isEqualTo(DiskBus.VIRTIO);
        assertThat(texts(UnattendRules.only(root, "DriverPaths"), "Path"))
                .contains("D:\\drivers\\viostor", "E:\\drivers\\viostor", "D:\\net", "E:\\net")
                .hasSize(10);
    }

    @Test
    void windows11IsToldToCheckNothingThatTheTemplateAsksNothingOf() {
        String none = answers("11", template -> template);
        String all = answers(
                "11",
                template -> template.platform(new Platform(Optional.of(Firmware.UEFI), true, Optional.of("2.0"))));

        assertThat(none).contains("BypassTPMCheck", "BypassSecureBootCheck");
        assertThat(all).doesNotContain("BypassTPMCheck", "BypassSecureBootCheck");
        assertThat(answers("10", template -> template)).doesNotContain("LabConfig");
        assertThat(request("11", template -> template).profile().machine().firmware())
                .isEqualTo(Firmware.UEFI);
        root(none);
        root(all);
    }

    @Test
    void pressesAKeySinceMediaAskForAny() {
        InstallFlow flow = request("10", template -> template).profile().flow();

        assertThat(flow.keys().orElseThrow().codes()).containsExactly(28);
        assertThat(flow.reboots()).isGreaterThanOrEqualTo(2);
        assertThat(request("XP", template -> template.key("A")).profile().flow().keys())
                .isEmpty();
    }

    @Test
    void serversGetAPasswordOfSeveralKindsOfCharacters() {
        Element root = root(answers("2019", template -> template));

        assertThat(decoded(UnattendRules.text(UnattendRules.only(root, "AdministratorPassword"), "Value")))
                .isEqualTo("Oz-" + RequestOf.CLEAR + "AdministratorPassword");
        assertThatThrownBy(() -> answers("2019", template -> template.rootPassword("simple")))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("password of Administrator")
                .hasMessageNotContaining("simple");
        assertThat(answers("10", template -> template.rootPassword("simple"))).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<users><user name='ann'/></users> | the user ann",
                "<users><user name='ann'><password>x</password><ssh-keys>ssh-rsa AAAA</ssh-keys></user></users> | keys for ssh",
                "<locale>C.UTF-8</locale> | the locale C.UTF-8",
                "<keyboard>dvorak</keyboard> | the keyboard dvorak",
                "<hostname>a-name-that-is-too-long</hostname> | the host name a-name-that-is-too-long",
                "<hostname>12345</hostname> | the host name 12345"
            })
    void refusesWhatSetupCannotBeTold(String os, String named) {
        assertThatThrownBy(() -> RequestOf.xml(PLUGIN, "10", os, "").profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining(named);
    }

    @Test
    void refusesUefiFor32Bits() {
        assertThatThrownBy(() -> RequestOf.iso(PLUGIN, release("10"), Arch.I386, by(Firmware.UEFI))
                        .profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("32 bits");
    }

    @Test
    void makesNamesForComputersThatNetBiosHasRoomFor() {
        OsRelease release = release("10");
        Map<String, String> names = new TreeMap<>();
        for (String guest : List.of("a name that is too long", "2025", "My_Guest")) {
            names.put(
                    guest,
                    WindowsNames.computer(
                            release.title(),
                            org.oz4j.template.Template.builder(guest, "Windows", "10", Arch.X86_64)
                                    .iso(URI.create("http://h/cd.iso"))
                                    .build(),
                            guest.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-")));
        }
        assertThat(names)
                .isEqualTo(Map.of(
                        "a name that is too long", "a-name-that-is", "2025", "win-2025", "My_Guest", "my-guest"));
    }

    // --- visits

    @ParameterizedTest
    @MethodSource("all")
    void isEnteredWhereItsVendorHasAnSshServerForIt(OsRelease release) {
        boolean known = List.of("10", "2019", "11", "2022", "2025").contains(release.version());

        GuestProfile profile = RequestOf.iso(
                        PLUGIN, release, release.arches().iterator().next(), template -> template.key("AAAAA"))
                .profile();

        assertThat(profile.access())
                .isEqualTo(known ? List.of(new AccessRecipe.WindowsOpenSsh()) : List.<AccessRecipe>of());
        assertThat(profile.packages().map(PackageManager::name)).contains("windows");
    }

    static List<OsRelease> all() {
        return PLUGIN.releases();
    }

    @Test
    void listsWhatIsInstalledByAScriptThatACommandLineHasRoomFor() {
        PackageManager windows =
                request("2022", template -> template).profile().packages().orElseThrow();

        assertThat(windows.list()).hasSize(2).first().isEqualTo("Invoke-Expression");
        assertThat(windows.list().get(1)).isEqualTo(RequestOf.golden(getClass(), "list.ps1"));
        String command = new PowerShellDialect().command(windows.environment(), windows.list());
        System.out.println("the list's command line has " + command.length() + " characters");
        assertThat(command).hasSizeLessThan(8000);
    }

    @Test
    void readsWhatTheScriptPrints() {
        PackageManager windows =
                request("2022", template -> template).profile().packages().orElseThrow();

        assertThat(windows.item("7-Zip 24.08 (x64)\t24.08\tx86_64\tIgor Pavlov\t1718020800"))
                .contains(new Icicle.Item(
                        "7-Zip 24.08 (x64)",
                        "24.08",
                        "x86_64",
                        Optional.empty(),
                        Optional.of("Igor Pavlov"),
                        Optional.empty(),
                        Optional.of(Instant.parse("2024-06-10T12:00:00Z")),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(windows.item("KB5034441\t\tx86_64\tMicrosoft\t")
                        .orElseThrow()
                        .version())
                .isEmpty();
        assertThat(windows.item("")).isEmpty();
    }

    @Test
    void refusesPackagesAndRepositoriesByName() {
        PackageManager windows =
                request("2022", template -> template).profile().packages().orElseThrow();

        assertThatThrownBy(() -> windows.install(
                        List.of(new PackageRequest("7zip", Optional.empty(), Optional.empty(), Optional.empty()))))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("package 7zip: Windows has no package manager that Oz knows");
        assertThatThrownBy(() ->
                        windows.repositoryFiles(new Repository("choco", "https://r.example.org/", true, true, true)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("repository choco: ");
    }

    // --- before Vista

    @ParameterizedTest
    @CsvSource({"2000, I386, windows-2000.sif", "XP, I386, windows-xp.sif", "2003, X86_64, windows-2003.sif"})
    void writesTheOldAnswerFile(String version, Arch arch, String golden) {
        GuestProfile profile = RequestOf.iso(PLUGIN, release(version), arch, template -> template.key("AAAAA-BBBBB"))
                .profile();

        assertThat(profile.answers().content().replace("\r\n", "\n")).isEqualTo(RequestOf.golden(getClass(), golden));
        Floppy floppy = (Floppy) profile.media().get(0);
        assertThat(floppy.answerPath()).isEqualTo("winnt.sif");
        assertThat(floppy.files().keySet()).containsExactly("finish.vbs");
        assertThat(profile.machine().nic()).isEqualTo(NicModel.RTL8139);
        assertThat(profile.machine().diskBus()).isEqualTo(DiskBus.IDE);
    }

    @Test
    void theOldAnswerFileIsAnIniFileWithTheLineEndsOfDos() {
        GuestProfile profile = request(
                        "XP", template -> template.key("AAAAA-BBBBB").rootPassword("it's <fine> & $5, `ok`; #1"))
                .password("it's <fine> & $5, `ok`; #1")
                .profile();
        String text = profile.answers().content();

        assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
        Map<String, String> values = IniReader.read(text);
        assertThat(values)
                .containsEntry("Data/MsDosInitiated", "0")
                .containsEntry("Unattended/UnattendMode", "FullUnattended")
                .containsEntry("Unattended/Repartition", "Yes")
                .containsEntry("GuiUnattended/AdminPassword", "it's <fine> & $5, `ok`; #1")
                .containsEntry("GuiUnattended/AutoLogonCount", "1")
                .containsEntry("GuiUnattended/TimeZone", "90")
                .containsEntry("UserData/ProductKey", "AAAAA-BBBBB")
                .containsEntry("GuiRunOnce/Command0", "wscript.exe //B A:\\finish.vbs");
        String script = ((Floppy) profile.media().get(0)).files().getOrDefault("finish.vbs", "");
        assertThat(script.replace("\r\n", "")).doesNotContain("\r", "\n");
        assertThat(script).contains("(echo " + RequestOf.TOKEN + ")>COM2").contains("Win32Shutdown 12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "50%", "ü", "a\nb"})
    void refusesPasswordsThatTheOldAnswerFileHasNoFormFor(String password) {
        assertThatThrownBy(() -> request("2003", template -> template.key("A"))
                        .password(password)
                        .profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("the password of Administrator")
                .hasMessageNotContaining(password);
    }

    @Test
    void theOldOnesAskForAProductKey() {
        assertThatThrownBy(() -> request("XP", template -> template).profile())
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("product key");
    }

    @Test
    void tellsTheHostsDomainAndTheZonesNumber() {
        GuestProfile profile = RequestOf.xml(
                        PLUGIN,
                        "XP",
                        "<key>AAAAA</key><timezone>Europe/Vienna</timezone><hostname>web1.example.org</hostname>",
                        "")
                .profile();

        assertThat(IniReader.read(profile.answers().content()))
                .containsEntry("GuiUnattended/TimeZone", "110")
                .containsEntry("UserData/ComputerName", "web1");
        assertThat(RequestOf.allTexts(profile)).contains("NV Domain\", \"example.org\"");
        assertThatThrownBy(() -> RequestOf.xml(PLUGIN, "XP", "<key>A</key><timezone>Asia/Tomsk</timezone>", "")
                        .profile())
                .hasMessageContaining("the time zone Asia/Tomsk");
    }

    @Test
    void knowsTheZonesOfTheWorld() {
        List<String> unknown = java.time.ZoneId.getAvailableZoneIds().stream()
                .filter(id -> id.contains("/") && !id.startsWith("SystemV/") && !id.startsWith("Etc/GMT"))
                .filter(id -> {
                    try {
                        return WindowsNames.zone("Windows 11", id).name().isEmpty();
                    } catch (UnsupportedOsException e) {
                        return true;
                    }
                })
                .sorted()
                .toList();
        System.out.println("IANA zones that Windows has none for: " + unknown);
        assertThat(unknown).hasSizeLessThan(20);
    }

    @Test
    void theAnswersAreOnAVolumeThatTakesDriversToo() {
        AnswerVolume volume = (AnswerVolume)
                request("2025", template -> template).profile().media().get(0);

        assertThat(volume.answerPath()).isEqualTo("autounattend.xml");
        assertThat(volume.carriesExtras()).isTrue();
        assertThat(volume.label()).hasSizeLessThanOrEqualTo(16);
    }
}
