package org.oz4j.media;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files of checksums, in the formats of coreutils' sha256sum and its like, of BSD's, or with one sum alone. */
final class SumFile {
    private static final Pattern COREUTILS = Pattern.compile("^\\\\?([0-9a-fA-F]{32,128})\\s+[ *]?(.+)$");
    private static final Pattern BSD = Pattern.compile("^[A-Za-z0-9-]+ \\((.+)\\) = ([0-9a-fA-F]{32,128})$");
    private static final Pattern BARE = Pattern.compile("^([0-9a-fA-F]{32,128})$");

    private SumFile() {}

    /** The sum of the file of that name in lower-case hex; where no line names it, a sum that stands alone. */
    static Optional<String> find(String text, String name) {
        List<String> lines = text.lines().map(String::strip).toList();
        return lines.stream()
                .flatMap(line ->
                        of(COREUTILS.matcher(line), 1, 2, name).or(() -> of(BSD.matcher(line), 2, 1, name)).stream())
                .findFirst()
                .or(() -> lines.stream()
                        .filter(line -> BARE.matcher(line).matches())
                        .findFirst())
                .map(sum -> sum.toLowerCase(Locale.ROOT));
    }

    private static Optional<String> of(Matcher line, int sum, int file, String name) {
        return line.matches()
                        && line.group(file)
                                .substring(line.group(file).lastIndexOf('/') + 1)
                                .equals(name)
                ? Optional.of(line.group(sum))
                : Optional.empty();
    }
}
