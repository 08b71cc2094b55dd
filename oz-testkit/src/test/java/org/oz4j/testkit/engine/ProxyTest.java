package org.oz4j.testkit.engine;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.BuildEvent;
import org.oz4j.Oz;
import org.oz4j.config.OzConfig;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.testkit.FakeHypervisor;
import org.oz4j.testkit.FakeOs;

import static org.assertj.core.api.Assertions.assertThat;

/** The proxy of an install, as its plugin and its listener hear of it. */
class ProxyTest {
    @TempDir
    private Path folder = Path.of("");

    /** Writes down which proxy it is told of. */
    private record Listening(FakeOs os, List<Optional<URI>> proxies) implements OsPlugin {
        @Override
        public String id() {
            return os.id();
        }

        @Override
        public List<OsRelease> releases() {
            return os.releases();
        }

        @Override
        public GuestProfile profile(ProfileRequest request) {
            proxies.add(request.proxy());
            return os.profile(request);
        }
    }

    @Test
    void whatAGuestDownloadsIsKeptWhereThatIsWantedUntilOzIsClosed() throws Exception {
        Listening plugin = new Listening(new FakeOs(), new ArrayList<>());
        List<BuildEvent> events = new ArrayList<>();
        FakeHypervisor hypervisor = FakeHypervisor.kvm().guest(FakeOs.installs());
        int port;
        try (Oz oz = Oz.builder()
                .config(OzConfig.defaults(folder).toBuilder()
                        .cachePackages(true)
                        .build())
                .onlyGivenPlugins()
                .plugin(plugin)
                .hypervisor(hypervisor)
                .time(hypervisor.time())
                .build()) {
            assertThat(oz.releases()).extracting(OsRelease::os).containsExactly("FakeOS");
            oz.guest(FakeOs.template("web", folder)).installer().install(events::add);

            URI proxy = plugin.proxies().get(plugin.proxies().size() - 1).orElseThrow();
            port = proxy.getPort();
            assertThat(proxy).hasToString("http://10.0.2.2:" + port + "/");
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            assertThat(events)
                    .contains(new BuildEvent.Notice(
                            "web",
                            "install",
                            "Of what guests downloaded, 0.0 MB were kept from before, and 0.0 MB were fetched"));
        }
        assertThat(isRefusedSoon(port)).as("nobody listens at port " + port).isTrue();
    }

    /** Linux takes connections until the thread that waited for them has seen that its socket was closed. */
    private static boolean isRefusedSoon(int port) throws IOException {
        for (int attempt = 0; attempt < 10_000; attempt++) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
            } catch (ConnectException e) {
                return true;
            } catch (SocketException e) {
                // reset: it was taken, and is let go now
            }
            Thread.onSpinWait();
        }
        return false;
    }
}
