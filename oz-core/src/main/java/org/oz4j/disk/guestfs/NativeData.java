package org.oz4j.disk.guestfs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;
import org.oz4j.disk.Application;
import org.oz4j.disk.Bytes;
import org.oz4j.disk.guestfs.GuestfsLibrary.Application2;
import org.oz4j.disk.guestfs.GuestfsLibrary.ListHead;
import org.oz4j.disk.guestfs.GuestfsLibrary.StatNs;
import org.oz4j.disk.guestfs.GuestfsLibrary.Xattr;

/** Data between Java and C. What is read is copied, and no more is read than the caller expects there to be. */
final class NativeData {
    private static final int WORD = Native.POINTER_SIZE;
    private static final int STAT_SIZE = 22 * Long.BYTES;
    private static final int XATTR_SIZE = 3 * WORD; // the length is padded
    private static final int APPLICATION_SIZE = 17 * WORD; // so is the epoch

    private static final int MOST_VALUE = 64 << 10; // Linux's XATTR_SIZE_MAX

    private NativeData() {}

    /** A text for C. */
    static byte[] text(String text) {
        byte[] bytes = GuestNames.encode(text);
        byte[] ended = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, ended, 0, bytes.length);
        return ended;
    }

    /** A text for C, in memory that stays as long as it is used. */
    static Memory memory(String text) {
        byte[] bytes = text(text);
        Memory memory = new Memory(bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    /** An array of texts for C that ends with NULL, in one piece, so that it stays as long as the array is used. */
    static Memory texts(List<String> texts) {
        List<byte[]> encoded = texts.stream().map(NativeData::text).toList();
        long head = (long) (texts.size() + 1) * WORD;
        Memory memory = new Memory(
                head + encoded.stream().mapToLong(each -> each.length).sum());
        long at = head;
        for (int i = 0; i < encoded.size(); i++) {
            memory.write(at, encoded.get(i), 0, encoded.get(i).length);
            memory.setPointer((long) i * WORD, memory.share(at));
            at += encoded.get(i).length;
        }
        memory.setPointer((long) encoded.size() * WORD, null);
        return memory;
    }

    /** The text at a pointer; empty where it is NULL. */
    static String text(@Nullable Pointer text) {
        return text == null ? "" : GuestNames.decode(text.getByteArray(0, Math.toIntExact(text.indexOf(0, (byte) 0))));
    }

    /** The text at a pointer, which is freed. */
    static String taken(Pointer text) {
        try {
            return text(text);
        } finally {
            free(text);
        }
    }

    /** An array of texts that ends with NULL; it and they are freed. */
    static List<String> takenTexts(Pointer array) {
        List<String> texts = new ArrayList<>();
        for (long at = 0; ; at += WORD) {
            Pointer text = array.getPointer(at);
            if (text == null) {
                free(array);
                return texts;
            }
            texts.add(taken(text));
        }
    }

    static void free(Pointer memory) {
        Native.free(Pointer.nativeValue(memory));
    }

    /** A guestfs_statns_list of that many. */
    static List<StatNs> stats(Pointer list, int count) {
        return elements(list, count, STAT_SIZE, StatNs::new);
    }

    /** A guestfs_xattr_list of one file. */
    static Map<String, Bytes> xattrs(Pointer list, int most) {
        Map<String, Bytes> attributes = new LinkedHashMap<>();
        for (Xattr attribute : elements(list, most, XATTR_SIZE, Xattr::new)) {
            attributes.put(text(attribute.attrname), value(attribute));
        }
        return attributes;
    }

    /**
     * The guestfs_xattr_list of several files: for each an attribute without a name, whose value is the number of those
     * that follow, as a text; it is empty where they can't be read.
     *
     * @throws IllegalArgumentException where it is not that
     */
    static List<Map<String, Bytes>> xattrsOfSeveral(Pointer list, int files, int most) {
        List<Xattr> flat = elements(list, most, XATTR_SIZE, Xattr::new);
        List<Map<String, Bytes>> several = new ArrayList<>();
        int at = 0;
        while (at < flat.size()) {
            Bytes head = value(flat.get(at));
            int count = head.toArray().length == 0 ? 0 : Integer.parseInt(head.toString());
            if (!text(flat.get(at++).attrname).isEmpty() || count < 0 || count > flat.size() - at) {
                throw new IllegalArgumentException("a list of attributes with a wrong count");
            }
            Map<String, Bytes> attributes = new LinkedHashMap<>();
            for (Xattr attribute : flat.subList(at, at + count)) {
                attributes.put(text(attribute.attrname), value(attribute));
            }
            several.add(attributes);
            at += count;
        }
        if (several.size() != files) {
            throw new IllegalArgumentException(
                    "a list of the attributes of " + several.size() + " files instead of " + files);
        }
        return several;
    }

    private static Bytes value(Xattr attribute) {
        Pointer value = attribute.attrval;
        if (attribute.attrval_len < 0 || attribute.attrval_len > MOST_VALUE) {
            throw new IllegalArgumentException("an attribute of " + attribute.attrval_len + " bytes");
        }
        return Bytes.of(value == null ? new byte[0] : value.getByteArray(0, attribute.attrval_len));
    }

    /** A guestfs_application2_list, of which Windows' have a name for people beside that of their key. */
    static List<Application> applications(Pointer list, int most) {
        return elements(list, most, APPLICATION_SIZE, Application2::new).stream()
                .map(each -> new Application(
                        text(each.app2_display_name).isEmpty() ? text(each.app2_name) : text(each.app2_display_name),
                        each.app2_epoch,
                        text(each.app2_version),
                        text(each.app2_release),
                        text(each.app2_arch),
                        text(each.app2_source_package),
                        text(each.app2_publisher),
                        text(each.app2_url),
                        text(each.app2_summary)))
                .toList();
    }

    private static <T> List<T> elements(Pointer list, int most, int size, Function<Pointer, T> element) {
        ListHead head = new ListHead(list);
        Pointer first = head.val;
        if (head.len < 0 || head.len > most || (first == null && head.len > 0)) {
            throw new IllegalArgumentException(
                    "a list of " + Integer.toUnsignedString(head.len) + " where up to " + most + " were expected");
        }
        List<T> elements = new ArrayList<>(head.len);
        for (int i = 0; i < head.len && first != null; i++) {
            elements.add(element.apply(first.share((long) i * size)));
        }
        return elements;
    }
}
