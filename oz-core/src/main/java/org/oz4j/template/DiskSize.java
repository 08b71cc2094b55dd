package org.oz4j.template;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes of disks: a bare number counts GiB; SI and IEC suffixes, and K, M, G, T as their IEC cousins. */
final class DiskSize {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})\\s*([A-Za-z]*)");
    private static final int SECTOR = 512;
    private static final String PREFIXES = "KMGTPEZY";
    private static final Map<String, BigInteger> SHORT = Map.of("", iec(3), "B", BigInteger.ONE);

    private DiskSize() {}

    private static BigInteger iec(int power) {
        return BigInteger.ONE.shiftLeft(10 * power);
    }

    /**
     * The size in bytes, rounded up to whole sectors.
     *
     * @throws IllegalArgumentException with what is wrong and what is allowed
     */
    static long parse(String text) {
        Matcher size = SIZE.matcher(text);
        BigInteger unit = size.matches() ? unit(size.group(2).toUpperCase(Locale.ROOT)) : BigInteger.ZERO;
        if (unit.signum() == 0) {
            throw new IllegalArgumentException("the disk size '" + text
                    + "' is none: use a number of GiB, or one with B, KB to YB, KiB to YiB, or K to T");
        }
        BigInteger bytes = new BigInteger(size.group(1)).multiply(unit);
        if (bytes.signum() == 0 || bytes.bitLength() > 62) {
            throw new IllegalArgumentException("the disk size '" + text + "' is not between 1 byte and 4 EiB");
        }
        long exact = bytes.longValueExact();
        return (exact + SECTOR - 1) / SECTOR * SECTOR;
    }

    private static BigInteger unit(String suffix) {
        BigInteger known = SHORT.get(suffix);
        if (known != null) {
            return known;
        }
        int power = PREFIXES.indexOf(suffix.charAt(0)) + 1;
        String rest = suffix.substring(1);
        if (power == 0) {
            return BigInteger.ZERO;
        }
        if (rest.equals("IB") || (rest.isEmpty() && power <= 4)) {
            return iec(power);
        }
        return rest.equals("B") ? BigInteger.TEN.pow(3 * power) : BigInteger.ZERO;
    }
}
