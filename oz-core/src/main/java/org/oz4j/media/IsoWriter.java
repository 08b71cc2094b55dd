package org.oz4j.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Writes small ISO 9660 volumes with Rock Ridge names, as carry answer files.
 *
 * <p>Source: ECMA-119 (ISO 9660), SUSP 1.12 and RRIP 1.12. All times in them are the same, so that the same files make
 * the same volume.
 */
public final class IsoWriter {
    private static final int SECTOR = 2048;
    private static final int FIRST_FREE = 20; // 16 volume descriptor, 17 terminator, 18 and 19 path tables
    private static final byte[] WHEN = {100, 1, 1, 0, 0, 0, 0}; // the year 2000

    /** A file or a folder of the volume. */
    private static final class Node {
        final String name;
        final Node parent;
        final byte @Nullable [] content;
        final Map<String, Node> children = new TreeMap<>();
        String identifier = "";
        int sector;
        int size;
        int number; // in the path table

        Node(String name, @Nullable Node parent, byte @Nullable [] content) {
            this.name = name;
            this.parent = parent == null ? this : parent;
            this.content = content;
        }

        boolean isFolder() {
            return content == null;
        }
    }

    private IsoWriter() {}

    /**
     * Writes a volume; only its owner can read it, since answers hold secrets.
     *
     * @param label the volume identifier, 32 characters at most
     * @param files their content, by their path without a leading slash
     */
    public static void write(Path target, String label, Map<String, byte[]> files) throws IOException {
        if (label.isEmpty() || label.length() > 32) {
            throw new IllegalArgumentException("a volume identifier has 1 to 32 characters: '" + label + "'");
        }
        Node root = new Node("", null, null);
        files.forEach((path, content) -> add(root, path, content));
        List<Node> folders = new ArrayList<>();
        List<Node> plain = new ArrayList<>();
        collect(root, folders, plain);
        int next = FIRST_FREE;
        for (Node folder : folders) {
            folder.number = folders.indexOf(folder) + 1;
            folder.sector = next;
            folder.size = sectors(records(folder).length) * SECTOR;
            next += folder.size / SECTOR;
        }
        for (Node file : plain) {
            file.sector = next;
            file.size = file.content == null ? 0 : file.content.length;
            next += sectors(file.size);
        }
        try (FileChannel channel = FileChannel.open(
                target,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            byte[] little = pathTable(folders, ByteOrder.LITTLE_ENDIAN);
            put(channel, 16, descriptor(label, next, little.length, root));
            put(channel, 17, terminator());
            put(channel, 18, little);
            put(channel, 19, pathTable(folders, ByteOrder.BIG_ENDIAN));
            for (Node folder : folders) {
                put(channel, folder.sector, records(folder));
            }
            for (Node file : plain) {
                put(channel, file.sector, file.content == null ? new byte[0] : file.content);
            }
            // The last sector is whole, too.
            channel.write(ByteBuffer.wrap(new byte[1]), (long) next * SECTOR - 1);
        }
    }

    private static void add(Node root, String path, byte[] content) {
        Node folder = root;
        String[] names = path.split("/");
        for (int i = 0; i < names.length - 1; i++) {
            Node parent = folder;
            folder = folder.children.computeIfAbsent(names[i], name -> new Node(name, parent, null));
        }
        String name = names[names.length - 1];
        folder.children.put(name, new Node(name, folder, content));
    }

    private static void collect(Node folder, List<Node> folders, List<Node> plain) {
        folders.add(folder);
        Map<String, Node> taken = new TreeMap<>();
        for (Node child : folder.children.values()) {
            child.identifier = identifier(child, taken);
            taken.put(child.identifier, child);
            if (!child.isFolder()) {
                plain.add(child);
            }
        }
        // Directory records are sorted by identifier (ECMA-119, 9.3), not by the Rock Ridge name.
        folder.children.clear();
        folder.children.putAll(taken);
        taken.values().stream().filter(Node::isFolder).forEach(child -> collect(child, folders, plain));
    }

    /** A name of level 1: eight upper-case characters, three more for a file; numbered where two would be the same. */
    private static String identifier(Node node, Map<String, Node> taken) {
        String upper = node.name.toUpperCase(Locale.ROOT);
        int dot = upper.lastIndexOf('.');
        String base = clean(dot > 0 ? upper.substring(0, dot) : upper, 8);
        String extension = node.isFolder() || dot <= 0 ? "" : clean(upper.substring(dot + 1), 3);
        for (int i = 0; ; i++) {
            String number = i == 0 ? "" : Integer.toString(i);
            String stem = base.substring(0, Math.min(base.length(), 8 - number.length())) + number;
            String identifier = node.isFolder() ? stem : stem + "." + extension + ";1";
            if (!taken.containsKey(identifier)) {
                return identifier;
            }
        }
    }

    private static String clean(String name, int length) {
        String cleaned = name.replaceAll("[^A-Z0-9_]", "_");
        return cleaned.substring(0, Math.min(cleaned.length(), length));
    }

    private static int sectors(int bytes) {
        return (bytes + SECTOR - 1) / SECTOR;
    }

    private static void put(FileChannel channel, int sector, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long position = (long) sector * SECTOR;
        while (buffer.hasRemaining()) {
            position += channel.write(buffer, position);
        }
    }

    /** A folder's records; none crosses the end of a sector. */
    private static byte[] records(Node folder) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean root = folder.parent == folder;
        append(
                bytes,
                record(
                        folder,
                        new byte[] {0},
                        root ? concat(sharing(), attributes(folder), extension()) : attributes(folder)));
        append(bytes, record(folder.parent, new byte[] {1}, attributes(folder.parent)));
        for (Node child : folder.children.values()) {
            append(
                    bytes,
                    record(
                            child,
                            child.identifier.getBytes(StandardCharsets.US_ASCII),
                            concat(attributes(child), alternateName(child))));
        }
        return bytes.toByteArray();
    }

