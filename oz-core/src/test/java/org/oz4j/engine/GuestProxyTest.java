package org.oz4j.engine;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.media.LocalMediaStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which guests fetch their packages through our proxy, and for how long. */
class GuestProxyTest {
    @TempDir
    private Path folder = Path.of("");

    private GuestProxy proxy(boolean wanted) {
        return new GuestProxy(new LocalMediaStore(folder.resolve("cache"), TimeSource.system()), wanted);
    }

    @Test
    void guestsOnTheUserNetworkShareOneThatEndsWithOz() throws Exception {
        URI address;
        try (GuestProxy proxy = proxy(true)) {
            assertThat(proxy.summary()).isEmpty();
            address = proxy.of(new Network.User()).orElseThrow();
            assertThat(address.toString()).matches("http://10\\.0\\.2\\.2:[0-9]+/");
            assertThat(proxy.of(new Network.User())).hasValue(address);
            try (Socket guest = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
                assertThat(guest.isConnected()).isTrue();
            }
            assertThat(proxy.summary())
                    .isEqualTo("Of what guests downloaded, 0.0 MB were kept from before, and 0.0 MB were fetched");
            proxy.close();
            assertThat(proxy.of(new Network.User()))
                    .as("none starts once Oz is closed")
                    .isEmpty();
        }
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), address.getPort()))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void noneStartsWhereItIsNotWantedOrGuestsCanNotReachIt() {
        try (GuestProxy unwanted = proxy(false);
                GuestProxy wanted = proxy(true)) {
            assertThat(unwanted.of(new Network.User())).isEmpty();
            assertThat(wanted.of(new Network.Bridge("br0"))).isEqualTo(Optional.empty());
            assertThat(wanted.summary()).isEmpty();
        }
        assertThat(Files.exists(folder.resolve("cache"))).isFalse();
    }
}
