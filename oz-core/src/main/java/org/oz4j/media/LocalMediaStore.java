package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;

import org.oz4j.MediaException;
import org.oz4j.TimeSource;
import org.oz4j.host.FileLock;
import org.oz4j.host.WorkFolder;
import org.slf4j.LoggerFactory;

/** Keeps media, verified, in a folder that many threads and programs share. */
public final class LocalMediaStore implements MediaStore {
    private final Path folder;
    private final Store store;
    private final OptionalLong limit;
    private final TimeSource time;
    private final HostNetwork network;
    private final Duration patience;
    private final Downloads downloads;

    /** Makes a store that keeps its files in that folder, which is made when it is needed, and has no limit. */
    public LocalMediaStore(Path folder, TimeSource time) {
        this(folder, time, OptionalLong.empty());
    }

    /** Makes a store that keeps no more than so many bytes once a file is added. */
    public LocalMediaStore(Path folder, TimeSource time, OptionalLong limit) {
        this(folder, time, limit, HostNetwork.ofThisProgram(), Fetcher.PATIENCE);
    }

    LocalMediaStore(Path folder, TimeSource time, OptionalLong limit, HostNetwork network, Duration patience) {
        this.folder = folder;
        this.store = new Store(folder, time);
        this.limit = limit;
        this.time = time;
        this.network = network;
        this.patience = patience;
        this.downloads = new Downloads(time, network, patience);
    }

    @Override
    public Stored fetch(List<URI> locations, Optional<Checksum> checksum, Kind kind, TransferListener listener)
            throws InterruptedException {
        URI first = locations.get(0);
        try {
            Optional<Path> local = Downloads.local(first);
            if (local.isPresent()) {
                return new Stored(local.get(), downloads.verified(local.get(), first, checksum), () -> {});
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
            throw Downloads.notKept(first, folder.toString(), e);
        }
    }

    /** What fetches for this store, and past it. */
    public Downloads downloads() {
        return downloads;
    }

    /** Keeps to the limit; where that fails, what was fetched or made is of use all the same. */
    private void shrink() throws InterruptedException {
        if (limit.isPresent()) {
            try {
                store.shrinkTo(limit.getAsLong());
            } catch (IOException e) {
                LoggerFactory.getLogger(LocalMediaStore.class)
                        .warn("The cache {} can't be shrunk to its size", folder, e);
            }
        }
    }

    /** A kept file that can be used. */
    private Optional<Stored> kept(List<URI> locations, Optional<Checksum> checksum, Kind kind, String key)
            throws IOException, InterruptedException {
        Optional<Properties> known = store.find(kind, key);
        if (checksum.isEmpty()) {
            return known.isPresent() && downloads.unchanged(locations.get(0), known.get())
                    ? store.use(kind, key, known.get().getProperty(Store.SHA256), known.get())
                    : Optional.empty();
        }
        Checksum wanted = checksum.get();
        if (wanted.algorithm().equals(Downloads.SHA256)) {
            Properties facts = known.orElseGet(() -> named(locations.get(0)));
            return store.use(kind, key, wanted.hex(), facts);
        }
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Properties facts = known.get();
        String sha256 = facts.getProperty(Store.SHA256);
        if (!wanted.hex().equals(facts.getProperty(wanted.algorithm()))) {
            MessageDigest digest = Downloads.digest(wanted.algorithm());
            Fetcher.sum(store.peek(sha256), List.of(digest));
            if (!Downloads.hex(digest).equals(wanted.hex())) {
                return Optional.empty();
            }
            facts.setProperty(wanted.algorithm(), wanted.hex());
        }
        return store.use(kind, key, sha256, facts);
    }

    /** What people call a file of that address. */
    static Properties named(URI location) {
        Properties facts = new Properties();
        facts.setProperty(Store.NAME, Downloads.fileName(location));
        return facts;
    }

    private Stored fetchAndKeep(
            List<URI> locations, Optional<Checksum> checksum, Kind kind, String key, TransferListener listener)
            throws IOException, InterruptedException {
        Path part = store.incoming(key);
        URI first = locations.get(0);
        return Downloads.firstThatWorks(locations, location -> {
            Downloads.Fetched fetched = downloads.download(location, checksum, part, listener, this::putAside);
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

    @Override
    public List<Kept> kept() throws IOException {
        return store.kept();
    }

    @Override
    public boolean remove(Kept kept) throws IOException, InterruptedException {
        return store.remove(kept);
    }

    @Override
    public void shrinkTo(long bytes) throws IOException, InterruptedException {
        store.prepare();
        store.shrinkTo(bytes);
    }

    @Override
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

    @Override
    public Optional<Stored> made(Kind kind, String key) throws IOException, InterruptedException {
        return Files.isDirectory(folder) ? store.useMade(kind, key) : Optional.empty();
    }

    @Override
    public void pin(Kind kind, String key, Path image) throws IOException, InterruptedException {
        store.pin(kind, key, image);
    }

    @Override
    public String key(Map<String, String> inputs) throws IOException, InterruptedException {
        store.prepare();
        return store.key(inputs);
    }

    /** Keeps a wrong file for one look: it may be an error page, or tell where the mirror is behind. */
    private Path putAside(Path part, URI location) throws IOException {
        return store.reject(part, safe(Downloads.fileName(location)));
    }

    /** A file name that no two addresses share. */
    static String key(URI location) {
        MessageDigest digest = Downloads.digest(Downloads.SHA256);
        digest.update(location.toString().getBytes(StandardCharsets.UTF_8));
        return Downloads.hex(digest).substring(0, 32);
    }

    private static String safe(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return plain.isEmpty() || plain.startsWith(".") ? "file" + plain : plain;
    }
}
