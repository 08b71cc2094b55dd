package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.oz4j.HypervisorException;
import org.oz4j.HypervisorException.Kind;
import org.oz4j.host.FileLock;

/**
 * A folder where libvirt's embedded driver keeps its files, for this process alone.
 *
 * @param path the folder; short, for the sockets in it
 * @param lock held as long as the process lives
 */
record EmbedRoot(Path path, FileLock lock) {
    // A socket's path has 107 bytes: ROOT/lib/qemu/domain-NNN-(20 of the name)/monitor.sock
    private static final int MAX_LENGTH = 50;
    /** ROOT/lib/qemu/channel/target/domain-NNNN-(20 of the name)/org.qemu.guest_agent.0. */
    static final int MAX_LENGTH_FOR_AGENT = 27;

    private static final int SLOTS = 64;
    private static final Path CAPABILITIES = Path.of("cache/qemu/capabilities");

    /** Takes the first free slot of the pool for that data folder. */
    static EmbedRoot ofPool(Path dataDir) throws IOException {
        Path pool = pool(dataDir.toAbsolutePath().normalize(), Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR")));
        makePrivate(pool);
        for (int slot = 0; slot < SLOTS; slot++) {
            Optional<FileLock> lock = FileLock.tryAcquire(pool.resolve(slot + ".lock"));
            if (lock.isPresent()) {
                Path root = pool.resolve(Integer.toString(slot));
                prepare(root);
                copyCapabilities(pool.resolve("0"), root);
                return new EmbedRoot(root, lock.get());
            }
        }
        throw new HypervisorException(
                Kind.UNAVAILABLE, "qemu:///embed", "All " + SLOTS + " slots of " + pool + " are in use", null, null);
    }

    /** Takes that folder. */
    static EmbedRoot of(Path given) throws IOException {
        Path root = given.toAbsolutePath().normalize();
        if (root.toString().length() > MAX_LENGTH) {
            throw new HypervisorException(
                    Kind.UNSUPPORTED,
                    "qemu:///embed",
                    "The folder " + root + " is too long a name for the sockets in it",
                    "Name one of " + MAX_LENGTH + " characters at most",
                    null);
        }
        makePrivate(root);
        FileLock lock = FileLock.tryAcquire(root.resolve("oz.lock"))
                .orElseThrow(() -> new HypervisorException(
                        Kind.UNAVAILABLE,
                        "qemu:///embed",
                        "Another process uses the folder " + root,
                        "Name another folder, or no address at all",
                        null));
        prepare(root);
        return new EmbedRoot(root, lock);
    }

    /** Where the slots for that data folder lie: in it, or in a shorter place with a stable name. */
    static Path pool(Path dataDir, Optional<String> runtimeDir) throws IOException {
        String hash = hash(dataDir.toString());
        Path shortest = Path.of("/tmp", "oz-" + uid() + "-" + hash);
        return java.util.stream.Stream.of(
                        Optional.of(dataDir.resolve("embed")),
                        runtimeDir.filter(dir -> dir.startsWith("/")).map(dir -> Path.of(dir, "oz-" + hash)))
                .flatMap(Optional::stream)
                .filter(path -> path.toString().length() + 3 <= MAX_LENGTH)
                .findFirst()
                .orElse(shortest);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static int uid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /** Makes a folder that only this user can look into, and trusts one that is there only if it is such. */
    private static void makePrivate(Path folder) throws IOException {
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return;
        } catch (FileAlreadyExistsException e) {
            // checked below: in /tmp anybody could have made it
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
        boolean ours = Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(uid())
                && !permissions.contains(PosixFilePermission.GROUP_WRITE)
                && !permissions.contains(PosixFilePermission.OTHERS_WRITE);
        if (!ours) {
            throw new HypervisorException(
                    Kind.UNAVAILABLE,
                    "qemu:///embed",
                    folder + " is not a folder that this user alone can write to",
                    "Remove it, or name another data folder",
                    null);
        }
    }

    private static void prepare(Path root) throws IOException {
        Path file = Files.createDirectories(root.resolve("etc")).resolve("qemu.conf");
        // As the user we are: the images are ours, and nobody is there to change their owner back.
        Files.writeString(
                file,
                """
                stdio_handler = "file"
                security_driver = "none"
                user = "+%1$d"
                group = "+%2$d"
                dynamic_ownership = 0
                namespaces = []
                cgroup_controllers = []
                """
                        .formatted(uid(), (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid")));
    }

    /** Spares a new slot the probe of every QEMU, which takes seconds; libvirt checks that what it finds still holds. */
    private static void copyCapabilities(Path first, Path root) throws IOException {
        Path from = first.resolve(CAPABILITIES);
        Path to = root.resolve(CAPABILITIES);
        if (first.equals(root) || !Files.isDirectory(from) || Files.isDirectory(to)) {
            return;
        }
        Path parts = to.resolveSibling("capabilities.part");
        Files.createDirectories(parts);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from, "*.xml")) {
            for (Path file : files) {
                @Nullable Path name = file.getFileName();
                if (name != null) {
                    Files.copy(file, parts.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        Files.move(parts, to, StandardCopyOption.ATOMIC_MOVE);
    }
}
