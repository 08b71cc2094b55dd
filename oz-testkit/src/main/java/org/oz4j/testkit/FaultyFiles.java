package org.oz4j.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.oz4j.testkit.FaultPlan.Kind;

/** The host's own files, on which things are done with the faults of a plan. */
final class FaultyFiles extends FileSystem {
    /** Names that are made up anew each time. */
    private static final Pattern MADE_UP =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,64}|(?<=[-.])\\d{8,}|\\d{8}T\\d{6}");

    /** Where nothing is, and nothing can be made. */
    private static final File NOWHERE = new File("/proc/" + FaultPlan.WORDS + "/file");

    /** Files have no virtual time. */
    private static final Set<Kind> ALL = EnumSet.complementOf(EnumSet.of(Kind.TAKES_LONG));

    /** Of what is done at once, or not at all. */
    private static final Set<Kind> WHOLE = EnumSet.complementOf(EnumSet.of(Kind.TAKES_LONG, Kind.HALF_DONE));

    private final FaultPlan plan;
    private final Provider provider = new Provider();

    FaultyFiles(FaultPlan plan) {
        this.plan = plan;
    }

    Path wrap(Path path) {
        return path instanceof FaultyPath ? path : new FaultyPath(this, path);
    }

    /** The path of the host. */
    static Path real(Path path) {
        return path instanceof FaultyPath faulty ? faulty.real() : path;
    }

    private static String label(String what, Path path) {
        Path name = path.getFileName();
        return what + " "
                + MADE_UP.matcher(name == null ? "/" : name.toString()).replaceAll("*");
    }

    private interface Doing<T> {
        T run() throws IOException;
    }

    /** Does something that is a seam of the plan; half of it is all of it, where the failure is told in spite. */
    private <T> T through(String what, Path path, Set<Kind> kinds, Doing<T> doing) throws IOException {
        Optional<Kind> fault = plan.arrive(label(what, path), kinds, false);
        if (fault.isEmpty()) {
            return doing.run();
        }
        if (fault.get() == Kind.HALF_DONE) {
            doing.run();
        }
        throw plan.fileFailure(path.toString());
    }

    /** The file, or one that can't be: then whoever opens or writes it fails. */
    File handOut(Path path) {
        Optional<Kind> fault = plan.arrive(label("hand out", path), ALL, false);
        if (fault.isEmpty()) {
            return path.toFile();
        }
        if (fault.get() == Kind.HALF_DONE && Files.notExists(path)) {
            try {
                Files.writeString(path, "half of what it should be");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return NOWHERE;
    }

    private final class Provider extends FileSystemProvider {
        @Override
        public String getScheme() {
            return "faulty";
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
            throw new UnsupportedOperationException("FaultPlan.files makes it");
        }

        @Override
        public FileSystem getFileSystem(URI uri) {
            return FaultyFiles.this;
        }

        @Override
        public Path getPath(URI uri) {
            return wrap(Path.of(uri));
        }

        private static FileSystemProvider of(Path path) {
            return path.getFileSystem().provider();
        }

        @Override
        public SeekableByteChannel newByteChannel(
                Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            Path file = real(path);
            boolean writes = writes(options);
            SeekableByteChannel channel =
                    through(writes ? "open to write" : "open to read", file, WHOLE, () -> of(file).newByteChannel(
                                    file, options, attributes));
            return writes ? new Written(channel, file) : channel;
        }

        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
                throws IOException {
            Path file = real(path);
            return through(
                    writes(options) ? "open to write" : "open to read", file, WHOLE, () -> of(file).newFileChannel(
                                    file, options, attributes));
        }

        private static boolean writes(Set<? extends OpenOption> options) {
            return options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
                throws IOException {
            Path folder = real(path);
            DirectoryStream<Path> found = through("list", folder, WHOLE, () -> of(folder)
                    .newDirectoryStream(folder, each -> filter.accept(wrap(each))));
            return new DirectoryStream<>() {
                @Override
                public Iterator<Path> iterator() {
                    Iterator<Path> all = found.iterator();
                    return new Iterator<>() {
                        @Override
                        public boolean hasNext() {
                            return all.hasNext();
                        }

                        @Override
                        public Path next() {
                            return wrap(all.next());
                        }
                    };
                }

                @Override
                public void close() throws IOException {
                    found.close();
                }
            };
        }

        @Override
        public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
            Path folder = real(path);
            if (Files.exists(folder)) {
                of(folder).createDirectory(folder, attributes); // says that it is there, which changes nothing
            }
            through("make folder", folder, WHOLE, () -> {
                of(folder).createDirectory(folder, attributes);
                return folder;
            });
        }

        @Override
        public void createSymbolicLink(Path path, Path target, FileAttribute<?>... attributes) throws IOException {
            Path link = real(path);
            through("link", link, ALL, () -> {
                of(link).createSymbolicLink(link, real(target), attributes);
                return link;
            });
        }

        @Override
        public void createLink(Path path, Path existing) throws IOException {
            Path link = real(path);
            through("link", link, ALL, () -> {
                of(link).createLink(link, real(existing));
                return link;
            });
        }

        @Override
        public Path readSymbolicLink(Path path) throws IOException {
            return wrap(of(real(path)).readSymbolicLink(real(path)));
        }

        @Override
        public void delete(Path path) throws IOException {
            Path file = real(path);
            through("delete", file, WHOLE, () -> {
                of(file).delete(file);
                return file;
            });
        }

        @Override
        public boolean deleteIfExists(Path path) throws IOException {
            Path file = real(path);
            return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                    && through("delete", file, WHOLE, () -> of(file).deleteIfExists(file));
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options) throws IOException {
            Path to = real(target);
            through("copy to", to, ALL, () -> {
                of(to).copy(real(source), to, options);
                return to;
            });
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) throws IOException {
            Path to = real(target);
            through("move to", to, WHOLE, () -> {
                of(to).move(real(source), to, options);
                return to;
            });
        }

        @Override
        public boolean isSameFile(Path path, Path other) throws IOException {
            return of(real(path)).isSameFile(real(path), real(other));
        }

        @Override
        public boolean isHidden(Path path) throws IOException {
            return of(real(path)).isHidden(real(path));
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException {
            return of(real(path)).getFileStore(real(path));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException {
            of(real(path)).checkAccess(real(path), modes);
        }

        @Override
        @SuppressWarnings("NullAway") // as the class above has it
        public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
            return of(real(path)).getFileAttributeView(real(path), type, options);
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
                throws IOException {
            return of(real(path)).readAttributes(real(path), type, options);
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
                throws IOException {
            return of(real(path)).readAttributes(real(path), attributes, options);
        }

        @Override
        public void setAttribute(Path path, String attribute, @Nullable Object value, LinkOption... options)
                throws IOException {
            of(real(path)).setAttribute(real(path), attribute, value, options);
        }
    }

    /** A file that is written to: each write is a seam. */
    private final class Written implements SeekableByteChannel {
        private final SeekableByteChannel channel;
        private final Path file;

        Written(SeekableByteChannel channel, Path file) {
            this.channel = channel;
            this.file = file;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            Optional<Kind> fault = plan.arrive(label("write", file), ALL, false);
            if (fault.isEmpty()) {
                return channel.write(bytes);
            }
            if (fault.get() != Kind.FAILS) {
                channel.write(bytes.slice(bytes.position(), bytes.remaining() / 2));
            }
            throw plan.fileFailure(file.toString());
        }

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            return channel.read(bytes);
        }

        @Override
        public long position() throws IOException {
            return channel.position();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            channel.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            channel.truncate(size);
            return this;
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("the host's files stay");
    }

    private static FileSystem host() {
        return java.nio.file.FileSystems.getDefault();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return host().getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return host().getRootDirectories();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return host().getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return host().supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
        return wrap(Path.of(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        PathMatcher matcher = host().getPathMatcher(pattern);
        return path -> matcher.matches(real(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        return host().getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("faulty files can't be watched");
    }
}
