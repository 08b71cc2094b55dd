package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.oz4j.ImageFormat;
import org.oz4j.disk.DiskImages;
import org.oz4j.media.MediaStore;
import org.oz4j.media.MediaStore.Kind;
import org.oz4j.media.Stored;
import org.oz4j.template.Template;

import static org.oz4j.engine.GuestBuild.known;

/** Images that were installed and not customised, kept for the next install of the very same things. */
final class InstalledCache {
    private static final String VERSION = "1";
    private static final String NVRAM = "nvram.fd";

    private final GuestBuild build;
    private final MediaStore media;
    private final String key;
    private final Optional<Stored> kept;

    private InstalledCache(GuestBuild build, String key, Optional<Stored> kept) {
        this.build = build;
        this.media = build.engine.media();
        this.key = key;
        this.kept = kept;
    }

    /** What secrets are made from, where an install is to be kept or found again. */
    static Secrets secrets(GuestBuild build) throws IOException, InterruptedException {
        boolean again =
                build.engine.config().cacheJeos() || build.engine.config().cacheModifiedMedia();
        return again
                ? Secrets.of(build.engine.media().key(Map.of("for", "secrets", "template", installed(build.template))))
                : Secrets.random();
    }

    /** The part of a template that the installer sees. */
    private static String installed(Template template) {
        return new Template(
                        template.version(),
                        "any",
                        Optional.empty(),
                        template.os(),
                        template.machine(),
                        template.answers(),
                        template.disks(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of())
                .toXml();
    }

    /**
     * Looks for an image.
     *
     * @param medium what the install is made of
     * @return empty where images are not kept
     */
    static Optional<InstalledCache> look(GuestBuild build, InstallMedium medium)
            throws IOException, InterruptedException {
        if (!build.engine.config().cacheJeos()) {
            return Optional.empty();
        }
        Map<String, String> inputs = new TreeMap<>(medium.identity());
        inputs.put("for", "image " + VERSION);
        inputs.put("template", installed(build.template));
        inputs.put("release", build.match.release().title());
        inputs.put("machine", known(build.profile).machine().toString());
        inputs.put("firmware", InstallSteps.firmware(build).toString());
        for (int i = 0; i < InstallSteps.diskCount(build); i++) {
            inputs.put("disk " + i, format(build, i).label() + " " + InstallSteps.diskSize(build, i));
        }
        MediaStore media = build.engine.media();
        String key = media.key(inputs);
        Optional<Stored> kept = media.made(Kind.INSTALLED, key);
        kept.ifPresent(build::hold);
        return Optional.of(new InstalledCache(build, key, kept));
    }

    private static ImageFormat format(GuestBuild build, int disk) {
        return build.format(disk).whileInstalling();
    }

    /** Whether there is an image to begin with. */
    boolean isHit() {
        return kept.isPresent();
    }

    /** Makes the build's disks of the kept ones, without copying their content where that can be. */
    void place(Progress progress) throws IOException, InterruptedException {
        Path from = kept.orElseThrow().path();
        for (int i = 0; i < InstallSteps.diskCount(build); i++) {
            Path disk = build.file(InstallSteps.disk(i));
            Path original = from.resolve(InstallSteps.disk(i));
            boolean shared = DiskImages.share(original, disk);
            if (!shared && format(build, i) == ImageFormat.RAW) {
                DiskImages.copy(original, disk);
            } else if (!shared) {
                build.engine.hypervisor().createOverlay(disk, original, format(build, i));
                progress.notice(
                        "The image reads from the kept one, " + from
                                + ", which stays as long as the image stays here; 'qemu-img convert' makes a copy that needs no other");
                media.pin(Kind.INSTALLED, key, InstallSteps.published(build, i));
            }
            Files.setPosixFilePermissions(
                    disk, PosixFilePermissions.fromString(build.engine.config().imageMode()));
        }
        if (Files.exists(from.resolve(NVRAM))) {
            Files.copy(from.resolve(NVRAM), known(build.spec).nvram().orElseThrow());
        }
    }

    /** Keeps what was installed just now. */
    void keep(Progress progress) throws IOException, InterruptedException {
        progress.notice("Keeping the image for the next install of the same");
        String name = build.match.release().title() + " " + build.template.os().arch();
        media.make(Kind.INSTALLED, key, name, folder -> {
                    for (int i = 0; i < InstallSteps.diskCount(build); i++) {
                        String disk = InstallSteps.disk(i);
                        DiskImages.copy(build.file(disk), folder.resolve(disk));
                    }
                    Optional<Path> nvram = known(build.spec).nvram();
                    if (nvram.isPresent() && Files.exists(nvram.get())) {
                        Files.copy(nvram.get(), folder.resolve(NVRAM));
                    }
                })
                .close();
    }
}
