package org.oz4j.disk.guestfs;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import org.oz4j.DiskException;
import org.oz4j.HostSetupException;
import org.oz4j.ImageFormat;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.disk.Application;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.FileStat;
import org.oz4j.disk.FileType;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener.Mode;
import org.oz4j.disk.Inspection;
import org.oz4j.disk.guestfs.Appliance.Call;
import org.oz4j.disk.guestfs.Appliance.Failure;
import org.oz4j.disk.guestfs.GuestfsLibrary.AddDriveOpts;
import org.oz4j.disk.guestfs.GuestfsLibrary.CopyAttributes;
import org.oz4j.disk.guestfs.GuestfsLibrary.StatNs;
import org.oz4j.disk.guestfs.GuestfsLibrary.TarInOpts;
import org.oz4j.host.VirtTypes;
import org.oz4j.host.WorkFolder;

import static org.oz4j.disk.guestfs.NativeData.text;

/**
 * An image's files, through libguestfs.
 *
 * <p>Some of its functions run a program on the path of the small machine instead of looking at it from within the
 * image, so an absolute link on the way would lead into that machine: they get paths that hold no links.
 */
final class GuestfsFiles implements GuestFilesystem {
    private static final Duration LAUNCH_LIMIT = Duration.ofMinutes(10);
    private static final int ENOENT = 2;
    private static final int ENOTDIR = 20;
    private static final int ENOTSUP = 95;
    private static final int MOST_XATTRS = 100_000;
    private static final int MOST_PACKAGES = 1_000_000;
    private static final int NAMES_IN_A_CALL = 500; // an answer has room for 4 MiB
    private static final int FILE_TYPE = 0170000;
    private static final int PERMISSIONS = 07777;
    private static final int NOTHING_THERE = -1; // st_ino of a name that can't be looked at

    private static final Path NOTHING = Path.of("/dev/null");

    private final Path image;
    private final Appliance appliance;
    private final WorkFolder work;
    private final boolean writable;
    private final TimeSource time;
    private Optional<Inspection> inspection = Optional.empty();
    private boolean ntfs;

    private GuestfsFiles(Path image, Appliance appliance, WorkFolder work, boolean writable, TimeSource time) {
        this.image = image;
        this.appliance = appliance;
        this.work = work;
        this.writable = writable;
        this.time = time;
    }

    static GuestFilesystem open(
            Path image, ImageFormat format, Mode mode, Path work, Optional<VirtType> virtType, TimeSource time)
            throws IOException, InterruptedException {
        VirtType type = VirtTypes.ofThisHost(virtType).type();
        WorkFolder folder = WorkFolder.createIn(work, "oz-guestfs-");
        try {
            Appliance appliance = Appliance.create();
            try {
                GuestfsFiles files = new GuestfsFiles(image, appliance, folder, mode == Mode.READ_WRITE, time);
                files.launch(format, type);
                files.mount();
                return files;
            } catch (Throwable e) {
                appliance.close();
                throw e;
            }
        } catch (Failure e) {
            folder.close();
            throw new DiskException(image, "libguestfs can't be used: " + e.words(), null, e);
        } catch (Throwable e) {
            folder.close();
            throw e;
        }
    }

    private void launch(ImageFormat format, VirtType type) throws InterruptedException {
        Memory settings = NativeData.texts(type == VirtType.TCG ? List.of("force_tcg") : List.of());
        AddDriveOpts options = new AddDriveOpts();
        options.readonly = writable ? 0 : 1;
        options.format = NativeData.memory(format.label());
        run("configure libguestfs", (lib, g) -> lib.guestfs_set_backend(g, text("direct")));
        run("configure libguestfs", (lib, g) -> lib.guestfs_set_backend_settings(g, settings));
        run(
                "configure libguestfs",
                (lib, g) -> lib.guestfs_set_tmpdir(g, text(work.path().toString())));
        try {
            appliance.run((lib, g) -> lib.guestfs_add_drive_opts_argv(g, text(image.toString()), options));
            appliance.call(GuestfsLibrary::guestfs_launch, LAUNCH_LIMIT);
        } catch (Failure e) {
            throw launchFailure(e);
        }
    }

