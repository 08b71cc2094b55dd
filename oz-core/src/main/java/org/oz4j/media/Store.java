package org.oz4j.media;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;
import org.oz4j.TimeSource;
import org.oz4j.host.FileLock;
import org.oz4j.host.WorkFolder;
import org.oz4j.media.MediaStore.Kept;
import org.oz4j.media.MediaStore.Kind;
import org.slf4j.LoggerFactory;

/**
 * A folder of kept files that threads and programs share, whole after a crash at any point.
 *
 * <pre>
 * objects/SHA256             what was fetched, by its content
 * media/KEY.ref, boot/...    what an address led to; its time is when it was used last
 * modified/KEY/, installed/  what was made, by all that it was made from
 * incoming/KEY.part          what is on its way, its version (.meta) and who works at it (.lock)
 * rejected/                  what was not what it should be, for one look
 * leases/NAME.UUID           who uses an object or a folder; locked as long as its owner lives
 * </pre>
 *
 * <p>What is read or changed in more than one of them is so under one lock, which nobody holds for long.
 */
final class Store {
    private static final String REF = ".ref";
    /** The key of a content, in what is known of an address. */
    static final String SHA256 = "sha256";

    private static final String SIZE = "size";
    private static final String TIME = "time";
    /** The key of what people call a thing. */
    static final String NAME = "name";

    /** What begins the keys of images that read from what was made, and of the folders that those are in. */
    private static final String PIN = "pin.";

    private static final String PINS_FOLDER = "folder-of-pin.";

    private static final String ENTRY = "entry" + REF;

    private final Path folder;
    private final TimeSource time;
    /** Threads of this program wait for one another without the pauses that programs make. */
    private final ReentrantLock ours = new ReentrantLock();

    Store(Path folder, TimeSource time) {
        this.folder = folder;
        this.time = time;
    }

    Path folder() {
        return folder;
    }

    /** Work under the store's lock. */
    private interface Locked<T> {
        T run() throws IOException;
    }

    private <T> T locked(Locked<T> work) throws IOException, InterruptedException {
        ours.lockInterruptibly();
        try {
            FileLock lock = FileLock.acquire(folder.resolve("store.lock"), time);
            try {
                return work.run();
            } finally {
                giveBack(lock);
            }
        } finally {
            ours.unlock();
        }
    }

