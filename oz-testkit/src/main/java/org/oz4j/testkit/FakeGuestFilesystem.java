package org.oz4j.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.oz4j.DiskException;
import org.oz4j.disk.Application;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.FileStat;
import org.oz4j.disk.FileType;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.Inspection;

/** An image's files in memory, of which all belongs to one file system. Each change takes a second of its own clock. */
public final class FakeGuestFilesystem implements GuestFilesystem {
    private static final int MOST_LINKS = 40;
    private static final int SET_ID = 06000;

    private final Path image;
    private final Disk disk;
    private boolean closed;

    /** What outlives a closing. */
    private static final class Disk {
        final NavigableMap<String, Node> nodes = new TreeMap<>();
        Instant now = Instant.parse("2020-01-01T00:00:00Z");
        Optional<Inspection> inspection = Optional.empty();
        List<Application> applications = List.of();
    }

    private static final class Node {
        final FileType type;
        byte[] content = {};
        String target = "";
        int mode;
        long uid;
        long gid;
        Instant modified;
        Map<String, Bytes> xattrs = new TreeMap<>();

        Node(FileType type, Attributes attributes, Instant now) {
            this.type = type;
            mode = attributes.mode();
            uid = attributes.uid();
            gid = attributes.gid();
            modified = attributes.modified().orElse(now);
            xattrs.putAll(attributes.xattrs());
        }
    }

    private FakeGuestFilesystem(Path image, Disk disk) {
        this.image = image;
        this.disk = disk;
    }

    /** A file system with nothing but its root. */
    public static FakeGuestFilesystem empty() {
        FakeGuestFilesystem files = new FakeGuestFilesystem(Path.of("fake.img"), new Disk());
        files.disk.nodes.put("/", new Node(FileType.FOLDER, new Attributes(0755, 0, 0), files.disk.now));
        return files;
    }

    /** Opens the same files again, as after {@link #close}. */
    public FakeGuestFilesystem reopen() {
        return new FakeGuestFilesystem(image, disk);
    }

    /** Says what operating system that is. */
    public FakeGuestFilesystem with(Inspection inspection, List<Application> applications) {
        disk.inspection = Optional.of(inspection);
        disk.applications = List.copyOf(applications);
        return this;
    }

    /** Makes a named pipe. */
    public void pipe(String path) throws InterruptedException {
        put(path, new Node(FileType.OTHER, new Attributes(0644, 0, 0), tick()));
    }

    /** Gives a file a further name. */
    public void hardLink(String path, String further) throws InterruptedException {
        put(further, there(path));
    }

    @Override
    public Path image() {
        return image;
    }

    @Override
    public Optional<Inspection> inspection() {
        return disk.inspection;
    }

    @Override
    public List<Application> applications() throws InterruptedException {
        begin();
        return disk.applications;
    }

    private void begin() throws InterruptedException {
        if (Thread.interrupted()) {
            closed = true;
            throw new InterruptedException();
        }
        if (closed) {
            throw failed("The image was closed, or a call was interrupted before");
        }
    }

    private Instant tick() {
        disk.now = disk.now.plusSeconds(1);
        return disk.now;
    }

    private DiskException failed(String problem) {
        return new DiskException(image, problem + " on " + image, null, null);
    }

    /** The same path with no links before its last part, where the folder is there. */
    private Optional<String> straight(String path) {
        return path.equals("/")
                ? Optional.of(path)
                : follow(GuestFilesystem.parent(GuestFilesystem.checked(path)))
                        .filter(folder -> node(folder).type == FileType.FOLDER)
                        .map(folder -> GuestFilesystem.child(folder, path.substring(path.lastIndexOf('/') + 1)));
    }

