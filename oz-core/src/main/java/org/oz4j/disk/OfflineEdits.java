package org.oz4j.disk;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.oz4j.DiskException;
import org.oz4j.disk.EditRecord.Entry;
import org.oz4j.disk.EditRecord.Kind;

/**
 * Edits of an image that can be undone: before each, what is there is written down in a folder of the host, which is
 * synced. So they can be undone when one has failed, and from that folder alone when the program was killed.
 *
 * <p>Undoing goes backwards. What is still as an edit left it becomes what it was: bytes, permissions, owner, extended
 * attributes, link target and time of modification, or nothing. What the guest or its user has changed in between is
 * theirs and stays:
 *
 * <ul>
 *   <li>a file or link with another content, or one that was made where the edit removed one, stays as it is; one that
 *       they deleted stays away;
 *   <li>of a file that still has the edit's content, owner, permissions and attributes go back one by one, as far as they
 *       are still the edit's: a label that the guest gave anew stays;
 *   <li>of a text file that an edit added a line to, that line goes, and what others wrote stays; a file that was made
 *       for the line goes when nothing else is in it;
 *   <li>a folder that was made goes when it is empty.
 * </ul>
 *
 * <p>So a key that an edit adds to {@code authorized_keys} goes, while a file of that name that the template writes, or
 * the keys that it appends, stay. Undoing twice is the same as once, also when the first time was cut short. Times of
 * folders are not put back.
 */
public final class OfflineEdits {
    private static final long MOST_KEPT = 1L << 30;

    private final EditRecord record;

    private OfflineEdits(EditRecord record) {
        this.record = record;
    }

    /**
     * A path at which an edit could not be undone, since it is no longer as the edit left it.
     *
     * @param path the path
     * @param why what stays there, for people
     */
    public record Kept(String path, String why) {}

    /**
     * Begins, with a folder for the record that is not there yet.
     *
     * @throws DiskException where it is there, or can't be made
     */
    public static OfflineEdits begin(Path recordFolder) {
        return new OfflineEdits(EditRecord.create(recordFolder));
    }

    /**
     * Goes on with the record that an earlier program has left.
     *
     * @throws DiskException where there is none, or it can't be read
     */
    public static OfflineEdits resume(Path recordFolder) {
        return new OfflineEdits(EditRecord.load(recordFolder));
    }

    /**
     * Makes edits, in their order. Where one fails those before it are made; {@link #undo} takes them back.
     *
     * @throws DiskException where one can't be made, or could not be undone: a device or pipe, a file with further names
     *     (hard links) or of more than 1 GiB, a folder that is not empty
     */
    public void apply(GuestFilesystem files, List<Edit> edits) throws InterruptedException {
        for (Edit edit : edits) {
            apply(files, edit);
        }
    }

    private void apply(GuestFilesystem files, Edit edit) throws InterruptedException {
        String path = GuestFilesystem.checked(edit.path());
        PathState before = PathState.of(files, path);
        if (before.type() == FileType.OTHER) {
            throw refused(files, path, "is a device, a pipe or a socket");
        }
        if (edit instanceof Edit.Write write) {
            Attributes attributes = attributes(files, path, before, write.owned());
            write(files, path, before, write.content().toArray(), attributes, "");
        } else if (edit instanceof Edit.AddLine add) {
            addLine(files, path, before, add);
        } else if (edit instanceof Edit.MakeFolder make) {
            makeFolder(files, path, before, make);
        } else if (edit instanceof Edit.MakeLink link) {
            makeLink(files, path, before, link);
        } else if (edit instanceof Edit.SetMode set) {
            if (!before.exists() || before.type() == FileType.LINK) {
                throw refused(files, path, "has no permissions to set: it is not there, or is a link");
            }
            Attributes attributes = new Attributes(set.mode(), before.uid(), before.gid());
            note(files, Kind.MODE, path, "", before, after(before.type(), before.content(), attributes));
            files.chmod(path, set.mode());
        } else if (edit instanceof Edit.SetOwner set) {
            if (!before.exists()) {
                throw refused(files, path, "is not there");
            }
            Attributes attributes = new Attributes(before.mode(), set.uid(), set.gid());
            note(files, Kind.OWNER, path, "", before, after(before.type(), before.content(), attributes));
            files.chown(path, set.uid(), set.gid());
        } else if (edit instanceof Edit.Remove && before.exists()) {
            if (before.type() == FileType.FOLDER && !files.list(path).isEmpty()) {
                throw refused(files, path, "is a folder that is not empty");
            }
            keepContent(files, path, before);
            note(files, Kind.CONTENT, path, "", before, PathState.NOTHING);
            files.remove(path);
        }
    }

