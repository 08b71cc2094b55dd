package org.oz4j.remote;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.Base64;
import java.util.List;

/**
 * An RSA key pair, for ssh servers that know no other kind: OpenSSH before 6.5, of 2014.
 *
 * <p>Sources: RFC 4253, section 6.6 (public form); RFC 8017, appendix A.1.2 (private form).
 */
public final class RsaKey implements SshKey {
    private static final int BITS = 2048; // every OpenSSH takes that many
    private static final int LINE = 64;
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;

    private final RSAPrivateCrtKey key;

    private RsaKey(RSAPrivateCrtKey key) {
        this.key = key;
    }

    /** Makes a new key pair. */
    public static RsaKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS);
            KeyPair pair = generator.generateKeyPair();
            return new RsaKey((RSAPrivateCrtKey) pair.getPrivate());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    @Override
    public String type() {
        return "ssh-rsa";
    }

    @Override
    public byte[] publicBlob() {
        return SshBytes.of(out -> {
            SshBytes.string(out, SshBytes.ascii(type()));
            SshBytes.string(out, key.getPublicExponent().toByteArray());
            SshBytes.string(out, key.getModulus().toByteArray());
        });
    }

    @Override
    public String openSshPrivateKey() {
        byte[] numbers = SshBytes.of(out -> {
            for (BigInteger number : List.of(
                    BigInteger.ZERO,
                    key.getModulus(),
                    key.getPublicExponent(),
                    key.getPrivateExponent(),
                    key.getPrimeP(),
                    key.getPrimeQ(),
                    key.getPrimeExponentP(),
                    key.getPrimeExponentQ(),
                    key.getCrtCoefficient())) {
                out.write(der(INTEGER, number.toByteArray()));
            }
        });
        String text = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der(SEQUENCE, numbers));
        return "-----BEGIN RSA PRIVATE KEY-----\n" + text + "\n-----END RSA PRIVATE KEY-----\n";
    }

    /** A value with its tag and length, by the distinguished encoding rules of ITU-T X.690, 8.1. */
    private static byte[] der(int tag, byte[] value) {
        return SshBytes.of(out -> {
            out.writeByte(tag);
            if (value.length < 0x80) {
                out.writeByte(value.length);
            } else {
                byte[] length = BigInteger.valueOf(value.length).toByteArray();
                int from = length[0] == 0 ? 1 : 0;
                out.writeByte(0x80 | (length.length - from));
                out.write(length, from, length.length - from);
            }
            out.write(value);
        });
    }

    /** The type alone. */
    @Override
    public String toString() {
        return type();
    }
}
