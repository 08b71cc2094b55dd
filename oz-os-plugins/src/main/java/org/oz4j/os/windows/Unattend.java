package org.oz4j.os.windows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.Refusal;
import org.oz4j.os.windows.WindowsRow.Setup;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.User;

/**
 * Writes {@code autounattend.xml}.
 *
 * <p>Source: Microsoft, "Unattended Windows Setup Reference", of each component; "UEFI/GPT-based hard drive partitions" and
 * "BIOS/MBR-based hard drive partitions"; for hidden passwords "PlainText" there, whose form is UTF-16LE of the password and
 * the setting's name, in base64; for the built-in account "Enable and Disable the Built-in Administrator Account" and
 * "AutoLogon". That
 * Setup of Windows 11 leaves checks out for values of {@code LabConfig} is no document of Microsoft's, but widely seen.
 */
final class Unattend {
    /** The languages of the medium's own user interface. */
    static final List<String> PROBED = List.of("sources/lang.ini", "x64/sources/lang.ini", "x86/sources/lang.ini");

    private static final Pattern UI_LANGUAGE =
            Pattern.compile("(?is)\\[Available UI Languages]\\s*([a-z]{2,3}(?:-[a-z0-9]+)++)\\s*=");
    private static final String ADMINISTRATOR = "Administrator";
    private static final int LONGEST_USER = 20;
    /** The letters that the second CD may have in Windows PE, by how many disks and CDs come before it. */
    private static final List<String> CD_LETTERS = List.of("C", "D", "E", "F", "G");

    private final WindowsRow row;
    private final ProfileRequest request;
    private final Template template;
    private final String os;
    private final String architecture;
    private final boolean uefi;
    private final String language;
    private final String userLanguage;
    private final String input;
    private final String password;

    private Unattend(WindowsRow row, ProfileRequest request, boolean uefi) {
        this.row = row;
        this.request = request;
        this.template = request.template();
        this.os = request.release().title();
        this.architecture = template.os().arch() == Arch.I386 ? "x86" : "amd64";
        this.uefi = uefi;
        this.language = uiLanguage(request.medium());
        Template.Setup setup = template.os().setup();
        this.userLanguage =
                setup.locale().map(locale -> WindowsNames.language(os, locale)).orElse(language);
        this.input = setup.keyboard()
                .map(layout -> WindowsNames.keyboard(os, layout))
                .orElse(userLanguage);
        this.password = administratorPassword();
    }

    static String write(WindowsRow row, ProfileRequest request, boolean uefi) {
        return new Unattend(row, request, uefi).write();
    }

    private String write() {
        UnattendXml root =
                UnattendXml.root(" " + os + ", written by Oz for Java. It holds passwords: keep it to yourself. ");
        windowsPe(root.pass("windowsPE"));
        specialize(root.pass("specialize"));
        oobe(root.pass("oobeSystem"));
        return root.text();
    }

    // --- windowsPE: the disk, the edition, the drivers

    private void windowsPe(UnattendXml pass) {
        UnattendXml international = pass.component("Microsoft-Windows-International-Core-WinPE", architecture);
        international.add("SetupUILanguage").set("UILanguage", language);
        languages(international);
        List<String> drivers = drivers();
        if (!drivers.isEmpty()) {
            UnattendXml paths = pass.component("Microsoft-Windows-PnpCustomizationsWinPE", architecture)
                    .add("DriverPaths");
            for (int i = 0; i < drivers.size(); i++) {
                paths.item("PathAndCredentials").numbered(i + 1).set("Path", drivers.get(i));
            }
        }
        UnattendXml setup = pass.component("Microsoft-Windows-Setup", architecture);
        disk(setup.add("DiskConfiguration"));
        UnattendXml image = setup.add("ImageInstall").add("OSImage");
        edition().ifPresent(name -> image.add("InstallFrom")
                .item("MetaData")
                .set("Key", "/IMAGE/NAME")
                .set("Value", name));
        image.add("InstallTo").set("DiskID", "0").set("PartitionID", uefi ? "3" : "1");
        image.set("WillShowUI", "OnError");
        commands(setup, "RunSynchronous", "RunSynchronousCommand", "Path", checksToLeaveOut());
        UnattendXml user = setup.add("UserData");
        user.set("AcceptEula", "true").set("FullName", "User").set("Organization", "None");
        UnattendXml key = user.add("ProductKey");
        template.os().key().ifPresent(one -> key.set("Key", one));
        // without a key, Setup of media that need one asks for it unless it is told not to
        key.set("WillShowUI", template.os().key().isPresent() ? "OnError" : "Never");
    }

