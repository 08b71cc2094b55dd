package org.oz4j.remote;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;

/**
 * An ed25519 key pair in the forms that ssh programs take.
 *
 * <p>Sources: RFC 8709 (public form), OpenSSH's PROTOCOL.key (private form), dropbear's signkey.c (its host keys).
 */
public final class Ed25519Key {
    private static final String TYPE = "ssh-ed25519";
    private static final int KEY_BYTES = 32;
    private static final int BLOCK = 8;
    private static final int LINE = 70;

    private final byte[] seed;
    private final byte[] open;

    private Ed25519Key(byte[] seed, byte[] open) {
        this.seed = seed;
        this.open = open;
    }

    /** Makes a new key pair. */
    public static Ed25519Key generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            // X.509 puts the key itself at the end: RFC 8410, section 4.
            byte[] encoded = pair.getPublic().getEncoded();
            return new Ed25519Key(seed, Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK since 15 has Ed25519", e);
        }
    }

    /** The public key as ssh sends it. */
    public byte[] publicBlob() {
        return bytes(out -> {
            string(out, TYPE.getBytes(StandardCharsets.US_ASCII));
            string(out, open);
        });
    }

    /** The public key as authorized_keys and known_hosts hold it: type and base64. */
    public String publicLine() {
        return TYPE + " " + Base64.getEncoder().encodeToString(publicBlob());
    }

    /** The private key as OpenSSH keeps it, without a passphrase. */
    public String openSshPrivateKey() {
        byte[] key = bytes(out -> {
            out.write("openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII));
            string(out, "none".getBytes(StandardCharsets.US_ASCII));
            string(out, "none".getBytes(StandardCharsets.US_ASCII));
            string(out, new byte[0]);
            out.writeInt(1);
            string(out, publicBlob());
            string(out, privateBlock());
        });
        String text = Base64.getEncoder().encodeToString(key);
        StringBuilder pem = new StringBuilder("-----BEGIN OPENSSH PRIVATE KEY-----\n");
        for (int i = 0; i < text.length(); i += LINE) {
            pem.append(text, i, Math.min(text.length(), i + LINE)).append('\n');
        }
        return pem.append("-----END OPENSSH PRIVATE KEY-----\n").toString();
    }

    private byte[] privateBlock() {
        int check = new SecureRandom().nextInt();
        return bytes(out -> {
            out.writeInt(check);
            out.writeInt(check);
            string(out, TYPE.getBytes(StandardCharsets.US_ASCII));
            string(out, open);
            string(out, both());
            string(out, new byte[0]); // no comment
            for (int pad = 1; out.size() % BLOCK != 0; pad++) {
                out.writeByte(pad);
            }
        });
    }

    /** The private key as dropbear keeps its host keys. */
    public byte[] dropbearPrivateKey() {
        return bytes(out -> {
            string(out, TYPE.getBytes(StandardCharsets.US_ASCII));
            string(out, both());
        });
    }

    private byte[] both() {
        byte[] both = Arrays.copyOf(seed, 2 * KEY_BYTES);
        System.arraycopy(open, 0, both, KEY_BYTES, KEY_BYTES);
        return both;
    }

    private interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writer.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void string(DataOutputStream out, byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    /** The type alone. */
    @Override
    public String toString() {
        return TYPE;
    }
}
