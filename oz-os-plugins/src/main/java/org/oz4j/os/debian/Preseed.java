package org.oz4j.os.debian;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.oz4j.Firmware;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Setup;

/** Writes the preseed file. */
final class Preseed {
    private static final String APT_CONF = "/target/etc/apt/apt.conf";
    private static final Pattern ENGLISH = Pattern.compile("en_[A-Z]{2}(\\..*)?");

    private Preseed() {}

    static String write(ProfileRequest request, String codename) {
        URI mirror = request.location();
        // Debian's own mirrors come with the security archive beside them; a private one may not reach it.
        boolean official = mirror.getHost().endsWith("debian.org");
        Setup setup = request.template().os().setup();
        HostName host = HostName.of(request.template(), "debian");
        Optional<Layout> layout =
                request.template().disks().stream().findFirst().flatMap(Template.Disk::layout);
        boolean uefi = request.template().os().platform().firmware().equals(Optional.of(Firmware.UEFI));
        return AnswerTemplate.fill(
                Preseed.class,
                "preseed.cfg.ftl",
                Map.ofEntries(
                        Map.entry("title", request.release().title()),
                        Map.entry("locale", locale(setup.locale())),
                        Map.entry("keyboard", setup.keyboard().orElse("us")),
                        Map.entry("timezone", setup.timezone().orElse("Etc/UTC")),
                        Map.entry(
                                "device",
                                request.diskBus().orElse(DiskBus.VIRTIO).prefix() + "a"),
                        Map.entry("hostname", host.name()),
                        Map.entry("domain", host.domain().isEmpty() ? "" : " " + host.domain()),
                        Map.entry("protocol", protocol(request)),
                        Map.entry("mirrorhost", mirror.getRawAuthority()),
                        Map.entry("mirrordirectory", directory(mirror.getRawPath())),
                        Map.entry("suite", codename),
                        Map.entry("services", official ? "security, updates" : ""),
                        Map.entry("upgrade", official ? "safe-upgrade" : "none"),
                        Map.entry("password", request.rootPassword().sha512Crypt()),
                        Map.entry(
                                "disk",
                                layout.isPresent()
                                        ? "as the template divides it"
                                        : "all of it, one root file system and swap"),
                        Map.entry(
                                "recipe",
                                layout.map(one -> PartmanRecipe.write(one, uefi))
                                        .orElse("d-i partman-auto/choose_recipe select atomic")),
                        // Without an entry of its own in the firmware's memory, an image boots by the fallback path
                        // alone.
                        Map.entry("efi", uefi ? "d-i grub-installer/force-efi-extra-removable boolean true\n" : ""),
                        Map.entry(
                                "proxy",
                                request.proxy().map(address -> " " + address).orElse("")),
                        Map.entry("late", late(setup, request.proxy())),
                        Map.entry("token", request.successToken())));
    }

    /** What is done in the new system at the end; apt-setup has told it of the proxy, which is there no more then. */
    private static String late(Setup setup, Optional<URI> proxy) {
        List<String> commands = new ArrayList<>();
        if (SetupScript.isNeeded(setup)) {
            commands.add("sh /" + SetupScript.NAME);
        }
        if (proxy.isPresent()) {
            commands.add("if test -e " + APT_CONF + "; then sed -i /^Acquire::http::Proxy/d " + APT_CONF + "; test -s "
                    + APT_CONF + " || rm " + APT_CONF + "; fi");
        }
        return commands.isEmpty() ? "" : "d-i preseed/late_command string " + String.join(" && ", commands) + "\n";
    }

    /**
     * The installer speaks English whatever the system will speak: its text frontend knows no other language on a serial
     * line and asks, and what it prints is what the install is watched by. {@link SetupScript} sets any other locale.
     */
    private static String locale(Optional<String> wanted) {
        String locale = wanted.filter(Preseed::isEnglish).orElse("en_US.UTF-8");
        return """
                d-i debian-installer/language string en
                d-i debian-installer/country string %s
                d-i debian-installer/locale string %s"""
                .formatted(locale.substring(3, 5), locale);
    }

    /** Whether the installer itself can set the locale: English, of a country. */
    static boolean isEnglish(String locale) {
        return ENGLISH.matcher(locale).matches();
    }

    private static String protocol(ProfileRequest request) {
        String scheme = request.location().getScheme();
        if (!"http".equals(scheme)) {
            throw new UnsupportedOsException(
                    request.release().title(),
                    "The installer of " + request.release().title() + " can't install from " + request.location(),
                    "Give the address of a mirror that begins with http://");
        }
        return scheme;
    }

    private static String directory(String path) {
        String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return trimmed.isEmpty() ? "/" : trimmed;
    }
}
