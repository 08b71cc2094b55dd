package org.oz4j.engine;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

import org.apache.commons.codec.digest.Crypt;
import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.spi.RootPassword;

/** Makes passwords and tokens: anew each time, the same ones again for the same seed, or stars in their place. */
class Secrets {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SALT_CHARACTERS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int SALT_LENGTH = 16; // the longest that crypt(5) uses of a sha512crypt salt
    private static final int TOKEN_BYTES = 16;
    /** What stands for a secret where none is shown. */
    static final String MASK = "********";

    private static final Secrets MASKED = new Secrets(Optional.empty()) {
        @Override
        String token(String use) {
            return MASK;
        }

        @Override
        RootPassword password(String account, Optional<String> given) {
            return new RootPassword(MASK, MASK);
        }
    };

    private final Optional<String> seed;

    private Secrets(Optional<String> seed) {
        this.seed = seed;
    }

    /** Those that nobody can foretell. */
    static Secrets random() {
        return new Secrets(Optional.empty());
    }

    /** Those that only who knows the seed can foretell, so that the same install has the same answer file. */
    static Secrets of(String seed) {
        return new Secrets(Optional.of(seed));
    }

    /** Stars for each, for a description that is looked at and not used. */
    static Secrets masked() {
        return MASKED;
    }

    /** 128 random bits in hex. */
    static String token() {
        return random().token("");
    }

    /** 128 bits in hex, for that use. */
    String token(String use) {
        return HexFormat.of().formatHex(bytes("token " + use, TOKEN_BYTES));
    }

    private byte[] bytes(String use, int count) {
        if (seed.isPresent()) {
            byte[] text = (seed.get() + "\n" + use).getBytes(StandardCharsets.UTF_8);
            return Arrays.copyOf(DigestUtils.sha256(text), count);
        }
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** The given password of an account, or one that nobody knows, with its hash. */
    RootPassword password(String account, Optional<String> given) {
        String clear = given.orElseGet(() -> token("password of " + account));
        StringBuilder salt = new StringBuilder("$6$");
        for (byte one : bytes("salt of " + account, SALT_LENGTH)) {
            salt.append(SALT_CHARACTERS.charAt(one & 63));
        }
        return RootPassword.hashedLater(clear, () -> Crypt.crypt(clear, salt.toString()));
    }
}
