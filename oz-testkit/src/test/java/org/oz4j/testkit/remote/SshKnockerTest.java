package org.oz4j.testkit.remote;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.oz4j.remote.SshKnocker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** At servers that answer late, wrongly or not at all. */
@Timeout(60)
class SshKnockerTest {
    /** As QEMU's user network has it: what is taken may never be answered, and the next may be. */
    @Test
    void aKnockThatIsNotAnsweredKeepsNoLaterOneFromBeing() throws Exception {
        List<Socket> taken = new ArrayList<>();
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                SshKnocker knocker = new SshKnocker()) {
            List<InetSocketAddress> servers =
                    List.of(new InetSocketAddress(silent.getInetAddress(), silent.getLocalPort()));
            for (int i = 0; i < 10; i++) {
                assertThat(knocker.knock(servers)).isEmpty();
                taken.add(silent.accept());
            }
            for (int i = 0; i < 6; i++) {
                assertThat(taken.get(i).getInputStream().read())
                        .as("knock %s, long given up", i)
                        .isEqualTo(-1);
            }
            taken.get(8).getOutputStream().write("SSH-2.0-there\r\n".getBytes(StandardCharsets.US_ASCII));

            try (SshKnocker.Greeted greeted = knocker.knock(servers).orElseThrow()) {
                assertThat(greeted.server()).isEqualTo(servers.get(0));
            }
        } finally {
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }

    @Test
    void whoSaysSomethingElseOrHangsUpIsNoSshServer() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                SshKnocker knocker = new SshKnocker()) {
            List<InetSocketAddress> servers =
                    List.of(new InetSocketAddress(other.getInetAddress(), other.getLocalPort()));
            assertThat(knocker.knock(servers)).isEmpty();
            try (Socket socket = other.accept()) {
                socket.getOutputStream().write("220 mail\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(knocker.knock(servers)).isEmpty();
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            other.accept().close();
            assertThat(knocker.knock(List.of())).isEmpty();
        }
    }

    @Test
    @Timeout(10) // seconds: a quarter of one each would be 50
    void nobodyGreetsWhereNothingListensAndThatIsNotWaitedFor() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (SshKnocker knocker = new SshKnocker()) {
            List<InetSocketAddress> servers = List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            for (int i = 0; i < 200; i++) {
                assertThat(knocker.knock(servers)).isEmpty();
            }
        }
    }

    @Test
    void anInterruptEndsAKnock() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                SshKnocker knocker = new SshKnocker()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> knocker.knock(
                            List.of(new InetSocketAddress(silent.getInetAddress(), silent.getLocalPort()))))
                    .isInstanceOf(InterruptedException.class);
        } finally {
            Thread.interrupted(); // the end of the test must not fail by it too
        }
    }
}
