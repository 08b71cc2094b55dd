package org.oz4j.media;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.oz4j.MediaException;

/**
 * One of the two trees of a new ISO 9660 volume, which share the files' contents: that with names of level 1 and of Rock
 * Ridge, or Joliet's.
 *
 * <p>Sources: ECMA-119 (ISO 9660); SUSP 1.12 and RRIP 1.12 (Rock Ridge); the Joliet specification (Microsoft, 1995).
 */
final class IsoHierarchy {
    static final int SECTOR = 2048;

    private static final int MOST_FOLDERS = 0xffff;
    private static final int LONGEST_JOLIET = 64;
    private static final byte[] WHEN = {100, 1, 1, 0, 0, 0, 0}; // the year 2000

    /** A file's or folder's name in this tree; folders have a number, and a place of their own. */
    private static final class Entry {
        final String identifier;
        final String stem;
        final String extension;
        List<VolumeNode> children = List.of();
        int number;
        long sector;
        int size;

        Entry(String identifier, String stem, String extension) {
            this.identifier = identifier;
            this.stem = stem;
            this.extension = extension;
        }

        /** As names are told apart: the dot of a file without an extension does not count. */
        String key() {
            return extension.isEmpty() ? stem : stem + "." + extension;
        }
    }

    private final URI volume;
    private final boolean joliet;
    private final Map<VolumeNode, Entry> entries = new HashMap<>();
    // in the order of the path table: by level, by the parent's number, by name (ECMA-119, 6.9.1)
    private final List<VolumeNode> folders = new ArrayList<>();
    private final Map<VolumeNode, Long> files;

    /**
     * Names all below a root, and puts it in order.
     *
     * @param volume where it will be, for messages
     * @param files gets the first sector of each file, before records are asked for
     * @throws MediaException of kind {@code BAD_FORMAT} where a name is too long, or where there are too many folders
     */
    IsoHierarchy(URI volume, VolumeNode root, Map<VolumeNode, Long> files, boolean joliet) {
        this.volume = volume;
        this.files = files;
        this.joliet = joliet;
        entries.put(root, new Entry("", "", ""));
        folders.add(root);
        for (int i = 0; i < folders.size(); i++) {
            VolumeNode folder = folders.get(i);
            Entry entry = entry(folder);
            entry.number = i + 1;
            entry.children = named(folder);
            entry.children.stream().filter(VolumeNode::isFolder).forEach(folders::add);
        }
        if (folders.size() > MOST_FOLDERS) {
            throw VolumeNode.cannot(
                    volume,
                    root.path(),
                    "it has " + folders.size() + " folders, " + MOST_FOLDERS + " at most are told");
        }
    }

    private Entry entry(VolumeNode node) {
        return Objects.requireNonNull(entries.get(node));
    }

    /** Names what a folder holds, and sorts it by stem, then by extension (ECMA-119, 9.3). */
    private List<VolumeNode> named(VolumeNode folder) {
        Set<String> taken = new HashSet<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (VolumeNode child : folder.children.values()) {
            Entry entry = joliet ? jolietName(child) : shortName(child, taken, numbers);
            if (!taken.add(entry.key())) {
                throw VolumeNode.cannot(volume, child.path(), "another file has the Joliet name " + entry.key());
            }
            entries.put(child, entry);
        }
        return folder.children.values().stream()
                .sorted(Comparator.comparing((VolumeNode child) -> entry(child).stem)
                        .thenComparing(child -> entry(child).extension))
                .toList();
    }

    /**
     * Joliet, "Allowed Character Set": what is not allowed gets replaced, since Windows knows no such name. As other programs
     * do, it leaves the version out.
     */
    private Entry jolietName(VolumeNode node) {
        if (node.name.length() > LONGEST_JOLIET) {
            throw VolumeNode.cannot(
                    volume,
                    node.path(),
                    "the name has " + node.name.length() + " characters, Joliet's have " + LONGEST_JOLIET + " at most");
        }
        String name = node.name.replaceAll("[\\x00-\\x1f*/:;?\\\\]", "_");
        int dot = name.lastIndexOf('.');
        return dot < 0 || node.isFolder()
                ? new Entry(name, name, "")
                : new Entry(name, name.substring(0, dot), name.substring(dot + 1));
    }

    /** A name of level 1: eight upper-case characters, three more for a file; numbered where two would be the same. */
    private static Entry shortName(VolumeNode node, Set<String> taken, Map<String, Integer> numbers) {
        String upper = node.name.toUpperCase(Locale.ROOT);
        int dot = upper.lastIndexOf('.');
        String base = clean(dot > 0 ? upper.substring(0, dot) : upper, 8);
        String extension = node.isFolder() || dot <= 0 ? "" : clean(upper.substring(dot + 1), 3);
        Entry entry = shortName(node, base, extension);
        while (taken.contains(entry.key())) {
            String number = Integer.toString(numbers.merge(base + "." + extension, 1, Integer::sum));
            String shorter = base.substring(0, Math.min(base.length(), 8 - number.length()));
            entry = shortName(node, shorter + number, extension);
        }
        return entry;
    }

    private static Entry shortName(VolumeNode node, String stem, String extension) {
        return new Entry(node.isFolder() ? stem : stem + "." + extension + ";1", stem, extension);
    }

