package org.oz4j.media;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.media.VolumeFiles.Extent;

import static org.oz4j.media.ImageBytes.latin;

/**
 * Lists a UDF volume, as install media of Windows have it beside a nearly empty ISO 9660 one.
 *
 * <p>It is read as of its first session, with physical partitions, and metadata partitions upon them; neither virtual
 * and sparable ones (rewritable discs) nor files of several versions (strategy 4096).
 *
 * <p>Sources: ECMA-167, third edition, parts 2 to 4; OSTA UDF 2.60, sections 2.1.1 (names), 2.2.10 (metadata
 * partitions) and 2.3.4 (names of files).
 */
final class Udf {
    private static final int[] SECTORS = {2048, 512};
    private static final int ANCHOR_SECTOR = 256;
    private static final int MOST_DESCRIPTORS = 256;
    private static final int MOST_EXTENTS = 1 << 20;
    private static final int MOST_METADATA_EXTENTS = 1024;
    private static final int MOST_TABLES = 10_000;

    private static final int[] CRCS = crcs();

    private static final int TAG = 16;
    private static final int PARTITION = 5;
    private static final int LOGICAL_VOLUME = 6;
    private static final int TERMINATOR = 8;
    private static final int FILE_SET = 256;
    private static final int FILE_IDENTIFIER = 257;
    private static final int ALLOCATION_EXTENT = 258;
    private static final int FILE_ENTRY = 261;
    private static final int EXTENDED_FILE_ENTRY = 266;
    private static final int FILE_IDENTIFIER_HEAD = 38;
    private static final int LONGEST_LINK = 4096;

    private static final int FOLDER = 4;
    private static final int PLAIN_FILE = 5;
    private static final int LINK = 12;
    private static final int REAL_TIME_FILE = 249;

    /** A file entry: where it lies, its kind, its size and where its content is. */
    private record Entry(long at, int type, long size, List<Extent> content) {}

    private final ImageBytes image;
    private final int sector;
    /** The partitions that addresses go by, each as what it is made of. */
    private final List<List<Extent>> partitions = new ArrayList<>();

    private final ByteBuffer volume;
    private int extents;

    private Udf(ImageBytes image) throws IOException {
        this.image = image;
        ByteBuffer anchor = null;
        int size = 0;
        for (int candidate : SECTORS) {
            anchor = anchor(candidate);
            if (anchor != null) {
                size = candidate;
                break;
            }
        }
        if (anchor == null) {
            throw image.bad("it has no UDF anchor where one should be; it was cut, or is damaged");
        }
        sector = size;
        Map<Integer, ByteBuffer> found = new HashMap<>();
        Map<Integer, List<Extent>> numbered = new HashMap<>();
        // the sequence, or where it has not all, its copy
        for (int at = TAG; at <= TAG + 8 && (!found.containsKey(LOGICAL_VOLUME) || numbered.isEmpty()); at += 8) {
            readSequence(unsigned(anchor, at + 4), unsigned(anchor, at), found, numbered);
        }
        ByteBuffer logical = found.get(LOGICAL_VOLUME);
        if (logical == null || numbered.isEmpty()) {
            throw image.bad("its UDF volume has no descriptors of a volume and a partition");
        }
        volume = logical;
        if (volume.getInt(212) != sector) {
            throw image.bad("its UDF volume has blocks of " + volume.getInt(212) + " bytes and sectors of " + sector);
        }
        readMaps(numbered);
    }

