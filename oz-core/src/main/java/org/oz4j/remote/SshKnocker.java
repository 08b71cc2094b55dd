package org.oz4j.remote;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Knocks where an ssh server may come to listen, until one greets. A knock is not waited for before the next: QEMU's user
 * network takes a connection while its guest is still booting, and may never answer it.
 *
 * <p>For one thread.
 */
public final class SshKnocker implements AutoCloseable {
    /** How a greeting begins: RFC 4253, section 4.2. */
    static final String GREETING = "SSH-";

    private static final ByteBuffer EXPECTED = ByteBuffer.wrap(GREETING.getBytes(StandardCharsets.US_ASCII));
    private static final int WAIT_MILLIS = 250;
    private static final int AT_ONCE = 4;

    private final List<Knock> waiting = new ArrayList<>(); // the oldest first
    private final Selector selector;

    private record Knock(InetSocketAddress server, SocketChannel channel, ByteBuffer came) {}

    /** A connection on which an ssh server has begun to greet, and that nothing more was read from. */
    public static final class Greeted implements AutoCloseable {
        private final InetSocketAddress server;
        private final SocketChannel channel;

        Greeted(InetSocketAddress server, SocketChannel channel) {
            this.server = server;
            this.channel = channel;
        }

        /** Where the server listens. */
        public InetSocketAddress server() {
            return server;
        }

        SocketChannel channel() {
            return channel;
        }

        @Override
        public void close() {
            SshKnocker.close(channel);
        }
    }

    /**
     * Has not knocked yet.
     *
     * @throws IOException where this host gives no more files
     */
    public SshKnocker() throws IOException {
        selector = Selector.open();
    }

    /**
     * Knocks once more at each address, and waits about a quarter of a second at most for an answer to this knock or to
     * an earlier one; less where one is refused.
     *
     * @return the first connection that was greeted, which is the caller's to close
     * @throws IOException where this host gives no more sockets
     */
    public Optional<Greeted> knock(List<InetSocketAddress> servers) throws IOException, InterruptedException {
        for (InetSocketAddress server : servers) {
            begin(server);
        }
        boolean answered = false;
        while (!answered && !waiting.isEmpty()) {
            answered = selector.select(WAIT_MILLIS) == 0;
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            for (Iterator<SelectionKey> ready = selector.selectedKeys().iterator(); ready.hasNext(); ready.remove()) {
                SelectionKey key = ready.next();
                Knock knock = (Knock) key.attachment();
                answered |= key.isReadable();
                if (takes(key, knock)) {
                    key.cancel();
                    selector.selectNow(); // lets go of it
                    waiting.remove(knock);
                    knock.channel().configureBlocking(true);
                    return Optional.of(new Greeted(knock.server(), knock.channel()));
                }
            }
        }
        return Optional.empty();
    }

    private void begin(InetSocketAddress server) throws IOException {
        List<Knock> same =
                waiting.stream().filter(knock -> knock.server().equals(server)).toList();
        if (same.size() >= AT_ONCE) {
            end(same.get(0));
        }
        SocketChannel channel = SocketChannel.open();
        Knock knock = new Knock(server, channel, ByteBuffer.allocate(GREETING.length()));
        waiting.add(knock);
        try {
            channel.configureBlocking(false);
            int event = channel.connect(server) ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT;
            channel.register(selector, event, knock);
        } catch (IOException e) {
            end(knock); // nobody is there yet
        }
    }

    /** Whether that is a server's greeting; ends a knock that can have none. */
    private boolean takes(SelectionKey key, Knock knock) {
        try {
            if (key.isConnectable()) {
                knock.channel().finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                return false;
            }
            boolean more = knock.channel().read(knock.came()) >= 0;
            if (more && knock.came().hasRemaining()) {
                return false;
            }
            if (EXPECTED.equals(knock.came().flip())) {
                return true;
            }
        } catch (IOException e) {
            // the guest refuses, or is not there yet
        }
        end(knock);
        return false;
    }

    private void end(Knock knock) {
        waiting.remove(knock);
        close(knock.channel());
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // it is of no use in either case
        }
    }

    /** Cuts the connections that were not greeted. */
    @Override
    public void close() {
        List.copyOf(waiting).forEach(this::end);
        try {
            selector.close();
        } catch (IOException e) {
            // it holds nothing any more
        }
    }
}
