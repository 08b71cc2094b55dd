package org.oz4j.media;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;

import org.oz4j.MediaException;
import org.oz4j.TimeSource;
import org.oz4j.host.FileLock;
import org.oz4j.host.WorkFolder;
import org.oz4j.template.Template.ChecksumSource;
import org.slf4j.LoggerFactory;

/**
 * Fetches install media and keeps them, verified, in a folder that many threads and programs share; keeps what was made of
 * them, too.
 *
 * <p>A file is fetched once: whoever comes second waits. A kept file is used again where its checksum fits, whatever
 * address it came from, or where the server says that it has not changed. Files of the host are used where they lie.
 */
public final class MediaStore {
    private static final int SUM_FILE_LIMIT = 4 << 20;
    private static final String SHA256 = "SHA-256";

    /** What kinds of things are kept. */
    public enum Kind {
        /** Install media, as fetched. */
        MEDIA("media"),
        /** Kernels and initrds of install trees. */
        BOOT("boot"),
        /** What guests downloaded. */
        PACKAGES("packages"),
        /** Install media that were made of others. */
        MODIFIED("modified"),
        /** Images that were installed and not customised. */
        INSTALLED("installed"),
        /** What is being fetched or made, or was when somebody died. */
        PARTIAL("incoming"),
        /** What was not what its checksum promised. */
        REJECTED("rejected");

        private final String folder;

        Kind(String folder) {
            this.folder = folder;
        }

        /** The name of its folder in the store. */
        String folder() {
            return folder;
        }

        /** Its name for people, as in {@code media}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isFetched() {
            return this == MEDIA || this == BOOT || this == PACKAGES;
        }

        boolean isMade() {
            return this == MODIFIED || this == INSTALLED;
        }
    }

    /**
     * Something kept.
     *
     * @param name what people call it
     * @param file what tells of it
     * @param bytes the room it takes
     * @param used when it was fetched, made or used last
     */
    public record Kept(Kind kind, String name, Path file, long bytes, Instant used) {}

    /** Makes something in a folder that is there and empty. */
    @FunctionalInterface
    public interface Maker {
        /** Makes it. */
        void make(Path folder) throws IOException, InterruptedException;
    }

    private final Path folder;
    private final Store store;
    private final OptionalLong limit;
    private final TimeSource time;
    private final HostNetwork network;
    private final Duration patience;
    private final Fetcher fetcher;

    /** Makes a store that keeps its files in that folder, which is made when it is needed, and has no limit. */
    public MediaStore(Path folder, TimeSource time) {
        this(folder, time, OptionalLong.empty());
    }

    /** Makes a store that keeps no more than so many bytes once a file is added. */
    public MediaStore(Path folder, TimeSource time, OptionalLong limit) {
        this(folder, time, limit, HostNetwork.ofThisProgram(), Fetcher.PATIENCE);
    }

    MediaStore(Path folder, TimeSource time, OptionalLong limit, HostNetwork network, Duration patience) {
        this.folder = folder;
        this.store = new Store(folder, time);
        this.limit = limit;
        this.time = time;
        this.network = network;
        this.patience = patience;
        this.fetcher = new Fetcher(time, network, patience);
    }

    /**
     * Fetches a file, or finds it kept.
     *
     * @param locations where it is, the best first; the others are tried where one fails
     * @param kind what it is: {@code MEDIA} or {@code BOOT}
     * @throws MediaException where it can't be had, or is not what the checksum promises
     */
    public Stored fetch(List<URI> locations, Optional<Checksum> checksum, Kind kind, TransferListener listener)
            throws InterruptedException {
        URI first = locations.get(0);
        try {
            Optional<Path> local = local(first);
            if (local.isPresent()) {
                return new Stored(local.get(), verified(local.get(), first, checksum), null);
            }
            store.prepare();
            String key = key(first);
            FileLock lock = store.work(key);
            try {
                Optional<Stored> kept = kept(locations, checksum, kind, key);
                if (kept.isPresent()) {
                    return kept.get();
                }
                Stored fetched = fetchAndKeep(locations, checksum, kind, key, listener);
                shrink();
                return fetched;
            } finally {
                Store.giveBack(lock);
            }
        } catch (IOException e) {
            throw cacheFailure(first, e);
        }
    }

