package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.host.Blocking;
import org.oz4j.host.Commands;
import org.oz4j.host.WorkFolder;
import org.oz4j.media.VolumeFiles.Extent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a changed copy of an install medium that boots as the original does, by BIOS and by UEFI.
 *
 * <p>The copy is the original's bytes, or shares them where the file system can. Meanwhile xorriso appends what is new and a
 * new tree of folders to a {@link StandIn}, and the boot catalogue and the partition tables are carried over; what the
 * stand-in has then is put over the copy. Boot configurations are changed
 * on the medium and in the FAT file systems that UEFI boots from.
 *
 * <p>Sources: the manual of xorriso, sections "Growing" and {@code -boot_image}; the El Torito specification 1.0.
 */
public final class Remaster {
    private static final Logger LOG = LoggerFactory.getLogger(Remaster.class);
    private static final String SIGNAL = "UNIX-SIGNAL"; // how xorriso begins to tell of one that it caught
    private static final Duration COPY_LIMIT = Duration.ofHours(1);
    private static final Duration XORRISO_LIMIT = Duration.ofMinutes(30);
    private static final Duration START_AFTER = Duration.ofSeconds(1);
    private static final Pattern DASH = Pattern.compile("(^|\\s)---?(?=\\s|$)");
    private static final int LARGEST_CONFIG = 256 << 10;

    /**
     * A change of how a medium boots: an entry that starts the installer starts by itself.
     *
     * @param kernels the installer's kernel on the medium, by each path that boot loaders call it by
     * @param arguments what the entry's kernel arguments get besides
     * @param passOver kernel arguments that tell an entry that does something else, such as {@code rescue}; {@code
     *     initrd=/PATH} tells one with that initial ramdisk, however it is named there
     */
    public record BootChange(Set<String> kernels, String arguments, Set<String> passOver) {
        /** Copies the sets. */
        public BootChange {
            kernels = Set.copyOf(kernels);
            passOver = Set.copyOf(passOver);
        }
    }

    /**
     * What changes on a medium.
     *
     * @param files new files, or new contents of old ones, by their path without a leading slash
     * @param additions files and folders of this host that are added, by their path on the medium
     * @param removed paths that are taken away, with all below them
     * @param boot how it boots
     */
    public record Change(
            Map<String, byte[]> files, Map<String, Path> additions, Set<String> removed, Optional<BootChange> boot) {
        /** Copies the collections. */
        public Change {
            files = Map.copyOf(files);
            additions = Map.copyOf(additions);
            removed = Set.copyOf(removed);
        }
    }

    private static final String REPLAY = "replay";
    private static final String KEEP = "keep";

    /**
     * What xorriso says of media whose GPT has a partition for the EFI boot image of El Torito, as FreeBSD's
     * (release/arm64/mkisoimages.sh) and Alpine's: it makes such a table only for an image that is new.
     */
    private static final String NOT_EXPOSED = "El Torito EFI boot image found for exposure as GPT partition";

    private final Path iso;
    private final URI medium;
    private final Path target;
    private final Change change;

    private Remaster(Path iso, Path target, Change change) {
        this.iso = iso;
        this.medium = iso.toUri();
        this.target = target;
        this.change = change;
    }

