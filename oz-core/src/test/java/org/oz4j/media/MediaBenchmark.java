package org.oz4j.media;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;

import org.oz4j.TimeSource;
import org.oz4j.host.Commands;
import org.oz4j.host.WorkFolder;

/**
 * Measures what is done with media against the tools that do the least of it, turn about on the same disk.
 *
 * <p>{@code mvn -Pbench -pl oz-core -am test-compile}; the property {@code bench.folder} says where, {@code bench.gib} how
 * large the medium is, {@code bench.rounds} how often each is measured. Needs xorriso, curl, openssl and busybox.
 */
public final class MediaBenchmark {
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 11);
    private static final int LISTED = 20_000;
    private static final long FILE = 1L << 30; // ISO 9660 has none of 4 GiB
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final TimeSource TIME = TimeSource.system();

    private final PrintStream out = System.out;
    private final Path folder;
    private final long bytes;

    private MediaBenchmark(Path folder, long bytes) {
        this.folder = folder;
        this.bytes = bytes;
    }

    /** Runs all. */
    public static void main(String[] args) throws Exception {
        Path parent = Path.of(System.getProperty("bench.folder", "target"));
        Files.createDirectories(parent);
        long gib = Long.getLong("bench.gib", 4);
        try (WorkFolder work = WorkFolder.createIn(parent, "bench-")) {
            new MediaBenchmark(work.path(), gib << 30).run();
        }
    }

    private void run() throws Exception {
        Path iso = medium();
        listing(iso);
        remaster(iso);
        volume();
        initrd();
        fetch(iso);
    }

    private Path medium() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        byte[] block = new byte[1 << 20];
        Random random = new Random(1);
        for (long done = 0; done < bytes; done += FILE) {
            try (OutputStream big = Files.newOutputStream(tree.resolve("big" + done / FILE))) {
                for (long part = 0; part < Math.min(FILE, bytes - done); part += block.length) {
                    random.nextBytes(block);
                    big.write(block);
                }
            }
        }
        for (int i = 0; i < LISTED; i++) {
            Path file = tree.resolve("pool/" + i % 200 + "/package-with-a-longer-name-" + i + "_1.0_amd64.deb");
            Files.createDirectories(folder.resolve(file).getParent());
            Files.write(file, new byte[] {1});
        }
        Files.createDirectories(tree.resolve("isolinux"));
        Files.copy(Path.of("/usr/lib/ISOLINUX/isolinux.bin"), tree.resolve("isolinux/isolinux.bin"));
        Path iso = folder.resolve("medium.iso");
        command(
                "xorriso",
                "-as",
                "mkisofs",
                "-quiet",
                "-R",
                "-V",
                "BENCH",
                "-b",
                "isolinux/isolinux.bin",
                "-c",
                "isolinux/boot.cat",
                "-no-emul-boot",
                "-boot-load-size",
                "4",
                "-boot-info-table",
                "-o",
                iso.toString(),
                tree.toString());
        WorkFolder.delete(tree);
        return iso;
    }

    private static void command(String... words) throws Exception {
        Commands.Result result = Commands.run(List.of(words), LIMIT);
        if (result.status() != 0) {
            throw new IOException(words[0] + ": " + result.errors());
        }
    }

    /** The seconds that work takes; what was written before is on the disk when it begins. */
    private static double seconds(Callable<?> work) throws Exception {
        command("sync");
        long begun = TIME.nanoTime();
        work.call();
        return (TIME.nanoTime() - begun) / 1e9;
    }

    /** Does both turn about, and tells the median of each: a copy's own time varies by half of it. */
    private void pair(String what, double limit, Callable<?> ours, String other, Callable<?> theirs, Path... made)
            throws Exception {
        double[] our = new double[ROUNDS];
        double[] their = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            // each goes first as often as the other
            if (i % 2 == 0) {
                their[i] = seconds(theirs);
                delete(made);
            }
            our[i] = seconds(ours);
            delete(made);
            if (i % 2 == 1) {
                their[i] = seconds(theirs);
                delete(made);
            }
        }
        out.printf(
                Locale.ROOT,
                "%-34s ours %8.3f s (%.3f to %.3f), %s %8.3f s (%.3f to %.3f), ratio %.3f (bar %.2f)%n",
                what,
                median(our),
                our[0],
                our[ROUNDS - 1],
                other,
                median(their),
                their[0],
                their[ROUNDS - 1],
                median(our) / median(their),
                limit);
    }

    private static double median(double[] sorted) {
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void delete(Path... made) throws IOException {
        for (Path path : made) {
            WorkFolder.delete(path);
        }
    }

    private void listing(Path iso) throws Exception {
        double best = Double.MAX_VALUE;
        int count = 0;
        for (int i = 0; i < 10; i++) {
            long begun = TIME.nanoTime();
            try (IsoImage image = IsoImage.open(iso)) {
                count = image.paths().size();
            }
            best = Math.min(best, (TIME.nanoTime() - begun) / 1e9);
        }
        out.printf(Locale.ROOT, "%-34s %.0f ms, %d paths (bar 300 ms)%n", "listing", best * 1000, count);
    }

    private void remaster(Path iso) throws Exception {
        Path target = folder.resolve("changed.iso");
        Remaster.Change change =
                new Remaster.Change(Map.of("answers.cfg", new byte[1000]), Map.of(), Set.of(), Optional.empty());
        Callable<?> ours = () -> {
            Remaster.write(iso, target, change);
            return null;
        };
        Callable<?> theirs = () -> {
            command("cp", iso.toString(), target.toString());
            return null;
        };
        pair("remaster, one file added", 1.15, ours, "cp", theirs, target);
        pair(
                "the same, until it is on the disk",
                1.15,
                () -> {
                    ours.call();
                    command("sync", target.toString());
                    return null;
                },
                "cp",
                () -> {
                    theirs.call();
                    command("sync", target.toString());
                    return null;
                },
                target);
        pair(
                "remaster where blocks are shared",
                1.15,
                ours,
                "cp --reflink=auto",
                () -> {
                    command("cp", "--reflink=auto", iso.toString(), target.toString());
                    return null;
                },
                target);
    }

    private void volume() throws Exception {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            Path target = folder.resolve("answers.iso");
            long begun = TIME.nanoTime();
            IsoWriter.write(target, "OEMDRV", Map.of("ks.cfg", new byte[20_000], "deep/er/file", new byte[5]));
            best = Math.min(best, (TIME.nanoTime() - begun) / 1e9);
            Files.delete(target);
        }
        out.printf(Locale.ROOT, "%-34s %.1f ms (bar 20 ms)%n", "answer volume", best * 1000);
    }

    private void initrd() throws Exception {
        Path initrd = folder.resolve("initrd");
        byte[] content = new byte[1 << 20];
        new Random(2).nextBytes(content);
        try (OutputStream file = Files.newOutputStream(initrd)) {
            file.write("070701".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 40; i++) {
                file.write(content);
            }
        }
        Path target = folder.resolve("initrd-with-answers");
        pair(
                "initrd of 40 MB, answers added",
                1.2,
                () -> {
                    InitrdAppender.append(initrd, target, Map.of("preseed.cfg", new byte[20_000]));
                    return null;
                },
                "cp",
                () -> {
                    command("cp", initrd.toString(), target.toString());
                    return null;
                },
                target);
    }

    private void fetch(Path iso) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process server = new ProcessBuilder(
                        "busybox", "httpd", "-f", "-p", "127.0.0.1:" + port, "-h", folder.toString())
                .start();
        try {
            TIME.sleep(Duration.ofSeconds(1));
            String location = "http://127.0.0.1:" + port + "/" + iso.getFileName();
            Path target = folder.resolve("fetched.iso");
            Path store = folder.resolve("store");
            Callable<?> ours = () -> new LocalMediaStore(store, TIME)
                    .fetch(
                            List.of(URI.create(location)),
                            Optional.empty(),
                            MediaStore.Kind.MEDIA,
                            TransferListener.NONE)
                    .path();
            pair(
                    "fetch with sha256",
                    1 / 0.9,
                    ours,
                    "curl and sync",
                    () -> {
                        command("curl", "-s", "-o", target.toString(), location);
                        command("sync", target.toString());
                        return null;
                    },
                    target,
                    store);
            // where hashing is the limit: nobody else has the processors
            pair(
                    "sha256 of a medium of this host",
                    1 / 0.9,
                    () -> {
                        Fetcher.sum(iso, List.of(Downloads.digest("SHA-256")));
                        return null;
                    },
                    "openssl sha256",
                    () -> {
                        command("openssl", "sha256", iso.toString());
                        return null;
                    });
        } finally {
            server.destroy();
        }
    }
}