    /** Where a path leads to; empty where to nothing. */
    private Optional<String> follow(String path) {
        String done = "/";
        String rest = path;
        for (int links = 0; links <= MOST_LINKS; ) {
            while (rest.startsWith("/")) {
                rest = rest.substring(1);
            }
            if (rest.isEmpty()) {
                return Optional.of(done);
            }
            int end = rest.indexOf('/') < 0 ? rest.length() : rest.indexOf('/');
            String part = rest.substring(0, end);
            rest = rest.substring(end);
            if (part.equals("..") || part.equals(".")) {
                done = part.equals("..") ? GuestFilesystem.parent(done) : done;
                continue;
            }
            Node found = disk.nodes.get(GuestFilesystem.child(done, part));
            if (found == null) {
                return Optional.empty();
            }
            if (found.type == FileType.LINK) {
                links++;
                rest = found.target + rest;
                done = found.target.startsWith("/") ? "/" : done;
            } else {
                done = GuestFilesystem.child(done, part);
            }
        }
        throw failed(path + " leads through too many symbolic links");
    }

    private Node node(String straight) {
        Node node = disk.nodes.get(straight);
        if (node == null) {
            throw failed("There is no " + straight);
        }
        return node;
    }

    private @Nullable Node find(String path) throws InterruptedException {
        begin();
        GuestFilesystem.checked(path);
        return straight(path).map(disk.nodes::get).orElse(null);
    }

    private Node there(String path) throws InterruptedException {
        Node node = find(path);
        if (node == null) {
            throw failed("There is no " + path);
        }
        return node;
    }

    private Node regular(String path) throws InterruptedException {
        Node node = there(path);
        if (node.type != FileType.FILE) {
            throw failed(path + " is no regular file");
        }
        return node;
    }

    /** Where something can be made or replaced. */
    private String place(String path) throws InterruptedException {
        begin();
        GuestFilesystem.checked(path);
        return straight(path).orElseThrow(() -> failed("There is no folder for " + path));
    }

    private void put(String path, Node node) throws InterruptedException {
        String place = place(path);
        Node old = disk.nodes.get(place);
        if (old != null && (old.type == FileType.FOLDER || node.type == FileType.FOLDER)) {
            throw failed("There is something at " + path + " already");
        }
        disk.nodes.put(place, node);
        node(GuestFilesystem.parent(place)).modified = disk.now;
    }

    @Override
    public Optional<FileStat> stat(String path) throws InterruptedException {
        return Optional.ofNullable(find(path)).map(this::stat);
    }

    private FileStat stat(Node node) {
        boolean link = node.type == FileType.LINK;
        return new FileStat(
                node.type,
                link ? 0777 : node.mode,
                node.uid,
                node.gid,
                link ? node.target.length() : node.content.length,
                disk.nodes.values().stream().filter(each -> each == node).count(),
                node.modified,
                link ? Optional.of(node.target) : Optional.empty());
    }

    @Override
    public String resolve(String path) throws InterruptedException {
        begin();
        return follow(GuestFilesystem.checked(path)).orElseThrow(() -> failed("There is no " + path));
    }

    @Override
    public byte[] read(String path) throws InterruptedException {
        byte[] content = regular(path).content;
        if (content.length > MOST_READ) {
            throw failed(path + " has " + content.length + " bytes, too many to hold,");
        }
        return content.clone();
    }

