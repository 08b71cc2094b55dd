package org.oz4j.host;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class WorkFolderTest {
    @TempDir
    Path folder;

    @Test
    void isItsOwnersAloneAndGoesWithAllInIt() throws IOException {
        Path path = folder.resolve("a/b");
        try (WorkFolder work = WorkFolder.create(path)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(work.path())))
                    .isEqualTo("rwx------");
            Files.createDirectories(work.path().resolve("c/d"));
            Files.writeString(work.path().resolve("c/d/e"), "text");
        }
        assertThat(path).doesNotExist();
        assertThat(folder.resolve("a")).exists();
    }

    @Test
    void leavesAloneWhatALinkPointsTo() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "text");
        try (WorkFolder work = WorkFolder.create(folder.resolve("w"))) {
            Files.createSymbolicLink(work.path().resolve("link"), precious);
        }
        assertThat(precious).hasContent("text");
    }

    @Test
    void refusesAFolderThatIsThere() throws IOException {
        Path path = Files.createDirectory(folder.resolve("w"));

        assertThatThrownBy(() -> WorkFolder.create(path)).isInstanceOf(FileAlreadyExistsException.class);
    }
}