    private RuntimeException launchFailure(Failure e) {
        String words = e.words() + (appliance.said().isEmpty() ? "" : " (" + appliance.said() + ")");
        if (words.contains("supermin")) {
            return new HostSetupException(
                    "libguestfs can't build its small machine: " + words,
                    "Install " + String.join(" ", Appliance.PACKAGES) + ", and let this user read the kernel in /boot",
                    Appliance.PACKAGES,
                    e);
        }
        return new DiskException(
                image,
                "libguestfs can't open " + image + ": " + words,
                "See whether it is whole, of the format that was told, and open nowhere else;"
                        + " libguestfs-test-tool shows whether libguestfs itself works",
                e);
    }

    private void mount() throws InterruptedException {
        List<String> roots =
                NativeData.takenTexts(call("look for an operating system", GuestfsLibrary::guestfs_inspect_os));
        if (roots.size() > 1) {
            throw new DiskException(
                    image,
                    "There are " + roots.size() + " operating systems on " + image + ": " + String.join(", ", roots),
                    "Only images with one can be opened",
                    null);
        }
        String options = writable ? "noatime" : "ro,noatime";
        if (roots.isEmpty()) {
            String only = onlyFilesystem();
            ntfs = isNtfs(only);
            run("mount " + only, (lib, g) -> lib.guestfs_mount_options(g, text(options), text(only), text("/")));
            return;
        }
        String root = roots.get(0);
        Map<String, String> mounts =
                pairs(call("list mount points", (lib, g) -> lib.guestfs_inspect_get_mountpoints(g, text(root))));
        mounts.putIfAbsent("/", root);
        ntfs = isNtfs(mounts.getOrDefault("/", root));
        // A folder before those within. What else the image's fstab names may not be there, as a CD.
        List<String> order = new ArrayList<>(mounts.keySet());
        order.sort(Comparator.comparing(String::length));
        for (String path : order) {
            try {
                appliance.run((lib, g) ->
                        lib.guestfs_mount_options(g, text(options), text(mounts.getOrDefault(path, root)), text(path)));
            } catch (Failure e) {
                if (path.equals("/")) {
                    throw failed("mount " + root, e);
                }
            }
        }
        inspection = Optional.of(inspect(root));
    }

    private String onlyFilesystem() throws InterruptedException {
        List<String> found =
                pairs(call("list file systems", GuestfsLibrary::guestfs_list_filesystems)).entrySet().stream()
                        .filter(each -> !each.getValue().equals("unknown")
                                && !each.getValue().equals("swap"))
                        .map(Map.Entry::getKey)
                        .toList();
        if (found.size() != 1) {
            throw new DiskException(
                    image,
                    "There is no operating system on " + image + ", and "
                            + (found.isEmpty()
                                    ? "no file system"
                                    : "several file systems: " + String.join(", ", found)),
                    null,
                    null);
        }
        return found.get(0);
    }

    private boolean isNtfs(String device) throws InterruptedException {
        return NativeData.taken(call("tell the file system", (lib, g) -> lib.guestfs_vfs_type(g, text(device))))
                .equals("ntfs");
    }

    private static Map<String, String> pairs(Pointer array) {
        List<String> texts = NativeData.takenTexts(array);
        Map<String, String> pairs = new TreeMap<>();
        for (int i = 0; i + 1 < texts.size(); i += 2) {
            pairs.put(texts.get(i), texts.get(i + 1));
        }
        return pairs;
    }

    private Inspection inspect(String root) throws InterruptedException {
        byte[] at = text(root);
        return new Inspection(
                root,
                fact((lib, g) -> lib.guestfs_inspect_get_type(g, at)),
                fact((lib, g) -> lib.guestfs_inspect_get_distro(g, at)),
                fact((lib, g) -> lib.guestfs_inspect_get_product_name(g, at)),
                call("tell the version", (lib, g) -> lib.guestfs_inspect_get_major_version(g, at)),
                call("tell the version", (lib, g) -> lib.guestfs_inspect_get_minor_version(g, at)),
                fact((lib, g) -> lib.guestfs_inspect_get_package_format(g, at)),
                fact((lib, g) -> lib.guestfs_inspect_get_package_management(g, at)),
                fact((lib, g) -> lib.guestfs_inspect_get_arch(g, at)));
    }

