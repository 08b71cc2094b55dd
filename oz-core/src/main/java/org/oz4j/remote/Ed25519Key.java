package org.oz4j.remote;

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
public final class Ed25519Key implements SshKey {
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

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public byte[] publicBlob() {
        return SshBytes.of(out -> {
            SshBytes.string(out, SshBytes.ascii(TYPE));
            SshBytes.string(out, open);
        });
    }

    @Override
    public String openSshPrivateKey() {
        byte[] key = SshBytes.of(out -> {
            out.write(SshBytes.ascii("openssh-key-v1\0"));
            SshBytes.string(out, SshBytes.ascii("none"));
            SshBytes.string(out, SshBytes.ascii("none"));
            SshBytes.string(out, new byte[0]);
            out.writeInt(1);
            SshBytes.string(out, publicBlob());
            SshBytes.string(out, privateBlock());
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
        return SshBytes.of(out -> {
            out.writeInt(check);
            out.writeInt(check);
            SshBytes.string(out, SshBytes.ascii(TYPE));
            SshBytes.string(out, open);
            SshBytes.string(out, both());
            SshBytes.string(out, new byte[0]); // no comment
            for (int pad = 1; out.size() % BLOCK != 0; pad++) {
                out.writeByte(pad);
            }
        });
    }

    /** The private key as dropbear keeps its host keys. */
    public byte[] dropbearPrivateKey() {
        return SshBytes.of(out -> {
            SshBytes.string(out, SshBytes.ascii(TYPE));
            SshBytes.string(out, both());
        });
    }

    private byte[] both() {
        byte[] both = Arrays.copyOf(seed, 2 * KEY_BYTES);
        System.arraycopy(open, 0, both, KEY_BYTES, KEY_BYTES);
        return both;
    }

    /** The type alone. */
    @Override
    public String toString() {
        return TYPE;
    }
}
