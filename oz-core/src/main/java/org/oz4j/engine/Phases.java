package org.oz4j.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.ImageFormat;
import org.oz4j.InstalledImage;
import org.oz4j.disk.DiskImages;
import org.oz4j.host.WorkFolder;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;

/**
 * What was done to an image so far, as a chain of overlays in a folder beside it, one for each phase; so that a visit that
 * failed can be gone on with. The file of a phase that is over is never written to again.
 */
final class Phases implements AutoCloseable {
    private static final String STATE = "phases"; // a line for each phase that is over: its sum, and its file
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) (phase-[0-9a-f]{32}\\.qcow2)");

    private final Path folder;
    private final List<String> sums;
    private final List<Phase> over;
    private Path current;

    private record Phase(String sum, Path file) {}

    private Phases(Path folder, List<String> sums, List<Phase> over) {
        this.folder = folder;
        this.sums = sums;
        this.over = over;
        this.current = fresh();
    }

    /** Where phases of that template's visits to an image are kept. */
    static Path folderFor(Path image, String name) {
        return image.resolveSibling("." + name + ".oz-phases");
    }

    /**
     * Goes on after what was kept, as far as it is what is wanted and the image is still the same, and takes away the rest.
     *
     * @param wanted what each phase of this visit does: where a text differs, so does the phase
     */
    static Phases begin(Hypervisor hypervisor, InstalledImage image, String name, List<String> wanted)
            throws IOException, InterruptedException {
        Path folder = folderFor(image.disk(), name);
        List<String> sums = sums(image.disk(), wanted);
        List<Phase> over = new ArrayList<>();
        for (Phase phase : read(folder)) {
            if (over.size() == sums.size()
                    || !phase.sum().equals(sums.get(over.size()))
                    || Files.notExists(phase.file())) {
                break;
            }
            over.add(phase);
        }
        Phases phases = new Phases(folder, sums, over);
        boolean begun = false;
        try {
            phases.beginOn(image, hypervisor);
            begun = true;
            return phases;
        } finally {
            if (!begun) {
                phases.close();
            }
        }
    }

    private void beginOn(InstalledImage image, Hypervisor hypervisor) throws IOException, InterruptedException {
        if (over.isEmpty()) {
            WorkFolder.delete(folder);
            WorkFolder.create(folder);
            write();
            hypervisor.createOverlay(current, image.disk(), image.format());
        } else {
            write();
            deleteRest();
            hypervisor.createOverlay(current, over.get(over.size() - 1).file(), ImageFormat.QCOW2);
        }
    }

    /** Each covers the image and all phases until then. */
    private static List<String> sums(Path image, List<String> wanted) throws IOException {
        BasicFileAttributes facts = Files.readAttributes(image, BasicFileAttributes.class);
        String sum =
                image.toRealPath() + "\n" + facts.fileKey() + "\n" + facts.size() + "\n" + facts.lastModifiedTime();
        List<String> sums = new ArrayList<>();
        for (String text : wanted) {
            sum = DigestUtils.sha256Hex(sum + "\n" + text);
            sums.add(sum);
        }
        return sums;
    }

    /** What was kept; nothing where that can't be told. */
    private static List<Phase> read(Path folder) throws IOException {
        Path state = folder.resolve(STATE);
        List<Phase> phases = new ArrayList<>();
        if (Files.exists(state)) {
            for (String line : Files.readAllLines(state, StandardCharsets.ISO_8859_1)) {
                Matcher matcher = LINE.matcher(line);
                if (!matcher.matches()) {
                    break;
                }
                phases.add(new Phase(matcher.group(1), folder.resolve(matcher.group(2))));
            }
        }
        return phases;
    }

    private void write() throws IOException {
        Path next = folder.resolve(STATE + ".new");
        Files.write(
                next,
                over.stream()
                        .map(phase -> phase.sum() + " " + phase.file().getFileName())
                        .toList());
        Files.move(next, folder.resolve(STATE), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path fresh() {
        return folder.resolve("phase-" + Secrets.token() + ".qcow2");
    }

    /** Where the edits are written down that were made in an overlay before it booted. */
    static Path recordOf(Path overlay) {
        return overlay.resolveSibling("edits-of-" + overlay.getFileName());
    }

    /** The edits that are still in what was kept. */
    Optional<Path> record() {
        for (int i = over.size() - 1; i >= 0; i--) {
            Path record = recordOf(over.get(i).file());
            if (Files.exists(record)) {
                return Optional.of(record);
            }
        }
        return Optional.empty();
    }

    /** The overlay that is written to now. */
    Path current() {
        return current;
    }

    /** How many phases are over. */
    int over() {
        return over.size();
    }

    /** How many phases are over, in words. */
    String done() {
        return over.size() + " of " + sums.size() + " phases";
    }

    /** Keeps what the machine has done until now; what it has not written to its disk by now is not in it. */
    void keep(Machine machine) throws IOException, InterruptedException {
        Path done = current;
        Path next = fresh();
        machine.snapshot(done, next);
        current = next;
        DiskImages.syncToDisk(done);
        over.add(new Phase(sums.get(over.size()), done));
        write();
    }

    private void deleteRest() throws IOException {
        Set<Path> kept = new HashSet<>(Set.of(folder.resolve(STATE)));
        for (Phase phase : over) {
            kept.add(phase.file());
            kept.add(recordOf(phase.file()));
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, file -> !kept.contains(file))) {
            for (Path file : files) {
                WorkFolder.delete(file);
            }
        }
    }

    /** Takes away what is not of a phase that is over, and the folder where none is. */
    @Override
    public void close() throws IOException {
        if (over.isEmpty()) {
            WorkFolder.delete(folder);
        } else if (Files.exists(folder)) {
            deleteRest();
        }
    }
}
