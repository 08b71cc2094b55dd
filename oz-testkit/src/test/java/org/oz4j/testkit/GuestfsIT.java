package org.oz4j.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.ImageFormat;
import org.oz4j.disk.Application;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageOpener;
import org.oz4j.disk.Inspection;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/** libguestfs keeps the contract, on ext4; its machine is launched once for all tests. */
@Tag("vm")
class GuestfsIT extends GuestFilesystemContract {
    @TempDir
    private static Path folder;

    private static @Nullable GuestFilesystem opened;

    @BeforeAll
    static void open() throws Exception {
        Path image = GuestImage.make(folder);
        opened = GuestImage.open(image, ImageFormat.RAW, ImageOpener.Mode.READ_WRITE, folder);
    }

    @AfterAll
    static void close() {
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    protected GuestFilesystem files() {
        return requireNonNull(opened);
    }

    @Test
    void tellsWhatTheOperatingSystemIs() {
        assertThat(files().inspection())
                .contains(new Inspection("/dev/sda", "linux", "debian", "12.5", 12, 5, "deb", "apt", "x86_64"));
    }

    @Test
    void listsTheInstalledPackages() throws Exception {
        List<Application> packages = files().applications();

        assertThat(packages)
                .containsExactly(
                        new Application("hello", 1, "2.10", "3", "amd64", "hello-source", "", "", "an example"));
        assertThat(packages.get(0).fullVersion()).isEqualTo("1:2.10-3");
    }

    @Test
    void walksManyFilesOfOneFolder() throws Exception {
        SortedMap<String, FileEntry> tree = files().walk("/many");

        assertThat(tree).hasSize(GuestImage.MANY + 1);
        for (int i = 0; i < GuestImage.MANY; i++) {
            FileEntry entry = requireNonNull(tree.get("/many/" + i));
            assertThat(entry.stat().size()).isEqualTo(Integer.toString(i).length());
        }
        assertThat(files().list("/many")).hasSize(GuestImage.MANY);
        assertThat(requireNonNull(tree.get("/many/7")).sha256())
                .contains("7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451");
    }
}
