package org.oz4j.testkit;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.DiskException;
import org.oz4j.ImageFormat;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.Edit;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;
import org.oz4j.disk.OfflineEdits;
import org.oz4j.disk.TreeDiff;
import org.oz4j.host.Commands;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Files of NTFS get access lists with an edit, and have their own again when it is undone. */
@Tag("vm")
class NtfsEditsIT {
    private static final Path MKNTFS = Path.of("/usr/sbin/mkntfs");
    private static final String KEYS = "/ProgramData/ssh/administrators_authorized_keys";
    private static final String HOST_KEY = "/ProgramData/ssh/ssh_host_ed25519_key";

    @Test
    void editsOfNtfsHaveAccessListsAndAreUndoneWithThem(@TempDir Path folder) throws Exception {
        assumeTrue(Files.isExecutable(MKNTFS), "needs mkntfs: install ntfs-3g");
        Path image = folder.resolve("ntfs.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(64 << 20);
        }
        Commands.Result made =
                Commands.run(List.of(MKNTFS.toString(), "-F", "-Q", "-q", image.toString()), Duration.ofMinutes(1));
        assertThat(made.status()).as(made.errors()).isZero();

        try (GuestFilesystem files = GuestImage.open(image, ImageFormat.RAW, ImageOpener.Mode.READ_WRITE, folder)) {
            Attributes plain = new Attributes(0777, 0, 0);
            files.mkdir("/ProgramData", plain);
            files.mkdir("/ProgramData/ssh", plain);
            files.write(HOST_KEY, "old".getBytes(StandardCharsets.UTF_8), plain);
            Bytes open = acl(files, HOST_KEY);
            Bytes closed = requireNonNull(Edit.Owned.byAdministrators().xattrs().get(GuestFilesystem.WINDOWS_ACL));
            assertThat(open).as("what a new file has").isNotEqualTo(closed);
            assertThatThrownBy(() -> files.setXattr(HOST_KEY, GuestFilesystem.WINDOWS_ACL, closed))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("it is set when a file is written");
            files.write(
                    HOST_KEY,
                    "old".getBytes(StandardCharsets.UTF_8),
                    new Attributes(0777, 0, 0, Map.of(GuestFilesystem.WINDOWS_ACL, closed), Optional.empty()));
            assertThat(acl(files, HOST_KEY)).isEqualTo(closed);
            SortedMap<String, FileEntry> before = files.walk("/ProgramData");

            OfflineEdits edits = OfflineEdits.begin(folder.resolve("record"));
            edits.apply(
                    files,
                    List.of(
                            new Edit.Write(HOST_KEY, Bytes.of("new"), Edit.Owned.byAdministrators()),
                            new Edit.AddLine(KEYS, "ssh-ed25519 AAAA", Edit.Owned.byAdministrators())));
            assertThat(acl(files, HOST_KEY)).as("is kept").isEqualTo(closed);
            assertThat(acl(files, KEYS)).as("is given").isEqualTo(closed);
            assertThat(files.read(HOST_KEY)).asString(StandardCharsets.UTF_8).isEqualTo("new");

            assertThat(edits.undo(files)).isEmpty();

            assertThat(TreeDiff.between(before, files.walk("/ProgramData"), TreeDiff.Times.OF_FILES))
                    .matches(TreeDiff::isEmpty);
            assertThat(acl(files, HOST_KEY)).isEqualTo(closed);
            System.out.println("NTFS: a new file has " + open.toArray().length + " bytes of descriptor, an edit's "
                    + closed.toArray().length + "; " + before.size() + " files are the same after the undoing");
        }
    }

    private static Bytes acl(GuestFilesystem files, String path) throws InterruptedException {
        return requireNonNull(files.xattrs(path).get(GuestFilesystem.WINDOWS_ACL));
    }
}
