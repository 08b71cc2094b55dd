package org.oz4j.media;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.TimeSource;
import org.oz4j.host.FileLock;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Signature;

/**
 * Fetches install media and keeps them, verified, in a folder that many threads and programs share.
 *
 * <p>A file is fetched once: whoever comes second waits. A kept file is used again where its checksum fits, or where the
 * server says that it has not changed. Files of the host are used where they lie.
 */
public final class MediaStore {
    private static final int SUM_FILE_LIMIT = 4 << 20;
    /** A file that was handed out so short a time ago may not be open yet where it is needed. */
    private static final Duration IN_USE = Duration.ofHours(6);

    private static final Pattern COREUTILS = Pattern.compile("^\\\\?([0-9a-fA-F]{32,128})\\s+[ *]?(.+)$");
    private static final Pattern BSD = Pattern.compile("^[A-Za-z0-9-]+ \\((.+)\\) = ([0-9a-fA-F]{32,128})$");
    private static final Pattern BARE = Pattern.compile("^([0-9a-fA-F]{32,128})$");

    private final Path folder;
    private final TimeSource time;
    private final OptionalLong limit;
    private final HttpFetcher http;

    /** Makes a store that keeps its files in that folder, which is made when it is needed, and has no limit. */
    public MediaStore(Path folder, TimeSource time) {
        this(folder, time, OptionalLong.empty());
    }

    /** Makes a store that keeps no more than so many bytes once a file is added. */
    public MediaStore(Path folder, TimeSource time, OptionalLong limit) {
        this(folder, time, limit, HostNetwork.ofThisProgram());
    }

    MediaStore(Path folder, TimeSource time, OptionalLong limit, HostNetwork network) {
        this.folder = folder;
        this.time = time;
        this.limit = limit;
        this.http = new HttpFetcher(time, network);
    }

