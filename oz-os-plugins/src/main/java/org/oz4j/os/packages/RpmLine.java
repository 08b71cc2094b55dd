package org.oz4j.os.packages;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.Icicle;
import org.oz4j.spi.PackageField;

/** What rpm prints of a package. */
final class RpmLine {
    static final String FORMAT =
            "%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{VENDOR}\\t%{LICENSE}\\t%{INSTALLTIME}"
                    + "\\t%{URL}\\t%{SOURCERPM}\\n";

    private static final List<PackageField> FIELDS = List.of(
            PackageField.NAME,
            PackageField.VERSION,
            PackageField.ARCH,
            PackageField.VENDOR,
            PackageField.LICENCE,
            PackageField.INSTALLED,
            PackageField.HOMEPAGE,
            PackageField.SOURCE,
            PackageField.SOURCE_VERSION);

    private static final Pattern SOURCE_FILE = Pattern.compile("\t([^\t]+)-([^-\t]+-[^-\t]+)\\.(?:no)?src\\.rpm$");

    private RpmLine() {}

    /** Nothing for the keys that rpm knows, which are in its database too. */
    static Optional<Icicle.Item> read(String line) {
        if (line.startsWith("gpg-pubkey\t")) {
            return Optional.empty();
        }
        String told = line.replaceAll("(?<=\t)\\(none\\)(?=\t|$)", "");
        Matcher source = SOURCE_FILE.matcher(told);
        return PackageField.read(
                FIELDS,
                source.find()
                        ? told.substring(0, source.start()) + "\t" + source.group(1) + "\t"
                                + withEpoch(source.group(2), told.split("\t", 3)[1])
                        : told);
    }

    /** A source package's file tells no epoch, which is the package's own where the rest is. */
    private static String withEpoch(String version, String ofPackage) {
        return ofPackage.endsWith(":" + version) ? ofPackage : version;
    }
}
