package org.oz4j.os.preseed;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Setup;

/** Writes the preseed file. */
final class Preseed {
    private static final String APT_CONF = "/target/etc/apt/apt.conf";
    private static final Pattern ENGLISH = Pattern.compile("en_[A-Z]{2}(\\..*)?");
    private static final Pattern SERVER_PACKAGE = Pattern.compile("pool/.*/openssh-server_[^/]*\\.deb");

    private final ProfileRequest request;
    private final Installer installer;
    private final Hardware hardware;
    private final Setup setup;
    private final boolean disc;

    Preseed(ProfileRequest request, Installer installer, Hardware hardware) {
        this.request = request;
        this.installer = installer;
        this.hardware = hardware;
        this.setup = request.template().os().setup();
        this.disc = request.template().os().install().type() == InstallType.ISO;
    }

    /** The file. */
    String write() {
        Generation generation = installer.generation();
        Family family = installer.family();
        URI mirror = disc ? family.mirror(installer.archived()) : request.location();
        // The vendor's own mirrors come with the updates beside them; a private one, or the archive, may not.
        boolean official = family.owns(mirror) && !installer.archived() && !offline();
        HostName host = HostName.of(request.template(), family.lowerCase());
        Optional<Layout> layout =
                request.template().disks().stream().findFirst().flatMap(Template.Disk::layout);
        boolean uefi = request.startsByUefi();
        boolean secondStage = generation == Generation.BASE_CONFIG;
        String disk = secondStage ? "/dev/discs/disc0/disc" : "/dev/" + hardware.disk();
        String hooks = generation.upTo(Generation.PREBASECONFIG) ? "prebaseconfig" : "finish-install";
        Arch arch = request.template().os().arch();
        Map<String, Object> values = new HashMap<>();
        values.put("title", request.release().title());
        values.put("ubuntu", family == Family.UBUNTU);
        values.put("locale", locale());
        values.put("keyboard", setup.keyboard().orElse("us"));
        values.put("oldKeymaps", generation.upTo(Generation.SHORT_CHOICES));
        values.put("timezone", setup.timezone().orElse("Etc/UTC"));
        values.put("hostname", host.name());
        values.put("domain", host.domain().isEmpty() ? "" : " " + host.domain());
        values.put("manual", generation.upTo(Generation.SHORT_RECIPES) ? "enter information manually" : "manual");
        values.put("protocol", protocol(mirror));
        values.put("mirrorhost", mirror.getRawAuthority());
        values.put("mirrordirectory", directory(mirror.getRawPath()));
        values.put("suite", installer.codename());
        values.put("expired", installer.keysExpired() && !offline());
        values.put("services", official ? "security, updates" : "");
        values.put("upgrade", official ? "safe-upgrade" : "none");
        securityHost(mirror).ifPresent(value -> values.put("securityHost", value));
        values.put("password", hash(request.rootPassword()));
        values.put("disc", disc);
        values.put("offline", offline());
        values.put("disk", disk);
        values.put("bootDevice", generation.upTo(Generation.PREBASECONFIG) ? "(hd0)" : disk);
        values.put("longNames", generation.upTo(Generation.SHORT_RECIPES));
        values.put(
                "use", layout.isPresent() ? "as the template divides it" : "all of it, one root file system and swap");
        values.put("recipe", layout.map(one -> PartmanRecipe.write(one, uefi)).orElseGet(this::wholeDisk));
        // Without an entry of its own in the firmware's memory, an image boots by the fallback path alone.
        values.put("efi", uefi ? "d-i grub-installer/force-efi-extra-removable boolean true\n" : "");
        values.put("pattern", generation == Generation.PREBASECONFIG);
        values.put("proxy", request.proxy().map(address -> " " + address).orElse(""));
        values.put("console", console(arch));
        values.put("log", SerialPorts.log(installer.signal(arch)));
        values.put("secondStage", secondStage);
        values.put("hooks", "/usr/lib/" + hooks + ".d");
        values.put("rebootQuestion", hooks + "/reboot_in_progress");
        // These can't be told to power off; by then their disks are let go of.
        values.put("after", generation.upTo(Generation.FINISH_INSTALL) ? "; sync; poweroff -f" : "");
        values.put("late", late());
        values.put("token", request.successToken());
        return AnswerTemplate.fill(Preseed.class, "preseed.cfg.ftl", values);
    }