    /** Keeps to the limit; where that fails, what was fetched or made is of use all the same. */
    private void shrink() throws InterruptedException {
        if (limit.isPresent()) {
            try {
                store.shrinkTo(limit.getAsLong());
            } catch (IOException e) {
                LoggerFactory.getLogger(MediaStore.class).warn("The cache {} can't be shrunk to its size", folder, e);
            }
        }
    }

    /** A kept file that can be used. */
    private Optional<Stored> kept(List<URI> locations, Optional<Checksum> checksum, Kind kind, String key)
            throws IOException, InterruptedException {
        Optional<Properties> known = store.find(kind, key);
        if (checksum.isEmpty()) {
            return known.isPresent() && fetcher.unchanged(locations.get(0), known.get())
                    ? store.use(kind, key, known.get().getProperty(Store.SHA256), known.get())
                    : Optional.empty();
        }
        Checksum wanted = checksum.get();
        if (wanted.algorithm().equals(SHA256)) {
            Properties facts = known.orElseGet(() -> named(locations.get(0)));
            return store.use(kind, key, wanted.hex(), facts);
        }
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Properties facts = known.get();
        String sha256 = facts.getProperty(Store.SHA256);
        if (!wanted.hex().equals(facts.getProperty(wanted.algorithm()))) {
            MessageDigest digest = digest(wanted.algorithm());
            Fetcher.sum(store.peek(sha256), List.of(digest));
            if (!hex(digest).equals(wanted.hex())) {
                return Optional.empty();
            }
            facts.setProperty(wanted.algorithm(), wanted.hex());
        }
        return store.use(kind, key, sha256, facts);
    }

    /** What people call a file of that address. */
    static Properties named(URI location) {
        Properties facts = new Properties();
        facts.setProperty(Store.NAME, fileName(location));
        return facts;
    }

    /** Has a file fetched from one of several places. */
    private interface Attempt {
        Stored from(URI location) throws IOException, InterruptedException;
    }

    /** The first that works; where none does, the failure of the best place, with those of the others. */
    private static Stored firstThatWorks(List<URI> locations, Attempt attempt)
            throws IOException, InterruptedException {
        MediaException failure = null;
        for (URI location : locations) {
            try {
                return attempt.from(location);
            } catch (MediaException e) {
                if (e.kind() == MediaException.Kind.NO_SPACE || e.kind() == MediaException.Kind.CACHE) {
                    throw e; // another place would not help
                }
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
                if (locations.size() > 1) {
                    LoggerFactory.getLogger(MediaStore.class).warn("{}", e.getMessage());
                }
            }
        }
        throw Objects.requireNonNull(failure, "no location");
    }

    private Stored fetchAndKeep(
            List<URI> locations, Optional<Checksum> checksum, Kind kind, String key, TransferListener listener)
            throws IOException, InterruptedException {
        Path part = store.incoming(key);
        URI first = locations.get(0);
        return firstThatWorks(locations, location -> {
            Fetched fetched = download(location, checksum, part, listener);
            // the version is the first address's, since that one is asked next time
            Properties facts = location.equals(first) ? fetched.facts() : new Properties();
            facts.putAll(named(first));
            checksum.ifPresent(sum -> facts.setProperty(sum.algorithm(), sum.hex()));
            return store.publish(kind, key, part, fetched.sha256(), facts);
        });
    }

    /**
     * Starts a proxy that keeps what guests download in this store.
     *
     * @throws MediaException of kind {@code CACHE} where it can't
     */
    public PackageCache packages() {
        return PackageCache.start(store, limit, time, network, patience);
    }

    /** All that is kept, what was used last at the end. */
    public List<Kept> kept() throws IOException {
        return store.kept();
    }

