package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.media.VolumeNode.Bytes;

/**
 * Writes images of 1.44 MB floppies, as carry {@code winnt.sif}: a FAT12 file system with long names.
 *
 * <p>All times are the same, so that the same files make the same floppy.
 *
 * <p>Sources: Microsoft's "FAT: General Overview of On-Disk Format", version 1.03; ECMA-107.
 */
public final class FloppyWriter {
    private static final int SECTOR = 512; // and a cluster
    private static final int SECTORS = 2880;
    private static final int FAT_SECTORS = 9;
    private static final int ROOT_ENTRIES = 224;
    private static final int ENTRY = 32;
    private static final int ROOT_AT = (1 + 2 * FAT_SECTORS) * SECTOR;
    private static final int DATA_AT = ROOT_AT + ROOT_ENTRIES * ENTRY;
    private static final int CLUSTERS = SECTORS - DATA_AT / SECTOR;
    private static final int LABEL = 0x08;
    private static final int FOLDER = 0x10;
    private static final int ARCHIVE = 0x20;
    private static final int LONG_NAME = 0x0f;
    private static final int LONG_PART = 13;
    private static final int[] LONG_PLACES = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    private static final int LONGEST_NAME = 255;
    private static final short WHEN = (2000 - 1980) << 9 | 1 << 5 | 1;

    private static final String SHORT = "[A-Z0-9$%'_@~`!(){}^#&-]";
    private static final Pattern SHORT_NAME = Pattern.compile(SHORT + "{1,8}(\\." + SHORT + "{1,3})?");
    private static final Pattern SHORT_BUT_CASE = Pattern.compile(SHORT_NAME.pattern(), Pattern.CASE_INSENSITIVE);
    private static final Pattern NOT_SHORT = Pattern.compile("[^A-Z0-9$%'_@~`!(){}^#&-]");
    private static final Pattern NOT_LONG = Pattern.compile("[\\x00-\\x1f\"*/:<>?\\\\|]|[. ]$");
    private static final Pattern VOLUME_LABEL = Pattern.compile("(?! )[A-Z0-9$%'_@~`!(){}^#& -]{1,11}");