    @Override
    public void read(String path, Path to) throws InterruptedException {
        try {
            Files.write(to, regular(path).content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String sha256(String path) throws InterruptedException {
        return sha256(regular(path));
    }

    private static String sha256(Node node) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(node.content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void write(String path, byte[] content, Attributes attributes) throws InterruptedException {
        Node node = new Node(FileType.FILE, attributes, tick());
        node.content = content.clone();
        unstage(path);
        put(path, node);
    }

    /** Makes a file of a text, that all may read and root may change, for short tests. */
    public void write(String path, String content) throws InterruptedException {
        write(path, content.getBytes(StandardCharsets.UTF_8), new Attributes(0644, 0, 0));
    }

    @Override
    public void write(String path, Path content, Attributes attributes) throws InterruptedException {
        try {
            write(path, Files.readAllBytes(content), attributes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void symlink(String path, String target, Attributes attributes) throws InterruptedException {
        Node node = new Node(FileType.LINK, attributes, tick());
        node.target = target;
        unstage(path);
        put(path, node);
    }

    /** What an earlier program left goes with the next thing that is made. */
    private void unstage(String path) throws InterruptedException {
        String folder = GuestFilesystem.stagingFolder(GuestFilesystem.parent(place(path)));
        disk.nodes.remove(GuestFilesystem.child(folder, STAGING));
    }

    @Override
    public void mkdir(String path, Attributes attributes) throws InterruptedException {
        unstage(path);
        put(path, new Node(FileType.FOLDER, attributes, tick()));
    }

    @Override
    public void rename(String from, String to) throws InterruptedException {
        Node node = there(from);
        String old = place(from);
        String place = place(to);
        if (node.type == FileType.FOLDER) {
            if (disk.nodes.containsKey(place) || place.startsWith(old + "/")) {
                throw failed("The folder " + from + " can't be renamed to " + to);
            }
            SortedMap<String, Node> within = disk.nodes.subMap(old + "/", old + "0"); // 0 comes after /
            Map<String, Node> moved = new TreeMap<>();
            within.forEach((path, each) -> moved.put(place + path.substring(old.length()), each));
            within.clear();
            disk.nodes.putAll(moved);
        }
        tick();
        put(to, node);
        disk.nodes.remove(old);
        node(GuestFilesystem.parent(old)).modified = disk.now;
    }

    @Override
    public void remove(String path) throws InterruptedException {
        Node node = there(path);
        if (node.type == FileType.FOLDER && !list(path).isEmpty()) {
            throw failed("The folder " + path + " is not empty");
        }
        String place = place(path);
        disk.nodes.remove(place);
        node(GuestFilesystem.parent(place)).modified = tick();
    }

    @Override
    public void chmod(String path, int mode) throws InterruptedException {
        Node node = there(path);
        if (node.type == FileType.LINK) {
            throw failed(path + " is a symbolic link");
        }
        node.mode = mode & 07777;
    }

    @Override
    public void chown(String path, long uid, long gid) throws InterruptedException {
        Node node = there(path);
        node.uid = uid;
        node.gid = gid;
    }

    /** Changes the owner as a guest does: the set-id bits and capabilities go. */
    public void chownByGuest(String path, long uid, long gid) throws InterruptedException {
        chown(path, uid, gid);
        Node node = there(path);
        node.mode &= ~SET_ID;
        node.xattrs.remove(CAPABILITIES);
    }

    @Override
    public List<String> list(String path) throws InterruptedException {
        String folder = folder(path);
        String prefix = folder.equals("/") ? "/" : folder + "/";
        return disk.nodes.tailMap(prefix, false).keySet().stream()
                .takeWhile(each -> each.startsWith(prefix))
                .map(each -> each.substring(prefix.length()))
                .filter(name -> name.indexOf('/') < 0)
                .sorted()
                .toList();
    }

    private String folder(String path) throws InterruptedException {
        if (there(path).type != FileType.FOLDER) {
            throw failed(path + " is no folder");
        }
        return place(path);
    }

    @Override
    public Map<String, Bytes> xattrs(String path) throws InterruptedException {
        return Map.copyOf(there(path).xattrs);
    }

    @Override
    public void setXattr(String path, String name, Bytes value) throws InterruptedException {
        there(path).xattrs.put(name, value);
    }

    @Override
    public void removeXattr(String path, String name) throws InterruptedException {
        if (there(path).xattrs.remove(name) == null) {
            throw failed(path + " has no attribute " + name);
        }
    }

    @Override
    public SortedMap<String, FileEntry> walk(String path) throws InterruptedException {
        String folder = folder(path);
        if (folder.indexOf('\n') >= 0) {
            throw failed("There is a newline in " + path);
        }
        SortedMap<String, FileEntry> tree = new TreeMap<>();
        disk.nodes.forEach((each, node) -> {
            if (each.equals(folder) || folder.equals("/") || each.startsWith(folder + "/")) {
                tree.put(
                        folder.equals("/") ? each : path + each.substring(folder.length()),
                        new FileEntry(
                                stat(node),
                                node.type == FileType.FILE ? Optional.of(sha256(node)) : Optional.empty(),
                                node.xattrs));
            }
        });
        return tree;
    }

    @Override
    public void close() {
        closed = true;
    }
}
