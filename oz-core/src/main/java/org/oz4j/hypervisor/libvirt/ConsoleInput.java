package org.oz4j.hypervisor.libvirt;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A connection to the socket of a machine's console. What the guest prints comes by it too, and is in a file already; it is
 * read all the same, or QEMU would hold the guest's writing up.
 */
final class ConsoleInput implements AutoCloseable {
    /** The longest path of a socket, in bytes; source: Linux' unix(7). */
    static final int LONGEST_PATH = 107;

    private static final int CHUNK = 4096;

    private final SocketChannel channel;

    private ConsoleInput(SocketChannel channel) {
        this.channel = channel;
    }

    static ConsoleInput open(Path socket, String name) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Thread reader = new Thread(() -> drain(channel), "oz-console-" + name);
        reader.setDaemon(true);
        reader.start();
        return new ConsoleInput(channel);
    }

    private static void drain(SocketChannel channel) {
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
        try {
            while (channel.read(bytes) >= 0) {
                bytes.clear();
            }
        } catch (IOException e) {
            // the machine has ended, or was let go of
        }
    }

    void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // nothing was left to be written
        }
    }
}