    /**
     * Fetches a file, or finds it kept.
     *
     * @return a file to be read only, and not to be deleted
     * @throws MediaException where it can't be had, or is not what the checksum promises
     */
    public Path fetch(URI location, Optional<Checksum> checksum, TransferListener listener)
            throws InterruptedException {
        try {
            Path local = local(location);
            if (local != null) {
                return verified(local, location, checksum);
            }
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path entry = folder.resolve(key(location));
            try (FileLock lock = FileLock.acquire(beside(entry, ".lock"), time)) {
                if (isGood(entry, location, checksum)) {
                    Files.setLastModifiedTime(beside(entry, ".meta"), FileTime.from(time.now()));
                    return entry;
                }
                Path part = beside(entry, ".part");
                Properties facts = download(location, checksum, part, listener);
                HttpFetcher.store(beside(entry, ".meta"), facts);
                Files.move(part, entry, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                Files.deleteIfExists(beside(part, ".meta"));
                if (limit.isPresent()) {
                    shrinkTo(limit.getAsLong());
                }
                return entry;
            }
        } catch (IOException e) {
            throw cacheFailure(location, e);
        }
    }

    /**
     * A kept file.
     *
     * @param file where it lies
     * @param bytes its size, with what is kept beside it
     * @param used when it was fetched or found last
     */
    public record Kept(Path file, long bytes, Instant used) {}

    /** What is kept, what was used last at the end. */
    public List<Kept> kept() throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        List<Kept> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (Files.isRegularFile(file) && !name.endsWith(".lock") && !name.endsWith(".meta")) {
                    Path meta = beside(file, ".meta");
                    boolean told = Files.exists(meta);
                    found.add(new Kept(
                            file,
                            Files.size(file) + (told ? Files.size(meta) : 0),
                            Files.getLastModifiedTime(told ? meta : file).toInstant()));
                }
            }
        }
        found.sort(Comparator.comparing(Kept::used));
        return found;
    }

    /** Deletes a kept file, unless it is being fetched or checked just now. */
    public boolean remove(Kept kept) throws IOException {
        Path entry = kept.file().getFileName().toString().endsWith(".part")
                ? kept.file()
                        .resolveSibling(kept.file().getFileName().toString().replaceFirst("\\.part$", ""))
                : kept.file();
        Optional<FileLock> lock = FileLock.tryAcquire(beside(entry, ".lock"));
        if (lock.isEmpty()) {
            return false;
        }
        try (FileLock held = lock.get()) {
            Files.deleteIfExists(beside(kept.file(), ".meta"));
            return Files.deleteIfExists(kept.file());
        }
    }

    /** Deletes what was not used for longest until no more than so many bytes are kept; what is in use may stay. */
    public void shrinkTo(long bytes) throws IOException {
        List<Kept> all = kept();
        long sum = all.stream().mapToLong(Kept::bytes).sum();
        Instant recent = time.now().minus(IN_USE);
        for (Kept one : all) {
            if (sum > bytes && one.used().isBefore(recent) && remove(one)) {
                sum -= one.bytes();
            }
        }
    }

    /** Fetches a file to a place of the caller's own, past what is kept; nothing is left there where that fails. */
    public Path fetchTo(URI location, Optional<Checksum> checksum, Path target, TransferListener listener)
            throws InterruptedException {
        try {
            Path local = local(location);
            if (local != null) {
                return verified(local, location, checksum);
            }
            Path part = beside(target, ".part");
            try {
                download(location, checksum, part, listener);
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return target;
            } finally {
                Files.deleteIfExists(part);
                Files.deleteIfExists(beside(part, ".meta"));
            }
        } catch (IOException e) {
            throw cacheFailure(location, e);
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
            requireHttp(location);
            return http.bytes(location, maxBytes);
        } catch (IOException e) {
            throw cacheFailure(location, e);
        }
    }

    /**
     * The sum of a medium, as given or out of a file of sums: coreutils' or BSD's format, or a sum alone; lines of a signature
     * around them are passed over.
     *
     * @param signature of the file of sums, which is verified; with one, only what is signed counts
     */
    public Checksum checksum(ChecksumSource given, URI medium, Optional<Signature> signature)
            throws InterruptedException {
        if (given instanceof ChecksumSource.Sum sum) {
            return new Checksum(sum.algorithm(), sum.hex());
        }
        ChecksumSource.SumFile source = (ChecksumSource.SumFile) given;
        byte[] file = needed(source.location(), "file of checksums");
        String text = signature.isPresent()
                ? signed(file, source.location(), signature.get())
                : new String(file, StandardCharsets.UTF_8);
        String name = fileName(medium);
        String bare = null;
        for (String line : text.lines().map(String::strip).toList()) {
            Matcher coreutils = COREUTILS.matcher(line);
            if (coreutils.matches() && sameFile(coreutils.group(2), name)) {
                return new Checksum(source.algorithm(), coreutils.group(1));
            }
            Matcher bsd = BSD.matcher(line);
            if (bsd.matches() && sameFile(bsd.group(1), name)) {
                return new Checksum(source.algorithm(), bsd.group(2));
            }
            Matcher alone = BARE.matcher(line);
            if (alone.matches()) {
                bare = alone.group(1);
            }
        }
        if (bare != null) {
            return new Checksum(source.algorithm(), bare);
        }
        throw new MediaException(
                Kind.BAD_FORMAT,
                HttpFetcher.shown(source.location()),
                "The file of checksums " + HttpFetcher.shown(source.location()) + " has no sum for " + name,
                "Check that it belongs to this medium",
                null);
    }

    private byte[] needed(URI location, String what) throws InterruptedException {
        return bytes(location, SUM_FILE_LIMIT)
                .orElseThrow(() -> new MediaException(
                        Kind.NOT_FOUND,
                        HttpFetcher.shown(location),
                        "There is no " + what + " at " + HttpFetcher.shown(location),
                        "Check its address in the template",
                        null));
    }

    /** What is signed of a small file. */
    private String signed(byte[] file, URI location, Signature signature) throws InterruptedException {
        URI shown = HttpFetcher.shown(location);
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

    private OpenPgp signers(Signature signature, URI medium) throws IOException, InterruptedException {
        if (!signature.key().contains("://")) {
            return OpenPgp.find(signature.key(), OpenPgp.KEYRINGS, medium);
        }
        URI location = URI.create(signature.key());
        return OpenPgp.ofFile(needed(location, "key"), HttpFetcher.shown(location));
    }

    /**
     * Verifies the signature of a medium itself.
     *
     * @param file the medium, as it was fetched
     * @throws MediaException of kind {@code BAD_SIGNATURE} where it is not signed by whom it should be
     */
    public void verify(Path file, URI location, Signature signature) throws InterruptedException {
        URI at = signature.location().orElseThrow(() -> new IllegalArgumentException("a medium can't be clear-signed"));
        URI shown = HttpFetcher.shown(location);
        byte[] bytes = needed(at, "signature");
        try (InputStream in = Files.newInputStream(file)) {
            signers(signature, shown).verify(in, bytes, shown);
        } catch (IOException e) {
            throw cacheFailure(location, e);
        }
    }

    private static boolean sameFile(String listed, String name) {
        return listed.substring(listed.lastIndexOf('/') + 1).equals(name);
    }

    private static String fileName(URI location) {
        String path = location.getPath() == null ? "" : location.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static @Nullable Path local(URI location) {
        if ("file".equals(location.getScheme())) {
            Path file = Path.of(location);
            if (!Files.isRegularFile(file)) {
                throw new MediaException(
                        Kind.NOT_FOUND,
                        location,
                        "There is no file " + file,
                        "Check its address in the template",
                        null);
            }
            return file;
        }
        requireHttp(location);
        return null;
    }

    private static void requireHttp(URI location) {
        if (!"http".equals(location.getScheme()) && !"https".equals(location.getScheme())) {
            throw new MediaException(
                    Kind.NOT_FOUND,
                    HttpFetcher.shown(location),
                    "Can't fetch " + HttpFetcher.shown(location),
                    "Addresses begin with http:, https: or file:",
                    null);
        }
    }

    private Properties download(URI location, Optional<Checksum> checksum, Path part, TransferListener listener)
            throws IOException, InterruptedException {
        MessageDigest digest = checksum.map(sum -> digest(sum.algorithm())).orElse(null);
        Properties facts = http.fetch(location, part, digest, listener);
        if (checksum.isPresent() && digest != null) {
            try {
                check(location, checksum.get(), digest);
            } catch (MediaException e) {
                Files.deleteIfExists(part);
                Files.deleteIfExists(beside(part, ".meta"));
                throw e;
            }
            facts.setProperty("sum", verifiedAs(checksum.get(), part));
        }
        return facts;
    }

    /** Whether a kept file can be used. */
    private boolean isGood(Path entry, URI location, Optional<Checksum> checksum)
            throws IOException, InterruptedException {
        if (Files.notExists(entry)) {
            return false;
        }
        Properties facts = HttpFetcher.load(beside(entry, ".meta"));
        if (checksum.isEmpty()) {
            return http.unchanged(location, facts);
        }
        Checksum wanted = checksum.get();
        if (verifiedAs(wanted, entry).equals(facts.getProperty("sum"))) {
            return true;
        }
        MessageDigest digest = digest(wanted.algorithm());
        HttpFetcher.feed(digest, entry);
        if (!HexFormat.of().formatHex(digest.digest()).equals(wanted.hex())) {
            return false;
        }
        facts.setProperty("sum", verifiedAs(wanted, entry));
        HttpFetcher.store(beside(entry, ".meta"), facts);
        return true;
    }

    /** What tells later that a file was verified: the sum, with the size and time of the file then. */
    private static String verifiedAs(Checksum sum, Path file) throws IOException {
        return sum.algorithm() + ":" + sum.hex() + ":" + Files.size(file) + ":"
                + Files.getLastModifiedTime(file).toMillis();
    }

    private static Path verified(Path file, URI location, Optional<Checksum> checksum)
            throws IOException, InterruptedException {
        if (checksum.isPresent()) {
            MessageDigest digest = digest(checksum.get().algorithm());
            HttpFetcher.feed(digest, file);
            check(location, checksum.get(), digest);
        }
        return file;
    }

    private static void check(URI location, Checksum wanted, MessageDigest digest) {
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(wanted.hex())) {
            throw new MediaException(
                    Kind.CHECKSUM_MISMATCH,
                    HttpFetcher.shown(location),
                    "The file " + HttpFetcher.shown(location) + " has the " + wanted.algorithm() + " sum " + found
                            + ", and should have " + wanted.hex(),
                    "Fetch it again later; if it stays so, the mirror or the checksum is wrong",
                    null);
        }
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("no such checksum: " + algorithm, e);
        }
    }

    /** A file name that tells people what it is, and that no two addresses share. */
    private static String key(URI location) {
        MessageDigest digest = digest("SHA-256");
        String sum = HexFormat.of().formatHex(digest.digest(location.toString().getBytes(StandardCharsets.UTF_8)));
        String name = fileName(location).replaceAll("[^A-Za-z0-9._-]", "_").toLowerCase(Locale.ROOT);
        return sum.substring(0, 24) + "-" + name.substring(0, Math.min(60, name.length()));
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private MediaException cacheFailure(URI location, IOException e) {
        return new MediaException(
                Kind.CACHE,
                HttpFetcher.shown(location),
                "Can't keep " + HttpFetcher.shown(location) + " in " + folder + ": " + e,
                "Check the rights and the free space of that folder",
                e);
    }
}