    /**
     * Writes a changed copy, which only its owner can read, since it may hold secrets; where that fails nothing is left.
     *
     * @param target where it goes; a file there is replaced at the end
     * @throws MediaException where the original is no ISO image that boots, or has its files in UDF, where no boot
     *     configuration starts the kernel, where there is no room, or where xorriso fails
     */
    public static void write(Path iso, Path target, Change change) throws IOException, InterruptedException {
        Path parent = Objects.requireNonNull(target.toAbsolutePath().getParent());
        // a file that cp makes anew is written out later than one it finds
        Path copy = parent.resolve(".remaster-" + UUID.randomUUID() + ".iso");
        try {
            new Remaster(iso, copy, change).write(parent);
            Files.move(copy, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private void write(Path parent) throws IOException, InterruptedException {
        checkRoom(parent);
        try (StandIn standIn = new StandIn(iso)) {
            whileCopying(() -> {
                // gone before the copy is: who makes or deletes files while the disk is busy waits for it
                try (WorkFolder work = WorkFolder.createIn(parent, ".remaster-")) {
                    change(standIn, work.path());
                }
            });
            roomFor(() -> standIn.putOver(target));
        }
    }

    /** Makes what stands in for the copy anew and changes it; gives what xorriso did in the end. */
    private interface Attempt {
        Commands.Result keeping(List<String> words) throws IOException, InterruptedException;
    }

    /** Changes what stands in for the copy. */
    private void change(StandIn standIn, Path work) throws IOException, InterruptedException {
        Map<String, byte[]> files = new TreeMap<>(change.files());
        List<BootEntry> entries;
        List<String> kept;
        Map<Long, Map<String, byte[]>> efi;
        List<Extent> contents;
        try (IsoImage image = IsoImage.open(iso)) {
            if (image.inUdf()) {
                throw new MediaException(
                        Kind.BAD_FORMAT,
                        medium,
                        "The medium " + iso + " has its files in a UDF volume, which would be lost in a changed copy",
                        "Leave out <extras>, and hand the answers over on a volume of their own",
                        null);
            }
            checkPaths(image);
            entries = image.bootEntries();
            kept = kept(image);
            efi = change.boot().isPresent()
                    ? editBoot(image, entries, change.boot().get(), files)
                    : Map.of();
            contents = image.contents();
        }
        List<Extent> boots = entries.stream()
                .map(entry -> new Extent(entry.offset(), entry.bytes()))
                .toList();
        Path worked = work.resolve("stand-in.iso");
        Attempt attempt = words -> {
            Files.deleteIfExists(worked);
            standIn.create(worked, contents, boots);
            return edit(work, worked, files, efi, words);
        };
        Commands.Result result = attempt.keeping(kept);
        if (crashed(result)) { // not the medium's fault
            LOG.warn("xorriso was ended by a signal, and is run again: {}", problems(result.errors()));
            result = attempt.keeping(kept);
        }
        if (result.errors().contains(NOT_EXPOSED)) { // its partitions tell of nothing that is new, and stay as they are
            result = attempt.keeping(
                    kept.stream().map(word -> word.equals(REPLAY) ? KEEP : word).toList());
        }
        check(result);
        try (IsoImage made = IsoImage.open(worked)) {
            if (!platforms(made.bootEntries()).equals(platforms(entries))) {
                throw failed("the copy does not boot as the original does: " + platforms(made.bootEntries()));
            }
        }
        standIn.take(worked);
    }

    /** Changes a file that stands in for the copy; gives what xorriso did in the end. */
    private Commands.Result edit(
            Path work, Path worked, Map<String, byte[]> files, Map<Long, Map<String, byte[]>> efi, List<String> kept)
            throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(worked, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (Map.Entry<Long, Map<String, byte[]>> image : efi.entrySet()) {
                FatImage fat = FatImage.open(channel, image.getKey(), medium);
                for (Map.Entry<String, byte[]> file : image.getValue().entrySet()) {
                    fat.replace(file.getKey(), file.getValue());
                }
            }
        }
        return append(work, worked, files, kept);
    }

    /** What tells xorriso to keep of the original what it would not keep by itself. */
    private static List<String> kept(IsoImage image) throws IOException {
        SystemArea area = image.systemArea();
        // where it boots from a memory stick too, the partition table has to tell of what is new
        boolean hybrid = area.mbrBootCode() || area.gpt();
        List<String> words = new ArrayList<>(List.of("-joliet", image.hasJoliet() ? "on" : "off"));
        words.addAll(List.of("-boot_image", "any", hybrid ? REPLAY : KEEP));
        image.modified().ifPresent(date -> words.addAll(List.of("-volume_date", "uuid", date)));
        return words;
    }

    /** xorriso would put a file in the place of a folder, or a folder in that of a file, without a word. */
    private void checkPaths(IsoImage image) {
        Set<String> all = image.paths();
        Set<String> wanted = new TreeSet<>(change.files().keySet());
        wanted.addAll(change.additions().keySet());
        for (String path : wanted) {
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                if (image.contains(path.substring(0, slash))) {
                    throw inTheWay(path, path.substring(0, slash) + " is a file there");
                }
            }
            Path added = change.additions().get(path);
            boolean file = added == null || !Files.isDirectory(added);
            if (file && all.contains(path) && !image.contains(path)) {
                throw inTheWay(path, "it is a folder there");
            }
            if (!file && image.contains(path)) {
                throw inTheWay(path, "it is a file there");
            }
        }
    }

    private MediaException inTheWay(String path, String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                medium,
                "Can't add " + path + " to the medium " + iso + ": " + why,
                "Give it another destination",
                null);
    }

