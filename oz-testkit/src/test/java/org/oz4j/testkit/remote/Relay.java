package org.oz4j.testkit.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;

/** Stands between one client and a server, and can stop to pass on what they say, with both connections open. */
final class Relay implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final int server;
    private final CountDownLatch holdsBack = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long left = Long.MAX_VALUE;

    Relay(int server) throws IOException {
        this.server = server;
        start(this::serve);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Passes nothing on any more. */
    void stall() {
        stallAfter(0);
    }

    /** Passes on that many bytes more at least, in both directions together, and then nothing. */
    void stallAfter(long bytes) {
        left = bytes;
    }

    /** Waits until something was not passed on. */
    void awaitStalled() {
        await(holdsBack);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try (Socket client = listening.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
            start(() -> pass(client, upstream));
            start(() -> pass(upstream, client));
            await(closed);
        } catch (IOException e) {
            // the test is over
        }
    }

    private void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[8192];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                synchronized (this) {
                    left -= count;
                }
                if (left <= 0) {
                    holdsBack.countDown();
                    await(closed);
                }
                out.write(chunk, 0, count);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // one of them is gone
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listening.close();
    }
}
