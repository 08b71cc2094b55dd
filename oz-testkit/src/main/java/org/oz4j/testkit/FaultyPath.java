package org.oz4j.testkit;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Iterator;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/** A path of the host's own file system, on which things are done with the faults of a plan. */
record FaultyPath(FaultyFiles files, Path real) implements Path {
    @Override
    public FaultyFiles getFileSystem() {
        return files;
    }

    private Path wrap(Path path) {
        return files.wrap(path);
    }

    private @Nullable Path wrapAny(@Nullable Path path) {
        return path == null ? null : files.wrap(path);
    }

    @Override
    public boolean isAbsolute() {
        return real.isAbsolute();
    }

    @Override
    @SuppressWarnings("NullAway") // as the interface has it
    public Path getRoot() {
        return wrapAny(real.getRoot());
    }

    @Override
    @SuppressWarnings("NullAway") // as the interface has it
    public Path getFileName() {
        return wrapAny(real.getFileName());
    }

    @Override
    @SuppressWarnings("NullAway") // as the interface has it
    public Path getParent() {
        return wrapAny(real.getParent());
    }

    @Override
    public int getNameCount() {
        return real.getNameCount();
    }

    @Override
    public Path getName(int index) {
        return wrap(real.getName(index));
    }

    @Override
    public Path subpath(int begin, int end) {
        return wrap(real.subpath(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return real.startsWith(FaultyFiles.real(other));
    }

    @Override
    public boolean endsWith(Path other) {
        return real.endsWith(FaultyFiles.real(other));
    }

    @Override
    public Path normalize() {
        return wrap(real.normalize());
    }

    @Override
    public Path resolve(Path other) {
        return wrap(real.resolve(FaultyFiles.real(other)));
    }

    @Override
    public Path resolve(String other) {
        return wrap(real.resolve(other));
    }

    @Override
    public Path resolveSibling(String other) {
        return wrap(real.resolveSibling(other));
    }

    @Override
    public Path relativize(Path other) {
        return wrap(real.relativize(FaultyFiles.real(other)));
    }

    @Override
    public URI toUri() {
        return real.toUri();
    }

    @Override
    public Path toAbsolutePath() {
        return wrap(real.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        return wrap(real.toRealPath(options));
    }

    /** Handed to what knows no paths: java.io, and programs. */
    @Override
    public File toFile() {
        return files.handOut(real);
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("faulty files can't be watched");
    }

    @Override
    public Iterator<Path> iterator() {
        Iterator<Path> names = real.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return names.hasNext();
            }

            @Override
            public Path next() {
                return wrap(names.next());
            }
        };
    }

    @Override
    public int compareTo(Path other) {
        return real.compareTo(FaultyFiles.real(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FaultyPath path && path.files == files && path.real.equals(real);
    }

    @Override
    public int hashCode() {
        return Objects.hash(System.identityHashCode(files), real);
    }

    @Override
    public String toString() {
        return real.toString();
    }
}
