package org.oz4j.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import org.oz4j.HostSetupException;
import org.oz4j.ImageFormat;
import org.oz4j.TimeSource;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;
import org.oz4j.disk.guestfs.Guestfs;
import org.oz4j.host.Commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A small ext4 image with what libguestfs takes for a Debian. */
final class GuestImage {
    static final int MANY = 1100; // more files than are asked for in one call

    private static final Path MKE2FS = Path.of("/usr/sbin/mke2fs");
    private static final long SIZE = 128 << 20;

    private GuestImage() {}

    /** Makes the image in a folder; the test is skipped where the host can't. */
    static Path make(Path folder) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(MKE2FS), "needs mke2fs: install e2fsprogs");
        Path tree = Files.createDirectory(folder.resolve("tree"));
        text(
                tree,
                "etc/os-release",
                "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n");
        text(tree, "etc/debian_version", "12.5\n");
        // of which the second can't be mounted, and is passed over
        text(tree, "etc/fstab", "/dev/sda / ext4 defaults 0 1\n/dev/sdb1 /srv ext4 defaults 0 2\n");
        text(
                tree,
                "var/lib/dpkg/status",
                """
                Package: hello
                Status: install ok installed
                Maintainer: Somebody <somebody@example.com>
                Architecture: amd64
                Source: hello-source
                Version: 1:2.10-3
                Description: an example

                Package: removed
                Status: deinstall ok config-files
                Architecture: all
                Version: 1

                """);
        Files.createDirectory(tree.resolve("bin"));
        Files.copy(Path.of("/bin/ls"), tree.resolve("bin/ls"));
        Files.createDirectory(tree.resolve("many"));
        for (int i = 0; i < MANY; i++) {
            text(tree, "many/" + i, Integer.toString(i));
        }
        Path image = folder.resolve("guest.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
        }
        Commands.Result made = Commands.run(
                List.of(MKE2FS.toString(), "-q", "-t", "ext4", "-d", tree.toString(), image.toString()),
                Duration.ofMinutes(1));
        assertThat(made.errors()).isEmpty();
        return image;
    }

    private static void text(Path tree, String path, String text) throws IOException {
        Path file = tree.resolve(path);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }

    /** Opens an image; the test is skipped where the host lacks libguestfs. */
    static GuestFilesystem open(Path image, ImageFormat format, ImageOpener.Mode mode, Path work)
            throws InterruptedException {
        try {
            return new Guestfs(Optional.empty(), TimeSource.system()).open(image, format, mode, work);
        } catch (HostSetupException e) {
            return abort(e.getMessage());
        }
    }
}
