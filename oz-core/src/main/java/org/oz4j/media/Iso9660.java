package org.oz4j.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.oz4j.media.VolumeFiles.Extent;

import static org.oz4j.media.ImageBytes.latin;

/**
 * Lists an ISO 9660 volume: by its Rock Ridge names, else by its Joliet names, else by its plain ones.
 *
 * <p>Sources: ECMA-119 (ISO 9660); SUSP 1.12 and RRIP 1.12 (Rock Ridge); the Joliet specification (Microsoft, 1995).
 */
final class Iso9660 {
    static final int SECTOR = 2048;
    static final int FIRST_DESCRIPTOR = 16;
    static final int MOST_DESCRIPTORS = 64;

    private static final int FOLDER = 0x02;
    private static final int MORE_EXTENTS = 0x80;
    private static final int CHUNK = 64 * SECTOR;
    private static final int MOST_CONTINUATIONS = 16;
    private static final int LONGEST_CONTINUATION = 16 * SECTOR;
    private static final int LONGEST_TEXT = 4096;

    /** How a volume writes the names of its files. */
    private enum Names {
        PLAIN,
        ROCK_RIDGE,
        JOLIET
    }

    /** What Rock Ridge says of a file. */
    private static final class Attributes {
        final StringBuilder name = new StringBuilder();
        final StringBuilder target = new StringBuilder();
        boolean present;
        boolean link;
        boolean relocated;
        boolean nameEnds;
        boolean componentGoesOn;
        long movedTo = -1;
        int skip;
        int continuations;
    }

    private final ImageBytes image;
    private final VolumeFiles files;
    private final int block;
    private Names names;
    private int skip;

    private Iso9660(ImageBytes image, VolumeFiles files, int block, Names names) {
        this.image = image;
        this.files = files;
        this.block = block;
        this.names = names;
    }

    /** The primary volume descriptor, and Joliet's where there is one. */
    record Descriptors(ByteBuffer primary, Optional<ByteBuffer> joliet) {
        String label() {
            return latin(primary, 40, 32).replace('\0', ' ').strip();
        }

        /** ECMA-119, 8.4.27: year, month, day, hour, minute, second and hundredths; empty where there are none. */
        Optional<String> modified() {
            return Optional.of(latin(primary, 830, 16)).filter(date -> date.matches("[12]\\d{15}"));
        }
    }

    /** Looks for the volume's descriptors; there are none where the image has no ISO 9660 volume. */
    static Optional<Descriptors> descriptors(ImageBytes image) throws IOException {
        ByteBuffer primary = null;
        ByteBuffer joliet = null;
        for (int i = FIRST_DESCRIPTOR; i < FIRST_DESCRIPTOR + MOST_DESCRIPTORS; i++) {
            if ((i + 1L) * SECTOR > image.size()) {
                break;
            }
            ByteBuffer descriptor = image.read((long) i * SECTOR, SECTOR);
            int type = Byte.toUnsignedInt(descriptor.get(0));
            if (type == 255 || !latin(descriptor, 1, 5).equals("CD001")) {
                break;
            }
            if (type == 1 && primary == null) {
                primary = descriptor;
            } else if (type == 2 && joliet == null && isJoliet(descriptor)) {
                joliet = descriptor;
            }
        }
        return primary == null ? Optional.empty() : Optional.of(new Descriptors(primary, Optional.ofNullable(joliet)));
    }

    private static boolean isJoliet(ByteBuffer descriptor) {
        String escape = latin(descriptor, 88, 3);
        return escape.equals("%/@") || escape.equals("%/C") || escape.equals("%/E");
    }

    /** Whether the volume has Rock Ridge names. */
    static boolean hasRockRidge(ImageBytes image, Descriptors descriptors) throws IOException {
        Iso9660 reader = new Iso9660(image, new VolumeFiles(image), block(image, descriptors), Names.ROCK_RIDGE);
        return reader.rootAttributes(descriptors.primary()).present;
    }

    /** Lists the volume. */
    static void list(ImageBytes image, Descriptors descriptors, VolumeFiles files) throws IOException {
        Iso9660 reader = new Iso9660(image, files, block(image, descriptors), Names.ROCK_RIDGE);
        ByteBuffer volume = descriptors.primary();
        Attributes root = reader.rootAttributes(volume);
        if (root.present) {
            reader.skip = root.skip;
        } else if (descriptors.joliet().isPresent()) {
            reader.names = Names.JOLIET;
            volume = descriptors.joliet().get();
        } else {
            reader.names = Names.PLAIN;
        }
        reader.walk(
                "",
                Integer.toUnsignedLong(volume.getInt(158)) * reader.block,
                Integer.toUnsignedLong(volume.getInt(166)));
    }

