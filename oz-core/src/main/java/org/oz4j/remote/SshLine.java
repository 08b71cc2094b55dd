package org.oz4j.remote;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import com.jcraft.jsch.SocketFactory;
import org.oz4j.TimeSource;

/** The connection below an ssh session: tells when the server was last heard, and can be cut whatever waits for it. */
final class SshLine implements SocketFactory {
    private final int connectMillis;
    private final TimeSource time;
    private final Socket socket;
    private final byte[] begun;
    private volatile long heard;

    /** A connection yet to be made. */
    SshLine(int connectMillis, TimeSource time) {
        this(new Socket(), "", connectMillis, time);
    }

    /** Takes over a connection that was greeted. */
    SshLine(SshKnocker.Greeted greeted, TimeSource time) {
        this(greeted.channel().socket(), SshKnocker.GREETING, 0, time);
    }

    private SshLine(Socket socket, String begun, int connectMillis, TimeSource time) {
        this.socket = socket;
        this.begun = begun.getBytes(StandardCharsets.US_ASCII);
        this.connectMillis = connectMillis;
        this.time = time;
        this.heard = time.nanoTime();
    }

    /** Takes the server for one that was heard just now. */
    void listen() {
        heard = time.nanoTime();
    }

    /** For how long nothing has come from the server. */
    Duration silence() {
        return Duration.ofNanos(time.nanoTime() - heard);
    }

    /** Ends the connection; who reads from it or writes to it fails at once. */
    void cut() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use in either case
        }
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        if (!socket.isConnected()) {
            socket.connect(new InetSocketAddress(host, port), connectMillis);
        }
        return socket;
    }

    @Override
    public InputStream getInputStream(Socket connected) throws IOException {
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(begun), connected.getInputStream());
        return new FilterInputStream(whole) {
            @Override
            public int read() throws IOException {
                return note(super.read());
            }

            @Override
            public int read(byte[] bytes, int from, int count) throws IOException {
                return note(super.read(bytes, from, count));
            }
        };
    }

    private int note(int came) {
        listen();
        return came;
    }

    @Override
    public OutputStream getOutputStream(Socket connected) throws IOException {
        return connected.getOutputStream();
    }
}
