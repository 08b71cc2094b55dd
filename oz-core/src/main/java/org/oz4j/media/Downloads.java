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
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

import org.oz4j.MediaException;
import org.oz4j.TimeSource;
import org.oz4j.host.WorkFolder;
import org.oz4j.template.Template.ChecksumSource;
import org.slf4j.LoggerFactory;

/** Fetches what is not kept: media to places of their own, small files, sums and signatures; verifies all of them. */
public final class Downloads {
    private static final int SUM_FILE_LIMIT = 4 << 20;
    static final String SHA256 = "SHA-256";

    private final Fetcher fetcher;

    /** Goes through the proxies that the environment names. */
    public Downloads(TimeSource time) {
        this(time, HostNetwork.ofThisProgram(), Fetcher.PATIENCE);
    }

    Downloads(TimeSource time, HostNetwork network, Duration patience) {
        fetcher = new Fetcher(time, network, patience);
    }

    /** Fetches a file to a place of the caller's own, past what is kept; nothing is left there where that fails. */
    public Stored fetchTo(List<URI> locations, Optional<Checksum> checksum, Path target, TransferListener listener)
            throws InterruptedException {
        URI first = locations.get(0);
        try {
            Optional<Path> local = local(first);
            if (local.isPresent()) {
                Path file = local.get().toRealPath(); // who puts it on a medium may not follow links
                return new Stored(file, verified(file, first, checksum), () -> {});
            }
            Path part = target.resolveSibling(target.getFileName() + ".part");
            try {
                return firstThatWorks(locations, location -> {
                    Fetched fetched = download(location, checksum, part, listener, (wrong, from) -> {
                        Files.deleteIfExists(wrong);
                        return wrong;
                    });
                    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                    return new Stored(target, Optional.of(fetched.sha256()), () -> {});
                });
            } finally {
                Files.deleteIfExists(part);
                Files.deleteIfExists(Fetcher.side(part));
            }
        } catch (IOException e) {
            throw notKept(first, String.valueOf(target.getParent()), e);
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
            throw notRead(location, e);
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
                .orElseThrow(() -> missing(Fetcher.shown(location), what + " at " + Fetcher.shown(location)));
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
            throw notRead(location, e);
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
            throw notRead(location, e);
        }
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
                throw missing(location, "folder " + local);
            }
            return new Stored(local.toRealPath(), Optional.empty(), () -> {});
        }
        boolean good = false;
        try {
            fetcher.folder(location, target);
            good = true;
            return new Stored(target, Optional.empty(), () -> {});
        } finally {
            if (!good) {
                WorkFolder.delete(target);
            }
        }
    }

    /** Has a file fetched from one of several places. */
    interface Attempt {
        Stored from(URI location) throws IOException, InterruptedException;
    }

    /** The first that works; where none does, the failure of the best place, with those of the others. */
    static Stored firstThatWorks(List<URI> locations, Attempt attempt) throws IOException, InterruptedException {
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
                    LoggerFactory.getLogger(Downloads.class).warn("{}", e.getMessage());
                }
            }
        }
        throw Objects.requireNonNull(failure, "no location");
    }

    /** Whether what an address leads to is still the version that was fetched. */
    boolean unchanged(URI location, Properties facts) throws IOException, InterruptedException {
        return fetcher.unchanged(location, facts);
    }

    /** What was downloaded: its sum, and what tells its version. */
    record Fetched(String sha256, Properties facts) {}

    /** Does something with a file that is not what it should be; where it is then, if anywhere. */
    interface Aside {
        Path put(Path part, URI location) throws IOException;
    }

    /** Downloads a file to a place; another try goes on where one stopped. */
    Fetched download(URI location, Optional<Checksum> checksum, Path part, TransferListener listener, Aside aside)
            throws IOException, InterruptedException {
        Map<String, MessageDigest> digests = new HashMap<>();
        digests.put(SHA256, digest(SHA256));
        checksum.ifPresent(sum -> digests.computeIfAbsent(sum.algorithm(), Downloads::digest));
        Properties facts = fetcher.fetch(location, part, List.copyOf(digests.values()), listener);
        Map<String, String> sums = new HashMap<>();
        digests.forEach((algorithm, digest) -> sums.put(algorithm, hex(digest)));
        if (checksum.isPresent()
                && !checksum.get().hex().equals(sums.get(checksum.get().algorithm()))) {
            throw mismatch(
                    location,
                    checksum.get(),
                    sums.getOrDefault(checksum.get().algorithm(), ""),
                    Optional.of(aside.put(part, location)));
        }
        return new Fetched(sums.getOrDefault(SHA256, ""), facts);
    }

    Optional<String> verified(Path file, URI location, Optional<Checksum> checksum)
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

    static Optional<Path> local(URI location) {
        if (!"file".equals(location.getScheme())) {
            return Optional.empty();
        }
        Path file = Path.of(location);
        if (!Files.isRegularFile(file)) {
            throw missing(location, "file " + file);
        }
        return Optional.of(file);
    }

    private static MediaException missing(URI location, String what) {
        return new MediaException(
                MediaException.Kind.NOT_FOUND,
                location,
                "There is no " + what,
                "Check its address in the template",
                null);
    }

    static String fileName(URI location) {
        String path = location.getPath() == null ? "" : location.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
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

    /** A file of the host that can't be written. */
    static MediaException notKept(URI location, String place, IOException e) {
        URI shown = Fetcher.shown(location);
        return new MediaException(
                MediaException.Kind.CACHE,
                shown,
                "Can't keep " + shown + " in " + place + ": " + e,
                "Check the rights and the free space of that folder",
                e);
    }

    private static MediaException notRead(URI location, IOException e) {
        URI shown = Fetcher.shown(location);
        return new MediaException(
                MediaException.Kind.CACHE, shown, "Can't read " + shown + ": " + e, "Check its rights", e);
    }
}