    private static String clean(String name, int length) {
        String cleaned = name.replaceAll("[^A-Z0-9_]", "_");
        return cleaned.substring(0, Math.min(cleaned.length(), length));
    }

    /** Gives each folder its place, from that sector on; returns the first sector behind them. */
    long place(long sector) {
        long next = sector;
        for (VolumeNode folder : folders) {
            Entry entry = entry(folder);
            entry.sector = next;
            entry.size = records(folder).length;
            next += entry.size / SECTOR;
        }
        return next;
    }

    /** The root folder's record, as a volume descriptor has it. */
    byte[] rootRecord() {
        return record(folders.get(0), new byte[] {0}, new byte[0]);
    }

    /** The folders' records, one folder after the other, as they lie from {@link #place} on. */
    byte[] records() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        folders.forEach(folder -> all.writeBytes(records(folder)));
        return all.toByteArray();
    }

    /** A folder's records, in whole sectors; none crosses the end of one. */
    private byte[] records(VolumeNode folder) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        append(bytes, record(folder, new byte[] {0}, folder.isRoot() ? rootAttributes(folder) : attributes(folder)));
        append(bytes, record(folder.parent, new byte[] {1}, attributes(folder.parent)));
        for (VolumeNode child : entry(folder).children) {
            append(bytes, record(child, identifier(child), concat(attributes(child), alternateName(child))));
        }
        bytes.writeBytes(new byte[(SECTOR - bytes.size() % SECTOR) % SECTOR]);
        return bytes.toByteArray();
    }

    private byte[] identifier(VolumeNode node) {
        return entry(node).identifier.getBytes(joliet ? StandardCharsets.UTF_16BE : StandardCharsets.US_ASCII);
    }

    private static void append(ByteArrayOutputStream bytes, byte[] record) {
        int left = SECTOR - bytes.size() % SECTOR;
        if (record.length > left) {
            bytes.writeBytes(new byte[left]);
        }
        bytes.writeBytes(record);
    }

    private byte[] record(VolumeNode node, byte[] identifier, byte[] systemUse) {
        int named = 33 + identifier.length;
        int length = named + named % 2 + systemUse.length;
        length += length % 2;
        if (length > 255) {
            throw VolumeNode.cannot(
                    volume, node.path(), "the name is " + (length - 255) + " bytes too long for Rock Ridge");
        }
        Entry entry = entry(node);
        long size = node.content == null ? entry.size : node.content.size();
        ByteBuffer record = ByteBuffer.allocate(length);
        record.put((byte) length).put((byte) 0);
        both(record, (int) (node.isFolder() ? entry.sector : files.getOrDefault(node, 0L)));
        both(record, (int) size);
        record.put(WHEN).put((byte) (node.isFolder() ? 2 : 0)).put((byte) 0).put((byte) 0);
        both16(record, 1);
        record.put((byte) identifier.length).put(identifier);
        record.position(named + named % 2);
        record.put(systemUse);
        return record.array();
    }

    private byte[] rootAttributes(VolumeNode root) {
        if (joliet) {
            return new byte[0];
        }
        byte[] sharing = {'S', 'P', 7, 1, (byte) 0xbe, (byte) 0xef, 0};
        byte[] extension =
                concat(new byte[] {'E', 'R', 18, 1, 10, 0, 0, 1}, "RRIP_1991A".getBytes(StandardCharsets.US_ASCII));
        return concat(sharing, attributes(root), extension);
    }

    private byte[] attributes(VolumeNode node) {
        if (joliet) {
            return new byte[0];
        }
        ByteBuffer entry = ByteBuffer.allocate(36);
        entry.put(new byte[] {'P', 'X', 36, 1});
        both(entry, node.isFolder() ? 0040555 : 0100444);
        both(entry, 1);
        both(entry, 0);
        both(entry, 0);
        return entry.array();
    }

    private byte[] alternateName(VolumeNode node) {
        if (joliet) {
            return new byte[0];
        }
        byte[] name = node.name.getBytes(StandardCharsets.UTF_8);
        return concat(new byte[] {'N', 'M', (byte) (5 + name.length), 1, 0}, name);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    static void both(ByteBuffer buffer, int value) {
        buffer.order(ByteOrder.LITTLE_ENDIAN).putInt(value);
        buffer.order(ByteOrder.BIG_ENDIAN).putInt(value);
    }

    static void both16(ByteBuffer buffer, int value) {
        buffer.order(ByteOrder.LITTLE_ENDIAN).putShort((short) value);
        buffer.order(ByteOrder.BIG_ENDIAN).putShort((short) value);
    }

    /** The size of a path table in bytes. */
    int pathTableSize() {
        return pathTable(ByteOrder.BIG_ENDIAN).length;
    }

    /** A path table; folders must have their place. */
    byte[] pathTable(ByteOrder order) {
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        for (VolumeNode folder : folders) {
            Entry entry = entry(folder);
            byte[] name = folder.isRoot() ? new byte[] {0} : identifier(folder);
            ByteBuffer row =
                    ByteBuffer.allocate(8 + name.length + name.length % 2).order(order);
            row.put((byte) name.length).put((byte) 0).putInt((int) entry.sector);
            row.putShort((short) entry(folder.parent).number).put(name);
            table.writeBytes(row.array());
        }
        return table.toByteArray();
    }
}