    private static int block(ImageBytes image, Descriptors descriptors) {
        int block = Short.toUnsignedInt(descriptors.primary().getShort(128));
        if (block != 512 && block != 1024 && block != SECTOR) {
            throw image.bad("its blocks have " + block + " bytes");
        }
        return block;
    }

    /** What the root folder's record of itself says: whether there are Rock Ridge names, and what to skip. */
    private Attributes rootAttributes(ByteBuffer volume) throws IOException {
        ByteBuffer first = image.read(Integer.toUnsignedLong(volume.getInt(158)) * block, SECTOR);
        int length = Byte.toUnsignedInt(first.get(0));
        Attributes attributes = new Attributes();
        if (length > 34 && length <= first.capacity()) {
            readAttributes(first, 34, length, attributes);
        }
        return attributes;
    }

    private void walk(String path, long offset, long size) throws IOException {
        files.enter(path, offset);
        files.countBytes(size);
        String below = path.isEmpty() ? "" : path + "/";
        image.check(offset, size);
        String openName = null;
        List<Extent> openExtents = new ArrayList<>();
        // Records cross no sector, so a part of whole sectors has whole records.
        for (long done = 0; done < size; done += CHUNK) {
            ByteBuffer records = image.read(offset + done, (int) Math.min(CHUNK, size - done));
            int at = 0;
            while (at < records.limit()) {
                int length = Byte.toUnsignedInt(records.get(at));
                if (length == 0) {
                    at = (at / SECTOR + 1) * SECTOR; // the rest of the sector is unused
                    continue;
                }
                if (length < 34
                        || at + length > records.limit()
                        || 33 + Byte.toUnsignedInt(records.get(at + 32)) > length) {
                    throw image.bad("the folder '" + path + "' has a broken record");
                }
                if (!isSelfOrParent(records, at)) {
                    Attributes attributes = attributes(records, at, length);
                    String name = name(records, at, attributes);
                    String full = below + name;
                    int flags = Byte.toUnsignedInt(records.get(at + 25));
                    long extent =
                            (Integer.toUnsignedLong(records.getInt(at + 2)) + Byte.toUnsignedInt(records.get(at + 1)))
                                    * block;
                    long bytes = Integer.toUnsignedLong(records.getInt(at + 10));
                    if (attributes.relocated || isUnsafe(name)) {
                        // A relocated folder is listed where it belongs; a name with a slash belongs nowhere.
                        openName = null;
                    } else if (attributes.movedTo >= 0) {
                        walk(full, attributes.movedTo, sizeOfFolder(full, attributes.movedTo));
                    } else if ((flags & FOLDER) != 0) {
                        walk(full, extent, bytes);
                    } else if (attributes.link) {
                        files.addLink(full, utf8(attributes.target));
                    } else {
                        // A large file has several records, all but the last with the flag.
                        if (!full.equals(openName)) {
                            openExtents = new ArrayList<>();
                        }
                        openExtents.add(new Extent(extent, bytes));
                        if ((flags & MORE_EXTENTS) != 0) {
                            openName = full;
                        } else {
                            files.addFile(full, openExtents);
                            openName = null;
                            openExtents = new ArrayList<>();
                        }
                    }
                }
                at += length;
            }
        }
        files.leave();
    }

    private static boolean isSelfOrParent(ByteBuffer records, int at) {
        return records.get(at + 32) == 1 && records.get(at + 33) >= 0 && records.get(at + 33) <= 1;
    }

    /** Whether a name would lead out of its folder. */
    static boolean isUnsafe(String name) {
        return name.isEmpty()
                || name.indexOf('/') >= 0
                || name.indexOf('\0') >= 0
                || name.equals(".")
                || name.equals("..");
    }

    /** A relocated folder's own record tells its size. */
    private long sizeOfFolder(String path, long offset) throws IOException {
        ByteBuffer first = image.read(offset, 34);
        if (Byte.toUnsignedInt(first.get(0)) < 34 || !isSelfOrParent(first, 0)) {
            throw image.bad("the folder '" + path + "' was moved to a place where there is none");
        }
        return Integer.toUnsignedLong(first.getInt(10));
    }