    private String fact(Call<Pointer> call) throws InterruptedException {
        String fact = NativeData.taken(call("inspect the operating system", call));
        return fact.equals("unknown") ? "" : fact;
    }

    @Override
    public Path image() {
        return image;
    }

    @Override
    public Optional<Inspection> inspection() {
        return inspection;
    }

    @Override
    public List<Application> applications() throws InterruptedException {
        if (inspection.isEmpty()) {
            return List.of();
        }
        byte[] root = text(inspection.get().root());
        return call("list the packages", (lib, g) -> {
            Pointer list = lib.guestfs_inspect_list_applications2(g, root);
            return list == null
                    ? null
                    : freed(
                            () -> NativeData.applications(list, MOST_PACKAGES),
                            () -> lib.guestfs_free_application2_list(list));
        });
    }

    /** Reads a list, and frees it whatever happens. */
    private static <T> T freed(Supplier<T> read, Runnable free) {
        try {
            return read.get();
        } finally {
            free.run();
        }
    }

    @Override
    public Optional<FileStat> stat(String path) throws InterruptedException {
        byte[] at = text(GuestFilesystem.checked(path));
        try {
            StatNs stat = appliance.call((lib, g) -> {
                Pointer found = lib.guestfs_lstatns(g, at);
                return found == null ? null : freed(() -> new StatNs(found), () -> lib.guestfs_free_statns(found));
            });
            boolean link = typeOf(stat) == FileType.LINK;
            return Optional.of(stat(
                    stat,
                    link
                            ? Optional.of(NativeData.taken(appliance.call((lib, g) -> lib.guestfs_readlink(g, at))))
                            : Optional.empty()));
        } catch (Failure e) {
            if (e.is(ENOENT, ENOTDIR)) {
                return Optional.empty();
            }
            throw failed("look at " + path, e);
        }
    }

    private static FileType typeOf(StatNs stat) {
        return switch ((int) stat.st_mode & FILE_TYPE) {
            case 0100000 -> FileType.FILE;
            case 0040000 -> FileType.FOLDER;
            case 0120000 -> FileType.LINK;
            default -> FileType.OTHER;
        };
    }

    private static FileStat stat(StatNs stat, Optional<String> target) {
        long seconds =
                Math.max(Instant.MIN.getEpochSecond(), Math.min(Instant.MAX.getEpochSecond(), stat.st_mtime_sec));
        return new FileStat(
                typeOf(stat),
                (int) stat.st_mode & PERMISSIONS,
                stat.st_uid,
                stat.st_gid,
                stat.st_size,
                stat.st_nlink,
                Instant.ofEpochSecond(seconds, Math.floorMod(stat.st_mtime_nsec, 1_000_000_000)),
                target);
    }

    @Override
    public String resolve(String path) throws InterruptedException {
        byte[] at = text(GuestFilesystem.checked(path));
        return NativeData.taken(call("resolve " + path, (lib, g) -> lib.guestfs_realpath(g, at)));
    }

    /** The same path, with no links on the way. */
    private String straight(String path) throws InterruptedException {
        return path.equals("/")
                ? path
                : GuestFilesystem.child(
                        resolve(GuestFilesystem.parent(path)), path.substring(path.lastIndexOf('/') + 1));
    }

    @Override
    public byte[] read(String path) throws InterruptedException {
        FileStat stat = regular(path);
        if (stat.size() > MOST_READ) {
            throw new DiskException(
                    image, path + " of " + image + " has " + stat.size() + " bytes, too many to hold", null, null);
        }
        LongByReference size = new LongByReference();
        Pointer content = call("read " + path, (lib, g) -> lib.guestfs_read_file(g, text(path), size));
        try {
            return content.getByteArray(0, Math.toIntExact(size.getValue()));
        } finally {
            NativeData.free(content);
        }
    }

