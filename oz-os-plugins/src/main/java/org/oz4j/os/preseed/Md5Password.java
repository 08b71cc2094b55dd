package org.oz4j.os.preseed;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.commons.codec.digest.Md5Crypt;
import org.oz4j.spi.RootPassword;

/** Hashes passwords for C libraries before glibc 2.7, whose crypt(3) knows no better than MD5. */
final class Md5Password {
    private static final Pattern SALT = Pattern.compile("\\$6\\$(?:rounds=\\d+\\$)?([A-Za-z0-9./]{1,8})");

    private Md5Password() {}

    /** The hash, with the salt of the better one, so that the same password gives the same answer file. */
    static String of(RootPassword password) {
        Matcher salt = SALT.matcher(password.sha512Crypt());
        return Md5Crypt.md5Crypt(
                password.clearText().getBytes(StandardCharsets.UTF_8), "$1$" + (salt.find() ? salt.group(1) : "oz"));
    }
}