    private static void append(ByteArrayOutputStream bytes, byte[] record) {
        int left = SECTOR - bytes.size() % SECTOR;
        if (record.length > left) {
            bytes.writeBytes(new byte[left]);
        }
        bytes.writeBytes(record);
    }

    private static byte[] record(Node node, byte[] identifier, byte[] systemUse) {
        int named = 33 + identifier.length;
        int length = named + named % 2 + systemUse.length;
        length += length % 2;
        if (length > 255) {
            throw new IllegalArgumentException("the name '" + node.name + "' is too long for a volume of answers");
        }
        ByteBuffer record = ByteBuffer.allocate(length);
        record.put((byte) length).put((byte) 0);
        both(record, node.sector);
        both(record, node.size);
        record.put(WHEN).put((byte) (node.isFolder() ? 2 : 0)).put((byte) 0).put((byte) 0);
        both16(record, 1);
        record.put((byte) identifier.length).put(identifier);
        record.position(named + named % 2);
        record.put(systemUse);
        return record.array();
    }

    private static byte[] sharing() {
        return new byte[] {'S', 'P', 7, 1, (byte) 0xbe, (byte) 0xef, 0};
    }

    private static byte[] extension() {
        return concat(new byte[] {'E', 'R', 18, 1, 10, 0, 0, 1}, "RRIP_1991A".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] attributes(Node node) {
        ByteBuffer entry = ByteBuffer.allocate(36);
        entry.put(new byte[] {'P', 'X', 36, 1});
        both(entry, node.isFolder() ? 0040555 : 0100444);
        both(entry, 1);
        both(entry, 0);
        both(entry, 0);
        return entry.array();
    }

    private static byte[] alternateName(Node node) {
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

    private static void both(ByteBuffer buffer, int value) {
        buffer.order(ByteOrder.LITTLE_ENDIAN).putInt(value);
        buffer.order(ByteOrder.BIG_ENDIAN).putInt(value);
    }

    private static void both16(ByteBuffer buffer, int value) {
        buffer.order(ByteOrder.LITTLE_ENDIAN).putShort((short) value);
        buffer.order(ByteOrder.BIG_ENDIAN).putShort((short) value);
    }

    private static byte[] pathTable(List<Node> folders, ByteOrder order) {
        ByteBuffer table = ByteBuffer.allocate(SECTOR).order(order);
        for (Node folder : folders) {
            byte[] name =
                    folder.parent == folder ? new byte[] {0} : folder.identifier.getBytes(StandardCharsets.US_ASCII);
            table.put((byte) name.length).put((byte) 0).putInt(folder.sector).putShort((short) folder.parent.number);
            table.put(name);
            if (name.length % 2 == 1) {
                table.put((byte) 0);
            }
        }
        byte[] bytes = new byte[table.position()];
        table.flip().get(bytes);
        return bytes;
    }

    private static byte[] descriptor(String label, int sectors, int pathTableSize, Node root) {
        ByteBuffer block = ByteBuffer.allocate(SECTOR);
        block.put((byte) 1)
                .put("CD001".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        text(block, "LINUX", 32);
        text(block, label, 32);
        block.position(80);
        both(block, sectors);
        block.position(120);
        both16(block, 1);
        both16(block, 1);
        both16(block, SECTOR);
        both(block, pathTableSize);
        block.order(ByteOrder.LITTLE_ENDIAN).putInt(18).putInt(0);
        block.order(ByteOrder.BIG_ENDIAN).putInt(19).putInt(0);
        block.put(record(root, new byte[] {0}, new byte[0]));
        text(block, "", 128 * 4 + 37 * 3);
        for (int i = 0; i < 4; i++) {
            block.put((i < 2 ? "2000010100000000" : "0000000000000000").getBytes(StandardCharsets.US_ASCII))
                    .put((byte) 0);
        }
        block.put((byte) 1);
        return block.array();
    }

    private static void text(ByteBuffer block, String text, int length) {
        StringBuilder padded = new StringBuilder(text);
        while (padded.length() < length) {
            padded.append(' ');
        }
        block.put(padded.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] terminator() {
        byte[] block = new byte[SECTOR];
        block[0] = (byte) 255;
        System.arraycopy("CD001".getBytes(StandardCharsets.US_ASCII), 0, block, 1, 5);
        block[6] = 1;
        return block;
    }
}
