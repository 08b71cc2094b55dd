package org.oz4j.media;

import java.io.IOException;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.TreeSet;

/** Small files of what is known of others. */
final class Facts {
    private Facts() {}

    /** Reads facts; none where there is no file, or one that a crash of the host tore. */
    static Properties load(Path file) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try {
                properties.load(new StringReader(Files.readString(file)));
            } catch (IllegalArgumentException | CharacterCodingException e) {
                return new Properties();
            }
        }
        return properties;
    }

    /** Writes facts, so that a reader finds all or none of them, whenever we die. */
    static void store(Path file, Properties properties) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            text.append(key)
                    .append('=')
                    .append(properties.getProperty(key).replace("\\", "\\\\").replace("\n", "\\n"))
                    .append('\n');
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(fresh, text);
            sync(fresh);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh); // there is none where it went well
        }
    }

    /** Returns once a file, or what a folder says of its files, is on the disk. */
    static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