    /** Deletes something kept; false where it is in use. */
    public boolean remove(Kept kept) throws IOException, InterruptedException {
        return store.remove(kept);
    }

    /** Deletes what was not used for longest until no more than so many bytes are kept; what is in use stays. */
    public void shrinkTo(long bytes) throws IOException, InterruptedException {
        store.prepare();
        store.shrinkTo(bytes);
    }

    /**
     * Finds what was made of the same things, or makes it: whoever comes second waits, and what is half made when its
     * maker dies is made anew.
     *
     * @param kind what it is: {@code MODIFIED} or {@code INSTALLED}
     * @param key names all that it is made from, as letters and digits
     * @param name what people call it
     * @return the folder of what was made
     */
    public Stored make(Kind kind, String key, String name, Maker maker) throws IOException, InterruptedException {
        store.prepare();
        FileLock lock = store.work(key);
        try {
            Optional<Stored> kept = store.useMade(kind, key);
            if (kept.isPresent()) {
                return kept.get();
            }
            Path part = store.incoming(key);
            WorkFolder.delete(part); // of a maker who died
            WorkFolder.create(part);
            boolean good = false;
            try {
                maker.make(part);
                Stored made = store.publishMade(kind, key, part, name);
                good = true;
                shrink();
                return made;
            } finally {
                if (!good) {
                    WorkFolder.delete(part);
                }
            }
        } finally {
            Store.giveBack(lock);
        }
    }

    /** What was made under a key; empty where nothing was. */
    public Optional<Stored> made(Kind kind, String key) throws IOException, InterruptedException {
        return Files.isDirectory(folder) ? store.useMade(kind, key) : Optional.empty();
    }

    /** Has what was made under a key stay as long as an image is there that reads from it. */
    public void pin(Kind kind, String key, Path image) throws IOException, InterruptedException {
        store.pin(kind, key, image);
    }

    /** A key for things that are made of others; without this store's secret it tells nothing of what went in. */
    public String key(Map<String, String> inputs) throws IOException, InterruptedException {
        store.prepare();
        return store.key(inputs);
    }

    /** Fetches a file to a place of the caller's own, past what is kept; nothing is left there where that fails. */
    public Stored fetchTo(List<URI> locations, Optional<Checksum> checksum, Path target, TransferListener listener)
            throws InterruptedException {
        URI first = locations.get(0);
        try {
            Optional<Path> local = local(first);
            if (local.isPresent()) {
                Path file = local.get().toRealPath(); // who puts it on a medium may not follow links
                return new Stored(file, verified(file, first, checksum), null);
            }
            Path part = target.resolveSibling(target.getFileName() + ".part");
            try {
                return firstThatWorks(locations, location -> {
                    Fetched fetched = download(location, checksum, part, listener);
                    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                    return new Stored(target, Optional.of(fetched.sha256()), null);
                });
            } finally {
                Files.deleteIfExists(part);
                Files.deleteIfExists(Fetcher.side(part));
            }
        } catch (IOException e) {
            throw cacheFailure(first, e);
        }
    }

