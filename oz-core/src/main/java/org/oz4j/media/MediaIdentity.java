package org.oz4j.media;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.oz4j.Arch;
import org.oz4j.MediaException;
import org.oz4j.template.Template;

/**
 * What an install medium says that it is.
 *
 * @param os the system, as templates call it
 * @param version the version as the medium has it, such as {@code 13.1.0}
 * @param edition the kind of medium or of system, such as {@code Server}
 * @param editions the editions that can be installed from it, by the names that an answer file chooses them by; empty
 *     where it does not tell
 * @param arch the architecture
 * @param label the volume identifier
 * @param boots how it boots: {@code BIOS}, {@code UEFI}, {@code MBR} (from a memory stick), {@code GPT}
 * @param source the file on it that says so
 */
public record MediaIdentity(
        String os,
        String version,
        Optional<String> edition,
        List<String> editions,
        Optional<Arch> arch,
        String label,
        List<String> boots,
        String source) {
    /** Copies the lists. */
    public MediaIdentity {
        editions = List.copyOf(editions);
        boots = List.copyOf(boots);
    }

    /**
     * Looks into an ISO image.
     *
     * @return empty where nothing on it tells
     * @throws MediaException of kind {@code BAD_FORMAT} where the file is no ISO image
     */
    public static Optional<MediaIdentity> of(Path iso) throws IOException {
        try (IsoImage image = IsoImage.open(iso)) {
            return of(image);
        }
    }

    /** Looks into an ISO image that is open; empty where nothing on it tells. */
    public static Optional<MediaIdentity> of(IsoImage image) throws IOException {
        return MediaProbe.identify(image);
    }

    /** The name for people, as in {@code Fedora 41 Server x86_64}. */
    public String title() {
        return os + " " + version + edition.map(name -> " " + name).orElse("")
                + arch.map(name -> " " + name).orElse("");
    }

    /** A template that installs it; its address is the file's. */
    public Template template(Path iso) {
        String name = (os + "-" + version).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
        OsNames.Release release = OsNames.asTemplatesHave(os, version);
        return Template.builder(name, release.os(), release.version(), arch.orElse(Arch.X86_64))
                .iso(iso.toAbsolutePath().toUri())
                .build();
    }

    /**
     * Whether it can be the medium of a release; what it does not tell is taken to fit, and so is another name of the same
     * system, such as {@code RedHatEnterpriseLinux-6} and {@code 5} of a medium of RHEL 6.5.
     *
     * @param names the release's name in templates
     * @param versions its version, with its aliases
     */
    public boolean fits(String names, List<String> versions, Arch wanted) {
        return arch.map(wanted::equals).orElse(true)
                && versions.stream()
                        .map(other -> OsNames.asMediaHave(names, other))
                        .anyMatch(this::is);
    }

    private boolean is(OsNames.Release other) {
        boolean sameOs = os.equalsIgnoreCase(other.os())
                || (os.equals("SLE") && other.os().startsWith("SLE"));
        return sameOs && (isRolling(other.version()) || isVersion(other.version()));
    }

    /** Media of what has no releases tell their day. */
    private boolean isRolling(String other) {
        return os.equals("Arch") || (edition.filter("Tumbleweed"::equals).isPresent() && !other.matches("\\d+\\.\\d+"));
    }

    private boolean isVersion(String other) {
        if (os.equals("Windows")) {
            // 8.1 is no 8; templates of the Python tool call both 2012 and 2012 R2 so
            String exact = other.replace(" ", "");
            return exact.equalsIgnoreCase(version) || exact.equalsIgnoreCase(version + edition.orElse(""));
        }
        return version.equals(other) || version.startsWith(other + ".") || other.startsWith(version + ".");
    }
}