    @Override
    public void read(String path, Path to) throws InterruptedException {
        regular(path);
        run(
                "read " + path,
                (lib, g) -> lib.guestfs_download(
                        g, text(path), text(to.toAbsolutePath().toString())));
    }

    @Override
    public String sha256(String path) throws InterruptedException {
        regular(path);
        return NativeData.taken(call("sum " + path, (lib, g) -> lib.guestfs_checksum(g, text("sha256"), text(path))));
    }

    /** What is known of a regular file; reading from a pipe or a device might never end. */
    private FileStat regular(String path) throws InterruptedException {
        FileStat stat = there(path);
        if (stat.type() != FileType.FILE) {
            throw new DiskException(image, path + " of " + image + " is no regular file", null, null);
        }
        return stat;
    }

    private FileStat there(String path) throws InterruptedException {
        return stat(path)
                .orElseThrow(() -> new DiskException(image, "There is no " + path + " on " + image, null, null));
    }

    @Override
    public void write(String path, byte[] content, Attributes attributes) throws InterruptedException {
        Path file = work.path().resolve("content");
        try {
            Files.write(file, content);
            write(path, file, attributes);
        } catch (IOException e) {
            throw new DiskException(image, "The temporary file " + file + " can't be written: " + e, null, e);
        } finally {
            delete(file);
        }
    }

    @Override
    public void write(String path, Path content, Attributes attributes) throws InterruptedException {
        stage(path, attributes, true, (out, now) -> TarWriter.file(out, STAGING, content, attributes, now));
    }

    @Override
    public void symlink(String path, String target, Attributes attributes) throws InterruptedException {
        byte[] to = GuestNames.encode(target);
        stage(path, attributes, false, (out, now) -> TarWriter.link(out, STAGING, to, attributes, now));
    }

    @Override
    public void mkdir(String path, Attributes attributes) throws InterruptedException {
        if (exists(path)) {
            throw new DiskException(image, "There is " + path + " on " + image + " already", null, null);
        }
        stage(path, attributes, false, (out, now) -> TarWriter.folder(out, STAGING, attributes, now));
    }

    /** What writes an archive. */
    private interface Archive {
        void writeTo(OutputStream archive, Instant now) throws IOException;
    }

    /**
     * Makes something beside a path, and then in the place of what is there.
     *
     * <p>It comes as an archive, since guestfs_lsetxattr takes values up to their first NUL alone, as in capabilities.
     */
    private void stage(String path, Attributes attributes, boolean content, Archive archive)
            throws InterruptedException {
        String staging = staging(path);
        clearing(staging, () -> {
            unpack(path, staging, attributes, archive);
            if (content) {
                run("write " + path, GuestfsLibrary::guestfs_sync); // or a crash now could leave an empty file
            }
            rename(staging, path);
        });
    }

    /** What can be interrupted. */
    private interface Step {
        void run() throws InterruptedException;
    }