    private void addLine(GuestFilesystem files, String path, PathState before, Edit.AddLine add)
            throws InterruptedException {
        if (before.exists() && before.type() != FileType.FILE) {
            throw refused(files, path, "is no file, so no line can be added to it");
        }
        byte[] old = before.exists() ? files.read(path) : new byte[0];
        byte[] line = (add.line() + "\n").getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        if (add.first()) {
            content.writeBytes(line);
        }
        content.writeBytes(old);
        if (!add.first()) {
            if (old.length > 0 && old[old.length - 1] != '\n') {
                content.write('\n');
            }
            content.writeBytes(line);
        }
        Edit.Owned owned = before.exists() ? new Edit.Owned(before.mode(), before.uid(), before.gid()) : add.owned();
        write(files, path, before, content.toByteArray(), attributes(files, path, before, owned), add.line());
    }

    private void write(
            GuestFilesystem files, String path, PathState before, byte[] content, Attributes attributes, String line)
            throws InterruptedException {
        if (before.type() == FileType.FOLDER) {
            throw refused(files, path, "is a folder");
        }
        keepContent(files, path, before);
        Kind kind = line.isEmpty() ? Kind.CONTENT : Kind.LINE;
        note(files, kind, path, line, before, after(FileType.FILE, sha256(content), attributes));
        files.write(path, content, attributes);
    }

    private void makeFolder(GuestFilesystem files, String path, PathState before, Edit.MakeFolder make)
            throws InterruptedException {
        if (before.type() == FileType.FOLDER) {
            return;
        }
        if (before.exists()) {
            throw refused(files, path, "is there already, and no folder");
        }
        Attributes attributes = attributes(files, path, before, make.owned());
        note(files, Kind.FOLDER, path, "", before, after(FileType.FOLDER, "", attributes));
        files.mkdir(path, attributes);
    }

    private void makeLink(GuestFilesystem files, String path, PathState before, Edit.MakeLink link)
            throws InterruptedException {
        if (before.type() == FileType.FOLDER) {
            throw refused(files, path, "is a folder");
        }
        Attributes attributes = attributes(files, path, PathState.NOTHING, Edit.Owned.byRoot(0777));
        keepContent(files, path, before);
        note(files, Kind.CONTENT, path, "", before, after(FileType.LINK, link.target(), attributes));
        files.symlink(path, link.target(), attributes);
    }

    /** The attributes of a file that is made at a path, or in the place of another. */
    private static Attributes attributes(GuestFilesystem files, String path, PathState before, Edit.Owned owned)
            throws InterruptedException {
        boolean replaces = before.type() == FileType.FILE;
        Map<String, Bytes> xattrs =
                new TreeMap<>(replaces ? before.xattrs() : files.xattrs(GuestFilesystem.parent(path)));
        if (replaces) {
            xattrs.remove(GuestFilesystem.CAPABILITIES);
        } else {
            xattrs.keySet().retainAll(List.of(GuestFilesystem.LABEL));
            xattrs.putAll(owned.xattrs());
        }
        return new Attributes(owned.mode(), owned.uid(), owned.gid(), xattrs, Optional.empty());
    }

    private static PathState after(@Nullable FileType type, String content, Attributes attributes) {
        return new PathState(
                type,
                attributes.mode(),
                attributes.uid(),
                attributes.gid(),
                Instant.EPOCH,
                content,
                attributes.xattrs());
    }

    private void keepContent(GuestFilesystem files, String path, PathState before) throws InterruptedException {
        Optional<FileStat> file = files.stat(path).filter(stat -> stat.type() == FileType.FILE);
        if (before.type() != FileType.FILE || file.isEmpty()) {
            return;
        }
        if (file.get().links() > 1) {
            throw refused(files, path, "has further names (hard links), which would be lost");
        }
        if (file.get().size() > MOST_KEPT) {
            throw refused(files, path, "has " + file.get().size() + " bytes, too many to be kept");
        }
        files.read(path, record.nextContent());
    }

    /** Writes an edit down that is about to be made. */
    private void note(GuestFilesystem files, Kind kind, String path, String line, PathState before, PathState after)
            throws InterruptedException {
        String folder = GuestFilesystem.stagingFolder(files.resolve(GuestFilesystem.parent(path)));
        record.add(kind, path, GuestFilesystem.child(folder, GuestFilesystem.STAGING), line, before, after);
    }

