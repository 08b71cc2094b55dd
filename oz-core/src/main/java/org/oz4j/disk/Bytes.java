package org.oz4j.disk;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** A few bytes that can't change, such as the value of an extended attribute. */
public final class Bytes {
    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /** Copies them. */
    public static Bytes of(byte[] content) {
        return new Bytes(content.clone());
    }

    /** A text in UTF-8. */
    public static Bytes of(String text) {
        return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The bytes of hexadecimal digits. */
    static Bytes ofHex(String digits) {
        return new Bytes(HexFormat.of().parseHex(digits));
    }

    /** A copy. */
    public byte[] toArray() {
        return content.clone();
    }

    String toHex() {
        return HexFormat.of().formatHex(content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    /** The text where they are printable ASCII, and a NUL at its end at most, as in an SELinux label; else digits. */
    @Override
    public String toString() {
        int length = content.length > 0 && content[content.length - 1] == 0 ? content.length - 1 : content.length;
        for (int i = 0; i < length; i++) {
            if (content[i] < ' ' || content[i] > '~') {
                return "0x" + toHex();
            }
        }
        return new String(content, 0, length, StandardCharsets.US_ASCII);
    }
}
