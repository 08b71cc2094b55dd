package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

/**
 * An ext2 file system in a file, as old installers' initrds have it: files are added to it, or replaced.
 *
 * <p>All changes are kept in memory and written at once, so an image that has no room for them stays as it is. It is not
 * made larger, since the kernel copies it to a RAM disk of a set size ({@code ramdisk_size=}) and would refuse a larger
 * one only when the guest boots; the blocks that are reserved for root are used, since an installer is root.
 *
 * <p>Sources: Dave Poirier's "The Second Extended File System"; the Linux kernel's "The Second Extended Filesystem" and
 * "Using the RAM disk block device with Linux".
 */
final class Ext2Image {
    private static final int SUPERBLOCK = 1024;
    private static final short MAGIC = (short) 0xef53;
    private static final int ROOT = 2;
    private static final int DESCRIPTOR = 32;
    private static final int MOST_LINKS = 32_000;
    private static final int LONGEST_NAME = 255;
    private static final int WHEN = 946_684_800; // the year 2000

    private static final int INCOMPATIBLE_KNOWN = 0x2; // entries tell what they lead to
    private static final int READ_ONLY_KNOWN = 0x3; // few superblocks, large files
    private static final int JOURNAL = 0x4;

    private static final int TYPE = 0170000;
    private static final int TYPE_FOLDER = 0040000;
    private static final int TYPE_FILE = 0100000;
    private static final int TYPE_LINK = 0120000;

    // places in the superblock
    private static final int FREE_BLOCKS = 12;
    private static final int FREE_INODES = 16;

    // places in a group's descriptor
    private static final int BLOCK_BITMAP = 0;
    private static final int INODE_BITMAP = 4;
    private static final int INODE_TABLE = 8;
    private static final int GROUP_FREE_BLOCKS = 12;
    private static final int GROUP_FREE_INODES = 14;
    private static final int GROUP_FOLDERS = 16;

    // places in an inode
    private static final int SIZE = 4;
    private static final int LINKS = 26;
    private static final int SECTORS = 28;
    private static final int FLAGS = 32;
    private static final int POINTERS = 40;
    private static final int ATTRIBUTES = 104;

    private static final int DIRECT = 12;
    private static final int INDEXED = 0x1000;

    /** Where a number stands. */
    private record Slot(ByteBuffer table, int at) {
        int number() {
            return table.getInt(at);
        }
    }

    private final FileChannel channel;
    private final URI medium;
    private final ByteBuffer superblock;
    private final ByteBuffer descriptors;
    private final int block;
    private final int blocks;
    private final int firstBlock;
    private final int blocksPerGroup;
    private final int inodes;
    private final int inodesPerGroup;
    private final int inodeSize;
    private final int firstInode;
    private final int groups;
    private final boolean typed;
    private final Map<Integer, ByteBuffer> changed = new TreeMap<>();
    // of inodes and blocks that there was no room for, behind the last ones
    private final Map<Integer, ByteBuffer> missingInodes = new HashMap<>();
    private int missingBlocks;

    private Ext2Image(FileChannel channel, URI medium) throws IOException {
        this.channel = channel;
        this.medium = medium;
        superblock = readBytes(SUPERBLOCK, SUPERBLOCK);
        if (superblock.getShort(56) != MAGIC) {
            throw bad("it has no superblock");
        }
        int exponent = superblock.getInt(24);
        int revision = superblock.getInt(76);
        if (exponent < 0 || exponent > 2 || revision < 0 || revision > 1) {
            throw bad("it is of revision " + Integer.toUnsignedString(revision) + ", with blocks of 1024 * 2^"
                    + Integer.toUnsignedString(exponent) + " bytes");
        }
        checkFeatures(superblock.getInt(92), superblock.getInt(96), superblock.getInt(100));
        block = 1024 << exponent;
        firstBlock = superblock.getInt(20);
        blocks = superblock.getInt(4);
        blocksPerGroup = superblock.getInt(32);
        inodes = superblock.getInt(0);
        inodesPerGroup = superblock.getInt(40);
        firstInode = revision == 0 ? 11 : superblock.getInt(84);
        inodeSize = revision == 0 ? 128 : Short.toUnsignedInt(superblock.getShort(88));
        typed = (superblock.getInt(96) & 0x2) != 0;
        if (blocks < 0 || (long) blocks * block > channel.size()) {
            throw bad("it tells of " + Integer.toUnsignedString(blocks) + " blocks of " + block + " bytes, but has "
                    + channel.size() + " bytes");
        }
        boolean good = firstBlock == (block == 1024 ? 1 : 0)
                && blocks > firstBlock
                && blocksPerGroup >= 256
                && blocksPerGroup <= 8 * block
                && inodesPerGroup > 0
                && inodesPerGroup <= 8 * block
                && firstInode >= 11
                && inodeSize >= 128
                && inodeSize <= block
                && Integer.bitCount(inodeSize) == 1;
        groups = good ? (blocks - firstBlock + blocksPerGroup - 1) / blocksPerGroup : 0;
        if (!good || inodes != (long) groups * inodesPerGroup) {
            throw bad("its superblock is broken");
        }
        descriptors = readBytes((firstBlock + 1L) * block, groups * DESCRIPTOR);
    }