    /** Does something, and where it fails takes away what it has made at a path. */
    private void clearing(String staging, Step step) throws InterruptedException {
        try {
            step.run();
        } catch (DiskException e) {
            try {
                removeIfThere(staging);
            } catch (DiskException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /** Where something is made that goes to a path; it holds no links. */
    private String staging(String path) throws InterruptedException {
        String folder = resolve(GuestFilesystem.parent(GuestFilesystem.checked(path)));
        return GuestFilesystem.child(GuestFilesystem.stagingFolder(folder), STAGING);
    }

    private void removeIfThere(String path) throws InterruptedException {
        if (exists(path)) {
            remove(path);
        }
    }

    private void unpack(String path, String staging, Attributes attributes, Archive archive)
            throws InterruptedException {
        removeIfThere(staging); // it may be a link that somebody has put there
        Path file = work.path().resolve("archive");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
                archive.writeTo(out, attributes.modified().orElseGet(time::now));
            }
            TarInOpts options = new TarInOpts();
            byte[] folder = text(GuestFilesystem.parent(staging));
            run("write " + path, (lib, g) -> lib.guestfs_tar_in_opts_argv(g, text(file.toString()), folder, options));
        } catch (IOException e) {
            throw new DiskException(image, "What " + path + " is to be can't be packed: " + e, null, e);
        } finally {
            delete(file);
        }
        for (String name : listedXattrs(staging).keySet()) {
            if (!attributes.xattrs().containsKey(name)) {
                removeXattr(staging, name); // it comes from the folder, as an access list does
            }
        }
    }

    @Override
    public void rename(String from, String to) throws InterruptedException {
        byte[] old = text(GuestFilesystem.checked(from));
        byte[] name = text(GuestFilesystem.checked(to));
        run("rename " + from + " to " + to, (lib, g) -> lib.guestfs_rename(g, old, name));
    }

    @Override
    public void remove(String path) throws InterruptedException {
        boolean folder = there(path).type() == FileType.FOLDER;
        run("remove " + path, (lib, g) -> folder ? lib.guestfs_rmdir(g, text(path)) : lib.guestfs_rm(g, text(path)));
    }

    @Override
    public void chmod(String path, int mode) throws InterruptedException {
        if (there(path).type() == FileType.LINK) { // which would be followed
            throw new DiskException(image, path + " of " + image + " is a symbolic link", null, null);
        }
        run("set the permissions of " + path, (lib, g) -> lib.guestfs_chmod(g, mode & PERMISSIONS, text(path)));
    }

    @Override
    public void chown(String path, long uid, long gid) throws InterruptedException {
        FileStat before = there(path);
        Optional<Bytes> capabilities = Optional.ofNullable(xattrs(path).get(CAPABILITIES));
        own(path, uid, gid);
        if (before.type() != FileType.LINK) {
            chmod(path, before.mode());
        }
        if (capabilities.isPresent()) {
            setXattr(path, CAPABILITIES, capabilities.get());
        }
    }

    private void own(String path, long uid, long gid) throws InterruptedException {
        run("set the owner of " + path, (lib, g) -> lib.guestfs_lchown(g, (int) uid, (int) gid, text(path)));
    }

    @Override
    public List<String> list(String path) throws InterruptedException {
        String folder = folder(path);
        List<String> names = lines("list " + path, file -> (lib, g) -> lib.guestfs_ls0(g, text(folder), text(file)), 0);
        Collections.sort(names);
        return names;
    }

    /** The same path with no links on the way, where it is a folder's. */
    private String folder(String path) throws InterruptedException {
        if (there(path).type() != FileType.FOLDER) {
            throw new DiskException(image, path + " of " + image + " is no folder", null, null);
        }
        return straight(path);
    }

    @Override
    public Map<String, Bytes> xattrs(String path) throws InterruptedException {
        Map<String, Bytes> listed = listedXattrs(path);
        if (!ntfs || there(path).type() == FileType.LINK) {
            return listed;
        }
        LongByReference size = new LongByReference();
        Pointer list = call(
                "read the access list of " + path,
                (lib, g) -> lib.guestfs_lgetxattr(g, text(path), text(WINDOWS_ACL), size));
        try {
            Map<String, Bytes> all = new TreeMap<>(listed);
            all.put(WINDOWS_ACL, Bytes.of(list.getByteArray(0, Math.toIntExact(size.getValue()))));
            return all;
        } finally {
            NativeData.free(list);
        }
    }

    /** What the file system lists, among which NTFS' access lists are not. */
    private Map<String, Bytes> listedXattrs(String path) throws InterruptedException {
        byte[] at = text(GuestFilesystem.checked(path));
        try {
            return appliance.call((lib, g) -> {
                Pointer list = lib.guestfs_lgetxattrs(g, at);
                return list == null
                        ? null
                        : freed(() -> NativeData.xattrs(list, MOST_XATTRS), () -> lib.guestfs_free_xattr_list(list));
            });
        } catch (Failure e) {
            if (e.is(ENOTSUP)) {
                return Map.of();
            }
            throw failed("read the attributes of " + path, e);
        }
    }

    @Override
    public void setXattr(String path, String name, Bytes value) throws InterruptedException {
        byte[] at = text(GuestFilesystem.checked(path));
        byte[] content = value.toArray();
        String what = "set the attribute " + name + " of " + path;
        if (name.equals(WINDOWS_ACL)) {
            throw new DiskException(
                    image, "Can't " + what + " on " + image + ": it is set when a file is written", null, null);
        }
        if (isText(content)) {
            run(
                    what,
                    (lib, g) -> lib.guestfs_lsetxattr(
                            g, text(name), Arrays.copyOf(content, content.length + 1), content.length, at));
            return;
        }
        if (there(path).type() == FileType.LINK) {
            throw new DiskException(
                    image, "Can't " + what + " on " + image + ": a link's can't hold a NUL", null, null);
        }
        // By way of another file: see stage.
        Attributes carried = new Attributes(0600, 0, 0, Map.of(name, value), Optional.empty());
        String carrier = staging(path);
        clearing(carrier, () -> {
            unpack(path, carrier, carried, (out, now) -> TarWriter.file(out, STAGING, NOTHING, carried, now));
            CopyAttributes options = new CopyAttributes();
            run(what, (lib, g) -> lib.guestfs_copy_attributes_argv(g, text(carrier), at, options));
            remove(carrier);
        });
    }

    /** Whether C has it whole as a text: with one NUL at most, at its end. */
    private static boolean isText(byte[] content) {
        for (int i = 0; i < content.length - 1; i++) {
            if (content[i] == 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void removeXattr(String path, String name) throws InterruptedException {
        byte[] at = text(GuestFilesystem.checked(path));
        run("remove the attribute " + name + " of " + path, (lib, g) -> lib.guestfs_lremovexattr(g, text(name), at));
    }

    @Override
    public SortedMap<String, FileEntry> walk(String path) throws InterruptedException {
        String folder = folder(path);
        if (folder.indexOf('\n') >= 0) { // which its functions below lose, and then look elsewhere
            throw new DiskException(
                    image, "libguestfs can't walk " + path + " of " + image + ": a newline", null, null);
        }
        Map<String, List<String>> names = new TreeMap<>(); // by folder
        for (String found :
                lines("list all of " + path, file -> (lib, g) -> lib.guestfs_find0(g, text(folder), text(file)), 0)) {
            // libguestfs tells the paths within the folder; from the root they may begin with a slash
            String full = GuestFilesystem.child(folder, found.startsWith("/") ? found.substring(1) : found);
            names.computeIfAbsent(GuestFilesystem.parent(full), any -> new ArrayList<>())
                    .add(full.substring(full.lastIndexOf('/') + 1));
        }
        Map<String, String> sums = SumLines.parse(lines(
                "sum all of " + path,
                file -> (lib, g) -> lib.guestfs_checksums_out(g, text("sha256"), text(folder), text(file)),
                '\n'));
        SortedMap<String, FileEntry> tree = new TreeMap<>();
        tree.put(path, new FileEntry(there(path), Optional.empty(), xattrs(path)));
        for (Map.Entry<String, List<String>> each : names.entrySet()) {
            for (int from = 0; from < each.getValue().size(); from += NAMES_IN_A_CALL) {
                List<String> some =
                        each.getValue().subList(from, Math.min(each.getValue().size(), from + NAMES_IN_A_CALL));
                lookAt(each.getKey(), some).forEach((found, entry) -> {
                    String within = found.substring(folder.equals("/") ? 1 : folder.length() + 1);
                    boolean file = entry.stat().type() == FileType.FILE;
                    if (file && !sums.containsKey(within)) {
                        throw new DiskException(image, "There is no sum of " + found + " on " + image, null, null);
                    }
                    tree.put(
                            GuestFilesystem.child(path, within),
                            new FileEntry(
                                    entry.stat(),
                                    file ? Optional.ofNullable(sums.get(within)) : Optional.empty(),
                                    entry.xattrs()));
                });
            }
        }
        return tree;
    }

    /** What files of a folder are, by path, without sums. */
    private Map<String, FileEntry> lookAt(String folder, List<String> names) throws InterruptedException {
        Memory array = NativeData.texts(names);
        List<StatNs> stats = call("look at files in " + folder, (lib, g) -> {
            Pointer list = lib.guestfs_lstatnslist(g, text(folder), array);
            return list == null
                    ? null
                    : freed(() -> NativeData.stats(list, names.size()), () -> lib.guestfs_free_statns_list(list));
        });
        List<String> targets = stats.stream().anyMatch(stat -> typeOf(stat) == FileType.LINK)
                ? NativeData.takenTexts(
                        call("read links in " + folder, (lib, g) -> lib.guestfs_readlinklist(g, text(folder), array)))
                : Collections.nCopies(names.size(), "");
        List<Map<String, Bytes>> xattrs = xattrs(folder, names, array);
        Map<String, FileEntry> entries = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            String path = GuestFilesystem.child(folder, names.get(i));
            if (stats.size() != names.size()
                    || targets.size() != names.size()
                    || stats.get(i).st_ino == NOTHING_THERE) {
                throw new DiskException(image, path + " of " + image + " can't be looked at", null, null);
            }
            boolean link = typeOf(stats.get(i)) == FileType.LINK;
            entries.put(
                    path,
                    new FileEntry(
                            stat(stats.get(i), link ? Optional.of(targets.get(i)) : Optional.empty()),
                            Optional.empty(),
                            xattrs.get(i)));
        }
        return entries;
    }

    /** The attributes of files of a folder; one by one where all of them are too much for one answer. */
    private List<Map<String, Bytes>> xattrs(String folder, List<String> names, Memory array)
            throws InterruptedException {
        if (ntfs) {
            return eachXattrs(folder, names);
        }
        try {
            return appliance.call((lib, g) -> {
                Pointer list = lib.guestfs_lxattrlist(g, text(folder), array);
                return list == null
                        ? null
                        : freed(
                                () -> NativeData.xattrsOfSeveral(list, names.size(), MOST_XATTRS),
                                () -> lib.guestfs_free_xattr_list(list));
            });
        } catch (Failure e) {
            return eachXattrs(folder, names);
        }
    }

    private List<Map<String, Bytes>> eachXattrs(String folder, List<String> names) throws InterruptedException {
        List<Map<String, Bytes>> each = new ArrayList<>();
        for (String name : names) {
            each.add(xattrs(GuestFilesystem.child(folder, name)));
        }
        return each;
    }

    /** What libguestfs writes to a file of the host, cut at each such byte. */
    private List<String> lines(String what, Function<String, Call<Integer>> call, int end) throws InterruptedException {
        Path file = work.path().resolve("lines");
        try {
            run(what, call.apply(file.toString()));
            return lines(file, end);
        } finally {
            delete(file);
        }
    }

    private List<String> lines(Path file, int end) {
        List<String> lines = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != end) {
                    line.write(next);
                    continue;
                }
                lines.add(GuestNames.decode(line.toByteArray()));
                line.reset();
                if (lines.size() > MOST_FILES) {
                    throw new DiskException(
                            image, "There are more than " + MOST_FILES + " files on " + image, null, null);
                }
            }
            return lines;
        } catch (IOException e) {
            throw new DiskException(image, "The temporary file " + file + " can't be read: " + e, null, e);
        }
    }

    private void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new DiskException(image, "The temporary file " + file + " can't be deleted: " + e, null, e);
        }
    }

    private void run(String what, Call<Integer> call) throws InterruptedException {
        call(what, call);
    }

    private <T> T call(String what, Call<T> call) throws InterruptedException {
        try {
            return appliance.call(call);
        } catch (Failure e) {
            throw failed(what, e);
        }
    }

    private DiskException failed(String what, Failure e) {
        return new DiskException(image, "Can't " + what + " on " + image + ": " + e.words(), null, e);
    }

    @Override
    public void close() {
        try (work;
                appliance) {
            if (writable) {
                appliance.shutDown();
            }
        } catch (Failure e) {
            throw new DiskException(
                    image,
                    "Not all changes could be written to " + image + ": " + e.words(),
                    "See whether the host's disk is full; the image may be unusable",
                    e);
        } catch (IOException e) {
            throw new DiskException(image, "A temporary folder can't be deleted: " + e, null, e);
        }
    }
}
