package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.oz4j.media.VolumeFiles.Extent;

/** Reads a file of an image in place; skipping costs nothing. */
final class ImageFileStream extends InputStream {
    private final ImageBytes image;
    private final List<Extent> extents;
    private final long size;
    private long position;
    private int current;
    private long inside; // of the current extent

    ImageFileStream(ImageBytes image, List<Extent> extents) {
        this.image = image;
        this.extents = extents;
        this.size = extents.stream().mapToLong(Extent::size).sum();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!toExtent()) {
            return -1;
        }
        Extent extent = extents.get(current);
        int part = (int) Math.min(length, extent.size() - inside);
        if (extent.isZeros()) {
            Arrays.fill(target, offset, offset + part, (byte) 0);
        } else {
            part = image.readSome(extent.offset() + inside, ByteBuffer.wrap(target, offset, part));
            if (part < 0) {
                throw image.bad("it became shorter while it was read");
            }
        }
        move(part);
        return part;
    }

    /** Goes to the extent that the next byte is in; false at the end. */
    private boolean toExtent() {
        while (current < extents.size() && inside >= extents.get(current).size()) {
            inside -= extents.get(current).size();
            current++;
        }
        return current < extents.size();
    }

    private void move(long bytes) {
        position += bytes;
        inside += bytes;
    }

    @Override
    public long skip(long bytes) {
        long part = Math.max(0, Math.min(bytes, size - position));
        move(part);
        toExtent();
        return part;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, size - position);
    }
}
