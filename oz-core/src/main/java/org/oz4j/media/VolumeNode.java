package org.oz4j.media;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

/** A file or a folder that goes into a new volume. */
final class VolumeNode {
    private static final int DEEPEST = 100;

    /** Where the content of a file comes from. */
    sealed interface Content permits Bytes, HostFile {
        /** Its size in bytes. */
        long size();
    }

    record Bytes(ByteBuffer bytes) implements Content {
        @Override
        public long size() {
            return bytes.capacity();
        }
    }

    /** A file of this host, which had that size when it was looked at. */
    record HostFile(Path file, long size) implements Content {}

    /** Its name; that of the root is empty. */
    final String name;

    /** The folder it is in; that of the root is the root. */
    final VolumeNode parent;

    /** What a file holds; null for a folder. */
    final @Nullable Content content;

    /** What a folder holds, by name. */
    final Map<String, VolumeNode> children = new TreeMap<>();

    private VolumeNode(String name, @Nullable VolumeNode parent, @Nullable Content content) {
        this.name = name;
        this.parent = parent == null ? this : parent;
        this.content = content;
    }

    /**
     * The root of a new volume.
     *
     * @param volume where it will be, for messages
     * @param files the content of files, by their path without a leading slash
     * @param additions files and folders of this host, by their path on the volume; symbolic links in a folder may lead to
     *     files of that folder, and become such files
     * @throws MediaException of kind {@code BAD_FORMAT} where two want the same place, where no file can have that path, or
     *     where a folder has what is neither a file nor a folder, or a link that leads out of it; {@code NOT_FOUND} where an
     *     addition can't be read
     */
    static VolumeNode root(URI volume, Map<String, byte[]> files, Map<String, Path> additions) throws IOException {
        VolumeNode root = new VolumeNode("", null, null);
        Builder builder = new Builder(volume, root);
        new TreeMap<>(files).forEach((path, content) -> builder.file(path, new Bytes(ByteBuffer.wrap(content))));
        for (Map.Entry<String, Path> addition : new TreeMap<>(additions).entrySet()) {
            builder.fromHost(addition.getKey(), addition.getValue());
        }
        return root;
    }

    boolean isFolder() {
        return content == null;
    }

    boolean isRoot() {
        return parent == this;
    }

    /** Its path on the volume, without a leading slash. */
    String path() {
        return isRoot() || parent.isRoot() ? name : parent.path() + "/" + name;
    }

    /** Says that something can't be on a volume. */
    static MediaException cannot(URI volume, String path, String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                volume,
                "Can't write '" + path + "' to the volume " + volume + ": " + why,
                "Give it another name or place",
                null);
    }

    private record Builder(URI volume, VolumeNode root) {
        void file(String path, Content content) {
            int slash = path.lastIndexOf('/');
            VolumeNode folder = slash < 0 ? root : folder(path.substring(0, slash), path);
            String name = checked(path.substring(slash + 1), path);
            VolumeNode there = folder.children.putIfAbsent(name, new VolumeNode(name, folder, content));
            if (there != null) {
                throw cannot(volume, path, there.isFolder() ? "it is a folder, too" : "there are two of that path");
            }
        }

        /** Makes a folder, and those above it; of what is there already they are kept. */
        VolumeNode folder(String path, String wanted) {
            VolumeNode folder = root;
            int depth = 0;
            for (String name : path.split("/", -1)) {
                VolumeNode parent = folder;
                folder = parent.children.computeIfAbsent(
                        checked(name, wanted), child -> new VolumeNode(child, parent, null));
                if (!folder.isFolder()) {
                    throw cannot(volume, wanted, "'" + folder.path() + "' is a file");
                }
                if (++depth > DEEPEST) {
                    throw cannot(volume, wanted, "it is more than " + DEEPEST + " folders deep");
                }
            }
            return folder;
        }

        private String checked(String name, String path) {
            if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
                throw cannot(volume, path, "no file or folder can be called '" + name + "'");
            }
            return name;
        }

        void fromHost(String path, Path addition) throws IOException {
            try {
                Path top = addition.toRealPath();
                if (Files.isDirectory(top)) {
                    addFolder(path, top);
                } else {
                    file(path, regular(path, addition, top));
                }
            } catch (FileSystemException e) {
                throw new MediaException(
                        Kind.NOT_FOUND,
                        volume,
                        "Can't write '" + path + "' to the volume " + volume + ": " + addition + " can't be read",
                        "Check that it is there, that its links lead somewhere, and that it may be read",
                        e);
            }
        }

        private HostFile regular(String path, Path file, Path real) throws IOException {
            if (!Files.isRegularFile(real)) {
                throw cannot(volume, path, file + " is neither a file nor a folder, nor a link to a file");
            }
            return new HostFile(real, Files.size(real));
        }

        private void addFolder(String path, Path top) throws IOException {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                private String place(Path file) {
                    String below = top.relativize(file).toString();
                    return below.isEmpty() ? path : path + "/" + below;
                }

                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    folder(place(folder), place(folder));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Path real = attributes.isSymbolicLink() ? file.toRealPath() : file;
                    if (!real.startsWith(top)) {
                        throw cannot(volume, place(file), "the link " + file + " leads out of " + top);
                    }
                    file(place(file), regular(place(file), file, real));
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }
}