    private static List<String> platforms(List<BootEntry> entries) {
        return entries.stream()
                .map(entry -> entry.platform() + (entry.bootable() ? "" : " (off)"))
                .sorted()
                .toList();
    }

    // --- boot configurations

    /**
     * Changes the boot configurations.
     *
     * @param files gets those on the medium
     * @return those in UEFI's boot images, by the place of the image and their path in it
     */
    private Map<Long, Map<String, byte[]>> editBoot(
            IsoImage image, List<BootEntry> entries, BootChange boot, Map<String, byte[]> files) throws IOException {
        if (entries.isEmpty()) {
            throw new MediaException(
                    Kind.BAD_FORMAT,
                    medium,
                    "The medium " + iso + " has no boot catalogue, so no machine boots it",
                    "Check that it is an install medium",
                    null);
        }
        Set<String> all = image.paths();
        Map<String, String> texts = new TreeMap<>();
        for (String path : all) {
            if (isConfig(path, all) && image.contains(path) && image.size(path) <= LARGEST_CONFIG) {
                texts.put(path, text(image.read(path, LARGEST_CONFIG)));
            }
        }
        Set<String> seen = new TreeSet<>(texts.keySet());
        Map<String, String> edited = edit(texts, boot);
        edited.forEach((path, text) -> files.put(path, bytes(text)));
        Map<Long, Map<String, byte[]>> efi = new HashMap<>();
        try (FileChannel channel = FileChannel.open(iso)) {
            for (BootEntry entry : entries) {
                if (entry.platform() == BootEntry.Platform.UEFI && entry.bootable()) {
                    efi.put(entry.offset(), editEfi(FatImage.open(channel, entry.offset(), medium), boot, seen));
                }
            }
        }
        if (edited.isEmpty() && efi.values().stream().allMatch(Map::isEmpty)) {
            throw new MediaException(
                    Kind.BAD_FORMAT,
                    medium,
                    "No boot configuration on " + iso + " starts " + String.join(" or ", new TreeSet<>(boot.kernels()))
                            + "; there are " + seen,
                    "Check that it is an install medium of the system that the template names",
                    null);
        }
        return efi;
    }

