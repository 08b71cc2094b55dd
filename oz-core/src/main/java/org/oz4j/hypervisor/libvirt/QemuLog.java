package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a machine's QEMU has written to its standard error, which libvirt keeps in a file for each name of a machine. */
final class QemuLog {
    private static final Logger LOG = LoggerFactory.getLogger(QemuLog.class);
    private static final int READ = 64 << 10; // a command line takes 8 KiB
    private static final int SHOWN = 3;
    // libvirt's own lines: 2026-11-29 17:20:25.069+0000: starting up libvirt version: ...
    private static final Pattern BY_LIBVIRT =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+\\+\\d{4}: .*");
    private static final Pattern START = Pattern.compile("\\S+ \\S+: starting up .*");
    // QEMU's own, with -msg timestamp=on: 2026-11-29T17:19:46.964889Z qemu-system-x86_64: ...
    private static final Pattern TIME = Pattern.compile("^\\d{4}-\\d\\d-\\d\\dT\\S+Z ");

    private QemuLog() {}

    /**
     * Where libvirt at that address keeps it, by its defaults ({@code src/qemu/qemu_conf.c}); empty where that is not on this
     * host.
     *
     * @param variables of the environment, by their names
     */
    static Optional<Path> file(String uri, String name, Function<String, Optional<String>> variables) {
        if (Uris.remote(uri) || Uris.test(uri)) {
            return Optional.empty();
        }
        Optional<Path> folder = Uris.embedRoot(uri).map(root -> root.resolve("log/qemu"));
        if (folder.isEmpty() && Uris.system(uri)) {
            folder = Optional.of(Path.of("/var/log/libvirt/qemu"));
        } else if (folder.isEmpty()) {
            folder = variables
                    .apply("XDG_CACHE_HOME")
                    .map(Path::of)
                    .or(() -> variables.apply("HOME").map(home -> Path.of(home, ".cache")))
                    .map(cache -> cache.resolve("libvirt/qemu/log"));
        }
        return folder.map(found -> found.resolve(name + ".log"));
    }

    /** The last lines that QEMU itself wrote since its last start, as one text; empty where it wrote none, or they can't be read. */
    static String lastWords(Path file) {
        List<String> words = new ArrayList<>();
        boolean command = false;
        for (String line : end(file).split("\n", -1)) {
            if (START.matcher(line).matches()) {
                words.clear();
                command = true; // it follows, each line but its last with a backslash
            } else if (command) {
                command = line.endsWith("\\");
            } else if (!line.isBlank() && !BY_LIBVIRT.matcher(line).matches()) {
                words.add(TIME.matcher(line).replaceFirst("").strip());
            }
        }
        return String.join("; ", words.subList(Math.max(0, words.size() - SHOWN), words.size()));
    }

    private static String end(Path file) {
        try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, input.length() - READ);
            byte[] bytes = new byte[(int) (input.length() - from)];
            input.seek(from);
            input.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            LOG.debug("{} can't be read", file, e);
            return "";
        }
    }
}
