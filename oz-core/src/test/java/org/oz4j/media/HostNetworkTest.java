package org.oz4j.media;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class HostNetworkTest {
    @TempDir
    Path home;

    private HostNetwork network(Map<String, String> environment) {
        return new HostNetwork(environment, home);
    }

    private static Optional<String> basic(String account) {
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(account.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void takesTheAccountOfAnAddressAsItIsMeant() throws IOException {
        HostNetwork network = network(Map.of());

        assertThat(network.account(URI.create("http://ann:p%40ss+w@e.org/x"))).isEqualTo(basic("ann:p@ss+w"));
        assertThat(network.account(URI.create("http://ann@e.org/x"))).isEqualTo(basic("ann:"));
        assertThat(network.account(URI.create("http://e.org/x"))).isEmpty();
    }

    @Test
    void findsAccountsInNetrc() throws IOException {
        Path file = Files.writeString(
                home.resolve("own.netrc"),
                """
                # machines
                machine a.example.org login ann password one
                macdef init
                machine b.example.org login no password no

                machine b.example.org
                  login bob
                  password two
                default login anonymous password me@
                """);
        HostNetwork network = network(Map.of("NETRC", file.toString()));

        assertThat(network.account(URI.create("http://a.example.org/"))).isEqualTo(basic("ann:one"));
        assertThat(network.account(URI.create("http://B.example.org/"))).isEqualTo(basic("bob:two"));
        assertThat(network.account(URI.create("http://c.example.org/"))).isEqualTo(basic("anonymous:me@"));
        assertThat(network.account(URI.create("http://x:y@a.example.org/"))).isEqualTo(basic("x:y"));
    }

    @ParameterizedTest
    @CsvSource({
        "http_proxy=http://p:3128, http://e.org/, p:3128",
        "http_proxy=p:3128, http://e.org/, p:3128",
        "http_proxy=p, http://e.org/, p:1080",
        "HTTP_PROXY=p:3128, http://e.org/, direct",
        "HTTPS_PROXY=p:3128, https://e.org/, p:3128",
        "all_proxy=p:3128, https://e.org/, p:3128",
        "https_proxy=p:3128, http://e.org/, direct",
        "http_proxy=p:1;no_proxy=.e.org, http://a.e.org/, direct",
        "http_proxy=p:1;no_proxy=x e.org, http://e.org/, direct",
        "http_proxy=p:1;NO_PROXY=*, http://e.org/, direct",
        "http_proxy=p:1;no_proxy=e.org, http://me.org/, p:1",
        "http_proxy=p:1, http://localhost:80/, direct",
        "http_proxy=p:1, http://127.0.0.1/, direct",
        "http_proxy=socks5://p:1, http://e.org/, direct",
        "http_proxy=, http://e.org/, direct"
    })
    void choosesTheProxyOfTheVariables(String variables, URI location, String chosen) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables.split(";")) {
            int sign = variable.indexOf('=');
            environment.put(variable.substring(0, sign), variable.substring(sign + 1));
        }

        Proxy proxy = network(environment).select(location).get(0);

        assertThat(
                        proxy.address() instanceof InetSocketAddress address
                                ? address.getHostString() + ":" + address.getPort()
                                : "direct")
                .isEqualTo(chosen);
    }

    @Test
    void tellsAnAccountToTheProxyAndToNobodyElse() {
        HostNetwork network = network(Map.of("all_proxy", "http://ann:secret@p:3128", "no_proxy", "near.example.org"));

        assertThat(network.proxyAccount(URI.create("http://e.org/"))).isEqualTo(basic("ann:secret"));
        assertThat(network.proxyAccount(URI.create("https://e.org/"))).isEmpty();
        assertThat(network.proxyAccount(URI.create("http://near.example.org/"))).isEmpty();
        assertThat(network.proxyAccount(URI.create("http://127.0.0.1/"))).isEmpty();
    }
}