    /** Gives a lock back; its file may stay where it can't be deleted, and keeps nobody out. */
    static void giveBack(FileLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LoggerFactory.getLogger(Store.class)
                    .warn("The file of a lock that nobody holds any more can't be deleted: {}", e.toString());
        }
    }

    /** A key of things that are made of others, by a secret of this store: passwords are among what goes in. */
    String key(Map<String, String> inputs) throws IOException, InterruptedException {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret(), "HmacSHA256"));
            for (Map.Entry<String, String> input : new TreeMap<>(inputs).entrySet()) {
                for (String text : List.of(input.getKey(), input.getValue())) {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    mac.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                    mac.update(bytes);
                }
            }
            return HexFormat.of().formatHex(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private byte[] secret() throws IOException, InterruptedException {
        Path file = folder.resolve("secret");
        return locked(() -> {
            if (Files.notExists(file)) {
                byte[] secret = new byte[32];
                new SecureRandom().nextBytes(secret);
                Path fresh = folder.resolve("secret.new");
                Files.deleteIfExists(fresh);
                Files.createFile(
                        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.write(fresh, secret);
                Facts.sync(fresh);
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return Files.readAllBytes(file);
        });
    }

    /** Makes the folder, where it is missing; only its owner can look into it. */
    void prepare() throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (String room : List.of("objects", "incoming", "leases")) {
            Files.createDirectories(folder.resolve(room));
        }
    }

    /** Waits until nobody else works at what has that key, and keeps others away from it. */
    FileLock work(String key) throws IOException, InterruptedException {
        return FileLock.acquire(folder.resolve("incoming").resolve(key + ".lock"), time);
    }

    /** Keeps others away from what has that key; empty where somebody else works at it. */
    Optional<FileLock> tryWork(String key) throws IOException {
        return FileLock.tryAcquire(folder.resolve("incoming").resolve(key + ".lock"));
    }

    /** Takes away what was begun of what has that key; its owner holds its lock. */
    void forget(String key) throws IOException {
        Files.deleteIfExists(incoming(key));
    }

    /** Whether the disk has room for so many bytes more. */
    boolean hasRoom(long bytes) throws IOException {
        return Files.getFileStore(folder).getUsableSpace() > bytes;
    }

    /** Where what has that key is made; its owner holds its lock. */
    Path incoming(String key) {
        return folder.resolve("incoming").resolve(key + ".part");
    }

    private Path object(String sha256) {
        return folder.resolve("objects").resolve(sha256);
    }

    private Path ref(Kind kind, String key) {
        return folder.resolve(kind.folder()).resolve(key + REF);
    }

    /** What is known of what an address led to; empty where nothing is, or its content is gone. */
    Optional<Properties> find(Kind kind, String key) throws IOException {
        Properties facts = Facts.load(ref(kind, key));
        String sha256 = facts.getProperty(SHA256);
        return sha256 != null && isIntact(sha256) ? Optional.of(facts) : Optional.empty();
    }

    /** Whether a content is there, and was not touched since it was verified. */
    boolean isIntact(String sha256) throws IOException {
        Path object = object(sha256);
        Properties facts = Facts.load(object.resolveSibling(sha256 + REF));
        try {
            return Long.toString(Files.size(object)).equals(facts.getProperty(SIZE))
                    && Long.toString(Files.getLastModifiedTime(object).toMillis())
                            .equals(facts.getProperty(TIME));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Where a content is; it may go as soon as nobody uses it. */
    Path peek(String sha256) {
        return object(sha256);
    }

    /**
     * Hands a content out; it stays as long as somebody uses it.
     *
     * @param facts what is known of what the address led to
     * @return empty where it was deleted in the meantime
     */
    Optional<Stored> use(Kind kind, String key, String sha256, Properties facts)
            throws IOException, InterruptedException {
        return locked(
                () -> isIntact(sha256) ? Optional.of(handedOut(kind, key, sha256, facts)) : Optional.<Stored>empty());
    }

    private Stored handedOut(Kind kind, String key, String sha256, Properties facts) throws IOException {
        facts.setProperty(SHA256, sha256);
        Files.createDirectories(folder.resolve(kind.folder()));
        if (!facts.equals(Facts.load(ref(kind, key)))) {
            Facts.store(ref(kind, key), facts);
        }
        Files.setLastModifiedTime(ref(kind, key), FileTime.from(time.now()));
        return new Stored(object(sha256), Optional.of(sha256), lease(sha256)::close);
    }

    /** Publishes a content that was fetched and verified, and hands it out. */
    Stored publish(Kind kind, String key, Path part, String sha256, Properties facts)
            throws IOException, InterruptedException {
        return locked(() -> {
            Path object = object(sha256);
            Properties content = new Properties();
            content.setProperty(SIZE, Long.toString(Files.size(part)));
            content.setProperty(
                    TIME, Long.toString(Files.getLastModifiedTime(part).toMillis()));
            // facts first: without them an object counts for nothing, and with an old object's they do not fit
            Facts.store(object.resolveSibling(sha256 + REF), content);
            Files.move(part, object, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(Fetcher.side(part));
            Facts.sync(folder.resolve("objects"));
            return handedOut(kind, key, sha256, facts);
        });
    }

    /** Puts a file aside that is not what it should be; the one before it with that name goes. */
    Path reject(Path part, String name) throws IOException {
        Path rejected = Files.createDirectories(folder.resolve("rejected")).resolve(name);
        Files.move(part, rejected, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(Fetcher.side(part));
        return rejected;
    }

    /** Hands out what was made under that key; empty where nothing was. */
    Optional<Stored> useMade(Kind kind, String key) throws IOException, InterruptedException {
        Path made = folder.resolve(kind.folder()).resolve(key);
        if (Files.notExists(made.resolve(ENTRY))) {
            return Optional.empty();
        }
        return locked(() -> {
            if (Files.notExists(made.resolve(ENTRY))) {
                return Optional.empty();
            }
            Files.setLastModifiedTime(made.resolve(ENTRY), FileTime.from(time.now()));
            return Optional.of(new Stored(made, Optional.empty(), lease(key)::close));
        });
    }

    /** Publishes a folder that was made, once it is on the disk, and hands it out. */
    Stored publishMade(Kind kind, String key, Path part, String name) throws IOException, InterruptedException {
        Properties facts = new Properties();
        facts.setProperty(NAME, name);
        Facts.store(part.resolve(ENTRY), facts);
        for (Path file : list(part)) {
            Facts.sync(file);
        }
        Facts.sync(part);
        return locked(() -> {
            Path room = Files.createDirectories(folder.resolve(kind.folder()));
            Path made = room.resolve(key);
            Files.move(part, made, StandardCopyOption.ATOMIC_MOVE);
            Facts.sync(room);
            return new Stored(made, Optional.empty(), lease(key)::close);
        });
    }

    /** Has what was made under a key stay as long as a file refers to it. */
    void pin(Kind kind, String key, Path by) throws IOException, InterruptedException {
        locked(() -> {
            Path entry = folder.resolve(kind.folder()).resolve(key).resolve(ENTRY);
            Properties facts = Facts.load(entry);
            Path image = by.toAbsolutePath();
            String pin = UUID.randomUUID().toString();
            facts.setProperty(PIN + pin, image.toString());
            facts.setProperty(PINS_FOLDER + pin, folderOf(image));
            Facts.store(entry, facts);
            return entry;
        });
    }

    private FileLock lease(String name) throws IOException {
        isLeased(name); // takes those of the dead away
        return FileLock.tryAcquire(folder.resolve("leases").resolve(name + "." + UUID.randomUUID()))
                .orElseThrow(() -> new IOException("a new lock is held already"));
    }

    /** Whether somebody who lives uses it; leases of the dead are taken away. */
    private boolean isLeased(String name) throws IOException {
        boolean used = false;
        for (Path lease : list(folder.resolve("leases"))) {
            if (lease.getFileName().toString().startsWith(name + ".")) {
                Optional<FileLock> dead = FileLock.tryAcquire(lease);
                if (dead.isPresent()) {
                    dead.get().close();
                } else {
                    used = true;
                }
            }
        }
        return used;
    }

    /** Whether an image that is there reads from what was made. */
    private static boolean isPinned(Path made) throws IOException {
        Properties facts = Facts.load(made.resolve(ENTRY));
        for (String key : facts.stringPropertyNames()) {
            if (key.startsWith(PIN)) {
                Path image = Path.of(facts.getProperty(key));
                String folder = facts.getProperty(PINS_FOLDER + key.substring(PIN.length()), "");
                if (reads(image, folder, made)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether an image reads from what was made; where that can't be told, as on a disk that is not mounted, it does. */
    private static boolean reads(Path image, String folder, Path made) {
        try {
            if (Files.isRegularFile(image)) {
                return startOf(image).contains(made.toString());
            }
            return !folderOf(image).equals(folder) || !Files.notExists(image);
        } catch (IOException e) {
            return true;
        }
    }

    /** Tells an image's folder from another of that path; devices may be numbered otherwise after a boot. */
    private static String folderOf(Path image) throws IOException {
        Path folder = Objects.requireNonNull(image.toAbsolutePath().getParent(), "an image has a folder");
        return String.valueOf(
                        Files.readAttributes(folder, BasicFileAttributes.class).fileKey())
                .replaceFirst("dev=[^,]*,", "");
    }

    private static String startOf(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(1 << 16), StandardCharsets.UTF_8);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** All that is kept, what was used last at the end. */
    List<Kept> kept() throws IOException {
        List<Kept> found = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (Path file : list(folder.resolve(kind.folder()))) {
                kept(kind, file).ifPresent(found::add);
            }
        }
        found.sort(Comparator.comparing(Kept::used));
        return found;
    }

    private Optional<Kept> kept(Kind kind, Path file) throws IOException {
        String name = file.getFileName().toString();
        try {
            if (kind.isFetched() && name.endsWith(REF)) {
                Properties facts = Facts.load(file);
                Path object = object(facts.getProperty(SHA256, "gone"));
                return Optional.of(new Kept(
                        kind,
                        facts.getProperty(NAME, name),
                        file,
                        Files.exists(object) ? Files.size(object) : 0,
                        usedAt(file)));
            }
            if (kind.isMade() && Files.isDirectory(file)) {
                Path entry = file.resolve(ENTRY);
                return Optional.of(new Kept(
                        kind,
                        Facts.load(entry).getProperty(NAME, name),
                        file,
                        sizeOf(file),
                        usedAt(Files.exists(entry) ? entry : file)));
            }
            boolean left = kind == Kind.PARTIAL ? name.endsWith(".part") : kind == Kind.REJECTED;
            return left ? Optional.of(new Kept(kind, name, file, sizeOf(file), usedAt(file))) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty(); // somebody finished or deleted it just now
        }
    }

    private static Instant usedAt(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toInstant();
    }

    /** The size of all files; those that somebody takes away meanwhile count for nothing. */
    private static long sizeOf(Path path) throws IOException {
        AtomicLong sum = new AtomicLong();
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum.addAndGet(attributes.isRegularFile() ? attributes.size() : 0);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return sum.get();
    }

    /** Deletes something kept; false where it is in use. */
    boolean remove(Kept kept) throws IOException, InterruptedException {
        return kept.kind() == Kind.PARTIAL ? removePart(kept.file()) : locked(() -> removeLocked(kept));
    }

    private boolean removePart(Path part) throws IOException {
        String key = part.getFileName().toString().replaceFirst("\\.part$", "");
        Optional<FileLock> lock = FileLock.tryAcquire(part.resolveSibling(key + ".lock"));
        if (lock.isEmpty()) {
            return false;
        }
        try (FileLock held = lock.get()) {
            Files.deleteIfExists(Fetcher.side(part));
            WorkFolder.delete(part);
        }
        return true;
    }

    private boolean removeLocked(Kept kept) throws IOException {
        Path file = kept.file();
        if (kept.kind().isMade()) {
            if (isLeased(file.getFileName().toString()) || isPinned(file)) {
                return false;
            }
            // its facts first: a folder without them counts for nothing
            Files.deleteIfExists(file.resolve(ENTRY));
            WorkFolder.delete(file);
            return true;
        }
        if (kept.kind() == Kind.REJECTED) {
            Files.deleteIfExists(file);
            return true;
        }
        String sha256 = Facts.load(file).getProperty(SHA256, "");
        if (isLeased(sha256)) {
            return false;
        }
        Files.deleteIfExists(file);
        sweep();
        return true;
    }

    /** Takes objects away that nothing refers to, as a crash may leave. */
    private void sweep() throws IOException {
        Set<String> known = new HashSet<>();
        for (Kind kind : Kind.values()) {
            for (Path ref : kind.isFetched() ? list(folder.resolve(kind.folder())) : List.<Path>of()) {
                known.add(Facts.load(ref).getProperty(SHA256, ""));
                if (ref.toString().endsWith(".new")) {
                    Files.delete(ref); // whoever wrote it held the lock that is ours now, and died
                }
            }
        }
        for (Path object : list(folder.resolve("objects"))) {
            String sha256 = object.getFileName().toString().replaceFirst("\\..*$", "");
            if (!known.contains(sha256) && !isLeased(sha256)) {
                Files.deleteIfExists(object);
            }
        }
    }

    /** Deletes what was not used for longest until no more than so many bytes are kept; what is in use stays. */
    void shrinkTo(long bytes) throws IOException, InterruptedException {
        List<Kept> all = kept();
        Map<Path, Long> sizes = new HashMap<>();
        Map<Path, Integer> uses = new HashMap<>();
        for (Kept one : all) {
            sizes.put(contentOf(one), one.bytes());
            uses.merge(contentOf(one), 1, Integer::sum);
        }
        long sum = sizes.values().stream().mapToLong(Long::longValue).sum();
        for (Kept one : all) {
            if (sum > bytes) {
                Path content = contentOf(one);
                boolean gone = one.kind().isFetched() ? locked(() -> removeUse(one, content, uses)) : remove(one);
                sum -= gone && Files.notExists(content) ? one.bytes() : 0;
            }
        }
        locked(() -> {
            sweep();
            return folder;
        });
    }

    /** Deletes what an address led to, and its content once no other address leads there. */
    private boolean removeUse(Kept kept, Path content, Map<Path, Integer> uses) throws IOException {
        String sha256 = content.getFileName().toString();
        if (isLeased(sha256)) {
            return false;
        }
        Files.deleteIfExists(kept.file());
        if (uses.merge(content, -1, Integer::sum) == 0) {
            // whoever comes to lead there meanwhile finds its content gone, and fetches it again
            Files.deleteIfExists(content);
            Files.deleteIfExists(content.resolveSibling(sha256 + REF));
        }
        return true;
    }

    /** What takes the room: two addresses may lead to one content. */
    private Path contentOf(Kept kept) throws IOException {
        return kept.kind().isFetched() && Files.exists(kept.file())
                ? object(Facts.load(kept.file()).getProperty(SHA256, "gone"))
                : kept.file();
    }
}
