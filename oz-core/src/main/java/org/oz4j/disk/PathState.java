package org.oz4j.disk;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What is at a path, as far as it can be put back; nothing where {@code type} is null.
 *
 * @param type what it is
 * @param mode its permissions
 * @param uid whom it belongs to
 * @param gid its group
 * @param modified when its content last changed
 * @param content a file's SHA-256 sum, a link's target, else nothing
 * @param xattrs its extended attributes
 */
record PathState(
        @Nullable FileType type,
        int mode,
        long uid,
        long gid,
        Instant modified,
        String content,
        Map<String, Bytes> xattrs) {
    static final PathState NOTHING = new PathState(null, 0, 0, 0, Instant.EPOCH, "", Map.of());

    private static final String XATTR = "xattr.";

    PathState {
        xattrs = Map.copyOf(xattrs);
    }

    static PathState of(GuestFilesystem files, String path) throws InterruptedException {
        Optional<FileStat> found = files.stat(path);
        if (found.isEmpty()) {
            return NOTHING;
        }
        FileStat stat = found.get();
        String content = stat.type() == FileType.FILE
                ? files.sha256(path)
                : stat.target().orElse("");
        return new PathState(
                stat.type(), stat.mode(), stat.uid(), stat.gid(), stat.modified(), content, files.xattrs(path));
    }

    boolean exists() {
        return type != null;
    }

    /** Whether both are the same thing with the same content, whoever owns it. */
    boolean sameContent(PathState other) {
        return type == other.type && content.equals(other.content);
    }

    /** Whether both are the same but for their times. */
    boolean same(PathState other) {
        return sameContent(other) && mode == other.mode && sameOwner(other) && xattrs.equals(other.xattrs);
    }

    Attributes attributes() {
        return new Attributes(mode, uid, gid, xattrs, Optional.of(modified));
    }

    boolean sameOwner(PathState other) {
        return uid == other.uid && gid == other.gid;
    }

    /**
     * What this gets when an edit between two states is undone: each property that is still as the edit left it goes back,
     * each that somebody else has changed since stays.
     */
    Attributes undoing(PathState before, PathState after) {
        Map<String, Bytes> merged = new TreeMap<>();
        Stream.of(this, before, after)
                .flatMap(state -> state.xattrs.keySet().stream())
                .distinct()
                .forEach(name -> {
                    Bytes own = xattrs.get(name);
                    boolean still = Objects.equals(own, after.xattrs.get(name));
                    Bytes value = still ? before.xattrs.get(name) : own;
                    if (value != null) {
                        merged.put(name, value);
                    }
                });
        PathState owner = sameOwner(after) ? before : this;
        return new Attributes(
                mode == after.mode ? before.mode : mode, owner.uid, owner.gid, merged, Optional.of(before.modified));
    }

    void store(Properties into, String prefix) {
        if (type == null) {
            return;
        }
        into.setProperty(prefix + "type", type.name());
        into.setProperty(prefix + "mode", Integer.toOctalString(mode));
        into.setProperty(prefix + "uid", Long.toString(uid));
        into.setProperty(prefix + "gid", Long.toString(gid));
        into.setProperty(prefix + "modified", modified.toString());
        into.setProperty(prefix + "content", content);
        xattrs.forEach((name, value) -> into.setProperty(prefix + XATTR + name, value.toHex()));
    }

    /** What {@link #store} has put there. */
    static PathState load(Properties from, String prefix) {
        String type = from.getProperty(prefix + "type");
        if (type == null) {
            return NOTHING;
        }
        Map<String, Bytes> xattrs = new TreeMap<>();
        from.stringPropertyNames().stream()
                .filter(name -> name.startsWith(prefix + XATTR))
                .forEach(name ->
                        xattrs.put(name.substring((prefix + XATTR).length()), Bytes.ofHex(from.getProperty(name))));
        return new PathState(
                FileType.valueOf(type),
                Integer.parseInt(required(from, prefix + "mode"), 8),
                Long.parseLong(required(from, prefix + "uid")),
                Long.parseLong(required(from, prefix + "gid")),
                Instant.parse(required(from, prefix + "modified")),
                required(from, prefix + "content"),
                xattrs);
    }

    /**
     * A property that has to be there.
     *
     * @throws IllegalArgumentException where it is not
     */
    static String required(Properties from, String name) {
        String value = from.getProperty(name);
        if (value == null) {
            throw new IllegalArgumentException("it lacks " + name);
        }
        return value;
    }
}
