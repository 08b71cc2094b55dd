package org.oz4j.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.DiskException;
import org.oz4j.disk.Attributes;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.Edit;
import org.oz4j.disk.Edit.Owned;
import org.oz4j.disk.FileEntry;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.OfflineEdits;
import org.oz4j.disk.OfflineEdits.Kept;
import org.oz4j.disk.TreeDiff;
import org.oz4j.disk.TreeDiff.Times;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OfflineEditsTest {
    private static final Attributes FOLDER = new Attributes(0755, 0, 0);
    private static final Instant LONG_AGO = Instant.parse("2001-02-03T04:05:06.000000007Z");
    private static final Bytes LABEL = Bytes.of("system_u:object_r:ssh_home_t:s0\0");
    private static final Set<String> CHANGES =
            Set.of("write", "symlink", "mkdir", "remove", "rename", "chmod", "chown", "setXattr", "removeXattr");
    private static final String KEYS = "/root/.ssh/authorized_keys";

    @TempDir
    private Path folder = Path.of("");

    private final FakeGuestFilesystem files = FakeGuestFilesystem.empty();
    private Path record = Path.of("");

    /** The program was killed. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void makeGuest() throws Exception {
        record = folder.resolve("record");
        files.mkdir("/etc", FOLDER);
        files.mkdir("/root", new Attributes(0700, 0, 0, Map.of(GuestFilesystem.LABEL, LABEL), Optional.empty()));
        files.mkdir("/empty", new Attributes(0711, 3, 4));
        files.write(
                "/etc/config",
                new byte[] {0, (byte) 255},
                new Attributes(
                        0640,
                        1,
                        2,
                        Map.of("user.x", Bytes.of(new byte[] {0, 1}), GuestFilesystem.LABEL, LABEL),
                        Optional.of(LONG_AGO)));
        files.write(
                "/etc/program",
                new byte[] {1},
                new Attributes(
                        04755, 0, 0, Map.of(GuestFilesystem.CAPABILITIES, Bytes.of("caps")), Optional.of(LONG_AGO)));
        files.symlink("/etc/link", "config", new Attributes(0777, 5, 5));
    }

    /** Edits of all kinds, several of them of the same path. */
    private static List<Edit> edits() {
        return List.of(
                new Edit.Write("/etc/config", Bytes.of("a"), Owned.byRoot(0600)),
                new Edit.AddLine("/etc/config", "b", Owned.byRoot(0600)),
                new Edit.AddLine("/etc/config", "c", Owned.byRoot(0600), true),
                new Edit.Write("/etc/link", Bytes.of("file now"), Owned.byRoot(0644)),
                new Edit.MakeFolder("/root/.ssh", Owned.byRoot(0700)),
                new Edit.MakeFolder("/etc", Owned.byRoot(0700)),
                new Edit.AddLine(KEYS, "our key", Owned.byRoot(0600)),
                new Edit.AddLine(KEYS, "and another", Owned.byRoot(0600)),
                new Edit.SetMode(KEYS, 0640),
                new Edit.SetMode("/etc/program", 0700),
                new Edit.SetOwner("/etc/program", 7, 7),
                new Edit.SetOwner("/etc/link", 8, 8),
                new Edit.Remove("/empty"),
                new Edit.Remove("/etc/program"),
                new Edit.Remove("/nothing/there"),
                new Edit.MakeLink("/etc/new-link", "/dev/null"),
                new Edit.MakeLink("/etc/config", "new-link"),
                new Edit.Remove("/etc/config"));
    }

    private String text(String path) throws InterruptedException {
        return new String(files.read(path), StandardCharsets.UTF_8);
    }

    private List<Kept> undo() throws InterruptedException {
        return OfflineEdits.resume(record).undo(files);
    }

    @Test
    void editsDoWhatTheySay() throws Exception {
        OfflineEdits.begin(record).apply(files, edits());

        assertThat(files.exists("/etc/config")).isFalse();
        assertThat(text("/etc/link")).isEqualTo("file now");
        assertThat(files.stat("/etc/link").orElseThrow().uid()).isEqualTo(8);
        assertThat(text(KEYS)).isEqualTo("our key\nand another\n");
        assertThat(files.stat(KEYS).orElseThrow().mode()).isEqualTo(0640);
        assertThat(files.xattrs(KEYS)).containsExactly(Map.entry(GuestFilesystem.LABEL, LABEL));
        assertThat(files.exists("/etc/program")).isFalse();
        assertThat(files.exists("/empty")).isFalse();
        assertThat(files.stat("/etc/new-link").orElseThrow().target()).contains("/dev/null");
        assertThat(files.stat("/etc").orElseThrow().mode()).isEqualTo(0755);
    }

    @Test
    void aLineGoesToTheBeginningWhereThatIsSaidAndIsTakenOutOfWhatTheFileHasBecome() throws Exception {
        files.write("/etc/sshd_config", "Port 22".getBytes(StandardCharsets.UTF_8), new Attributes(0600, 0, 0));
        OfflineEdits.begin(record)
                .apply(
                        files,
                        List.of(
                                new Edit.AddLine("/etc/sshd_config", "UsePAM yes", Owned.byRoot(0600), true),
                                new Edit.AddLine("/etc/sshd_config", "HostKey /k", Owned.byRoot(0600), true)));
        assertThat(text("/etc/sshd_config")).isEqualTo("HostKey /k\nUsePAM yes\nPort 22");
        files.write(
                "/etc/sshd_config",
                "HostKey /k\nUsePAM yes\nPort 2222\n".getBytes(StandardCharsets.UTF_8),
                new Attributes(0600, 0, 0));

        assertThat(undo()).isEmpty();

        assertThat(text("/etc/sshd_config")).isEqualTo("Port 2222\n");
    }

    @Test
    void undoingPutsAllBack() throws Exception {
        SortedMap<String, FileEntry> before = files.walk("/");
        OfflineEdits.begin(record).apply(files, edits());
        assertThat(TreeDiff.between(before, files.walk("/"), Times.OF_FILES).changed())
                .isNotEmpty();

        assertThat(undo()).isEmpty();
        assertThat(TreeDiff.between(before, files.walk("/"), Times.OF_FILES)).hasToString("");

        assertThat(undo()).isEmpty();
        assertThat(TreeDiff.between(before, files.walk("/"), Times.OF_FILES)).hasToString("");
    }

    /** The same files, for a program that is killed at its n-th change: just before it, or just after. */
    private GuestFilesystem killedAt(int change, boolean before) {
        AtomicInteger changes = new AtomicInteger();
        return (GuestFilesystem) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {GuestFilesystem.class}, (proxy, method, arguments) -> {
                    boolean last = CHANGES.contains(method.getName()) && changes.incrementAndGet() == change;
                    if (last && before) {
                        throw new Killed();
                    }
                    try {
                        Object result = method.invoke(files, arguments);
                        if (last) {
                            throw new Killed();
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKilledProgramIsUndoneFromTheRecordAlone(boolean before) throws Exception {
        SortedMap<String, FileEntry> untouched = files.walk("/");
        int kills = 0;
        for (int change = 1; ; change++) {
            Path one = folder.resolve("record" + change);
            try {
                OfflineEdits.begin(one).apply(killedAt(change, before), edits());
                break;
            } catch (Killed e) {
                kills++;
            }
            assertThat(OfflineEdits.resume(one).undo(files)).isEmpty();
            assertThat(TreeDiff.between(untouched, files.walk("/"), Times.OF_FILES))
                    .as("killed at change " + change)
                    .hasToString("");
        }
        assertThat(kills).isEqualTo(16); // all edits but the two that do nothing
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anUndoingThatIsKilledIsDoneAgain(boolean before) throws Exception {
        SortedMap<String, FileEntry> untouched = files.walk("/");
        for (int change = 1; ; change++) {
            Path one = folder.resolve("record" + change);
            OfflineEdits.begin(one).apply(files, edits());
            boolean killed = false;
            try {
                OfflineEdits.resume(one).undo(killedAt(change, before));
            } catch (Killed e) {
                killed = true;
            }
            assertThat(OfflineEdits.resume(one).undo(files)).isEmpty();
            assertThat(TreeDiff.between(untouched, files.walk("/"), Times.OF_FILES))
                    .as("killed at change " + change)
                    .hasToString("");
            if (!killed) {
                assertThat(change).isGreaterThan(10);
                return;
            }
        }
    }

    @Test
    void whatAKilledProgramLeftHalfMadeGoes() throws Exception {
        SortedMap<String, FileEntry> untouched = files.walk("/");
        OfflineEdits.begin(record)
                .apply(files, List.of(new Edit.Write("/etc/config", Bytes.of("a"), Owned.byRoot(0600))));
        files.write("/etc/half", "half");
        files.rename("/etc/half", "/etc/" + GuestFilesystem.STAGING);

        undo();

        assertThat(TreeDiff.between(untouched, files.walk("/"), Times.OF_FILES)).hasToString("");
    }

    @Test
    void anEditThatFailsLeavesTheOnesBeforeToBeUndone() throws Exception {
        SortedMap<String, FileEntry> untouched = files.walk("/");
        OfflineEdits edits = OfflineEdits.begin(record);

        assertThatThrownBy(() -> edits.apply(
                        files,
                        List.of(
                                new Edit.Remove("/etc/config"),
                                new Edit.Write("/none/file", Bytes.of(""), Owned.byRoot(0600)))))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("/none");
        assertThat(files.exists("/etc/config")).isFalse();

        assertThat(edits.undo(files)).isEmpty();
        assertThat(TreeDiff.between(untouched, files.walk("/"), Times.OF_FILES)).hasToString("");
    }

    private void addKey() throws InterruptedException {
        OfflineEdits.begin(record)
                .apply(
                        files,
                        List.of(
                                new Edit.MakeFolder("/root/.ssh", Owned.byRoot(0700)),
                                new Edit.AddLine(KEYS, "our key", Owned.byRoot(0600))));
    }

    @Test
    void keysOfTheUsersThatTakeThePlaceOfOursStay() throws Exception {
        addKey();
        files.write(KEYS, "the user's key\n");

        assertThat(undo()).extracting(Kept::path).containsExactly(KEYS, "/root/.ssh");
        assertThat(text(KEYS)).isEqualTo("the user's key\n");
    }

    @Test
    void keysThatWereAddedToOursStayWithoutOurs() throws Exception {
        addKey();
        files.write(
                KEYS,
                "first\nour key\nour key too\nlast without an end".getBytes(StandardCharsets.UTF_8),
                new Attributes(0600, 0, 0));

        assertThat(undo()).extracting(Kept::path).containsExactly("/root/.ssh");
        assertThat(text(KEYS)).isEqualTo("first\nour key too\nlast without an end");
        assertThat(undo()).extracting(Kept::path).containsExactly(KEYS, "/root/.ssh");
        assertThat(text(KEYS)).isEqualTo("first\nour key too\nlast without an end");
    }

    @Test
    void aFileOfOurLineAloneGoesAlsoWhereItWasWrittenAnew() throws Exception {
        addKey();
        files.write(KEYS, "our key");
        files.chown(KEYS, 5, 5);

        assertThat(undo()).isEmpty();
        assertThat(files.exists("/root/.ssh")).isFalse();
    }

    @Test
    void aLineIsAddedToAFileWithoutAnEndAndGoesWithoutATrace() throws Exception {
        files.mkdir("/root/.ssh", FOLDER);
        files.write(KEYS, "theirs");
        OfflineEdits.begin(record).apply(files, List.of(new Edit.AddLine(KEYS, "our key", Owned.byRoot(0600))));
        assertThat(text(KEYS)).isEqualTo("theirs\nour key\n");
        assertThat(files.stat(KEYS).orElseThrow().mode()).isEqualTo(0644);

        undo();

        assertThat(text(KEYS)).isEqualTo("theirs");
    }

    @Test
    void whatOthersChangedStaysAndIsTold() throws Exception {
        OfflineEdits.begin(record)
                .apply(
                        files,
                        List.of(
                                new Edit.Write("/etc/config", Bytes.of("ours"), Owned.byRoot(0600)),
                                new Edit.Remove("/etc/link"),
                                new Edit.MakeLink("/etc/ours", "x"),
                                new Edit.MakeFolder("/etc/folder", Owned.byRoot(0755)),
                                new Edit.SetMode("/etc/program", 0700),
                                new Edit.SetOwner("/root", 9, 9)));
        files.write("/etc/config", "theirs");
        files.write("/etc/link", "made anew");
        files.remove("/etc/ours");
        files.write("/etc/folder/theirs", "");
        files.chmod("/etc/program", 0555);
        files.chown("/root", 1, 1);
        SortedMap<String, FileEntry> theirs = files.walk("/");

        assertThat(undo())
                .extracting(Kept::path)
                .containsExactly("/root", "/etc/program", "/etc/folder", "/etc/link", "/etc/config");
        assertThat(TreeDiff.between(theirs, files.walk("/"), Times.OF_ALL)).hasToString("");
    }

    @Test
    void ofOurContentEachPropertyGoesBackUnlessOthersChangedIt() throws Exception {
        OfflineEdits.begin(record)
                .apply(files, List.of(new Edit.Write("/etc/config", Bytes.of("ours"), Owned.byRoot(0600))));
        files.setXattr("/etc/config", GuestFilesystem.LABEL, Bytes.of("relabelled"));
        files.setXattr("/etc/config", "user.theirs", Bytes.of("stays"));
        files.chown("/etc/config", 30, 30);

        assertThat(undo()).isEmpty();

        assertThat(files.read("/etc/config")).containsExactly(0, 255);
        assertThat(files.stat("/etc/config").orElseThrow().mode()).isEqualTo(0640);
        assertThat(files.stat("/etc/config").orElseThrow().uid()).isEqualTo(30);
        assertThat(files.stat("/etc/config").orElseThrow().modified()).isEqualTo(LONG_AGO);
        assertThat(files.xattrs("/etc/config"))
                .isEqualTo(Map.of(
                        GuestFilesystem.LABEL,
                        Bytes.of("relabelled"),
                        "user.theirs",
                        Bytes.of("stays"),
                        "user.x",
                        Bytes.of(new byte[] {0, 1})));
    }

    @Test
    void aWrittenProgramLosesItsCapabilitiesAndGetsThemBack() throws Exception {
        OfflineEdits.begin(record)
                .apply(files, List.of(new Edit.Write("/etc/program", Bytes.of("ours"), Owned.byRoot(0755))));
        assertThat(files.xattrs("/etc/program")).isEmpty();

        undo();

        assertThat(files.xattrs("/etc/program")).containsOnlyKeys(GuestFilesystem.CAPABILITIES);
    }

    @Test
    void whatCouldNotComeBackIsRefused() throws Exception {
        files.pipe("/etc/pipe");
        files.hardLink("/etc/config", "/etc/second");
        for (Edit edit : List.of(
                new Edit.Remove("/etc/pipe"),
                new Edit.SetMode("/etc/pipe", 0600),
                new Edit.Write("/etc/config", Bytes.of(""), Owned.byRoot(0600)),
                new Edit.Remove("/etc/second"),
                new Edit.Remove("/etc"),
                new Edit.Write("/etc", Bytes.of(""), Owned.byRoot(0600)),
                new Edit.MakeLink("/etc", "x"),
                new Edit.AddLine("/etc/link", "x", Owned.byRoot(0600)),
                new Edit.MakeFolder("/etc/config", Owned.byRoot(0600)),
                new Edit.SetMode("/etc/link", 0600),
                new Edit.SetMode("/etc/none", 0600),
                new Edit.SetOwner("/etc/none", 0, 0))) {
            SortedMap<String, FileEntry> before = files.walk("/");
            Path one =
                    folder.resolve(edit.getClass().getSimpleName() + edit.path().replace('/', '-'));

            assertThatThrownBy(() -> OfflineEdits.begin(one).apply(files, List.of(edit)))
                    .as(edit.toString())
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining(edit.path())
                    .hasMessageContaining(files.image().toString());
            assertThat(TreeDiff.between(before, files.walk("/"), Times.OF_ALL)).hasToString("");
        }
    }

    @Test
    void strangeNamesAndLargeContentsSurviveInTheRecord() throws Exception {
        String path = "/etc/new\nline = \udcff\u00e9 #!:\\";
        byte[] large = new byte[GuestFilesystem.MOST_READ + 1];
        files.write(path, large, new Attributes(0600, 0, 0, Map.of("user.a=b c", Bytes.of("v")), Optional.empty()));
        SortedMap<String, FileEntry> before = files.walk("/");
        OfflineEdits.begin(record).apply(files, List.of(new Edit.MakeLink(path, "\udc80\n ")));

        assertThat(undo()).isEmpty();

        assertThat(TreeDiff.between(before, files.walk("/"), Times.OF_FILES)).hasToString("");
    }

    @Test
    void theRecordIsTheOwnersAloneAndGoesWhenItIsForgotten() throws Exception {
        OfflineEdits edits = OfflineEdits.begin(record);
        edits.apply(files, edits());

        assertThat(Files.getPosixFilePermissions(record)).hasSize(3);
        assertThatThrownBy(() -> OfflineEdits.begin(record)).isInstanceOf(DiskException.class);
        edits.forget();
        assertThat(record).doesNotExist();
        assertThatThrownBy(() -> OfflineEdits.resume(record))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(record.toString());
    }

    @Test
    void aHalfWrittenEntryIsNoneAndABrokenOneIsRefused() throws Exception {
        OfflineEdits.begin(record).apply(files, List.of(new Edit.Remove("/etc/config")));
        Files.writeString(record.resolve("000002.new"), "kind=CON");
        Files.writeString(record.resolve("000002.content"), "half");
        assertThat(undo()).isEmpty();

        for (String broken : List.of("", "kind=NONE", "kind=CONTENT\npath=etc", "kind=CONTENT\npath=/etc\nx=\\u00zz")) {
            Files.writeString(record.resolve("000002.edit"), broken);
            assertThatThrownBy(() -> OfflineEdits.resume(record))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("000002.edit");
        }
    }
}
