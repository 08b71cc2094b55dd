package org.oz4j.os.redhat;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.spi.MediaRecipe.BootFile;

/**
 * What a medium's {@code .treeinfo} tells of its boot files; what it does not tell, the usual places are taken for.
 *
 * <p>Source: the productmd library's description of treeinfo files.
 */
final class TreeInfo {
    /** Where it is on a medium. */
    static final String PATH = ".treeinfo";

    private static final Pattern PLAIN_PATH =
            Pattern.compile("[A-Za-z0-9_+-][A-Za-z0-9_.+-]*(/[A-Za-z0-9_+-][A-Za-z0-9_.+-]*)*+");
    private static final Pattern SHA256 = Pattern.compile("sha256:\\s*([0-9a-fA-F]{64})");
    private static final Map<Arch, List<String>> NAMES = Map.of(
            Arch.I386, List.of("i386", "i586", "i686"),
            Arch.ARMV7L, List.of("armhfp", "arm"));

    private final Map<String, String> entries = new HashMap<>();

    /** Reads it; a text that is none tells nothing. */
    TreeInfo(Optional<String> text) {
        String section = "";
        for (String line : text.orElse("").lines().map(String::strip).toList()) {
            int equals = line.indexOf('=');
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1);
            } else if (equals > 0 && !line.startsWith("#") && !line.startsWith(";")) {
                entries.put(
                        section + "/" + line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        }
    }

    /**
     * A boot file.
     *
     * @param role {@code kernel} or {@code initrd}
     * @param usual its path where nothing is told
     */
    BootFile file(Arch arch, String role, String usual) {
        String path = NAMES.getOrDefault(arch, List.of(arch.toString())).stream()
                .flatMap(name -> Optional.ofNullable(entries.get("images-" + name + "/" + role)).stream())
                .filter(told -> PLAIN_PATH.matcher(told).matches())
                .findFirst()
                .orElse(usual);
        Optional<String> sum = Optional.ofNullable(entries.get("checksums/" + path))
                .map(SHA256::matcher)
                .filter(Matcher::matches)
                .map(found -> found.group(1).toLowerCase(Locale.ROOT));
        return new BootFile(path, sum);
    }
}