    private final ByteBuffer image = ByteBuffer.allocate(SECTORS * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    private final URI floppy;
    private int nextCluster = 2;

    private FloppyWriter(URI floppy) {
        this.floppy = floppy;
    }

    /**
     * Writes a floppy; only its owner can read it, since answers hold secrets. Where that fails nothing is left of it.
     *
     * @param label up to 11 characters: capital letters, digits, spaces and some signs
     * @param files their content, by their path without a leading slash
     * @throws MediaException of kind {@code TOO_LARGE} where they don't fit, {@code BAD_FORMAT} where there can be no such
     *     path, or where two differ in nothing but case
     */
    public static void write(Path target, String label, Map<String, byte[]> files) throws IOException {
        if (!VOLUME_LABEL.matcher(label).matches()) {
            throw new IllegalArgumentException(
                    "a floppy's label has 1 to 11 capital letters, digits, spaces or signs: '" + label + "'");
        }
        URI floppy = target.toUri();
        VolumeNode root = VolumeNode.root(floppy, files, Map.of());
        FloppyWriter writer = new FloppyWriter(floppy);
        writer.write(label, root);
        OwnerFile.create(target, channel -> {
            while (writer.image.hasRemaining()) {
                channel.write(writer.image);
            }
        });
    }

    private void write(String label, VolumeNode root) {
        checkNames(root);
        int entries = entries(root);
        if (entries > ROOT_ENTRIES) {
            throw tooLarge("the root folder needs " + entries + " entries, it has " + ROOT_ENTRIES);
        }
        long missing = bytes(root) - (long) CLUSTERS * SECTOR;
        if (missing > 0) {
            throw tooLarge("they have " + missing + " bytes too many");
        }
        bootSector(label);
        link(0, 0xff0);
        link(1, 0xfff);
        image.put(ROOT_AT, padded(label, 11)).put(ROOT_AT + 11, (byte) LABEL).putShort(ROOT_AT + 24, WHEN);
        fill(root, 0, ROOT_AT + ENTRY);
        System.arraycopy(image.array(), SECTOR, image.array(), (1 + FAT_SECTORS) * SECTOR, FAT_SECTORS * SECTOR);
    }

    private MediaException tooLarge(String why) {
        return new MediaException(
                Kind.TOO_LARGE,
                floppy,
                "The files do not fit on the floppy " + floppy + ": " + why,
                "Leave something out, or take a CD",
                null);
    }

    private void checkNames(VolumeNode folder) {
        Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (VolumeNode child : folder.children.values()) {
            if (child.name.length() > LONGEST_NAME
                    || NOT_LONG.matcher(child.name).find()) {
                throw VolumeNode.cannot(floppy, child.path(), "FAT allows no such name");
            }
            if (!taken.add(child.name)) {
                throw VolumeNode.cannot(floppy, child.path(), "another name differs from it in nothing but case");
            }
            checkNames(child);
        }
    }

    /** The number of a folder's entries; the root has one for the label, others have one each for itself and its parent. */
    private static int entries(VolumeNode folder) {
        int entries = folder.isRoot() ? 1 : 2;
        for (VolumeNode child : folder.children.values()) {
            entries += 1 + longParts(child.name);
        }
        return entries;
    }

    private static int longParts(String name) {
        return SHORT_NAME.matcher(name).matches() ? 0 : (name.length() + LONG_PART - 1) / LONG_PART;
    }

    /** The bytes that all below a folder need, in whole clusters. */
    private static long bytes(VolumeNode folder) {
        long bytes = 0;
        for (VolumeNode child : folder.children.values()) {
            bytes += clusters(child) * SECTOR + bytes(child);
        }
        return bytes;
    }

    private static long clusters(VolumeNode node) {
        long size = node.content == null ? (long) entries(node) * ENTRY : node.content.size();
        return (size + SECTOR - 1) / SECTOR;
    }

    private void bootSector(String label) {
        image.put(0, new byte[] {(byte) 0xeb, 0x3c, (byte) 0x90}).put(3, padded("MSWIN4.1", 8));
        image.putShort(11, (short) SECTOR).put(13, (byte) 1).putShort(14, (short) 1);
        image.put(16, (byte) 2).putShort(17, (short) ROOT_ENTRIES).putShort(19, (short) SECTORS);
        image.put(21, (byte) 0xf0).putShort(22, (short) FAT_SECTORS);
        image.putShort(24, (short) 18).putShort(26, (short) 2); // sectors of a track, sides
        image.put(38, (byte) 0x29).putInt(39, 0x2000_0101).put(43, padded(label, 11));
        image.put(54, padded("FAT12", 8));
        // a BIOS that boots from it goes on with the next drive: int 18h
        image.put(62, new byte[] {(byte) 0xcd, 0x18, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd});
        image.putShort(510, (short) 0xaa55);
    }

    /**
     * Writes a folder's entries, and what they lead to.
     *
     * @param cluster the folder's first; 0 for the root
     * @param from where its entries lie in the image; they follow on each other
     */
    private void fill(VolumeNode folder, int cluster, int from) {
        int at = from;
        Map<String, byte[]> names = shortNames(folder.children.keySet());
        for (VolumeNode child : folder.children.values()) {
            byte[] shortName = names.getOrDefault(child.name, new byte[0]);
            int parts = longParts(child.name);
            for (int part = parts; part > 0; part--) {
                longPart(at, child.name, part, part == parts, shortName);
                at += ENTRY;
            }
            int first = allocate((int) clusters(child));
            if (child.content instanceof Bytes content) {
                int size = content.bytes().capacity();
                entry(at, shortName, ARCHIVE, first, size);
                image.put(clusterAt(first), content.bytes(), 0, size);
            } else {
                entry(at, shortName, FOLDER, first, 0);
                entry(clusterAt(first), padded(".", 11), FOLDER, first, 0);
                entry(clusterAt(first) + ENTRY, padded("..", 11), FOLDER, cluster, 0);
                fill(child, first, clusterAt(first) + 2 * ENTRY);
            }
            at += ENTRY;
        }
    }

    private static int clusterAt(int cluster) {
        return cluster == 0 ? 0 : DATA_AT + (cluster - 2) * SECTOR;
    }

    /** Takes clusters that follow on each other; returns the first, or 0 where there are to be none. */
    private int allocate(int count) {
        int first = count == 0 ? 0 : nextCluster;
        for (int i = 0; i < count; i++) {
            link(nextCluster, i + 1 < count ? nextCluster + 1 : 0xfff);
            nextCluster++;
        }
        return first;
    }

    private void link(int cluster, int next) {
        int at = SECTOR + cluster * 3 / 2;
        int pair = Short.toUnsignedInt(image.getShort(at));
        image.putShort(at, (short) (cluster % 2 == 0 ? (pair & 0xf000) | next : (pair & 0xf) | next << 4));
    }

    private void entry(int at, byte[] shortName, int attributes, int first, int size) {
        image.put(at, shortName).put(at + 11, (byte) attributes);
        image.putShort(at + 16, WHEN).putShort(at + 18, WHEN).putShort(at + 24, WHEN);
        image.putShort(at + 26, (short) first).putInt(at + 28, size);
    }

    /** A part of a long name, counted from 1; the last one lies first. */
    private void longPart(int at, String name, int part, boolean last, byte[] shortName) {
        image.put(at, (byte) (last ? part | 0x40 : part)).put(at + 11, (byte) LONG_NAME);
        image.put(at + 13, checksum(shortName));
        for (int i = 0; i < LONG_PART; i++) {
            int character = (part - 1) * LONG_PART + i;
            int value = character < name.length() ? name.charAt(character) : character == name.length() ? 0 : 0xffff;
            image.putShort(at + LONG_PLACES[i], (short) value);
        }
    }

    private static byte checksum(byte[] shortName) {
        int sum = 0;
        for (byte character : shortName) {
            sum = ((sum & 1) << 7 | sum >> 1) + Byte.toUnsignedInt(character) & 0xff;
        }
        return (byte) sum;
    }

    /** The 11 bytes of each name: those that fit but for their case keep theirs, others get a number. */
    private static Map<String, byte[]> shortNames(Collection<String> names) {
        Map<String, byte[]> all = new HashMap<>();
        Set<String> taken = new HashSet<>();
        for (String name : names) {
            if (SHORT_BUT_CASE.matcher(name).matches()) {
                String upper = name.toUpperCase(Locale.ROOT);
                taken.add(upper);
                all.put(name, split(upper));
            }
        }
        for (String name : names) {
            if (!all.containsKey(name)) {
                String upper = name.toUpperCase(Locale.ROOT).replace(" ", "").replaceFirst("^\\.+", "");
                int dot = upper.lastIndexOf('.');
                String base = NOT_SHORT
                        .matcher(dot < 0 ? upper : upper.substring(0, dot))
                        .replaceAll("_");
                String extension = dot < 0
                        ? ""
                        : NOT_SHORT.matcher(upper.substring(dot + 1)).replaceAll("_");
                String ending =
                        extension.isEmpty() ? "" : "." + extension.substring(0, Math.min(3, extension.length()));
                String numbered;
                int number = 1;
                do {
                    String tail = "~" + number++;
                    numbered = base.substring(0, Math.min(base.length(), 8 - tail.length())) + tail + ending;
                } while (!taken.add(numbered));
                all.put(name, split(numbered));
            }
        }
        return all;
    }

    private static byte[] split(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? padded(name, 11) : padded(padded(name.substring(0, dot)) + name.substring(dot + 1), 11);
    }

    private static String padded(String base) {
        return base + " ".repeat(8 - base.length());
    }

    private static byte[] padded(String text, int length) {
        return (text + " ".repeat(length - text.length())).getBytes(StandardCharsets.US_ASCII);
    }
}
