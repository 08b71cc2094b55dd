package org.oz4j.engine;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

import org.apache.commons.codec.digest.Crypt;
import org.oz4j.spi.RootPassword;

/** Makes passwords and tokens. */
final class Secrets {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SALT_CHARACTERS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int SALT_LENGTH = 16; // the longest that crypt(5) uses of a sha512crypt salt

    private Secrets() {}

    /** 128 random bits in hex. */
    static String token() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The given password, or one that nobody knows, with its hash. */
    static RootPassword password(Optional<String> given) {
        String clear = given.orElseGet(Secrets::token);
        StringBuilder salt = new StringBuilder("$6$");
        for (int i = 0; i < SALT_LENGTH; i++) {
            salt.append(SALT_CHARACTERS.charAt(RANDOM.nextInt(SALT_CHARACTERS.length())));
        }
        return new RootPassword(clear, Crypt.crypt(clear, salt.toString()));
    }
}
