package org.oz4j.disk.guestfs;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Names of files as text and as bytes, with nothing lost: a byte that is not part of UTF-8 is the unpaired surrogate
 * U+DC80 to U+DCFF (Python's PEP 383).
 */
final class GuestNames {
    private static final char ESCAPE = '\udc00';

    private GuestNames() {}

    static String decode(byte[] name) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // which reports what is malformed
        ByteBuffer in = ByteBuffer.wrap(name);
        CharBuffer out = CharBuffer.allocate(name.length); // no byte makes more than one
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (result.isUnderflow()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE + Byte.toUnsignedInt(in.get())));
            }
            decoder.reset();
        }
    }

    /** The bytes, without a NUL at the end. */
    static byte[] encode(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(name.length());
        name.codePoints().forEach(point -> {
            if (point > ESCAPE + 0x7f && point <= ESCAPE + 0xff) {
                out.write(point - ESCAPE);
            } else if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException("the name '" + name + "' has half of a character");
            } else {
                out.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return out.toByteArray();
    }
}