    private void checkFeatures(int compatible, int incompatible, int readOnly) {
        if ((compatible & JOURNAL) != 0) {
            throw bad("it has a journal, so it is ext3 or ext4");
        }
        int unknown = (incompatible & ~INCOMPATIBLE_KNOWN) | (readOnly & ~READ_ONLY_KNOWN);
        if (unknown != 0) {
            throw bad(String.format(
                    "it has features that ext2 has not (incompatible 0x%x, read-only 0x%x)", incompatible, readOnly));
        }
    }

    /** Whether that is the beginning of an ext2 file system, or one of its successors. */
    static boolean begins(byte[] beginning) {
        return beginning.length >= SUPERBLOCK + 58
                && beginning[SUPERBLOCK + 56] == (byte) MAGIC
                && beginning[SUPERBLOCK + 57] == (byte) (MAGIC >> 8);
    }

    /**
     * Adds files, which belong to root and which only root can read; what has such a path is replaced, and missing folders
     * are made.
     *
     * @param channel of a file that holds the file system and nothing else, for reading and writing
     * @param medium what it is, for messages
     * @param files their content, by their path without a leading slash
     * @throws MediaException of kind {@code NO_SPACE} or {@code TOO_LARGE} where there is no room for them, {@code BAD_FORMAT}
     *     where there can be no such path, or where the file system is broken or has what ext2 has not; it stays as it was
     *     then
     */
    static void add(FileChannel channel, URI medium, Map<String, byte[]> files) throws IOException {
        new Ext2Image(channel, medium).add(files);
    }

