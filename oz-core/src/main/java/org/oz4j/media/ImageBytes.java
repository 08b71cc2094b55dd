package org.oz4j.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

/** The bytes of an image file; whoever asks for some outside of it is told that the image is broken. */
final class ImageBytes implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final long size;

    private ImageBytes(Path file, FileChannel channel, long size) {
        this.file = file;
        this.channel = channel;
        this.size = size;
    }

    static ImageBytes open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        boolean good = false;
        try {
            ImageBytes bytes = new ImageBytes(file, channel, channel.size());
            good = true;
            return bytes;
        } finally {
            if (!good) {
                channel.close();
            }
        }
    }

    Path file() {
        return file;
    }

    /** The size of the file in bytes. */
    long size() {
        return size;
    }

    /** A message that the image is broken. */
    MediaException bad(String why) {
        return new MediaException(
                Kind.BAD_FORMAT,
                file.toUri(),
                "The file " + file + " is no ISO image that can be read: " + why,
                "Check that it was fetched whole, and that it is the right file",
                null);
    }

    /** Bytes of the image, in little endian order. */
    ByteBuffer read(long offset, int length) throws IOException {
        check(offset, length);
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (readSome(offset + buffer.position(), buffer) < 0) {
                throw bad("it ends before byte " + (offset + length));
            }
        }
        return buffer.flip();
    }

    /** Reads what comes at once; -1 at the end of the file. */
    int readSome(long offset, ByteBuffer buffer) throws IOException {
        return channel.read(buffer, offset);
    }

    /** Copies bytes of the image to the end of another file. */
    void copy(long offset, long length, FileChannel target) throws IOException {
        check(offset, length);
        for (long done = 0; done < length; ) {
            long part = channel.transferTo(offset + done, length - done, target);
            if (part <= 0) {
                throw bad("it ends before byte " + (offset + length));
            }
            done += part;
        }
    }

    /** Refuses what does not lie in the file. */
    void check(long offset, long length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw bad("it ends before byte " + (offset + length) + "; it has " + size);
        }
    }

    static String latin(ByteBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.get(offset, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
