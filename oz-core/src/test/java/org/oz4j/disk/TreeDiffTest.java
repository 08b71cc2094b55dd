package org.oz4j.disk;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.oz4j.disk.TreeDiff.Times;

import static org.assertj.core.api.Assertions.assertThat;

class TreeDiffTest {
    private static final Instant TIME = Instant.parse("2020-01-01T00:00:00Z");

    private static FileEntry file(int mode, long uid, String sum, Instant modified, Map<String, Bytes> xattrs) {
        return new FileEntry(
                new FileStat(FileType.FILE, mode, uid, 0, 3, 1, modified, Optional.empty()), Optional.of(sum), xattrs);
    }

    private static FileEntry other(FileType type, String target, Instant modified) {
        return new FileEntry(
                new FileStat(
                        type, 0755, 0, 0, 4096, 2, modified, Optional.of(target).filter(to -> !to.isEmpty())),
                Optional.empty(),
                Map.of());
    }

    @Test
    void equalTreesDoNotDiffer() {
        Map<String, FileEntry> tree = Map.of("/a", file(0644, 0, "1", TIME, Map.of("user.x", Bytes.of("v"))));

        assertThat(TreeDiff.between(tree, Map.copyOf(tree), Times.OF_ALL).isEmpty())
                .isTrue();
    }

    @Test
    void tellsWhatWasAddedRemovedAndChangedAndHow() {
        Map<String, FileEntry> before = Map.of(
                "/content", file(0644, 0, "1", TIME, Map.of()),
                "/access", file(0644, 0, "1", TIME, Map.of("user.gone", Bytes.of("v"), "security.x", Bytes.of("a"))),
                "/link", other(FileType.LINK, "to", TIME),
                "/type", other(FileType.FOLDER, "", TIME),
                "/removed", other(FileType.FOLDER, "", TIME));
        Map<String, FileEntry> after = Map.of(
                "/content", file(0644, 0, "2", TIME, Map.of()),
                "/access", file(04600, 5, "1", TIME, Map.of("security.x", Bytes.of("a\0"))),
                "/link", other(FileType.LINK, "elsewhere", TIME),
                "/type", other(FileType.OTHER, "", TIME),
                "/added", other(FileType.FOLDER, "", TIME));

        assertThat(TreeDiff.between(before, after, Times.IGNORED))
                .hasToString(
                        """
                + /added
                - /removed
                ~ /access: mode 644 -> 4600, owner 0:0 -> 5:0, attribute security.x a -> a,\
                 attribute user.gone v -> none
                ~ /content: content 3 bytes 1 -> 3 bytes 2
                ~ /link: target to -> elsewhere
                ~ /type: type FOLDER -> OTHER""");
    }

    @Test
    void timesCountAsFarAsAskedFor() {
        Instant later = TIME.plusNanos(1);
        Map<String, FileEntry> before =
                Map.of("/f", file(0, 0, "1", TIME, Map.of()), "/d", other(FileType.FOLDER, "", TIME));
        Map<String, FileEntry> after =
                Map.of("/f", file(0, 0, "1", later, Map.of()), "/d", other(FileType.FOLDER, "", later));

        assertThat(TreeDiff.between(before, after, Times.IGNORED).isEmpty()).isTrue();
        assertThat(TreeDiff.between(before, after, Times.OF_FILES).changed())
                .extracting(TreeDiff.Change::path)
                .containsExactly("/f");
        assertThat(TreeDiff.between(before, after, Times.OF_ALL).changed())
                .extracting(TreeDiff.Change::path)
                .containsExactly("/d", "/f");
    }

    @Test
    void bytesAreShownAsTextWhereTheyAreText() {
        assertThat(Bytes.of("system_u:x\0")).hasToString("system_u:x");
        assertThat(Bytes.of(new byte[] {1, (byte) 0xff})).hasToString("0x01ff");
        assertThat(Bytes.of("a\0")).isNotEqualTo(Bytes.of("a"));
    }

    @Test
    void versionsOfPackagesAreWrittenAsPackageManagersDo() {
        assertThat(new Application("n", 1, "2.3", "4", "x", "", "", "", "").fullVersion())
                .isEqualTo("1:2.3-4");
        assertThat(new Application("n", 0, "2.3", "", "x", "", "", "", "").version())
                .isEqualTo("2.3");
    }
}
