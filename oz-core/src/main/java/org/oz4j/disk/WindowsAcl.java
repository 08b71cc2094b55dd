package org.oz4j.disk;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Who may do what with a file of Windows.
 *
 * <p>Source: Microsoft, [MS-DTYP], 2.4.2 "SID", 2.4.4.2 "ACCESS_ALLOWED_ACE", 2.4.5 "ACL", 2.4.6 "SECURITY_DESCRIPTOR".
 */
final class WindowsAcl {
    private static final int SYSTEM = 18; // S-1-5-18
    private static final int BUILTIN = 32;
    private static final int ADMINISTRATORS = 544; // S-1-5-32-544
    private static final int ALL = 0x001F01FF;
    private static final int HEAD = 20;
    private static final int ACL_HEAD = 8;
    private static final int ACE_HEAD = 8;
    private static final int PROTECTED_AND_SELF_RELATIVE = 0x9004; // with an access list, which inherits nothing

    /** The administrators own it, they and the system may do all, and nobody else anything. */
    static final Bytes ADMINISTRATORS_ALONE = Bytes.of(descriptor(sid(BUILTIN, ADMINISTRATORS), sid(SYSTEM)));

    private WindowsAcl() {}

    private static byte[] descriptor(byte[] owner, byte[] other) {
        ByteArrayOutputStream entries = new ByteArrayOutputStream();
        entries.writeBytes(allowed(other));
        entries.writeBytes(allowed(owner));
        int list = HEAD + 2 * owner.length;
        return little(list + ACL_HEAD + entries.size())
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) PROTECTED_AND_SELF_RELATIVE)
                .putInt(HEAD)
                .putInt(HEAD + owner.length) // its group
                .putInt(0)
                .putInt(list)
                .put(owner)
                .put(owner)
                .put((byte) 2)
                .put((byte) 0)
                .putShort((short) (ACL_HEAD + entries.size()))
                .putShort((short) 2)
                .putShort((short) 0)
                .put(entries.toByteArray())
                .array();
    }

    private static byte[] allowed(byte[] whom) {
        return little(ACE_HEAD + whom.length)
                .putShort((short) 0)
                .putShort((short) (ACE_HEAD + whom.length))
                .putInt(ALL)
                .put(whom)
                .array();
    }

    /** Of the authority 5, which is Windows NT. */
    private static byte[] sid(int... parts) {
        ByteBuffer sid = little(8 + 4 * parts.length)
                .put((byte) 1)
                .put((byte) parts.length)
                .put(new byte[] {0, 0, 0, 0, 0, 5});
        for (int part : parts) {
            sid.putInt(part);
        }
        return sid.array();
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
