package org.oz4j.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.oz4j.DiskException;
import org.oz4j.ImageFormat;

/** Reads the bytes of a disk out of an image: raw, or qcow2 without backing file and compression. */
final class DiskReader implements AutoCloseable {
    private static final long OFFSET_MASK = 0x00fffffffffffe00L;
    private static final long COMPRESSED = 1L << 62;

    private final Path image;
    private final FileChannel channel;
    private final ImageFormat format;
    private final long size;
    private final int clusterBits;
    private final long level1;

    private DiskReader(Path image, FileChannel channel, ImageFormat format) throws IOException {
        this.image = image;
        this.channel = channel;
        this.format = format;
        if (format == ImageFormat.RAW) {
            size = Files.size(image);
            clusterBits = 0;
            level1 = 0;
        } else {
            ByteBuffer header = at(0, 48);
            if (header.getInt(0) != DiskImages.QCOW2_MAGIC) {
                throw new DiskException(image, "The file " + image + " is no qcow2 image", null, null);
            }
            clusterBits = header.getInt(20);
            size = header.getLong(24);
            level1 = header.getLong(40);
        }
    }

    static DiskReader open(Path image, ImageFormat format) throws IOException {
        FileChannel channel = FileChannel.open(image, StandardOpenOption.READ);
        boolean good = false;
        try {
            DiskReader reader = new DiskReader(image, channel, format);
            good = true;
            return reader;
        } finally {
            if (!good) {
                channel.close();
            }
        }
    }

    long size() {
        return size;
    }

    private ByteBuffer at(long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        DiskImages.readFully(channel, buffer, offset);
        return buffer;
    }

    /** Bytes of the disk, in little endian order; zeros where nothing was written or the disk has ended. */
    ByteBuffer read(long offset, int length) throws IOException {
        ByteBuffer result = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        if (format == ImageFormat.RAW) {
            DiskImages.readFully(channel, result, offset);
            return result;
        }
        int cluster = 1 << clusterBits;
        for (long done = 0; done < length; ) {
            long position = offset + done;
            int inside = (int) (position & (cluster - 1));
            int part = (int) Math.min(length - done, cluster - inside);
            long place = place(position);
            if (place != 0) {
                result.put(at(place + inside, part));
            } else {
                result.position(result.position() + part);
            }
            done += part;
        }
        return result.flip();
    }

    /** Where the cluster of that position lies in the file; 0 where it was never written. */
    private long place(long position) throws IOException {
        if (position >= size) {
            return 0;
        }
        int entriesBits = clusterBits - 3;
        long level1Index = position >>> (clusterBits + entriesBits);
        long level2 = at(level1 + level1Index * 8, 8).getLong() & OFFSET_MASK;
        if (level2 == 0) {
            return 0;
        }
        long index = (position >>> clusterBits) & ((1L << entriesBits) - 1);
        long entry = at(level2 + index * 8, 8).getLong();
        if ((entry & COMPRESSED) != 0) {
            throw new DiskException(image, "The image " + image + " is compressed", "Convert it first", null);
        }
        return (entry & 1) != 0 ? 0 : entry & OFFSET_MASK; // bit 0: reads as zeros
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