    private void add(Map<String, byte[]> files) throws IOException {
        if (type(ROOT) != TYPE_FOLDER) {
            throw bad("it has no root folder");
        }
        for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
            add(file.getKey(), file.getValue());
        }
        if (missingBlocks > 0 || !missingInodes.isEmpty()) {
            throw new MediaException(
                    Kind.NO_SPACE,
                    medium,
                    "The file system of the initrd " + medium + " has no room for " + String.join(", ", files.keySet())
                            + ": it lacks " + missingBlocks + " blocks of " + block + " bytes and "
                            + missingInodes.size() + " inodes",
                    "Ask for a shorter answer file, or for fewer files",
                    null);
        }
        for (Map.Entry<Integer, ByteBuffer> entry : changed.entrySet()) {
            write((long) entry.getKey() * block, entry.getValue());
        }
        write((firstBlock + 1L) * block, descriptors);
        write(SUPERBLOCK, superblock);
    }

    private void add(String path, byte[] content) throws IOException {
        long most = Math.min(blocks, DIRECT + block / 4 + (long) (block / 4) * (block / 4));
        if (content.length > most * block) {
            throw new MediaException(
                    Kind.TOO_LARGE,
                    medium,
                    "The file " + path + " has " + content.length + " bytes; the file system of the initrd " + medium
                            + " can have files of " + most * block,
                    "Leave it out of the initrd",
                    null);
        }
        String[] names = path.split("/", -1);
        int folder = ROOT;
        for (int i = 0; i < names.length - 1; i++) {
            byte[] name = checked(path, names[i]);
            Slot entry = find(folder, name);
            int next = entry == null ? makeFolder(folder, name) : entry.number();
            if (type(next) != TYPE_FOLDER) {
                throw cannot(path, "'" + names[i] + "' is no folder there");
            }
            folder = next;
        }
        byte[] name = checked(path, names[names.length - 1]);
        Slot entry = find(folder, name);
        if (entry != null) {
            if (type(entry.number()) == TYPE_FOLDER) {
                throw cannot(path, "it is a folder there");
            }
            unlink(entry.number());
        }
        int number = allocateInode(false);
        ByteBuffer inode = newInode(number, TYPE_FILE | 0600, 1);
        for (int at = 0; at < content.length; at += block) {
            append(inode, at / block, Arrays.copyOfRange(content, at, at + block));
        }
        inode.putInt(SIZE, content.length);
        if (entry == null) {
            insert(folder, name, number, 1);
        } else {
            entry.table().putInt(entry.at(), number);
            if (typed) {
                entry.table().put(entry.at() + 7, (byte) 1);
            }
        }
    }

    private byte[] checked(String path, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > LONGEST_NAME) {
            throw cannot(path, "its names must have 1 to " + LONGEST_NAME + " bytes");
        }
        if (name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
            throw cannot(path, "no file can be called that");
        }
        return bytes;
    }

    // --- folders

    /** The number of blocks of a folder. */
    private int folderBlocks(ByteBuffer folder) {
        int size = folder.getInt(SIZE);
        if (size <= 0 || size % block != 0 || size / block > blocks) {
            throw bad("a folder has " + Integer.toUnsignedString(size) + " bytes");
        }
        return size / block;
    }

    /** Where a folder tells the inode of a name, ready to be changed; null where it has none. */
    private @Nullable Slot find(int folder, byte[] name) throws IOException {
        ByteBuffer inode = inode(folder);
        int count = folderBlocks(inode);
        for (int i = 0; i < count; i++) {
            int number = slot(inode, i).number();
            ByteBuffer entries = read(number);
            for (int at = 0, length; at < block; at += length) {
                length = entryLength(entries, at);
                if (entries.getInt(at) != 0
                        && Byte.toUnsignedInt(entries.get(at + 6)) == name.length
                        && entries.slice(at + 8, name.length).equals(ByteBuffer.wrap(name))) {
                    return new Slot(change(number), at);
                }
            }
        }
        return null;
    }

    private int entryLength(ByteBuffer entries, int at) {
        int length = at + 8 > block ? 0 : Short.toUnsignedInt(entries.getShort(at + 4));
        if (length < 8
                || length % 4 != 0
                || at + length > block
                || 8 + Byte.toUnsignedInt(entries.get(at + 6)) > length) {
            throw bad("a folder has a broken entry");
        }
        return length;
    }

    /** Adds an entry where there is room behind another, else in a further block. */
    private void insert(int folder, byte[] name, int number, int type) throws IOException {
        ByteBuffer inode = inode(folder);
        // What was an index for the names may be overwritten, since nobody looks at it without the flag.
        inode.putInt(FLAGS, inode.getInt(FLAGS) & ~INDEXED);
        int count = folderBlocks(inode);
        int needed = entrySize(name.length);
        for (int i = 0; i < count; i++) {
            int place = slot(inode, i).number();
            ByteBuffer entries = read(place);
            for (int at = 0, length; at < block; at += length) {
                length = entryLength(entries, at);
                int used = entries.getInt(at) == 0 ? 0 : entrySize(Byte.toUnsignedInt(entries.get(at + 6)));
                if (length - used >= needed) {
                    ByteBuffer changing = change(place);
                    if (used > 0) {
                        changing.putShort(at + 4, (short) used);
                    }
                    putEntry(changing, at + used, length - used, name, number, type);
                    return;
                }
            }
        }
        ByteBuffer entries = zeros(block);
        putEntry(entries, 0, block, name, number, type);
        append(inode, count, entries.array());
        inode.putInt(SIZE, (count + 1) * block);
    }

    private static int entrySize(int nameLength) {
        return (8 + nameLength + 3) / 4 * 4;
    }

    private void putEntry(ByteBuffer entries, int at, int length, byte[] name, int number, int type) {
        entries.putInt(at, number)
                .putShort(at + 4, (short) length)
                .put(at + 6, (byte) name.length)
                .put(at + 7, (byte) (typed ? type : 0))
                .put(at + 8, name);
    }

    private int makeFolder(int parent, byte[] name) throws IOException {
        ByteBuffer above = inode(parent);
        int links = Short.toUnsignedInt(above.getShort(LINKS));
        if (links >= MOST_LINKS) {
            throw bad("a folder has " + links + " links");
        }
        int number = allocateInode(true);
        ByteBuffer entries = zeros(block);
        putEntry(entries, 0, 12, new byte[] {'.'}, number, 2);
        putEntry(entries, 12, block - 12, new byte[] {'.', '.'}, parent, 2);
        ByteBuffer inode = newInode(number, TYPE_FOLDER | 0755, 2);
        append(inode, 0, entries.array());
        inode.putInt(SIZE, block);
        above.putShort(LINKS, (short) (links + 1));
        insert(parent, name, number, 2);
        return number;
    }

    // --- inodes and their blocks

    private int type(int inode) throws IOException {
        return inode(inode).getShort(0) & TYPE;
    }

    /** An inode, to be read and changed. */
    private ByteBuffer inode(int number) throws IOException {
        ByteBuffer missing = missingInodes.get(number);
        if (missing != null) {
            return missing;
        }
        if (number < 1 || number > inodes) {
            throw bad("an entry leads to inode " + Integer.toUnsignedString(number));
        }
        int table = descriptors.getInt((number - 1) / inodesPerGroup * DESCRIPTOR + INODE_TABLE);
        int at = (number - 1) % inodesPerGroup * inodeSize;
        return change(table + at / block).slice(at % block, inodeSize).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer newInode(int number, int mode, int links) throws IOException {
        ByteBuffer inode = inode(number);
        inode.put(0, new byte[inodeSize]);
        inode.putShort(0, (short) mode).putShort(LINKS, (short) links);
        return inode.putInt(8, WHEN).putInt(12, WHEN).putInt(16, WHEN);
    }

    /** Gives a file one more block. */
    private void append(ByteBuffer inode, int index, byte[] content) throws IOException {
        Slot slot = slot(inode, index);
        slot.table().putInt(slot.at(), allocateBlock(inode, content));
    }

    /** Where the number of a file's block stands; blocks that hold such numbers are made on the way. */
    private Slot slot(ByteBuffer inode, int index) throws IOException {
        int perBlock = block / 4;
        if (index < DIRECT) {
            return new Slot(inode, POINTERS + 4 * index);
        }
        int rest = index - DIRECT;
        if (rest < perBlock) {
            return new Slot(pointers(inode, inode, POINTERS + 4 * DIRECT), 4 * rest);
        }
        rest -= perBlock;
        if (rest >= perBlock * perBlock) {
            throw bad("a folder has more than " + index + " blocks");
        }
        ByteBuffer outer = pointers(inode, inode, POINTERS + 4 * (DIRECT + 1));
        return new Slot(pointers(inode, outer, rest / perBlock * 4), rest % perBlock * 4);
    }

    private ByteBuffer pointers(ByteBuffer inode, ByteBuffer table, int at) throws IOException {
        if (table.getInt(at) == 0) {
            table.putInt(at, allocateBlock(inode, new byte[block]));
        }
        return change(table.getInt(at));
    }

    /** Takes one name from an inode, and the inode away with its last one. */
    private void unlink(int number) throws IOException {
        ByteBuffer inode = inode(number);
        int links = Short.toUnsignedInt(inode.getShort(LINKS));
        if (links > 1) {
            inode.putShort(LINKS, (short) (links - 1));
            return;
        }
        if (number < firstInode) {
            throw bad("an entry leads to inode " + number);
        }
        if (inode.getInt(ATTRIBUTES) != 0) {
            throw bad("a file to be replaced has extended attributes");
        }
        int type = inode.getShort(0) & TYPE;
        // A short symbolic link has its target where others have the numbers of their blocks.
        if (type == TYPE_FILE || (type == TYPE_LINK && inode.getInt(SECTORS) != 0)) {
            for (int i = 0; i < DIRECT + 3; i++) {
                freeBlocks(inode.getInt(POINTERS + 4 * i), Math.max(0, i - DIRECT + 1));
            }
        }
        inode.put(0, new byte[inodeSize]);
        int group = (number - 1) / inodesPerGroup;
        clear(group, INODE_BITMAP, (number - 1) % inodesPerGroup);
        count(group, GROUP_FREE_INODES, FREE_INODES, 1);
    }

    /** Frees a block, and those whose numbers it holds; each can be freed only once, so that comes to an end. */
    private void freeBlocks(int number, int levels) throws IOException {
        if (number == 0) {
            return;
        }
        if (number < firstBlock || number >= blocks) {
            throw bad("a file has a block " + Integer.toUnsignedString(number));
        }
        int group = (number - firstBlock) / blocksPerGroup;
        clear(group, BLOCK_BITMAP, (number - firstBlock) % blocksPerGroup);
        count(group, GROUP_FREE_BLOCKS, FREE_BLOCKS, 1);
        if (levels > 0) {
            ByteBuffer table = read(number);
            for (int at = 0; at < block; at += 4) {
                freeBlocks(table.getInt(at), levels - 1);
            }
        }
    }

    // --- allocation

    /** Takes a block for a file. */
    private int allocateBlock(ByteBuffer inode, byte[] content) throws IOException {
        int number = blocks + missingBlocks;
        int group = groupWithFree(GROUP_FREE_BLOCKS);
        if (group < 0) {
            missingBlocks++;
        } else {
            int start = firstBlock + group * blocksPerGroup;
            number = start + take(group, BLOCK_BITMAP, Math.min(blocksPerGroup, blocks - start));
            count(group, GROUP_FREE_BLOCKS, FREE_BLOCKS, -1);
        }
        changed.put(number, ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
        inode.putInt(SECTORS, inode.getInt(SECTORS) + block / 512);
        return number;
    }

    private int allocateInode(boolean folder) throws IOException {
        int group = groupWithFree(GROUP_FREE_INODES);
        if (group < 0) {
            int number = inodes + missingInodes.size() + 1;
            missingInodes.put(number, zeros(inodeSize));
            return number;
        }
        int number = group * inodesPerGroup + take(group, INODE_BITMAP, inodesPerGroup) + 1;
        if (number < firstInode) {
            throw bad("its reserved inode " + number + " is free");
        }
        count(group, GROUP_FREE_INODES, FREE_INODES, -1);
        if (folder) {
            int at = group * DESCRIPTOR + GROUP_FOLDERS;
            descriptors.putShort(at, (short) (descriptors.getShort(at) + 1));
        }
        return number;
    }

    private int groupWithFree(int counter) {
        for (int group = 0; group < groups; group++) {
            if (descriptors.getShort(group * DESCRIPTOR + counter) != 0) {
                return group;
            }
        }
        return -1;
    }

    /** Sets the first bit that is not set. */
    private int take(int group, int bitmap, int size) throws IOException {
        ByteBuffer bits = change(descriptors.getInt(group * DESCRIPTOR + bitmap));
        int bit = BitSet.valueOf(bits.array()).nextClearBit(0);
        if (bit >= size) {
            throw bad("it tells of more room than its group " + group + " has");
        }
        bits.put(bit / 8, (byte) (bits.get(bit / 8) | 1 << bit % 8));
        return bit;
    }

    private void clear(int group, int bitmap, int bit) throws IOException {
        ByteBuffer bits = change(descriptors.getInt(group * DESCRIPTOR + bitmap));
        if ((bits.get(bit / 8) & 1 << bit % 8) == 0) {
            throw bad("a file to be replaced has what is free, too");
        }
        bits.put(bit / 8, (byte) (bits.get(bit / 8) & ~(1 << bit % 8)));
    }

    /** Counts what is free, in the group and in all. */
    private void count(int group, int groupCounter, int counter, int more) {
        int at = group * DESCRIPTOR + groupCounter;
        descriptors.putShort(at, (short) (descriptors.getShort(at) + more));
        int all = superblock.getInt(counter) + more;
        if (all < 0) {
            throw bad("its groups tell of more room than its superblock");
        }
        superblock.putInt(counter, all);
    }

    // --- bytes

    private ByteBuffer change(int number) throws IOException {
        ByteBuffer bytes = changed.get(number);
        if (bytes == null) {
            bytes = read(number);
            changed.put(number, bytes);
        }
        return bytes;
    }

    private ByteBuffer read(int number) throws IOException {
        ByteBuffer bytes = changed.get(number);
        if (bytes != null) {
            return bytes;
        }
        // None of what is looked at lies before the descriptors.
        if (number <= firstBlock || number >= blocks) {
            throw bad("it points to block " + Integer.toUnsignedString(number));
        }
        return readBytes((long) number * block, block);
    }

    private ByteBuffer readBytes(long at, int length) throws IOException {
        ByteBuffer bytes = zeros(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw bad("it ends before its byte " + (at + length));
            }
        }
        return bytes.flip();
    }

    private void write(long at, ByteBuffer bytes) throws IOException {
        ByteBuffer rest = bytes.duplicate().clear();
        while (rest.hasRemaining()) {
            channel.write(rest, at + rest.position());
        }
    }

    private static ByteBuffer zeros(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private MediaException cannot(String path, String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                medium,
                "Can't add '" + path + "' to the initrd " + medium + ": " + why,
                "Give it another path",
                null);
    }

    private MediaException bad(String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                medium,
                "The ext2 file system of the initrd " + medium + " can't be changed: " + why,
                "Check that it was fetched whole, and that it is the right file",
                null);
    }
}
