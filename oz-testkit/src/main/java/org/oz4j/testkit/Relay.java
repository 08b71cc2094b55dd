package org.oz4j.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** Stands before a server on loopback and passes bytes on; ends a connection by a reset (RST) where that is wanted. */
final class Relay implements AutoCloseable {
    private final ServerSocket door;
    private final int server;
    private final Executor threads;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Set<Integer> resets = ConcurrentHashMap.newKeySet();

    Relay(int server, Executor threads) throws IOException {
        this.door = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        this.server = server;
        this.threads = threads;
        threads.execute(this::accept);
    }

    /** Where clients come. */
    int port() {
        return door.getLocalPort();
    }

    /** Has the client of a connection get a reset once the server has ended it, and all that it sent is passed on. */
    void reset(int clientsPortAtTheServer) {
        resets.add(clientsPortAtTheServer);
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                open.add(client);
                Socket inside = new Socket(InetAddress.getLoopbackAddress(), server);
                open.add(inside);
                threads.execute(() -> {
                    pass(client, inside);
                    shutdown(inside);
                });
                threads.execute(() -> {
                    pass(inside, client);
                    end(client, inside);
                });
            } catch (IOException e) {
                // closed, here or at the other end
            }
        }
    }

    private static void pass(Socket from, Socket to) {
        byte[] bytes = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                to.getOutputStream().write(bytes, 0, count);
            }
        } catch (IOException e) {
            // an end as any other
        }
    }

    private static void shutdown(Socket socket) {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            // it has ended already
        }
    }

    private void end(Socket client, Socket inside) {
        try {
            if (resets.remove(inside.getLocalPort())) {
                client.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // it has ended already
        }
        close(client);
        close(inside);
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone all the same
        }
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            // it is gone all the same
        }
        Set.copyOf(open).forEach(this::close);
    }
}
