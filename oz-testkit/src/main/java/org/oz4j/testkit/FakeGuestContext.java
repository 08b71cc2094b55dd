package org.oz4j.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

import org.oz4j.hypervisor.MachineSpec;

/**
 * A machine that is being started, as its guest sees it.
 *
 * @param spec the machine
 * @param boot how many machines of that name have been started, with this one: 1 for the first
 */
public record FakeGuestContext(MachineSpec spec, int boot) {
    /** Larger files hold systems, not answers. */
    private static final long LARGEST = 256L << 20;

    /**
     * What the machine was given that matches: in the kernel's arguments, the SMBIOS strings, the initrd (with all
     * gzip members in it), CDs and disks.
     *
     * @return the pattern's first group, or all that matches where it has none
     * @throws IllegalStateException where nothing matches
     */
    public String token(Pattern pattern) {
        return find(pattern)
                .orElseThrow(() -> new IllegalStateException("Nothing given to the machine " + spec.name() + " matches "
                        + pattern + "; looked into " + files()));
    }

    /** What the machine was given that matches, if anything does, as {@link #token} finds it. */
    public Optional<String> find(Pattern pattern) {
        return find(text -> match(pattern, text));
    }

    /** What stands before a text in its line, of what the machine was given, at most that many characters. */
    Optional<String> before(String text, int most) {
        return find(given -> {
            int at = given.indexOf(text);
            int from = at;
            while (from > 0 && at - from < most && "\n\r\0".indexOf(given.charAt(from - 1)) < 0) {
                from--;
            }
            return at < 0 ? Optional.empty() : Optional.of(given.substring(from, at));
        });
    }

    private Optional<String> find(Function<String, Optional<String>> search) {
        List<String> texts = new ArrayList<>(spec.oemStrings());
        if (spec.boot() instanceof MachineSpec.Boot.Kernel kernel) {
            texts.add(kernel.arguments());
        }
        for (String text : texts) {
            Optional<String> found = search.apply(text);
            if (found.isPresent()) {
                return found;
            }
        }
        try {
            for (Path file : files()) {
                Optional<String> found = findIn(file, search);
                if (found.isPresent()) {
                    return found;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.empty();
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        if (spec.boot() instanceof MachineSpec.Boot.Kernel kernel) {
            files.add(kernel.initrd());
        }
        spec.disks().forEach(disk -> files.add(disk.path()));
        return files;
    }

    private static Optional<String> findIn(Path file, Function<String, Optional<String>> search) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
            return Optional.empty();
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readAllBytes(); // in pieces: each thread would keep a direct buffer as large as the file
        }
        Optional<String> found = search.apply(text(bytes));
        for (int at = 0; found.isEmpty() && at + 2 < bytes.length; at++) {
            if (bytes[at] == 0x1f && bytes[at + 1] == (byte) 0x8b && bytes[at + 2] == 8) {
                found = search.apply(text(inflate(bytes, at)));
            }
        }
        return found;
    }

    private static byte[] inflate(byte[] bytes, int from) {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (InputStream member = new GZIPInputStream(new ByteArrayInputStream(bytes, from, bytes.length - from))) {
            byte[] buffer = new byte[8192];
            for (int read = member.read(buffer); read >= 0; read = member.read(buffer)) {
                plain.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // no gzip member after all, or something else follows it: what was read so far is all there is
        }
        return plain.toByteArray();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static Optional<String> match(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return Optional.ofNullable(matcher.groupCount() > 0 ? matcher.group(1) : matcher.group());
    }
}