    /** The console, as the kernel's argument has it; a speed does no harm to one that has none. */
    static String console(Arch arch) {
        String console = SerialPorts.console(arch);
        return console.startsWith("tty") ? console + ",115200" : console;
    }

    /** The script that it runs at its end, by its name beside the file; none where there is nothing to do. */
    Map<String, String> files() {
        if (!hasScript()) {
            return Map.of();
        }
        List<String> sources = offline() ? installer.family().sources(installer) : List.of();
        return Map.of(
                SetupScript.NAME,
                SetupScript.write(setup, installer.family(), sources, request.userPasswords(), this::hash));
    }

    private boolean hasScript() {
        return offline() || SetupScript.isNeeded(setup);
    }

    /** Whether a disc has all that is installed, so that no mirror is asked. */
    private boolean offline() {
        return disc
                && request.medium().paths().stream()
                        .anyMatch(path -> SERVER_PACKAGE.matcher(path).matches());
    }

    private String hash(RootPassword password) {
        return installer.generation().upTo(Generation.FINISH_INSTALL)
                ? Md5Password.of(password)
                : password.sha512Crypt();
    }

    private String wholeDisk() {
        return "d-i partman-auto/choose_recipe select "
                + (installer.generation().upTo(Generation.FINISH_INSTALL)
                        ? "All files in one partition (recommended for new users)"
                        : "atomic");
    }

    /** Where Ubuntu's installer asks for security updates: of old releases they are in the archive; elsewhere there are none. */
    private Optional<String> securityHost(URI mirror) {
        Family family = installer.family();
        if (family != Family.UBUNTU || offline()) {
            return Optional.empty();
        }
        if (!family.owns(mirror)) {
            return Optional.of("");
        }
        return installer.archived() ? Optional.of(" " + family.mirror(true).getHost()) : Optional.empty();
    }

    /** What is done in the new system at the end; apt-setup has told it of the proxy, which is there no more then. */
    private String late() {
        List<String> commands = new ArrayList<>();
        Generation generation = installer.generation();
        if (generation != Generation.BASE_CONFIG && generation.upTo(Generation.FINISH_INSTALL)) {
            // where pkgsel knows no further packages; where it does there is nothing left to do
            commands.add("in-target apt-get -q -y install openssh-server");
        }
        if (hasScript()) {
            // in the initial ramdisk, or on the disc
            commands.add(
                    disc
                            ? "sh $(ls /" + SetupScript.NAME + " /cdrom/" + SetupScript.NAME + " 2>/dev/null)"
                            : "sh /" + SetupScript.NAME);
        }
        if (request.proxy().isPresent()) {
            commands.add("if test -e " + APT_CONF + "; then sed -i /^Acquire::http::Proxy/d " + APT_CONF + "; test -s "
                    + APT_CONF + " || rm " + APT_CONF + "; fi");
        }
        return commands.isEmpty() ? "" : "d-i preseed/late_command string " + String.join(" && ", commands) + "\n";
    }

    /**
     * The installer speaks English whatever the system will speak: its text frontend knows no other language on a serial
     * line and asks, and what it prints is what the install is watched by. {@link SetupScript} sets any other locale.
     */
    private String locale() {
        String locale = setup.locale().filter(Preseed::isEnglish).orElse("en_US.UTF-8");
        String old = installer.generation().upTo(Generation.PREBASECONFIG)
                ? "d-i languagechooser/language-name select English\nd-i countrychooser/shortlist select US\n"
                : "";
        return old
                + """
                d-i debian-installer/language string en
                d-i debian-installer/country string %s
                d-i debian-installer/locale string %s"""
                        .formatted(locale.substring(3, 5), locale);
    }

    /** Whether the installer itself can set the locale: English, of a country. */
    static boolean isEnglish(String locale) {
        return ENGLISH.matcher(locale).matches();
    }

    private String protocol(URI mirror) {
        String scheme = mirror.getScheme();
        if (!"http".equals(scheme)) {
            throw new UnsupportedOsException(
                    request.release().title(),
                    "The installer of " + request.release().title() + " can't install from " + mirror,
                    "Give the address of a mirror that begins with http://");
        }
        return scheme;
    }

    private static String directory(String path) {
        String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return trimmed.isEmpty() ? "/" : trimmed;
    }
}
