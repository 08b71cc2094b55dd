package org.oz4j.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.oz4j.media.VolumeFiles.Extent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that has all of an image but the contents of large files, in whose place it has holes: for those who change what
 * lies around them while the image is copied.
 */
final class StandIn implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StandIn.class);
    private static final long LARGE = 64 << 10;

    private final Path image;
    private final long size;
    private List<Extent> parts = List.of();
    private @Nullable FileChannel taken;

    StandIn(Path image) throws IOException {
        this.image = image;
        this.size = Files.size(image);
    }

    /** What the file has of the image. */
    private static List<Extent> parts(long size, List<Extent> contents, List<Extent> boots) {
        List<Extent> holes = contents.stream()
                .filter(extent -> !extent.isZeros() && extent.size() >= LARGE)
                .filter(extent -> boots.stream().noneMatch(boot -> overlap(boot, extent)))
                .sorted(Comparator.comparingLong(Extent::offset))
                .toList();
        List<Extent> parts = new ArrayList<>();
        long at = 0;
        for (Extent hole : holes) {
            if (hole.offset() > at) {
                parts.add(new Extent(at, hole.offset() - at));
            }
            at = Math.max(at, hole.offset() + hole.size()); // files may share their content
        }
        if (size > at) {
            parts.add(new Extent(at, size - at));
        }
        return parts;
    }

    private static boolean overlap(Extent one, Extent other) {
        return one.offset() < other.offset() + other.size() && other.offset() < one.offset() + one.size();
    }

    /**
     * Makes the file, which only its owner can read.
     *
     * @param contents where the contents of the image's files lie
     * @param boots where what boots lies; no hole is there
     */
    void create(Path file, List<Extent> contents, List<Extent> boots) throws IOException {
        parts = parts(size, contents, boots);
        OwnerFile.create(file, target -> {
            target.write(ByteBuffer.allocate(1), size - 1);
            try (FileChannel source = FileChannel.open(image)) {
                for (Extent part : parts) {
                    copy(source, target, part);
                }
            }
        });
    }

    /** Takes the file as it is by now; it has no name any more, so that nothing is left whatever ends this process. */
    void take(Path file) throws IOException {
        taken = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Puts all that the file had when it was taken, and what was added at its end, over a copy of the image. */
    void putOver(Path copy) throws IOException {
        FileChannel source = Objects.requireNonNull(taken);
        try (FileChannel target = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            for (Extent part : parts) {
                copy(source, target, part);
            }
            copy(source, target, new Extent(size, source.size() - size));
        }
    }

    /** Gives the file's blocks back, in a while: the kernel lets go of them when the disk has done with the copy. */
    @Override
    public void close() {
        FileChannel source = taken;
        if (source != null) {
            Thread closing = new Thread(() -> close(source), "oz-close");
            closing.setDaemon(true);
            closing.start();
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("A file without a name can't be closed", e);
        }
    }

    private static void copy(FileChannel source, FileChannel target, Extent part) throws IOException {
        for (long done = 0; done < part.size(); ) {
            target.position(part.offset() + done);
            long count = source.transferTo(part.offset() + done, part.size() - done, target);
            if (count <= 0) {
                throw new IOException("the image ends before byte " + (part.offset() + part.size()));
            }
            done += count;
        }
    }
}
