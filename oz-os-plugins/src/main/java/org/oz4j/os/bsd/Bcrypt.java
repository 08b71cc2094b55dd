package org.oz4j.os.bsd;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.commons.codec.digest.DigestUtils;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.RootPassword;

/** Hashes passwords as OpenBSD's crypt(3) and encrypt(1) do, which know nothing else. */
final class Bcrypt {
    private static final Pattern SALT = Pattern.compile("\\$6\\$(?:rounds=\\d+\\$)?([^$]*)\\$");
    private static final int ROUNDS = 10; // to the power of two
    private static final int SALT_BYTES = 16;
    private static final int LONGEST = 72;

    private Bcrypt() {}

    /** The hash, with a salt made of the other hash's, so that the same password gives the same answers. */
    static String of(RootPassword password, String system) {
        if (password.clearText().getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new UnsupportedOsException(
                    system,
                    "A password is longer than " + LONGEST + " bytes, which crypt(3) of the system would not look at",
                    "Choose a shorter one");
        }
        Matcher salt = SALT.matcher(password.sha512Crypt());
        byte[] made = DigestUtils.sha256("bcrypt " + (salt.find() ? salt.group(1) : ""));
        return OpenBSDBCrypt.generate(
                "2b", password.clearText().toCharArray(), Arrays.copyOf(made, SALT_BYTES), ROUNDS);
    }
}
