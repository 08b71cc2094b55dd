package org.oz4j.config;

import java.math.BigInteger;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes sizes: a whole number of GiB, or of the unit that follows it. */
public final class Sizes {
    /** What is allowed, for messages. */
    public static final String ALLOWED =
            "a whole number, of GiB or with a unit: b, kB, KiB, MB, MiB ... YB, YiB; K, M, G and T mean KiB to TiB";

    /** 1 EiB: beyond what file systems and image formats hold. */
    public static final long LARGEST_DISK = 1L << 60;

    private static final Pattern FORM = Pattern.compile("([0-9]{1,30})\\s*([A-Za-z]{0,3})");
    private static final String PREFIXES = "kmgtpezy";
    private static final int LAST_ALONE = 4; // K, M, G, T
    private static final long GIB = 1L << 30;

    private Sizes() {}

    /** The size in bytes, {@link Long#MAX_VALUE} where it is that or more; empty where it is no size, or is nothing. */
    public static OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return OptionalLong.empty();
        }
        BigInteger factor = factor(form.group(2).toLowerCase(Locale.ROOT));
        BigInteger bytes = new BigInteger(form.group(1)).multiply(factor);
        return bytes.signum() > 0
                ? OptionalLong.of(bytes.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact())
                : OptionalLong.empty();
    }

    /** The factor of a unit in lower case; 0 where there is no such unit. */
    private static BigInteger factor(String unit) {
        if (unit.isEmpty()) {
            return BigInteger.valueOf(GIB);
        }
        if (unit.equals("b")) {
            return BigInteger.ONE;
        }
        int power = PREFIXES.indexOf(unit.charAt(0)) + 1;
        String rest = unit.substring(1);
        if (power == 0 || (rest.isEmpty() && power > LAST_ALONE)) {
            return BigInteger.ZERO;
        }
        if (rest.isEmpty() || rest.equals("ib")) {
            return BigInteger.ONE.shiftLeft(10 * power);
        }
        return rest.equals("b") ? BigInteger.TEN.pow(3 * power) : BigInteger.ZERO;
    }

    /** The shortest exact form. */
    public static String format(long bytes) {
        return bytes % GIB == 0 ? bytes / GIB + " GiB" : bytes + " b";
    }
}
