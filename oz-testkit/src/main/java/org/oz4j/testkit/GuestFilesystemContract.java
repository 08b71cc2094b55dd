package org.oz4j.testkit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.DiskException;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.Edit;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.FileStat;
import org.oz4j.disk.FileType;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.OfflineEdits;
import org.oz4j.disk.TreeDiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What every {@link GuestFilesystem} does; extend it for one of your own.
 *
 * <p>All tests share one, since opening one may take a minute; each works in a new folder in its root.
 */
@SuppressWarnings("NullAway.Init") // JUnit and the set-up fill the fields in
public abstract class GuestFilesystemContract {
    private static final AtomicInteger TESTS = new AtomicInteger();
    private static final Attributes PLAIN = new Attributes(0644, 0, 0);
    private static final Attributes FOLDER = new Attributes(0755, 0, 0);
    private static final Edit.Owned BY_ROOT = Edit.Owned.byRoot(0644);
    private static final Instant LONG_AGO = Instant.parse("2001-02-03T04:05:06.123456789Z");
    private static final Bytes LABEL = Bytes.of("system_u:object_r:etc_t:s0");
    // struct vfs_cap_data of linux/capability.h, revision 2: CAP_NET_RAW, effective and permitted
    private static final Bytes NET_RAW =
            Bytes.of(new byte[] {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    private static final List<String> HOSTILE_NAMES = List.of(
            "-rf",
            "new\nline",
            "carriage\rreturn",
            " spaces ",
            "*?[a]",
            "'quoted' \"twice\"",
            "$(reboot)`reboot`",
            "back\\slash\\n",
            "caf\u00e9 \ud83d\ude00",
            "\udcff no UTF-8 \udc80",
            "#comment;&|<>",
            "x".repeat(255));

    /** Where the tests' files of the host lie. */
    @TempDir
    protected Path host;

    private GuestFilesystem files;
    private String top;

    /** The file system of all tests, which has room for 40 MiB and can be written to. */
    protected abstract GuestFilesystem files() throws Exception;

    @BeforeEach
    void makeFolder() throws Exception {
        files = files();
        top = "/test" + TESTS.incrementAndGet();
        files.mkdir(top, FOLDER);
    }

    private String at(String name) {
        return top + "/" + name;
    }

    private void write(String name, String content) throws InterruptedException {
        files.write(at(name), content.getBytes(StandardCharsets.UTF_8), PLAIN);
    }

    private String read(String name) throws InterruptedException {
        return new String(files.read(at(name)), StandardCharsets.UTF_8);
    }

    private static FileEntry entry(Map<String, FileEntry> tree, String path) {
        return Objects.requireNonNull(tree.get(path), path);
    }

    private void refuses(String name, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(files.image().toString());
    }

    @Test
    void writesAndReadsAnyBytes() throws Exception {
        byte[] content = new byte[1000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) i;
        }
        files.write(at("bytes"), content, PLAIN);
        files.write(at("none"), new byte[0], PLAIN);

        assertThat(files.read(at("bytes"))).isEqualTo(content);
        assertThat(files.read(at("none"))).isEmpty();
        assertThat(files.sha256(at("none")))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void whatIsWrittenHasTheAttributesAskedForAndNoOthers() throws Exception {
        Map<String, Bytes> xattrs =
                Map.of(GuestFilesystem.LABEL, LABEL, GuestFilesystem.CAPABILITIES, NET_RAW, "user.empty", Bytes.of(""));
        files.write(at("program"), new byte[] {1}, new Attributes(06751, 1000, 60_000, xattrs, Optional.of(LONG_AGO)));

        FileStat stat = files.stat(at("program")).orElseThrow();
        assertThat(stat).isEqualTo(new FileStat(FileType.FILE, 06751, 1000, 60_000, 1, 1, LONG_AGO, Optional.empty()));
        assertThat(files.xattrs(at("program"))).isEqualTo(xattrs);

        files.write(at("program"), new byte[] {2}, PLAIN);

        assertThat(files.stat(at("program")).orElseThrow().mode()).isEqualTo(0644);
        assertThat(files.xattrs(at("program"))).isEmpty();
        assertThat(files.read(at("program"))).containsExactly(2);
    }

    @Test
    void largeFilesPassByTheHostsFiles() throws Exception {
        byte[] content = new byte[GuestFilesystem.MOST_READ + 1];
        Arrays.fill(content, (byte) 'x');
        Path from = Files.write(host.resolve("from"), content);

        files.write(at("large"), from, PLAIN);
        files.read(at("large"), host.resolve("to"));

        assertThat(host.resolve("to")).hasSameBinaryContentAs(from);
        refuses(at("large"), () -> files.read(at("large")));
        files.remove(at("large"));
    }

    @Test
    void namesAreData() throws Exception {
        for (String name : HOSTILE_NAMES) {
            files.mkdir(at(name), FOLDER);
            files.write(at(name) + "/" + name, name.getBytes(StandardCharsets.UTF_16BE), PLAIN);
            files.symlink(at(name) + "/link", name, PLAIN);

            assertThat(files.read(at(name) + "/" + name)).isEqualTo(name.getBytes(StandardCharsets.UTF_16BE));
            assertThat(files.list(at(name))).containsExactlyInAnyOrder(name, "link");
            assertThat(files.stat(at(name) + "/link").orElseThrow().target()).contains(name);
        }
        assertThat(files.list(top)).containsExactlyInAnyOrderElementsOf(HOSTILE_NAMES);
        refuses("newline", () -> files.walk(at("new\nline")));
        SortedMap<String, FileEntry> tree = files.walk(top);
        assertThat(tree).hasSize(1 + 3 * HOSTILE_NAMES.size());
        for (String name : HOSTILE_NAMES) {
            assertThat(entry(tree, at(name) + "/" + name).sha256()).contains(files.sha256(at(name) + "/" + name));
            assertThat(entry(tree, at(name) + "/link").stat().target()).contains(name);
            files.rename(at(name) + "/" + name, at(name) + "/" + "moved");
            files.remove(at(name) + "/moved");
            files.remove(at(name) + "/link");
            files.remove(at(name));
        }
        assertThat(files.list(top)).isEmpty();
    }

    @Test
    void whatIsNotThereIsNamed() throws Exception {
        write("file", "");

        assertThat(files.stat(at("none"))).isEmpty();
        assertThat(files.stat(at("none/deeper"))).isEmpty();
        assertThat(files.stat(at("file/deeper"))).isEmpty();
        assertThat(files.exists(at("none"))).isFalse();
        refuses(at("none"), () -> files.read(at("none")));
        refuses(at("none"), () -> files.read(at("none"), host.resolve("to")));
        refuses(at("none"), () -> files.sha256(at("none")));
        refuses(at("none"), () -> files.remove(at("none")));
        refuses(at("none"), () -> files.chmod(at("none"), 0600));
        refuses(at("none"), () -> files.chown(at("none"), 1, 1));
        refuses(at("none"), () -> files.list(at("none")));
        refuses(at("none"), () -> files.walk(at("none")));
        refuses(at("none"), () -> files.resolve(at("none")));
        refuses(at("none"), () -> files.xattrs(at("none")));
        refuses(at("none"), () -> files.write(at("none/file"), new byte[0], PLAIN));
        refuses(at("none"), () -> files.mkdir(at("none/folder"), FOLDER));
        refuses(at("none"), () -> files.symlink(at("none/link"), "x", PLAIN));
    }

    @Test
    void refusesWhatIsNoPath() {
        for (String path : List.of("", "etc", "/etc/", "//etc", "/etc/../x", "/.", "/a\0b")) {
            assertThatThrownBy(() -> files.stat(path)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> files.write(path, new byte[0], PLAIN))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aLinkIsNotFollowedAtTheEndOfAPath() throws Exception {
        write("target", "untouched");
        files.symlink(at("link"), at("target"), new Attributes(0777, 5, 6));

        FileStat link = files.stat(at("link")).orElseThrow();
        assertThat(link.type()).isEqualTo(FileType.LINK);
        assertThat(link.target()).contains(at("target"));
        assertThat(link.uid()).isEqualTo(5);
        assertThat(link.gid()).isEqualTo(6);
        assertThat(files.resolve(at("link"))).isEqualTo(at("target"));
        refuses(at("link"), () -> files.read(at("link")));
        refuses(at("link"), () -> files.sha256(at("link")));
        refuses(at("link"), () -> files.chmod(at("link"), 0600));
        files.chown(at("link"), 7, 8);
        files.setXattr(at("link"), GuestFilesystem.LABEL, LABEL);
        assertThat(files.xattrs(at("link"))).containsOnlyKeys(GuestFilesystem.LABEL);
        assertThat(files.xattrs(at("target"))).isEmpty();
        write("link", "replaces the link");

        assertThat(files.stat(at("link")).orElseThrow().type()).isEqualTo(FileType.FILE);
        assertThat(read("target")).isEqualTo("untouched");
        assertThat(files.stat(at("target")).orElseThrow().uid()).isZero();
    }

    @Test
    void linksOnTheWayAreFollowedWithinTheImage() throws Exception {
        files.mkdir(at("real"), FOLDER);
        files.symlink(at("absolute"), at("real"), PLAIN);
        files.symlink(at("upwards"), "../../../../../../.." + at("real"), PLAIN);
        for (String way : List.of("absolute", "upwards")) {
            files.write(at(way) + "/file", way.getBytes(StandardCharsets.UTF_8), PLAIN);
            files.symlink(at(way) + "/link", "file", PLAIN);
            files.mkdir(at(way) + "/folder", FOLDER);

            assertThat(read("real/file")).isEqualTo(way);
            assertThat(files.list(at("real"))).containsExactly("file", "folder", "link");
            assertThat(files.list(at(way) + "/folder")).isEmpty();
            assertThat(files.walk(at(way) + "/folder")).containsOnlyKeys(at(way) + "/folder");
            assertThat(files.resolve(at(way) + "/link")).isEqualTo(at("real/file"));
            for (String name : List.of("file", "folder", "link")) {
                files.remove(at(way) + "/" + name);
            }
        }
        refuses(at("absolute"), () -> files.list(at("absolute")));
        refuses(at("absolute"), () -> files.walk(at("absolute")));
    }

    @Test
    void linksLeadNeitherToTheHostNorRoundForEver() throws Exception {
        Files.writeString(host.resolve("secret"), "the host's");
        files.symlink(at("host"), host.toString(), PLAIN);
        files.symlink(at("round"), at("round"), PLAIN);

        assertThat(files.exists(at("host/secret"))).isFalse();
        refuses(at("host"), () -> files.read(at("host/secret")));
        refuses(at("host"), () -> files.write(at("host/new"), new byte[0], PLAIN));
        refuses(at("host"), () -> files.symlink(at("host/new"), "x", PLAIN));
        refuses(at("host"), () -> files.mkdir(at("host/new"), FOLDER));
        refuses(at("round"), () -> files.resolve(at("round")));
        refuses(at("round"), () -> files.write(at("round/new"), new byte[0], PLAIN));
        assertThat(host).isDirectoryNotContaining(path -> path.endsWith("new"));
    }

    @Test
    void writingOverAFolderIsRefusedAndLeavesNothing() throws Exception {
        files.mkdir(at("folder"), FOLDER);

        refuses(at("folder"), () -> files.write(at("folder"), new byte[0], PLAIN));
        refuses(at("folder"), () -> files.symlink(at("folder"), "x", PLAIN));
        refuses(at("folder"), () -> files.mkdir(at("folder"), FOLDER));

        assertThat(files.list(top)).containsExactly("folder");
    }

    @Test
    void whatAKilledProgramLeftIsOverwrittenAndNotFollowed() throws Exception {
        write("precious", "untouched");
        files.symlink(at("left"), at("precious"), PLAIN);
        files.rename(at("left"), at(GuestFilesystem.STAGING));

        write("file", "whole");

        assertThat(files.list(top)).containsExactly("file", "precious");
        assertThat(read("precious")).isEqualTo("untouched");
    }

    @Test
    void foldersAreMadeListedAndRemovedWhenEmpty() throws Exception {
        files.mkdir(at("folder"), new Attributes(03770, 3, 4, Map.of(GuestFilesystem.LABEL, LABEL), Optional.empty()));
        write("folder/b", "");
        write("folder/a", "");

        FileStat folder = files.stat(at("folder")).orElseThrow();
        assertThat(folder.type()).isEqualTo(FileType.FOLDER);
        assertThat(folder.mode()).isEqualTo(03770);
        assertThat(folder.uid()).isEqualTo(3);
        assertThat(files.xattrs(at("folder"))).containsEntry(GuestFilesystem.LABEL, LABEL);
        assertThat(files.list(at("folder"))).containsExactly("a", "b");
        refuses(at("folder"), () -> files.remove(at("folder")));
        files.remove(at("folder/a"));
        files.remove(at("folder/b"));
        files.remove(at("folder"));
        assertThat(files.exists(at("folder"))).isFalse();
    }

    @Test
    void renamingReplaces() throws Exception {
        write("old", "old");
        write("new", "new");

        files.rename(at("new"), at("old"));

        assertThat(files.list(top)).containsExactly("old");
        assertThat(read("old")).isEqualTo("new");
        refuses(at("none"), () -> files.rename(at("none"), at("old")));
    }

    @Test
    void aChangeOfOwnerKeepsPermissionsAndCapabilities() throws Exception {
        Map<String, Bytes> xattrs = Map.of(GuestFilesystem.CAPABILITIES, NET_RAW);
        files.write(at("program"), new byte[] {1}, new Attributes(06755, 0, 0, xattrs, Optional.empty()));

        files.chown(at("program"), 10, 4_000_000_000L);
        files.chmod(at("program"), 02711);

        FileStat stat = files.stat(at("program")).orElseThrow();
        assertThat(stat.uid()).isEqualTo(10);
        assertThat(stat.gid()).isEqualTo(4_000_000_000L);
        assertThat(stat.mode()).isEqualTo(02711);
        assertThat(files.xattrs(at("program"))).isEqualTo(xattrs);
    }

    @Test
    void extendedAttributesAreSetAndRemoved() throws Exception {
        write("file", "");

        files.setXattr(at("file"), "user.binary", Bytes.of(new byte[] {0, 1, (byte) 255, 0}));
        files.setXattr(at("file"), GuestFilesystem.LABEL, Bytes.of("first"));
        files.setXattr(at("file"), GuestFilesystem.LABEL, LABEL);

        assertThat(files.xattrs(at("file")))
                .containsEntry("user.binary", Bytes.of(new byte[] {0, 1, (byte) 255, 0}))
                .containsEntry(GuestFilesystem.LABEL, LABEL)
                .hasSize(2);
        files.removeXattr(at("file"), "user.binary");
        assertThat(files.xattrs(at("file"))).containsOnlyKeys(GuestFilesystem.LABEL);
        refuses(at("file"), () -> files.removeXattr(at("file"), "user.binary"));
    }

    @Test
    void aWalkTellsAllOfATree() throws Exception {
        files.mkdir(at("a"), new Attributes(0700, 1, 2));
        files.mkdir(at("a/b"), FOLDER);
        files.mkdir(at("empty"), FOLDER);
        write("a/b/file", "content");
        files.write(
                at("a/labelled"),
                new byte[0],
                new Attributes(0600, 3, 4, Map.of(GuestFilesystem.LABEL, LABEL), Optional.of(LONG_AGO)));
        files.symlink(at("a/link"), "b/file", PLAIN);

        SortedMap<String, FileEntry> tree = files.walk(top);

        assertThat(tree)
                .containsOnlyKeys(top, at("a"), at("a/b"), at("a/b/file"), at("a/labelled"), at("a/link"), at("empty"));
        for (Map.Entry<String, FileEntry> each : tree.entrySet()) {
            String path = each.getKey();
            FileEntry entry = each.getValue();
            assertThat(entry.stat()).isEqualTo(files.stat(path).orElseThrow());
            assertThat(entry.xattrs()).isEqualTo(files.xattrs(path));
            boolean file = entry.stat().type() == FileType.FILE;
            assertThat(entry.sha256()).isEqualTo(file ? Optional.of(files.sha256(path)) : Optional.empty());
        }
        assertThat(files.walk("/")).containsAllEntriesOf(tree);
        refuses(at("a/link"), () -> files.walk(at("a/link")));
    }

    @Test
    void editsAreMadeAndUndone() throws Exception {
        files.write(
                at("config"),
                "a=1".getBytes(StandardCharsets.UTF_8),
                new Attributes(0640, 1, 2, Map.of(GuestFilesystem.LABEL, LABEL), Optional.of(LONG_AGO)));
        files.write(
                at("program"),
                new byte[] {1},
                new Attributes(04755, 0, 0, Map.of(GuestFilesystem.CAPABILITIES, NET_RAW), Optional.of(LONG_AGO)));
        files.symlink(at("resolv.conf"), "../run/resolv.conf", new Attributes(0777, 1, 1));
        files.mkdir(at("empty"), new Attributes(0711, 7, 7));
        files.mkdir(at("home"), new Attributes(0700, 9, 9, Map.of(GuestFilesystem.LABEL, LABEL), Optional.empty()));
        SortedMap<String, FileEntry> before = files.walk(top);
        OfflineEdits edits = OfflineEdits.begin(host.resolve("record"));

        edits.apply(
                files,
                List.of(
                        new Edit.Write(at("config"), Bytes.of("a=2"), BY_ROOT),
                        new Edit.AddLine(at("config"), "b=3", BY_ROOT),
                        new Edit.Write(at("resolv.conf"), Bytes.of("nameserver 10.0.2.3"), BY_ROOT),
                        new Edit.MakeFolder(at("home/.ssh"), new Edit.Owned(0700, 9, 9)),
                        new Edit.AddLine(at("home/.ssh/authorized_keys"), "key", new Edit.Owned(0600, 9, 9)),
                        new Edit.SetMode(at("program"), 0700),
                        new Edit.SetOwner(at("program"), 5, 5),
                        new Edit.Remove(at("empty")),
                        new Edit.Remove(at("program")),
                        new Edit.MakeLink(at("home/link"), at("config")),
                        new Edit.MakeLink(at("config"), "/dev/null")));
        SortedMap<String, FileEntry> between = files.walk(top);

        assertThat(entry(between, at("home/.ssh/authorized_keys")).xattrs())
                .containsExactly(Map.entry(GuestFilesystem.LABEL, LABEL));
        assertThat(entry(between, at("config")).stat().target()).contains("/dev/null");
        assertThat(TreeDiff.between(before, between, TreeDiff.Times.IGNORED).isEmpty())
                .isFalse();
        assertThat(OfflineEdits.resume(host.resolve("record")).undo(files)).isEmpty();
        assertThat(TreeDiff.between(before, files.walk(top), TreeDiff.Times.IGNORED))
                .hasToString("");
        assertThat(files.stat(at("config")).orElseThrow().modified()).isEqualTo(LONG_AGO);
        edits.forget();
        assertThat(host.resolve("record")).doesNotExist();
    }
}