    /** Whether the image says that it has a UDF volume (ECMA-167, 2/9: the volume recognition sequence). */
    static boolean isOn(ImageBytes image) throws IOException {
        int first = Iso9660.FIRST_DESCRIPTOR;
        for (int i = first; i < first + Iso9660.MOST_DESCRIPTORS; i++) {
            if ((i + 1L) * Iso9660.SECTOR > image.size()) {
                return false;
            }
            switch (latin(image.read((long) i * Iso9660.SECTOR, 6), 1, 5)) {
                case "NSR02", "NSR03" -> {
                    return true;
                }
                case "CD001", "BEA01", "BOOT2", "CDW02" -> {
                    // what may come before
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    /** A volume: its identifier, and its files. */
    record Volume(String label, VolumeFiles files) {}

    /** Lists the volume. */
    static Volume read(ImageBytes image) throws IOException {
        Udf udf = new Udf(image);
        VolumeFiles files = new VolumeFiles(image);
        udf.list(files);
        return new Volume(udf.label(), files);
    }

    private String label() {
        int length = Math.min(Byte.toUnsignedInt(volume.get(84 + 127)), 127);
        byte[] bytes = new byte[length];
        volume.get(84, bytes);
        return text(bytes).strip();
    }

    private void list(VolumeFiles files) throws IOException {
        ByteBuffer set = block(address(volume, 248), FILE_SET);
        Entry root = entry(address(set, 400), files);
        if (root.type() != FOLDER) {
            throw image.bad("the root of its UDF volume is no folder");
        }
        walk("", root, files);
    }

    // --- the volume

    /** ECMA-167, 3/8.4.2.1: the anchor is in sector 256, or the last one, or the 256th before that. */
    private @Nullable ByteBuffer anchor(int size) throws IOException {
        long last = image.size() / size - 1;
        for (long place : new long[] {ANCHOR_SECTOR, last, last - ANCHOR_SECTOR}) {
            if (place >= ANCHOR_SECTOR && place <= last) {
                ByteBuffer block = image.read(place * size, size);
                if (tag(block) == 2 && isWhole(block, place)) {
                    return block;
                }
            }
        }
        return null;
    }

    /** Reads the volume descriptors; of several of a kind the one with the highest number counts. */
    private void readSequence(
            long first, long bytes, Map<Integer, ByteBuffer> found, Map<Integer, List<Extent>> numbered)
            throws IOException {
        Map<Integer, ByteBuffer> byNumber = new HashMap<>();
        for (long i = 0; i < Math.min(bytes / sector, MOST_DESCRIPTORS); i++) {
            if ((first + i + 1) * sector > image.size()) {
                break;
            }
            ByteBuffer block = image.read((first + i) * sector, sector);
            int tag = tag(block);
            if (tag == TERMINATOR || !isWhole(block, first + i)) {
                break;
            }
            if (tag == LOGICAL_VOLUME) {
                found.merge(tag, block, Udf::newer);
            } else if (tag == PARTITION) {
                byNumber.merge(Short.toUnsignedInt(block.getShort(22)), block, Udf::newer);
            }
        }
        byNumber.forEach((number, block) -> numbered.put(
                number, List.of(new Extent(unsigned(block, 188) * sector, unsigned(block, 192) * sector))));
    }

    private static ByteBuffer newer(ByteBuffer one, ByteBuffer other) {
        return unsigned(other, TAG) >= unsigned(one, TAG) ? other : one;
    }

    private void readMaps(Map<Integer, List<Extent>> numbered) throws IOException {
        long end = Math.min(440 + unsigned(volume, 264), sector);
        int at = 440;
        for (long left = unsigned(volume, 268); left > 0 && at + 6 <= end; left--) {
            int length = Byte.toUnsignedInt(volume.get(at + 1));
            if (length < 6 || at + length > end) {
                throw image.bad("its UDF volume has a broken map of partitions");
            }
            String kind = length == 64 ? latin(volume, at + 5, 23).replace("\0", "") : "";
            if (volume.get(at) == 1) {
                partitions.add(physical(numbered, at + 4));
            } else if (kind.equals("*UDF Metadata Partition")) {
                partitions.add(metadata(physical(numbered, at + 38), unsigned(volume, at + 40)));
            } else {
                throw image.bad("its UDF volume has a partition of a kind that is not read: " + kind);
            }
            at += length;
        }
    }

    private List<Extent> physical(Map<Integer, List<Extent>> numbered, int at) {
        int number = Short.toUnsignedInt(volume.getShort(at));
        List<Extent> partition = numbered.get(number);
        if (partition == null) {
            throw image.bad("its UDF volume has no partition " + number);
        }
        return partition;
    }

    private List<Extent> metadata(List<Extent> home, long block) throws IOException {
        long at = place(home, block);
        List<Extent> content = entry(at, block, home, new VolumeFiles(image)).content();
        if (content.size() > MOST_METADATA_EXTENTS) {
            throw image.bad("its metadata partition lies in more than " + MOST_METADATA_EXTENTS + " places");
        }
        return content;
    }

    // --- descriptors

    /** A place in a partition, as a long allocation descriptor has it (ECMA-167, 4/14.14.2). */
    private record Address(int partition, long block) {}

    private static Address address(ByteBuffer buffer, int at) {
        return new Address(Short.toUnsignedInt(buffer.getShort(at + 8)), unsigned(buffer, at + 4));
    }

    private List<Extent> partition(int reference) {
        if (reference >= partitions.size()) {
            throw image.bad("its UDF volume has no map of partition " + reference);
        }
        return partitions.get(reference);
    }

    private ByteBuffer block(Address address, int tag) throws IOException {
        long at = place(partition(address.partition()), address.block());
        return block(at, address.block(), tag);
    }

    private ByteBuffer block(long at, long location, int... tags) throws IOException {
        ByteBuffer block = image.read(at, sector);
        for (int tag : tags) {
            if (tag(block) == tag && isWhole(block, location)) {
                return block;
            }
        }
        throw image.bad("its UDF volume has no descriptor of kind " + tags[0] + " at byte " + at);
    }

    /** Where a block of a partition lies in the image. */
    private long place(List<Extent> partition, long block) {
        List<Extent> place = cut(partition, block * sector, sector);
        if (place.size() != 1 || place.get(0).isZeros()) {
            throw image.bad("its UDF volume has a descriptor in pieces");
        }
        return place.get(0).offset();
    }

    /** A part of what lies in several places. */
    private List<Extent> cut(List<Extent> whole, long from, long bytes) {
        List<Extent> parts = new ArrayList<>(1);
        long start = 0; // of the extent
        long done = from;
        long end = from + bytes;
        for (Extent extent : whole) {
            long stop = Math.min(end, start + extent.size());
            if (done >= start && done < stop) {
                long size = stop - done;
                parts.add(extent.isZeros() ? Extent.zeros(size) : new Extent(extent.offset() + done - start, size));
                done = stop;
            }
            start += extent.size();
        }
        if (done < end) {
            throw image.bad("its UDF volume names a place outside of a partition");
        }
        return parts;
    }

    private static int tag(ByteBuffer block) {
        return Short.toUnsignedInt(block.getShort(0));
    }

    /** Whether a descriptor's sums are right, and it says that it lies where it does (ECMA-167, 3/7.2). */
    private static boolean isWhole(ByteBuffer block, long location) {
        int sum = 0;
        for (int i = 0; i < TAG; i++) {
            sum += i == 4 ? 0 : block.get(i);
        }
        int length = Short.toUnsignedInt(block.getShort(10));
        return (byte) sum == block.get(4)
                && unsigned(block, 12) == location
                && TAG + length <= block.capacity()
                && crc(block, length) == Short.toUnsignedInt(block.getShort(8));
    }

    /** ECMA-167, 3/7.2.6: the polynomial x^16 + x^12 + x^5 + 1. */
    private static int crc(ByteBuffer block, int length) {
        int crc = 0;
        for (int i = TAG; i < TAG + length; i++) {
            crc = ((crc << 8) & 0xffff) ^ CRCS[(crc >>> 8) ^ Byte.toUnsignedInt(block.get(i))];
        }
        return crc;
    }

    private static int[] crcs() {
        int[] crcs = new int[256];
        for (int i = 0; i < crcs.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ ((crc & 0x8000) == 0 ? 0 : 0x1021);
            }
            crcs[i] = crc & 0xffff;
        }
        return crcs;
    }

    private static long unsigned(ByteBuffer buffer, int at) {
        return Integer.toUnsignedLong(buffer.getInt(at));
    }

    // --- files

    private Entry entry(Address address, VolumeFiles files) throws IOException {
        List<Extent> home = partition(address.partition());
        return entry(place(home, address.block()), address.block(), home, files);
    }

    private Entry entry(long at, long location, List<Extent> home, VolumeFiles files) throws IOException {
        ByteBuffer block = block(at, location, FILE_ENTRY, EXTENDED_FILE_ENTRY);
        int head = tag(block) == FILE_ENTRY ? 176 : 216;
        files.countBytes(head);
        int strategy = Short.toUnsignedInt(block.getShort(20));
        if (strategy != 4) {
            throw image.bad("its UDF volume has files of strategy " + strategy + ", which is not read");
        }
        long size = block.getLong(56);
        long start = head + unsigned(block, head - 8);
        long length = unsigned(block, head - 4);
        if (size < 0 || start + length > sector) {
            throw image.bad("its UDF volume has a broken file entry at byte " + at);
        }
        int kind = block.getShort(34) & 7;
        List<Extent> content;
        if (size == 0) {
            content = List.of();
        } else if (kind == 3 && size <= length) {
            content = List.of(new Extent(at + start, size)); // the content is in the entry
        } else if (kind <= 1) {
            content = content(block, (int) start, (int) length, kind == 1, home, size, files);
        } else {
            throw image.bad("its UDF volume has a file whose place is told in a way that is not read");
        }
        return new Entry(at, Byte.toUnsignedInt(block.get(27)), size, content);
    }

    /** ECMA-167, 4/12 and 4/14.14: a list of extents, which goes on in another block where it is long. */
    private List<Extent> content(
            ByteBuffer first, int start, int length, boolean wide, List<Extent> home, long size, VolumeFiles files)
            throws IOException {
        List<Extent> content = new ArrayList<>(1);
        ByteBuffer table = first;
        int width = wide ? 16 : 8;
        int at = start;
        int end = start + length;
        int tables = 0;
        long left = size;
        while (left > 0 && at + width <= end) {
            int type = table.getInt(at) >>> 30;
            long bytes = table.getInt(at) & 0x3fff_ffff;
            long block = unsigned(table, at + 4);
            List<Extent> partition = wide ? partition(Short.toUnsignedInt(table.getShort(at + 8))) : home;
            at += width;
            if (bytes == 0) {
                break;
            }
            if (type == 3) {
                files.countBytes(sector);
                table = block(place(partition, block), block, ALLOCATION_EXTENT);
                at = 24;
                end = (int) Math.min(24 + unsigned(table, 20), sector);
                if (++tables > MOST_TABLES) {
                    throw image.bad("its UDF volume has a file in pieces without end");
                }
                continue;
            }
            long used = Math.min(bytes, left);
            left -= used;
            List<Extent> parts =
                    type == 0 ? cut(partition, block * sector, used) : List.of(Extent.zeros(used)); // never written
            parts.forEach(part -> add(content, part));
        }
        if (left > 0) {
            throw image.bad("its UDF volume has a file that is shorter than it says; it was cut, or is damaged");
        }
        return content;
    }

    /** Adds an extent, as one with the last where it goes on there. */
    private void add(List<Extent> content, Extent part) {
        int last = content.size() - 1;
        if (last >= 0) {
            Extent before = content.get(last);
            if (!part.isZeros() && !before.isZeros() && before.offset() + before.size() == part.offset()) {
                content.set(last, new Extent(before.offset(), before.size() + part.size()));
                return;
            }
        }
        if (++extents > MOST_EXTENTS) {
            throw image.bad("its UDF volume has files in more than " + MOST_EXTENTS + " pieces");
        }
        content.add(part);
    }

    private void walk(String path, Entry folder, VolumeFiles files) throws IOException {
        files.enter(path, folder.at());
        files.countBytes(Math.max(folder.size(), sector));
        check(path, folder.content());
        String below = path.isEmpty() ? "" : path + "/";
        try (InputStream records = new BufferedInputStream(new ImageFileStream(image, folder.content()), sector)) {
            byte[] head = records.readNBytes(FILE_IDENTIFIER_HEAD);
            while (head.length > 0) {
                ByteBuffer record = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
                if (head.length < FILE_IDENTIFIER_HEAD || tag(record) != FILE_IDENTIFIER) {
                    throw image.bad("the folder '" + path + "' has a broken record");
                }
                int nameLength = Byte.toUnsignedInt(head[19]);
                int useLength = Short.toUnsignedInt(record.getShort(36));
                int whole = FILE_IDENTIFIER_HEAD + useLength + nameLength;
                byte[] rest = records.readNBytes((whole + 3) / 4 * 4 - FILE_IDENTIFIER_HEAD);
                if (rest.length < useLength + nameLength) {
                    throw image.bad("the folder '" + path + "' has a broken record");
                }
                byte[] name = new byte[nameLength];
                System.arraycopy(rest, useLength, name, 0, nameLength);
                boolean gone = (head[18] & 4) != 0;
                boolean parent = (head[18] & 8) != 0;
                if (!gone && !parent && unsigned(record, 20) != 0) {
                    add(below, text(name), address(record, 20), files);
                }
                head = records.readNBytes(FILE_IDENTIFIER_HEAD);
            }
        }
        files.leave();
    }

    private void check(String path, List<Extent> content) {
        for (Extent extent : content) {
            if (extent.isZeros()) {
                throw image.bad("the folder '" + path + "' was never written");
            }
            image.check(extent.offset(), extent.size());
        }
    }

    private void add(String below, String name, Address address, VolumeFiles files) throws IOException {
        if (Iso9660.isUnsafe(name)) {
            return; // a name with a slash belongs nowhere
        }
        String path = below + name;
        Entry entry = entry(address, files);
        switch (entry.type()) {
            case FOLDER -> walk(path, entry, files);
            case LINK -> files.addLink(path, target(path, entry));
            case PLAIN_FILE, REAL_TIME_FILE -> files.addFile(path, entry.content());
            default -> {
                // devices, sockets and what the file system keeps for itself
            }
        }
    }

    /** ECMA-167, 4/14.16: the components of a link's target. */
    private String target(String path, Entry entry) throws IOException {
        check(path, entry.content());
        byte[] all;
        try (InputStream content = new ImageFileStream(image, entry.content())) {
            all = content.readNBytes(LONGEST_LINK);
        }
        StringBuilder target = new StringBuilder();
        for (int at = 0; at + 4 <= all.length; ) {
            int length = Byte.toUnsignedInt(all[at + 1]);
            if (at + 4 + length > all.length) {
                break;
            }
            if (target.length() > 0 && target.charAt(target.length() - 1) != '/') {
                target.append('/');
            }
            switch (all[at]) {
                case 1, 2 -> target.append('/');
                case 3 -> target.append("..");
                case 4 -> target.append('.');
                default -> {
                    byte[] name = new byte[length];
                    System.arraycopy(all, at + 4, name, 0, length);
                    target.append(text(name));
                }
            }
            at += 4 + length;
        }
        return target.toString();
    }

    /** UDF 2.60, 2.1.1: the first byte tells how many bits each character has. */
    private static String text(byte[] bytes) {
        Optional<Charset> charset = bytes.length == 0
                ? Optional.empty()
                : switch (Byte.toUnsignedInt(bytes[0])) {
                    case 8, 254 -> Optional.of(StandardCharsets.ISO_8859_1);
                    case 16, 255 -> Optional.of(StandardCharsets.UTF_16BE);
                    default -> Optional.empty();
                };
        return charset.map(known -> new String(bytes, 1, bytes.length - 1, known))
                .orElse("");
    }
}
