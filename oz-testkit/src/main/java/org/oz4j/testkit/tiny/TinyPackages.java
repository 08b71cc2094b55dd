package org.oz4j.testkit.tiny;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.testkit.linux.FileTree;

/** The packages that come with TinyLinux, as a repository of its package manager. */
final class TinyPackages {
    private TinyPackages() {}

    /** The repository's files by name: packages, and the index that tells their sums. */
    static Map<String, byte[]> repository() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        StringBuilder index = new StringBuilder();
        add(
                files,
                index,
                "hello",
                "1.0",
                new FileTree()
                        .text(
                                "usr/bin/hello",
                                0755,
                                """
                #!/bin/sh
                echo 'Hello, world!'
                """));
        add(
                files,
                index,
                "moo",
                "1.1",
                new FileTree()
                        .text(
                                "usr/bin/moo",
                                0755,
                                """
                #!/bin/sh
                # Lets a cow say the arguments.
                text="$*"
                line=$(printf '%s' "$text" | sed 's/./-/g')
                printf ' -%s-\\n< %s >\\n -%s-\\n' "$line" "$text" "$line"
                printf '   \\\\  ^__^\\n    \\\\ (oo)____\\n      (__)    )\\\\\\n         ||--|| *\\n'
                """)
                        .text("usr/share/doc/moo", 0644, "moo: a cow that talks\n"));
        files.put("index", index.toString().getBytes(StandardCharsets.UTF_8));
        return files;
    }

    private static void add(
            Map<String, byte[]> files, StringBuilder index, String name, String version, FileTree content)
            throws IOException {
        String file = name + "-" + version + ".tar.gz";
        byte[] archive = content.toTarGz();
        files.put(file, archive);
        index.append(name).append(' ').append(version).append(' ').append(file).append(' ');
        index.append(DigestUtils.sha256Hex(archive)).append('\n');
    }
}