    private static DiskException refused(GuestFilesystem files, String path, String why) {
        return new DiskException(files.image(), path + " of " + files.image() + " " + why, null, null);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each JDK has it
        }
    }

    /**
     * Undoes all edits of the record, on the image or one that came of it. The record stays; {@link #forget} takes it
     * away once the image is closed.
     *
     * @return the paths at which an edit was not undone, from the last
     */
    public List<Kept> undo(GuestFilesystem files) throws InterruptedException {
        List<Entry> backwards = new ArrayList<>(record.entries());
        Collections.reverse(backwards);
        List<Kept> kept = new ArrayList<>();
        for (Entry entry : backwards) {
            removeStaging(files, entry);
            undo(files, entry).ifPresent(why -> kept.add(new Kept(entry.path(), why)));
        }
        return kept.stream().distinct().toList();
    }

    /** Takes away what a killed program has left half-made. */
    private static void removeStaging(GuestFilesystem files, Entry entry) throws InterruptedException {
        Optional<FileStat> left = files.stat(entry.staging());
        if (left.isPresent()
                && (left.get().type() != FileType.FOLDER
                        || files.list(entry.staging()).isEmpty())) {
            files.remove(entry.staging());
        }
    }

    /** Undoes an edit; why it was not where something stays. */
    private Optional<String> undo(GuestFilesystem files, Entry entry) throws InterruptedException {
        PathState now = PathState.of(files, entry.path());
        List<PathState> earlier = earlier(entry);
        if (earlier.stream().anyMatch(now::same)) {
            return Optional.empty(); // it was never made, or is undone
        }
        return switch (entry.kind()) {
            case CONTENT, LINE -> undoContent(files, entry, now, earlier);
            case FOLDER -> undoFolder(files, entry, now);
            case MODE, OWNER -> undoAccess(files, entry, now);
        };
    }

    /** What was at an edit's path before it, and before the edits of that path that came first. */
    private List<PathState> earlier(Entry entry) {
        return record.entries().stream()
                .filter(each -> each.number() <= entry.number() && each.path().equals(entry.path()))
                .map(Entry::before)
                .toList();
    }

    private Optional<String> undoContent(GuestFilesystem files, Entry entry, PathState now, List<PathState> earlier)
            throws InterruptedException {
        PathState before = entry.before();
        if (now.sameContent(entry.after())) {
            if (before.exists()) {
                restore(files, entry, now.exists() ? now.undoing(before, entry.after()) : before.attributes());
            } else {
                files.remove(entry.path());
            }
            return Optional.empty();
        }
        if (earlier.stream().anyMatch(now::sameContent)) {
            return Optional.empty(); // with another owner or the like, which is not ours
        }
        if (entry.kind() == Kind.LINE && now.type() == FileType.FILE && removeLine(files, entry, now)) {
            return Optional.empty();
        }
        return Optional.of(now.exists() ? "it was changed since" : "it was removed since");
    }

    private void restore(GuestFilesystem files, Entry entry, Attributes attributes) throws InterruptedException {
        PathState before = entry.before();
        String path = entry.path();
        if (before.type() == FileType.FILE) {
            files.write(path, record.content(entry), attributes);
        } else if (before.type() == FileType.LINK) {
            files.symlink(path, before.content(), attributes);
        } else {
            files.mkdir(path, attributes);
        }
    }

    /** Takes one line out of a file that others have changed since; whether it was still there. */
    private static boolean removeLine(GuestFilesystem files, Entry entry, PathState now) throws InterruptedException {
        Optional<FileStat> stat = files.stat(entry.path());
        if (stat.isEmpty() || stat.get().size() > GuestFilesystem.MOST_READ) {
            return false;
        }
        byte[] content = files.read(entry.path());
        byte[] line = entry.line().getBytes(StandardCharsets.UTF_8);
        int start = 0;
        while (start < content.length) {
            int end = start;
            while (end < content.length && content[end] != '\n') {
                end++;
            }
            int next = Math.min(end + 1, content.length);
            if (Arrays.equals(content, start, end, line, 0, line.length)) {
                ByteArrayOutputStream rest = new ByteArrayOutputStream();
                rest.write(content, 0, start);
                rest.write(content, next, content.length - next);
                if (rest.size() == 0 && !entry.before().exists()) {
                    files.remove(entry.path());
                } else {
                    files.write(
                            entry.path(),
                            rest.toByteArray(),
                            new Attributes(now.mode(), now.uid(), now.gid(), now.xattrs(), Optional.empty()));
                }
                return true;
            }
            start = next;
        }
        return false;
    }

    private static Optional<String> undoFolder(GuestFilesystem files, Entry entry, PathState now)
            throws InterruptedException {
        if (now.type() != FileType.FOLDER) {
            return Optional.of("it is no longer a folder");
        }
        if (!files.list(entry.path()).isEmpty()) {
            return Optional.of("there is something in it");
        }
        files.remove(entry.path());
        return Optional.empty();
    }

    private static Optional<String> undoAccess(GuestFilesystem files, Entry entry, PathState now)
            throws InterruptedException {
        PathState before = entry.before();
        boolean mode = entry.kind() == Kind.MODE;
        if (now.type() != before.type()) {
            return Optional.of(now.exists() ? "it is something else now" : "it was removed since");
        }
        if (mode ? now.mode() == before.mode() : now.sameOwner(before)) {
            return Optional.empty();
        }
        if (mode ? now.mode() != entry.after().mode() : !now.sameOwner(entry.after())) {
            return Optional.of("it was changed since");
        }
        if (mode) {
            files.chmod(entry.path(), before.mode());
        } else {
            files.chown(entry.path(), before.uid(), before.gid());
        }
        return Optional.empty();
    }

    /** Deletes the record; nothing can be undone after that. */
    public void forget() {
        record.delete();
    }
}