    /** A small text, fetched anew each time; empty where there is none at that address. */
    public Optional<String> text(URI location, int maxBytes) throws InterruptedException {
        return bytes(location, maxBytes).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private Optional<byte[]> bytes(URI location, int maxBytes) throws InterruptedException {
        try {
            if ("file".equals(location.getScheme())) {
                Path file = Path.of(location);
                if (Files.notExists(file)) {
                    return Optional.empty();
                }
                try (InputStream in = Files.newInputStream(file)) {
                    return Optional.of(in.readNBytes(maxBytes));
                }
            }
            return fetcher.bytes(location, maxBytes);
        } catch (IOException e) {
            throw cacheFailure(location, e);
        }
    }

    /**
     * A signature, and whose it may be.
     *
     * @param location the detached signature; empty where the file of sums is clear-signed
     * @param keys the signers' keys, one of which must have made it: fingerprints, or the address of a file of keys
     */
    public record Signed(Optional<URI> location, List<String> keys) {
        /** Copies the list. */
        public Signed {
            keys = List.copyOf(keys);
        }
    }

    /**
     * The sum of a medium, as given or out of a file of sums: coreutils' or BSD's format, or a sum alone; lines of a signature
     * around them are passed over.
     *
     * @param signature of the file of sums, which is verified; with one, only what is signed counts
     */
    public Checksum checksum(ChecksumSource given, URI medium, Optional<Signed> signature) throws InterruptedException {
        if (given instanceof ChecksumSource.Sum sum) {
            return new Checksum(sum.algorithm(), sum.hex());
        }
        ChecksumSource.SumFile source = (ChecksumSource.SumFile) given;
        byte[] file = needed(source.location(), "file of checksums");
        String text = signature.isPresent()
                ? signed(file, source.location(), signature.get())
                : new String(file, StandardCharsets.UTF_8);
        String name = fileName(medium);
        URI shown = Fetcher.shown(source.location());
        return new Checksum(
                source.algorithm(),
                SumFile.find(text, name)
                        .orElseThrow(() -> new MediaException(
                                MediaException.Kind.BAD_FORMAT,
                                shown,
                                "The file of checksums " + shown + " has no sum for " + name,
                                "Check that it belongs to this medium",
                                null)));
    }

    private byte[] needed(URI location, String what) throws InterruptedException {
        return bytes(location, SUM_FILE_LIMIT)
                .orElseThrow(() -> new MediaException(
                        MediaException.Kind.NOT_FOUND,
                        Fetcher.shown(location),
                        "There is no " + what + " at " + Fetcher.shown(location),
                        "Check its address in the template",
                        null));
    }

    /** What is signed of a small file. */
    private String signed(byte[] file, URI location, Signed signature) throws InterruptedException {
        URI shown = Fetcher.shown(location);
        try {
            OpenPgp signers = signers(signature, shown);
            if (signature.location().isEmpty()) {
                return signers.clearSigned(file, shown);
            }
            signers.verify(
                    new ByteArrayInputStream(file), needed(signature.location().get(), "signature"), shown);
            return new String(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw cacheFailure(location, e);
        }
    }

    private OpenPgp signers(Signed signature, URI medium) throws IOException, InterruptedException {
        if (signature.keys().size() != 1 || !signature.keys().get(0).contains("://")) {
            return OpenPgp.find(signature.keys(), OpenPgp.KEYRINGS, medium);
        }
        URI location = URI.create(signature.keys().get(0));
        return OpenPgp.ofFile(needed(location, "key"), Fetcher.shown(location));
    }

    /**
     * Verifies the signature of a medium itself.
     *
     * @param file the medium, as it was fetched
     * @throws MediaException of kind {@code BAD_SIGNATURE} where it is not signed by whom it should be
     */
    public void verify(Path file, URI location, Signed signature) throws InterruptedException {
        URI at = signature.location().orElseThrow(() -> new IllegalArgumentException("a medium can't be clear-signed"));
        URI shown = Fetcher.shown(location);
        byte[] bytes = needed(at, "signature");
        try (InputStream in = Files.newInputStream(file)) {
            signers(signature, shown).verify(in, bytes, shown);
        } catch (IOException e) {
            throw cacheFailure(location, e);
        }
    }

    private static String fileName(URI location) {
        String path = location.getPath() == null ? "" : location.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static Optional<Path> local(URI location) {
        if (!"file".equals(location.getScheme())) {
            return Optional.empty();
        }
        Path file = Path.of(location);
        if (!Files.isRegularFile(file)) {
            throw new MediaException(
                    MediaException.Kind.NOT_FOUND,
                    location,
                    "There is no file " + file,
                    "Check its address in the template",
                    null);
        }
        return Optional.of(file);
    }

    /**
     * Fetches a folder with all that is in it.
     *
     * @param location by ftp, or of this host, which is used where it lies
     * @param target where it goes; nothing is left there where that fails
     */
    public Stored fetchFolder(URI location, Path target) throws IOException, InterruptedException {
        if ("file".equals(location.getScheme())) {
            Path local = Path.of(location);
            if (!Files.isDirectory(local)) {
                throw new MediaException(
                        MediaException.Kind.NOT_FOUND,
                        location,
                        "There is no folder " + local,
                        "Check its address in the template",
                        null);
            }
            return new Stored(local.toRealPath(), Optional.empty(), null);
        }
        boolean good = false;
        try {
            fetcher.folder(location, target);
            good = true;
            return new Stored(target, Optional.empty(), null);
        } finally {
            if (!good) {
                WorkFolder.delete(target);
            }
        }
    }

    /** What was downloaded: its sum, and what tells its version. */
    private record Fetched(String sha256, Properties facts) {}

    private Fetched download(URI location, Optional<Checksum> checksum, Path part, TransferListener listener)
            throws IOException, InterruptedException {
        Map<String, MessageDigest> digests = new HashMap<>();
        digests.put(SHA256, digest(SHA256));
        checksum.ifPresent(sum -> digests.computeIfAbsent(sum.algorithm(), MediaStore::digest));
        Properties facts = fetcher.fetch(location, part, List.copyOf(digests.values()), listener);
        Map<String, String> sums = new HashMap<>();
        digests.forEach((algorithm, digest) -> sums.put(algorithm, hex(digest)));
        if (checksum.isPresent()
                && !checksum.get().hex().equals(sums.get(checksum.get().algorithm()))) {
            throw mismatch(
                    location,
                    checksum.get(),
                    sums.getOrDefault(checksum.get().algorithm(), ""),
                    Optional.of(putAside(part, location)));
        }
        return new Fetched(sums.getOrDefault(SHA256, ""), facts);
    }

    /** Keeps a wrong file for one look: it may be an error page, or tell where the mirror is behind. */
    private Path putAside(Path part, URI location) throws IOException {
        if (part.startsWith(folder)) {
            return store.reject(part, safe(fileName(location)));
        }
        Files.deleteIfExists(part);
        return part;
    }

    private Optional<String> verified(Path file, URI location, Optional<Checksum> checksum)
            throws IOException, InterruptedException {
        if (checksum.isEmpty()) {
            return Optional.empty();
        }
        MessageDigest digest = digest(checksum.get().algorithm());
        Fetcher.sum(file, List.of(digest));
        String found = hex(digest);
        if (!found.equals(checksum.get().hex())) {
            throw mismatch(location, checksum.get(), found, Optional.empty());
        }
        return checksum.get().algorithm().equals(SHA256) ? Optional.of(found) : Optional.empty();
    }

    private static MediaException mismatch(URI location, Checksum wanted, String found, Optional<Path> aside) {
        URI shown = Fetcher.shown(location);
        return new MediaException(
                MediaException.Kind.CHECKSUM_MISMATCH,
                shown,
                "The file " + shown + " has the " + wanted.algorithm() + " sum " + found + ", and should have "
                        + wanted.hex(),
                "The mirror or the checksum is wrong"
                        + aside.filter(Files::exists)
                                .map(file -> "; what came is kept for a look, and is not used: " + file)
                                .orElse(""),
                null);
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("no such checksum: " + algorithm, e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A file name that no two addresses share. */
    static String key(URI location) {
        MessageDigest digest = digest(SHA256);
        digest.update(location.toString().getBytes(StandardCharsets.UTF_8));
        return hex(digest).substring(0, 32);
    }

    private static String safe(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return plain.isEmpty() || plain.startsWith(".") ? "file" + plain : plain;
    }

    private MediaException cacheFailure(URI location, IOException e) {
        return new MediaException(
                MediaException.Kind.CACHE,
                Fetcher.shown(location),
                "Can't keep " + Fetcher.shown(location) + " in " + folder + ": " + e,
                "Check the rights and the free space of that folder",
                e);
    }
}