    private String name(ByteBuffer records, int at, @Nullable Attributes attributes) {
        int length = Byte.toUnsignedInt(records.get(at + 32));
        if (names == Names.JOLIET) {
            byte[] bytes = new byte[length];
            records.get(at + 33, bytes);
            return withoutVersion(new String(bytes, StandardCharsets.UTF_16BE));
        }
        if (attributes != null && attributes.name.length() > 0) {
            return utf8(attributes.name);
        }
        String stem = withoutVersion(latin(records, at + 33, length));
        return (stem.endsWith(".") ? stem.substring(0, stem.length() - 1) : stem).toLowerCase(Locale.ROOT);
    }

    private static String withoutVersion(String name) {
        int version = name.lastIndexOf(';');
        return version < 0 ? name : name.substring(0, version);
    }

    private static String utf8(CharSequence latin) {
        return new String(latin.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private Attributes attributes(ByteBuffer records, int at, int length) throws IOException {
        Attributes attributes = new Attributes();
        if (names == Names.ROCK_RIDGE) {
            int nameLength = Byte.toUnsignedInt(records.get(at + 32));
            int use = at + 33 + nameLength + (nameLength % 2 == 0 ? 1 : 0) + skip;
            readAttributes(records, use, at + length, attributes);
        }
        return attributes;
    }

    private void readAttributes(ByteBuffer area, int from, int to, Attributes attributes) throws IOException {
        long next = -1;
        int nextLength = 0;
        int at = from;
        while (at + 4 <= to) {
            int length = Byte.toUnsignedInt(area.get(at + 2));
            if (length < 4 || at + length > to) {
                break;
            }
            switch (latin(area, at, 2)) {
                case "SP" -> {
                    if (length >= 7) {
                        attributes.present = true;
                        attributes.skip = Byte.toUnsignedInt(area.get(at + 6));
                    }
                }
                case "PX", "RR" -> attributes.present = true;
                case "NM" -> addName(area, at, length, attributes);
                case "SL" -> addTarget(area, at, length, attributes);
                case "RE" -> attributes.relocated = true;
                case "CL" -> {
                    if (length >= 12) {
                        attributes.movedTo = Integer.toUnsignedLong(area.getInt(at + 4)) * block;
                    }
                }
                case "CE" -> {
                    if (length >= 28) {
                        next = Integer.toUnsignedLong(area.getInt(at + 4)) * block
                                + Integer.toUnsignedLong(area.getInt(at + 12));
                        nextLength = area.getInt(at + 20);
                    }
                }
                case "ST" -> at = to;
                default -> {
                    // Times, devices and checksums do not matter here.
                }
            }
            at += length;
        }
        if (next >= 0 && nextLength > 0) {
            if (nextLength > LONGEST_CONTINUATION || ++attributes.continuations > MOST_CONTINUATIONS) {
                throw image.bad("the attributes of a file go on without end");
            }
            files.countBytes(nextLength);
            readAttributes(image.read(next, nextLength), 0, nextLength, attributes);
        }
    }

    /** RRIP 4.1.4; a long name has several parts. */
    private void addName(ByteBuffer area, int at, int length, Attributes attributes) {
        if (length > 5 && !attributes.nameEnds) {
            attributes.name.append(latin(area, at + 5, length - 5));
            attributes.nameEnds = (area.get(at + 4) & 1) == 0;
        }
        checkLength(attributes.name);
    }

    /** RRIP 4.1.3: the components of a link's target. */
    private void addTarget(ByteBuffer area, int at, int length, Attributes attributes) {
        attributes.link = true;
        int component = at + 5;
        while (component + 2 <= at + length) {
            int flags = area.get(component);
            int size = Byte.toUnsignedInt(area.get(component + 1));
            if (component + 2 + size > at + length) {
                return;
            }
            StringBuilder target = attributes.target;
            boolean first = target.length() == 0 || target.charAt(target.length() - 1) == '/';
            if (!attributes.componentGoesOn && !first) {
                target.append('/');
            }
            if ((flags & 8) != 0) {
                target.append('/');
            } else if ((flags & 4) != 0) {
                target.append("..");
            } else if ((flags & 2) != 0) {
                target.append('.');
            } else {
                target.append(latin(area, component + 2, size));
            }
            attributes.componentGoesOn = (flags & 1) != 0;
            component += 2 + size;
        }
        checkLength(attributes.target);
    }

    private void checkLength(CharSequence text) {
        if (text.length() > LONGEST_TEXT) {
            throw image.bad("a name in it has more than " + LONGEST_TEXT + " bytes");
        }
    }
}
