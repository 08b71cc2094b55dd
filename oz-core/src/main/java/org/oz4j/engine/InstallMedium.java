package org.oz4j.engine;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.hypervisor.MachineSpec.Boot;
import org.oz4j.hypervisor.MachineSpec.Disk;
import org.oz4j.media.Checksum;
import org.oz4j.media.FloppyWriter;
import org.oz4j.media.InitrdAppender;
import org.oz4j.media.IsoWriter;
import org.oz4j.media.MediaStore;
import org.oz4j.media.MediaStore.Kind;
import org.oz4j.media.Remaster;
import org.oz4j.media.Stored;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.MediaRecipe.AnswerVolume;
import org.oz4j.spi.MediaRecipe.BootFile;
import org.oz4j.spi.MediaRecipe.DirectKernel;
import org.oz4j.spi.MediaRecipe.Floppy;
import org.oz4j.spi.MediaRecipe.KernelAndVolume;
import org.oz4j.spi.MediaRecipe.RemasteredIso;
import org.oz4j.template.Template;

import static org.oz4j.engine.GuestBuild.known;

/** What the machine boots the installer from: fetched first, then made. */
final class InstallMedium {
    /** Of how media are remastered; another one leaves kept media behind. */
    private static final String VERSION = "1";

    static final String REMASTERED = "medium.iso";
    static final String ANSWER_CD = "answers.iso";
    static final String ANSWER_FLOPPY = "answers.img";

    private final GuestBuild build;
    private final MediaRecipe recipe;
    private final byte[] answers;
    private final Map<String, Path> bootFiles = new HashMap<>();
    private final Map<String, Path> extras = new TreeMap<>();
    private final Map<String, String> identity = new TreeMap<>();

    /**
     * Takes down what is to be made.
     *
     * @param answers the answer file
     */
    InstallMedium(GuestBuild build, MediaRecipe recipe, byte[] answers) {
        this.build = build;
        this.recipe = recipe;
        this.answers = answers;
    }

    /** Fetches what the medium is made of. */
    void fetch(Progress progress) throws IOException, InterruptedException {
        Stored iso = build.isoFile;
        if (iso != null) {
            identity.put("iso", identity(iso));
        }
        identity.put("probed", new TreeMap<>(known(build.facts).texts()).toString());
        if (recipe instanceof DirectKernel direct && iso == null) {
            fetch(direct.kernel(), progress);
            fetch(direct.initrd(), progress);
        }
        int number = 0;
        for (Template.Extra extra : build.template.os().install().extras()) {
            Path target = build.file("extra-" + ++number);
            Stored file = extra.directory()
                    ? build.engine.downloads().fetchFolder(extra.source(), target)
                    : build.engine
                            .downloads()
                            .fetchTo(
                                    List.of(extra.source()),
                                    Optional.empty(),
                                    target,
                                    progress.transfer("fetching " + extra.destination(), build.engine.time()));
            extras.put(extra.destination(), file.path());
            identity.put("extra " + extra.destination(), identity(file));
        }
    }

    private void fetch(BootFile file, Progress progress) throws IOException, InterruptedException {
        Stored fetched = build.fetch(
                List.of(InstallSteps.tree(build).resolve(file.path())),
                file.sha256().map(hex -> new Checksum("SHA-256", hex)),
                Kind.BOOT,
                file.path().replaceAll(".*/", ""),
                progress);
        bootFiles.put(file.path(), fetched.path());
        identity.put(file.path(), identity(fetched));
    }

