package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.TimeSource;
import org.oz4j.host.Blocking;
import org.oz4j.media.Remote.Answer;

/** The one place that opens network connections: with time limits, retries, and transfers that go on where they broke. */
final class Fetcher {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TRIES = 3;
    private static final int DEEPEST = 16;
    private static final int MOST_FILES = 10_000;
    private static final String LOCATION = "location";

    private final TimeSource time;
    private final Remote http;
    private final Remote ftp;

    /**
     * Makes a fetcher.
     *
     * @param patience how long a server may be silent
     */
    Fetcher(TimeSource time, HostNetwork network, Duration patience) {
        this.time = time;
        this.http = new HttpFiles(network, patience);
        this.ftp = new FtpFiles(network, patience);
    }

    /** An address without the user name and password that it may hold. */
    static URI shown(URI location) {
        if (location.getRawUserInfo() == null) {
            return location;
        }
        // of its raw parts: to decode and encode them again would make another address of it
        return URI.create(location.getScheme() + "://"
                + location.getRawAuthority().substring(location.getRawUserInfo().length() + 1)
                + location.getRawPath()
                + (location.getRawQuery() == null ? "" : "?" + location.getRawQuery()));
    }

    private Remote.Call call(URI location) {
        String scheme = String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
        boolean known = List.of("http", "https", "ftp").contains(scheme) && location.getHost() != null;
        if (!known) {
            throw new MediaException(
                    Kind.NOT_FOUND,
                    shown(location),
                    "Can't fetch " + shown(location),
                    "Addresses begin with http:, https:, ftp: or file:",
                    null);
        }
        return scheme.equals("ftp") ? ftp.call(location) : http.call(location);
    }

    /** One try; it fails with an {@link IOException} where another is worth it. */
    private interface Attempt<T> {
        T run(Remote.Call call) throws IOException, InterruptedException;
    }