    private static Map<String, byte[]> editEfi(FatImage fat, BootChange boot, Set<String> seen) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (String path : fat.paths()) {
            if (BootConfig.GRUB_NAMES.contains(baseName(path).toLowerCase(Locale.ROOT))) {
                Optional<byte[]> content = fat.read(path).filter(bytes -> bytes.length <= LARGEST_CONFIG);
                content.ifPresent(bytes -> texts.put(path, text(bytes)));
                seen.add("EFI: " + path);
            }
        }
        Map<String, byte[]> edited = new TreeMap<>();
        edit(texts, boot).forEach((path, text) -> edited.put(path, bytes(text)));
        return edited;
    }

    /** GRUB's files by their name, anywhere; isolinux' by the folder of the one that it begins with. */
    private static boolean isConfig(String path, Set<String> all) {
        String name = baseName(path).toLowerCase(Locale.ROOT);
        if (BootConfig.GRUB_NAMES.contains(name) || BootConfig.ISOLINUX_ROOTS.contains(name)) {
            return true;
        }
        return name.endsWith(".cfg")
                && BootConfig.ISOLINUX_ROOTS.stream().anyMatch(root -> all.contains(folderOf(path) + root));
    }

    /** Changes the configurations that start the kernel; those that do not are not in the result. */
    static Map<String, String> edit(Map<String, String> texts, BootChange boot) {
        Map<String, String> edited = new TreeMap<>();
        Map<String, Map<String, BootConfig>> groups = new TreeMap<>();
        texts.forEach((path, text) -> {
            BootConfig config = BootConfig.parse(path, text);
            // the files of an isolinux are one configuration, GRUB's are each one of their own
            String group = config instanceof GrubConfig ? path : folderOf(path);
            groups.computeIfAbsent(group, key -> new TreeMap<>()).put(path, config);
        });
        for (Map<String, BootConfig> group : groups.values()) {
            for (Map.Entry<String, BootConfig> one : group.entrySet()) {
                Optional<BootConfig.Entry> entry = one.getValue().entries().stream()
                        .filter(candidate -> starts(candidate, one.getKey(), boot))
                        .findFirst();
                if (entry.isPresent()) {
                    edited.putAll(edit(group, one, entry.get(), boot.arguments()));
                    break;
                }
            }
        }
        return edited;
    }

    private static Map<String, String> edit(
            Map<String, BootConfig> group,
            Map.Entry<String, BootConfig> owner,
            BootConfig.Entry entry,
            String arguments) {
        Map<String, String> edited = new TreeMap<>();
        String name = owner.getValue().nameOf(entry);
        group.forEach((path, config) -> {
            boolean own = path.equals(owner.getKey());
            boolean root = BootConfig.ISOLINUX_ROOTS.contains(baseName(path).toLowerCase(Locale.ROOT));
            BootConfig changed = own ? config.withArguments(entry, before -> with(before, arguments)) : config;
            String text = changed.startingWith(own ? Optional.of(entry) : Optional.empty(), name, START_AFTER, root)
                    .text();
            if (!text.equals(config.text())) {
                edited.put(path, text);
            }
        });
        return edited;
    }

    private static boolean starts(BootConfig.Entry entry, String path, BootChange boot) {
        String kernel = entry.kernel().replaceFirst("^\\([^)]*\\)", "");
        String full = kernel.startsWith("/") ? kernel.substring(1) : folderOf(path) + kernel;
        List<String> arguments = new ArrayList<>(Arrays.asList(entry.arguments().split("\\s+")));
        entry.ramdisks().forEach(ramdisk -> arguments.add("initrd=" + ramdisk.replaceFirst("^\\([^)]*\\)", "")));
        return boot.kernels().stream().anyMatch(known -> known.equalsIgnoreCase(full))
                && arguments.stream().noneMatch(boot.passOver()::contains);
    }

    /** Adds arguments, before a dash that parts the installer's own from those of the installed system. */
    private static String with(String before, String more) {
        Matcher dash = DASH.matcher(before);
        int at = dash.find() ? dash.end(1) : before.length();
        String start = before.substring(0, at);
        String gap = start.isEmpty() || start.endsWith(" ") ? "" : " ";
        return start + gap + more.strip() + (at < before.length() ? " " : "") + before.substring(at);
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String folderOf(String path) {
        return path.substring(0, path.lastIndexOf('/') + 1);
    }

    // each byte a character, so that what is kept is kept whatever its charset
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    // --- the copy

    private void checkRoom(Path work) throws IOException {
        long needed = Files.size(iso);
        long free = Files.getFileStore(work).getUsableSpace();
        if (needed > free && change.additions().isEmpty()) {
            // a file system that shares blocks needs less, but what is so full is not worth the try
            throw noSpace("a changed copy of " + iso + " needs " + needed + " bytes, and there are " + free);
        }
    }

    /** Shares the original's blocks where the file system can; cp knows best how, and is the fastest where it can't. */
    private Path copy() throws IOException, InterruptedException {
        Commands.Result result = Commands.run(
                List.of(
                        "cp",
                        "--reflink=auto",
                        "--",
                        iso.toString(),
                        target.toFile().getPath()),
                COPY_LIMIT);
        if (result.status() != 0) {
            String words = result.errors().strip();
            throw words.contains("No space left") ? noSpace(words) : failed("cp says: " + words);
        }
        Files.setPosixFilePermissions(target, OwnerFile.PERMISSIONS);
        return target;
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Does work while the original is copied; neither goes on after this. */
    private void whileCopying(Work work) throws IOException, InterruptedException {
        FutureTask<Path> copying = new FutureTask<>(this::copy);
        Thread thread = new Thread(copying, "oz-copy");
        thread.setDaemon(true);
        thread.start();
        try {
            roomFor(work);
            copying.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof MediaException known) {
                throw known;
            }
            throw new IOException(e.getCause());
        } finally {
            copying.cancel(true);
            Blocking.awaitEnd(thread);
        }
    }

    private void roomFor(Work work) throws IOException, InterruptedException {
        try {
            work.run();
        } catch (IOException e) {
            String words = String.valueOf(e.getMessage());
            if (words.contains("No space left")) {
                throw noSpace(words);
            }
            throw e;
        }
    }

    private Commands.Result append(Path work, Path worked, Map<String, byte[]> files, List<String> kept)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("xorriso", "-abort_on", "FAILURE", "-return_with", "FAILURE", "32", "-pathspecs", "off"));
        // folders keep names with a dot in them, as OpenBSD's 7.8: its loader reads no Rock Ridge names
        command.addAll(List.of("-compliance", "allow_dir_id_ext"));
        // without waiting for the copy to be on the disk: it is of use as long as this host runs
        command.addAll(List.of("-stdio_sync", "off", "-dev", "stdio:" + worked.toFile()));
        command.addAll(kept);
        command.addAll(List.of("-overwrite", "on", "-padding", "0"));
        for (String path : new TreeSet<>(change.removed())) {
            command.addAll(List.of("-rm_r", "/" + path, "--"));
        }
        for (Map.Entry<String, Path> addition : new TreeMap<>(change.additions()).entrySet()) {
            command.addAll(List.of("-map", addition.getValue().toAbsolutePath().toString(), "/" + addition.getKey()));
        }
        int number = 0;
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path source = Files.write(work.resolve("file" + number++), file.getValue());
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("r--r--r--"));
            command.addAll(List.of("-map", source.toAbsolutePath().toString(), "/" + file.getKey()));
        }
        command.add("-end"); // writes; -commit would read all of it again
        return Commands.run(command, XORRISO_LIMIT);
    }

    private void check(Commands.Result result) {
        if (result.status() != 0) {
            String words = problems(result.errors());
            throw words.contains("No space left") || words.contains("exceeds free space")
                    ? noSpace(words)
                    : failed((crashed(result) ? "xorriso was ended by a signal: " : "xorriso says: ") + words);
        }
    }

    private static boolean crashed(Commands.Result result) {
        return result.status() > 128 || result.errors().contains(SIGNAL);
    }

    /** The lines in which xorriso tells what is wrong. */
    private static String problems(String errors) {
        String told = errors.lines()
                .filter(line ->
                        line.matches("(?s)(xorriso|libisofs|libburn|libisoburn)\\s*: (FAILURE|FATAL|ABORT|SORRY) .*")
                                || line.startsWith(SIGNAL))
                .map(line -> line.replaceFirst("^[^:]*: [A-Z]+ : ", ""))
                .distinct()
                .collect(Collectors.joining("; "));
        return told.isEmpty() ? errors.strip() : told;
    }

    private MediaException noSpace(String why) {
        return new MediaException(
                Kind.NO_SPACE,
                medium,
                "There is no room for the install medium: " + why,
                "Make room on the disk of " + target.toAbsolutePath().getParent(),
                null);
    }

    private MediaException failed(String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                medium,
                "Can't make an install medium of " + iso + ": " + why,
                "Check that it was fetched whole, and that xorriso is not older than 1.5",
                null);
    }
}