    /** Tells a file from others and from what it was before: by its sum, or by what its file system says of it. */
    private static String identity(Stored file) throws IOException {
        if (file.sha256().isPresent()) {
            return file.sha256().get();
        }
        StringBuilder facts = new StringBuilder();
        try (Stream<Path> files = Files.walk(file.path())) {
            for (Path one : files.sorted().toList()) {
                BasicFileAttributes attributes =
                        Files.readAttributes(one, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                facts.append(one)
                        .append(' ')
                        .append(attributes.size())
                        .append(' ')
                        .append(attributes.lastModifiedTime())
                        .append(' ')
                        .append(attributes.fileKey())
                        .append(attributes.isSymbolicLink() ? " to " + Files.readSymbolicLink(one) : "")
                        .append('\n');
            }
        }
        return facts.toString();
    }

    /** All that tells this install from others, once its parts are fetched. */
    Map<String, String> identity() {
        Map<String, String> all = new TreeMap<>(identity);
        all.put("answers", DigestUtils.sha256Hex(withoutProxy(new String(answers, StandardCharsets.ISO_8859_1))));
        all.put("recipe", withoutProxy(inOrder()));
        all.put("arguments", build.template.os().kernelParameters().orElse(""));
        return all;
    }

    /** What is installed does not tell through which proxy it came, whose port is another each time. */
    private String withoutProxy(String text) {
        return build.proxy.map(address -> text.replace(address.toString(), "")).orElse(text);
    }

    /** The recipe as a text; its own has the entries of sets and maps in an order that changes from run to run. */
    private String inOrder() {
        if (recipe instanceof DirectKernel direct) {
            return "kernel " + direct.kernel() + direct.initrd() + direct.arguments() + direct.answerPath()
                    + new TreeMap<>(direct.files());
        }
        if (recipe instanceof AnswerVolume volume) {
            return "volume " + volume.label() + volume.answerPath() + new TreeMap<>(volume.files());
        }
        if (recipe instanceof KernelAndVolume both) {
            return "kernel " + both.kernel() + both.initrd() + both.arguments() + " volume " + both.label()
                    + both.answerPath() + new TreeMap<>(both.files());
        }
        if (recipe instanceof Floppy floppy) {
            return "floppy " + floppy.answerPath() + new TreeMap<>(floppy.files());
        }
        RemasteredIso remaster = (RemasteredIso) recipe;
        return "remaster " + new TreeSet<>(remaster.kernels()) + remaster.arguments()
                + new TreeSet<>(remaster.passOver()) + remaster.answerPath() + new TreeMap<>(remaster.files());
    }

    /**
     * Makes the medium.
     *
     * @param disks get the CDs
     */
    Boot make(List<Disk> disks) throws IOException, InterruptedException {
        if (recipe instanceof DirectKernel direct) {
            isoPath().ifPresent(iso -> disks.add(Disk.cd(iso)));
            Path carrying = build.file("initrd-with-answers");
            Map<String, byte[]> files = carried(direct.files(), direct.answerPath());
            Path kernel = bootFiles.getOrDefault(direct.kernel().path(), build.file("kernel"));
            if (build.iso == null) {
                InitrdAppender.append(known(bootFiles.get(direct.initrd().path())), carrying, files);
            } else {
                // straight out of the image, to where the files are added
                build.iso.extract(direct.kernel().path(), kernel);
                build.iso.extract(direct.initrd().path(), carrying);
                InitrdAppender.add(carrying, files);
            }
            return new Boot.Kernel(kernel, carrying, InstallSteps.arguments(direct.arguments(), build.template));
        }
        if (recipe instanceof AnswerVolume volume) {
            isoPath().ifPresent(iso -> disks.add(Disk.cd(iso)));
            disks.add(answerCd(volume.label(), carried(volume.files(), volume.answerPath())));
            return new Boot.FromCd();
        }
        if (recipe instanceof KernelAndVolume both) {
            isoPath().ifPresent(iso -> disks.add(Disk.cd(iso)));
            disks.add(answerCd(both.label(), carried(both.files(), both.answerPath())));
            Path kernel = build.file("kernel");
            Path initrd = build.file("initrd");
            known(build.iso).extract(both.kernel().path(), kernel);
            known(build.iso).extract(both.initrd().path(), initrd);
            return new Boot.Kernel(kernel, initrd, InstallSteps.arguments(both.arguments(), build.template));
        }
        if (recipe instanceof Floppy floppy) {
            isoPath().ifPresent(iso -> disks.add(Disk.cd(iso)));
            Path image = build.file(ANSWER_FLOPPY);
            FloppyWriter.write(image, "ANSWERS", carried(floppy.files(), floppy.answerPath()));
            disks.add(Disk.floppy(image));
            return new Boot.FromCd();
        }
        disks.add(Disk.cd(remastered((RemasteredIso) recipe)));
        return new Boot.FromCd();
    }

    private Disk answerCd(String label, Map<String, byte[]> files) throws IOException {
        Path second = build.file(ANSWER_CD);
        IsoWriter.write(second, label, files, extras);
        return Disk.cd(second);
    }

    private Path remastered(RemasteredIso remaster) throws IOException, InterruptedException {
        Path original = isoPath().orElseThrow(() -> new IllegalStateException("a tree can't be remastered"));
        Optional<Remaster.BootChange> boot = Optional.of(new Remaster.BootChange(
                        remaster.kernels(),
                        InstallSteps.arguments(remaster.arguments(), build.template),
                        remaster.passOver()))
                .filter(changed -> !changed.kernels().isEmpty());
        Remaster.Change change =
                new Remaster.Change(carried(remaster.files(), remaster.answerPath()), extras, Set.of(), boot);
        // with a proxy, whose port is another each time, no other install is the very same
        if (!build.engine.config().cacheModifiedMedia() || build.proxy.isPresent()) {
            Path target = build.file(REMASTERED);
            Remaster.write(original, target, change);
            return target;
        }
        MediaStore media = build.engine.media();
        Map<String, String> inputs = identity();
        inputs.put("for", "medium " + VERSION);
        String name = build.match.release().title() + " for " + build.template.name();
        return build.hold(media.make(
                        Kind.MODIFIED,
                        media.key(inputs),
                        name,
                        folder -> Remaster.write(original, folder.resolve(REMASTERED), change)))
                .path()
                .resolve(REMASTERED);
    }

    private Optional<Path> isoPath() {
        return Optional.ofNullable(build.isoFile).map(Stored::path);
    }

    private Map<String, byte[]> carried(Map<String, String> texts, String answerPath) {
        Map<String, byte[]> files = new HashMap<>();
        texts.forEach((path, text) -> files.put(path, text.getBytes(StandardCharsets.UTF_8)));
        files.put(answerPath, answers);
        return files;
    }

    /** Where the parts come from that a template adds to the medium. */
    static List<URI> extras(Template template) {
        return template.os().install().extras().stream()
                .map(Template.Extra::source)
                .toList();
    }
}