    private <T> T retrying(URI location, Attempt<T> attempt) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            try (Remote.Call call = call(location)) {
                return attempt.run(call);
            } catch (Transfer.FileFailure e) {
                throw unwritable(location, e);
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    InterruptedException interrupted = new InterruptedException();
                    interrupted.initCause(e);
                    throw interrupted;
                }
                if (tries == TRIES) {
                    throw new MediaException(
                            Kind.UNREACHABLE,
                            shown(location),
                            "Can't fetch " + shown(location) + ": "
                                    + (e.getMessage() == null ? e.toString() : e.getMessage()),
                            "Check the address and the network; " + TRIES + " tries were made",
                            e);
                }
            } catch (MediaException e) {
                if (!e.isRetryable() || tries == TRIES) {
                    throw e;
                }
            }
            time.sleep(Duration.ofSeconds(1L << tries));
        }
    }

    private static MediaException unwritable(URI location, Transfer.FileFailure e) {
        return new MediaException(
                e.isNoSpace() ? Kind.NO_SPACE : Kind.CACHE,
                shown(location),
                "Can't keep what is fetched from " + shown(location) + ": " + e.getMessage(),
                e.isNoSpace()
                        ? "Make room on the disk of data_dir, or set data_dir to another; what was fetched is kept"
                        : "Check the rights of the folder data_dir",
                e);
    }

    /** A small file; empty where the server has none. */
    Optional<byte[]> bytes(URI location, int maxBytes) throws InterruptedException {
        return retrying(
                location,
                call -> Blocking.interruptibly(
                        () -> {
                            Optional<Answer> answer = call.open(0, new Properties());
                            return answer.isEmpty()
                                    ? Optional.<byte[]>empty()
                                    : Optional.of(atMost(answer.get(), maxBytes, location));
                        },
                        call::abort));
    }

    /** The call ends the body, by hanging up: to close it would be to read all of it. */
    private static byte[] atMost(Answer answer, int maxBytes, URI location) throws IOException {
        byte[] bytes = answer.body().readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw new MediaException(
                    Kind.TOO_LARGE,
                    shown(location),
                    "The file " + shown(location) + " is larger than the " + maxBytes + " bytes it may have",
                    "Check the address",
                    null);
        }
        return bytes;
    }

    /** Whether the server says that a file is still the version that was fetched. */
    boolean unchanged(URI location, Properties version) throws InterruptedException {
        return retrying(location, call -> Blocking.interruptibly(() -> call.isStill(version), call::abort));
    }

    /**
     * Fetches into a file, and goes on where an earlier try broke off if the server says that it is the same version.
     *
     * @param part the unfinished file; its version is kept beside it
     * @param digests which see each byte of the whole file; they are reset before
     * @return the version of what was fetched
     */
    Properties fetch(URI location, Path part, List<MessageDigest> digests, TransferListener listener)
            throws InterruptedException {
        return retrying(location, call -> fetchOnce(call, location, part, digests, listener));
    }

    /** Fetches a folder with all that is in it, to a place where nothing is. */
    void folder(URI location, Path target) throws IOException, InterruptedException {
        URI folder = location.toString().endsWith("/") ? location : URI.create(location + "/");
        folder(folder, target, 0, new int[1]);
    }

    private void folder(URI location, Path target, int depth, int[] count) throws IOException, InterruptedException {
        if (depth > DEEPEST || ++count[0] > MOST_FILES) {
            throw new MediaException(
                    Kind.TOO_LARGE,
                    shown(location),
                    "Can't fetch the folder " + shown(location) + ": it has more than " + MOST_FILES
                            + " files, or is deeper than " + DEEPEST + " folders",
                    "Name its files one by one",
                    null);
        }
        Files.createDirectories(target);
        List<String> names = retrying(location, call -> Blocking.interruptibly(call::list, call::abort));
        for (String name : names) {
            try {
                URI inside = location.resolve(new URI(null, null, "./" + name, null).getRawPath());
                if (name.endsWith("/")) {
                    folder(inside, target.resolve(name), depth + 1, count);
                } else {
                    count[0]++;
                    fetch(inside, target.resolve(name), List.of(), TransferListener.NONE);
                    Files.deleteIfExists(side(target.resolve(name)));
                }
            } catch (URISyntaxException e) {
                throw new IOException(e);
            }
        }
    }

    private static Properties fetchOnce(
            Remote.Call call, URI location, Path part, List<MessageDigest> digests, TransferListener listener)
            throws IOException, InterruptedException {
        Path side = side(part);
        Properties before = Facts.load(side);
        boolean ours = shown(location).toString().equals(before.remove(LOCATION));
        long have = ours && Files.exists(part) ? Files.size(part) : 0;
        Answer answer = Blocking.interruptibly(() -> call.open(have, before), call::abort)
                .orElseThrow(() -> new MediaException(
                        Kind.NOT_FOUND,
                        shown(location),
                        "The server of " + shown(location) + " has no such file (404)",
                        "Check the address in the template",
                        null));
        long from = answer.from();
        long total = answer.total();
        if (total >= 0) {
            checkSpace(location, part, total - from);
        }
        digests.forEach(MessageDigest::reset);
        begin(location, part, answer, digests);
        listener.transferred(from, total);
        long came = Transfer.append(
                answer.body(), part, digests, call::abort, done -> listener.transferred(from + done, total));
        if (total >= 0 && from + came != total) {
            throw new IOException("it broke off after " + (from + came) + " of " + total + " bytes");
        }
        return answer.version();
    }

    /** Makes the unfinished file ready for what comes: new, or summed up as far as it goes. */
    private static void begin(URI location, Path part, Answer answer, List<MessageDigest> digests)
            throws IOException, InterruptedException {
        try {
            if (answer.from() > 0) {
                sum(part, digests);
                return;
            }
            Files.deleteIfExists(part);
            Properties version = new Properties();
            version.putAll(answer.version());
            version.setProperty(LOCATION, shown(location).toString());
            Facts.store(side(part), version);
            Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new Transfer.FileFailure(e);
        }
    }

    /** Where the version of an unfinished file is kept. */
    static Path side(Path part) {
        return part.resolveSibling(part.getFileName() + ".meta");
    }

    /** Has digests see all of a file. */
    static void sum(Path file, List<MessageDigest> digests) throws IOException, InterruptedException {
        byte[] buffer = new byte[1 << 18];
        try (InputStream input = Files.newInputStream(file)) {
            for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
                Transfer.sum(buffer, read, digests);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
    }

    private static void checkSpace(URI location, Path part, long length) throws IOException {
        Path folder = part.toAbsolutePath().getParent();
        long free = Files.getFileStore(folder).getUsableSpace();
        if (length > free) {
            throw new MediaException(
                    Kind.NO_SPACE,
                    shown(location),
                    "Fetching " + shown(location) + " needs " + length + " bytes, and " + folder + " has " + free,
                    "Make room there, or set data_dir to another disk",
                    null);
        }
    }
}
