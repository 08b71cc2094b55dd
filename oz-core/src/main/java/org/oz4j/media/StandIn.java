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

import org.oz4j.media.VolumeFiles.Extent;

/**
 * A file that has all of an image but the contents of large files, in whose place it has holes: for those who change what
 * lies around them while the image is copied.
 */
final class StandIn {
    private static final long LARGE = 64 << 10;

    private final Path image;
    private final long size;
    private final List<Extent> parts = new ArrayList<>();

    /**
     * Takes an image apart.
     *
     * @param contents where the contents of its files lie
     * @param boots where what boots lies; no hole is there
     */
    StandIn(Path image, List<Extent> contents, List<Extent> boots) throws IOException {
        this.image = image;
        this.size = Files.size(image);
        List<Extent> holes = contents.stream()
                .filter(extent -> !extent.isZeros() && extent.size() >= LARGE)
                .filter(extent -> boots.stream().noneMatch(boot -> overlap(boot, extent)))
                .sorted(Comparator.comparingLong(Extent::offset))
                .toList();
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
    }

    private static boolean overlap(Extent one, Extent other) {
        return one.offset() < other.offset() + other.size() && other.offset() < one.offset() + one.size();
    }

    /** Makes the file, which only its owner can read. */
    void create(Path file) throws IOException {
        OwnerFile.create(file, target -> {
            target.write(ByteBuffer.allocate(1), size - 1);
            try (FileChannel source = FileChannel.open(image)) {
                for (Extent part : parts) {
                    copy(source, target, part);
                }
            }
        });
    }

    /** Puts all that the file has by now, and what was added at its end, over a copy of the image. */
    void putOver(Path file, Path copy) throws IOException {
        try (FileChannel source = FileChannel.open(file);
                FileChannel target = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            for (Extent part : parts) {
                copy(source, target, part);
            }
            copy(source, target, new Extent(size, source.size() - size));
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