    private void languages(UnattendXml international) {
        international
                .set("InputLocale", input)
                .set("SystemLocale", userLanguage)
                .set("UILanguage", language)
                .set("UserLocale", userLanguage);
    }

    private static String uiLanguage(MediaFacts medium) {
        return PROBED.stream()
                .flatMap(path -> Stream.ofNullable(medium.texts().get(path)))
                .map(UI_LANGUAGE::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst()
                .orElse("en-US");
    }

    private void disk(UnattendXml configuration) {
        UnattendXml disk = configuration.item("Disk");
        UnattendXml create = disk.add("CreatePartitions");
        UnattendXml modify = disk.add("ModifyPartitions");
        if (uefi) {
            create.item("CreatePartition").set("Order", "1").set("Type", "EFI").set("Size", "260");
            create.item("CreatePartition").set("Order", "2").set("Type", "MSR").set("Size", "16");
            create.item("CreatePartition")
                    .set("Order", "3")
                    .set("Type", "Primary")
                    .set("Extend", "true");
            modify.item("ModifyPartition")
                    .set("Order", "1")
                    .set("PartitionID", "1")
                    .set("Format", "FAT32")
                    .set("Label", "System");
            modify.item("ModifyPartition").set("Order", "2").set("PartitionID", "2");
            windowsPartition(modify, "3");
        } else {
            create.item("CreatePartition")
                    .set("Order", "1")
                    .set("Type", "Primary")
                    .set("Extend", "true");
            windowsPartition(modify, "1").set("Active", "true");
        }
        disk.set("DiskID", "0").set("WillWipeDisk", "true");
        configuration.set("WillShowUI", "OnError");
    }

    private static UnattendXml windowsPartition(UnattendXml modify, String number) {
        return modify.item("ModifyPartition")
                .set("Order", number)
                .set("PartitionID", number)
                .set("Format", "NTFS")
                .set("Label", "Windows")
                .set("Letter", "C");
    }

    /** What is installed; a client's key says that by itself. */
    private Optional<String> edition() {
        if (template.os().key().isPresent() && !row.isServer()) {
            return Optional.empty();
        }
        List<String> names = request.medium().editions();
        if (names.isEmpty() || names.contains(row.image())) {
            return Optional.of(row.image());
        }
        String kind = row.image().substring(row.image().lastIndexOf(' '));
        return names.stream().filter(name -> name.endsWith(kind)).findFirst().or(() -> Optional.of(names.get(0)));
    }

    /** The folders that the template adds, as Windows PE may see them. */
    private List<String> drivers() {
        TreeSet<String> folders = new TreeSet<>();
        for (Extra extra : template.os().install().extras()) {
            String path = extra.destination().replace('/', '\\').replaceFirst("^\\\\+", "");
            folders.add(extra.directory() ? path : path.substring(0, Math.max(0, path.lastIndexOf('\\'))));
        }
        return CD_LETTERS.stream()
                .flatMap(letter -> folders.stream().map(folder -> letter + ":\\" + folder))
                .toList();
    }

    private List<String> checksToLeaveOut() {
        if (row.setup() != Setup.ELEVEN) {
            return List.of();
        }
        List<String> checks = new ArrayList<>();
        if (template.os().platform().tpm().isEmpty()) {
            checks.add("BypassTPMCheck");
        }
        if (!template.os().platform().secureBoot()) {
            checks.add("BypassSecureBootCheck");
        }
        checks.add("BypassCPUCheck"); // a virtual processor is on no list of Microsoft's
        return checks.stream()
                .map(name -> "reg.exe add HKLM\\SYSTEM\\Setup\\LabConfig /v " + name + " /t REG_DWORD /d 1 /f")
                .toList();
    }

    private static void commands(UnattendXml parent, String list, String item, String what, List<String> commands) {
        if (commands.isEmpty()) {
            return;
        }
        UnattendXml all = parent.add(list);
        for (int i = 0; i < commands.size(); i++) {
            all.item(item).set("Order", String.valueOf(i + 1)).set(what, commands.get(i));
        }
    }

    // --- specialize: the computer

    private void specialize(UnattendXml pass) {
        HostName host = HostName.of(template, "windows");
        if (!host.domain().isEmpty()) {
            commands(
                    pass.component("Microsoft-Windows-Deployment", architecture),
                    "RunSynchronous",
                    "RunSynchronousCommand",
                    "Path",
                    List.of("reg.exe add HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v \"NV Domain\""
                            + " /t REG_SZ /d " + host.domain() + " /f"));
        }
        pass.component("Microsoft-Windows-Shell-Setup", architecture)
                .set("ComputerName", WindowsNames.computer(os, template, host.name()))
                .set("TimeZone", zone());
    }

    /** Windows before 6.1 has no UTC, but a place that keeps it. */
    private String zone() {
        String name = WindowsNames.zone(os, template.os().setup().timezone().orElse("Etc/UTC"))
                .name();
        return row.setup() == Setup.VISTA && name.equals("UTC") ? "Greenwich Standard Time" : name;
    }

    // --- oobeSystem: the accounts, and the end

    private void oobe(UnattendXml pass) {
        languages(pass.component("Microsoft-Windows-International-Core", architecture));
        UnattendXml shell = pass.component("Microsoft-Windows-Shell-Setup", architecture);
        UnattendXml logon = shell.add("AutoLogon");
        hidden(logon.add("Password"), password, "Password");
        logon.set("Enabled", "true").set("LogonCount", "1").set("Username", ADMINISTRATOR);
        commands(shell, "FirstLogonCommands", "SynchronousCommand", "CommandLine", List.of(lastCommand()));
        UnattendXml oobe = shell.add("OOBE").set("HideEULAPage", "true");
        if (row.setup().compareTo(Setup.EIGHT) >= 0) {
            oobe.set("HideLocalAccountScreen", "true")
                    .set("HideOEMRegistrationScreen", "true")
                    .set("HideOnlineAccountScreens", "true")
                    .set("HideWirelessSetupInOOBE", "true");
        } else {
            oobe.set("NetworkLocation", "Work");
        }
        oobe.set("ProtectYourPC", "3");
        UnattendXml accounts = shell.add("UserAccounts");
        hidden(accounts.add("AdministratorPassword"), password, "AdministratorPassword");
        users(accounts);
    }

    /** A digit before {@code >} would be a handle's number, so the token stands in brackets. */
    private String lastCommand() {
        return "cmd.exe /c \"(echo " + request.successToken() + ")>COM2 & shutdown.exe /s /f /t 5\"";
    }

    private void users(UnattendXml accounts) {
        List<User> users = template.os().setup().users();
        if (users.isEmpty()) {
            return;
        }
        UnattendXml local = accounts.add("LocalAccounts");
        for (User user : users) {
            String what = "the user " + user.name();
            RootPassword one = request.userPasswords().get(user.name());
            if (one == null) {
                throw Refusal.of(os, what, "an account of Windows without a password is open to all at its screen");
            }
            if (!user.sshKeys().isEmpty()) {
                throw Refusal.of(os, what, "it has keys for ssh, and no ssh server is installed");
            }
            if (user.name().length() > LONGEST_USER || user.name().equalsIgnoreCase(ADMINISTRATOR)) {
                throw Refusal.of(os, what, "a name has 20 characters at most, and Administrator is there anyway");
            }
            UnattendXml account = local.item("LocalAccount");
            hidden(account.add("Password"), one.clearText(), "Password");
            account.set("DisplayName", user.fullName().orElse(user.name()));
            List<String> groups = user.groups().isEmpty() ? List.of("Users") : user.groups();
            account.set("Group", String.join(";", groups));
            account.set("Name", user.name());
        }
    }

    private static void hidden(UnattendXml element, String password, String setting) {
        byte[] bytes = (password + setting).getBytes(StandardCharsets.UTF_16LE);
        element.set("Value", Base64.getEncoder().encodeToString(bytes)).set("PlainText", "false");
    }

    /**
     * A password that nobody chose gets the kinds of characters that servers ask for; source: Microsoft, "Password must meet
     * complexity requirements".
     */
    private String administratorPassword() {
        Optional<String> chosen = template.os().rootPassword();
        if (chosen.isEmpty()) {
            return "Oz-" + request.rootPassword().clearText();
        }
        if (row.isServer() && kinds(chosen.get()) < 3) {
            throw new UnsupportedOsException(
                    os,
                    os
                            + " refuses the password of Administrator: it has not three of the four kinds of characters, lower"
                            + " case, upper case, digits and others",
                    "Give another one as <rootpw>");
        }
        return request.rootPassword().clearText();
    }

    private static long kinds(String password) {
        return Stream.of(
                        "\\p{javaLowerCase}", "\\p{javaUpperCase}", "\\d", "[^\\p{javaLowerCase}\\p{javaUpperCase}\\d]")
                .filter(kind -> Pattern.compile(kind).matcher(password).find())
                .count();
    }
}
