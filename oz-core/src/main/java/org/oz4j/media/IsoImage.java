package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;
import org.oz4j.media.VolumeFiles.Extent;

/**
 * Reads an ISO image in place: by its Rock Ridge names where it has them, else by its Joliet names, else by those of its
 * UDF volume, else by its plain ones in lower case. Where the UDF volume has a file of more than 2 GiB that is cut or
 * missing on the other side, its names are taken instead.
 *
 * <p>Install media of Windows have all but a note in UDF. An image may have no ISO 9660 volume at all.
 *
 * <p>Symbolic links are followed inside of the image when a file is read. May be used by many threads.
 */
public final class IsoImage implements AutoCloseable {
    // what other file systems than UDF have cut (genisoimage's manual, -allow-limited-size)
    private static final long LARGE = 2L << 30;

    private final Path file;
    private final ImageBytes image;
    private final Optional<Iso9660.Descriptors> descriptors;
    private final VolumeFiles files;
    private final String label;
    private final boolean inUdf;

    private IsoImage(Path file, ImageBytes image) throws IOException {
        this.file = file;
        this.image = image;
        descriptors = Iso9660.descriptors(image);
        VolumeFiles iso = new VolumeFiles(image);
        boolean named = false;
        if (descriptors.isPresent()) {
            Iso9660.list(image, descriptors.get(), iso);
            named = hasJoliet() || Iso9660.hasRockRidge(image, descriptors.get());
        }
        Optional<Udf.Volume> udf = udf(image, named);
        inUdf = udf.isPresent() && (!named || hasMore(udf.get().files(), iso));
        files = inUdf ? udf.get().files() : iso;
        label = descriptors
                .map(Iso9660.Descriptors::label)
                .or(() -> udf.map(Udf.Volume::label))
                .orElseThrow(
                        () -> image.bad(image.size() == 0 ? "it is empty" : "it has no ISO 9660 volume descriptor"));
    }

    /** Its UDF volume; one that is broken is none where the ISO 9660 volume has all that is needed. */
    private static Optional<Udf.Volume> udf(ImageBytes image, boolean named) throws IOException {
        if (!Udf.isOn(image)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Udf.read(image));
        } catch (MediaException e) {
            if (named) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether there is a large file that the others have not, or have cut. */
    private static boolean hasMore(VolumeFiles files, VolumeFiles others) {
        AtomicBoolean more = new AtomicBoolean();
        files.eachFile((path, extents) -> {
            long bytes = bytes(extents);
            if (bytes > LARGE && others.extents(path).map(IsoImage::bytes).orElse(0L) < bytes) {
                more.set(true);
            }
        });
        return more.get();
    }

    private static long bytes(List<Extent> extents) {
        return extents.stream().mapToLong(Extent::size).sum();
    }

    /**
     * Opens an image and lists it.
     *
     * @throws MediaException of kind {@code BAD_FORMAT} where the file is none, or is damaged or was cut
     */
    public static IsoImage open(Path file) throws IOException {
        ImageBytes bytes = ImageBytes.open(file);
        boolean good = false;
        try {
            IsoImage image = new IsoImage(file, bytes);
            good = true;
            return image;
        } finally {
            if (!good) {
                bytes.close();
            }
        }
    }

    Path file() {
        return file;
    }

    /** The volume identifier. */
    public String volumeLabel() {
        return label;
    }

    /** Whether it has Joliet names too. */
    boolean hasJoliet() {
        return descriptors.flatMap(Iso9660.Descriptors::joliet).isPresent();
    }

    /** Whether its files are those of a UDF volume, which the ISO 9660 volume has not, or has cut. */
    boolean inUdf() {
        return inUdf;
    }

    /** When the volume was changed last, as sixteen digits; some boot loaders find their medium by it. */
    Optional<String> modified() {
        return descriptors.flatMap(Iso9660.Descriptors::modified);
    }

    /** Every file, folder and symbolic link, by its path without a leading slash. */
    public Set<String> paths() {
        return files.paths();
    }

    /** Whether there is a file of that path. */
    public boolean contains(String path) {
        return files.extents(path).isPresent();
    }

    /**
     * The size of a file in bytes.
     *
     * @throws MediaException of kind {@code NOT_FOUND} where there is no such file
     */
    public long size(String path) {
        return bytes(extents(path));
    }

    private List<Extent> extents(String path) {
        return files.extents(path)
                .orElseThrow(() -> new MediaException(
                        Kind.NOT_FOUND,
                        file.toUri(),
                        "The ISO image " + file + " (" + volumeLabel() + ") has no file " + path,
                        "Check that it is an install medium of the system that the template names",
                        null));
    }

    /**
     * The entries of the boot catalogue (El Torito), the first being the default; empty where there is none.
     *
     * @throws MediaException of kind {@code BAD_FORMAT} where there is one, but broken
     */
    public List<BootEntry> bootEntries() throws IOException {
        Map<Long, BootCatalog.Place> places = new HashMap<>();
        files.eachFile((path, extents) -> {
            long bytes = bytes(extents);
            if (bytes > 0) {
                // Of several names of the same file, always the same one.
                places.merge(
                        extents.get(0).offset(),
                        new BootCatalog.Place(path, bytes),
                        (one, other) -> one.path().compareTo(other.path()) <= 0 ? one : other);
            }
        });
        return BootCatalog.read(image, places, systemArea());
    }

    /** Where the contents of all files lie. */
    List<Extent> contents() {
        List<Extent> all = new ArrayList<>();
        files.eachFile((path, extents) -> all.addAll(extents));
        return all;
    }

    /** What makes the image boot from a disk or a USB stick. */
    public SystemArea systemArea() throws IOException {
        return SystemArea.read(image);
    }

    /**
     * Opens a file; it is read where it lies, and skipping in it costs nothing.
     *
     * @throws MediaException of kind {@code NOT_FOUND} where there is no such file
     */
    public InputStream open(String path) {
        return new ImageFileStream(image, extents(path));
    }

    /** The content of a small file; of a larger one, its beginning. */
    public byte[] read(String path, int maxBytes) throws IOException {
        try (InputStream content = open(path)) {
            return content.readNBytes(maxBytes);
        }
    }

    /** Copies a file out of the image. */
    public void extract(String path, Path target) throws IOException {
        List<Extent> extents = extents(path);
        try (FileChannel output = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Extent extent : extents) {
                if (extent.isZeros()) {
                    long end = output.position() + extent.size();
                    output.write(ByteBuffer.allocate(1), end - 1);
                    output.position(end);
                } else {
                    image.copy(extent.offset(), extent.size(), output);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        image.close();
    }
}
