package org.oz4j.media;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.oz4j.config.Loopback;
import org.slf4j.LoggerFactory;

/**
 * What this host's user says about the network: proxies, in the variables that curl and wget take ({@code http_proxy},
 * {@code https_proxy}, {@code all_proxy}, {@code no_proxy}, and all but the first in capitals too), and accounts, in
 * the file that {@code NETRC} names or {@code ~/.netrc}.
 *
 * <p>Sources: the manuals of curl, sections ENVIRONMENT and --netrc, and of ftp, section "The .netrc file".
 */
final class HostNetwork extends ProxySelector {
    private static final int USUAL_PROXY_PORT = 1080;

    private final Map<String, String> environment;
    private final Path netrc;

    HostNetwork(Map<String, String> environment, Path home) {
        this.environment = Map.copyOf(environment);
        this.netrc = Optional.ofNullable(environment.get("NETRC"))
                .filter(file -> !file.isBlank())
                .map(Path::of)
                .orElse(home.resolve(".netrc"));
    }

    /** That of this program's user. */
    static HostNetwork ofThisProgram() {
        return new HostNetwork(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** Who somebody is to a server. */
    record Account(String user, String password) {
        /** Reads {@code user:password}, in which either may be percent-encoded. */
        static Account of(String rawUserInfo) {
            int colon = rawUserInfo.indexOf(':');
            return colon < 0
                    ? new Account(decoded(rawUserInfo), "")
                    : new Account(decoded(rawUserInfo.substring(0, colon)), decoded(rawUserInfo.substring(colon + 1)));
        }

        /** The value of a header that tells it. */
        String basic() {
            return "Basic "
                    + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        /** The user alone. */
        @Override
        public String toString() {
            return user;
        }
    }

    /** The account for an address: its own user and password, or those of netrc. */
    Optional<Account> login(URI location) throws IOException {
        String own = location.getRawUserInfo();
        return own != null ? Optional.of(Account.of(own)) : ofNetrc(String.valueOf(location.getHost()));
    }

    /** The value of an {@code Authorization} header for an address. */
    Optional<String> account(URI location) throws IOException {
        return login(location).map(Account::basic);
    }

    /** The accounts of proxies, for the tunnels to https servers. */
    CredentialsProvider proxyCredentials() {
        return (scope, context) -> variable("https_proxy", true)
                .or(() -> variable("all_proxy", true))
                .flatMap(HostNetwork::address)
                .filter(proxy -> proxy.getRawUserInfo() != null
                        && proxy.getHost().equalsIgnoreCase(scope.getHost())
                        && port(proxy) == scope.getPort())
                .map(proxy -> Account.of(proxy.getRawUserInfo()))
                .map(account -> new UsernamePasswordCredentials(
                        account.user(), account.password().toCharArray()))
                .orElse(null);
    }

    /**
     * The value of a {@code Proxy-Authorization} header for an address; empty where its proxy needs none, or it has none.
     * Https goes through a tunnel, in which the header would be told to the server: see {@link #proxyCredentials}.
     */
    Optional<String> proxyAccount(URI location) {
        if (!"http".equalsIgnoreCase(location.getScheme()) || isDirect(String.valueOf(location.getHost()))) {
            return Optional.empty();
        }
        return proxy(location).map(URI::getRawUserInfo).map(account -> Account.of(account)
                .basic());
    }

    private static String decoded(String account) {
        return URLDecoder.decode(account.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private Optional<Account> ofNetrc(String host) throws IOException {
        if (!Files.isReadable(netrc)) {
            return Optional.empty();
        }
        List<String> words = words(Files.readString(netrc));
        for (int i = 0; i < words.size(); i++) {
            boolean named = words.get(i).equals("machine") && i + 1 < words.size();
            if (words.get(i).equals("default") || (named && words.get(i + 1).equalsIgnoreCase(host))) {
                return entry(words.subList(i + (named ? 2 : 1), words.size()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Account> entry(List<String> words) {
        Map<String, String> found = new HashMap<>();
        for (int i = 0;
                i + 1 < words.size() && List.of("login", "password", "account").contains(words.get(i));
                i += 2) {
            found.put(words.get(i), words.get(i + 1));
        }
        return Optional.ofNullable(found.get("login"))
                .map(login -> new Account(login, found.getOrDefault("password", "")));
    }

    /** The words of a netrc file, without its macros, each of which ends at an empty line. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        boolean macro = false;
        for (String line : text.lines().toList()) {
            macro = macro && !line.isBlank();
            if (macro || line.strip().startsWith("#")) {
                continue;
            }
            for (String word : line.strip().split("\\s+")) {
                macro |= word.equals("macdef");
                if (!macro && !word.isEmpty()) {
                    words.add(word);
                }
            }
        }
        return words;
    }

    @Override
    public List<Proxy> select(URI location) {
        if (isDirect(String.valueOf(location.getHost()))) {
            return List.of(Proxy.NO_PROXY);
        }
        Optional<URI> proxy = proxy(location);
        if (proxy.isEmpty()) {
            ProxySelector javas = ProxySelector.getDefault();
            return javas == null ? List.of(Proxy.NO_PROXY) : javas.select(location);
        }
        return List.of(
                new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.get().getHost(), port(proxy.get()))));
    }

    private static int port(URI proxy) {
        return proxy.getPort() < 0 ? USUAL_PROXY_PORT : proxy.getPort();
    }

    private Optional<URI> proxy(URI location) {
        String scheme = String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
        // in capitals a web server's client could set it by a header of his request: CVE-2016-5385
        Optional<String> value =
                variable(scheme + "_proxy", !scheme.equals("http")).or(() -> variable("all_proxy", true));
        Optional<URI> proxy = value.flatMap(HostNetwork::address);
        if (value.isPresent() && proxy.isEmpty()) {
            LoggerFactory.getLogger(HostNetwork.class)
                    .warn("The variable {}_proxy, or all_proxy, names no HTTP proxy and is not used", scheme);
        }
        return proxy;
    }

    private static Optional<URI> address(String text) {
        try {
            URI proxy = URI.create(text.contains("://") ? text : "http://" + text);
            return proxy.getHost() != null && String.valueOf(proxy.getScheme()).startsWith("http")
                    ? Optional.of(proxy)
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            LoggerFactory.getLogger(HostNetwork.class).debug("The proxy's variable holds no address", e);
            return Optional.empty();
        }
    }

    private Optional<String> variable(String name, boolean capitalsToo) {
        String value = environment.get(name);
        if ((value == null || value.isBlank()) && capitalsToo) {
            value = environment.get(name.toUpperCase(Locale.ROOT));
        }
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }

    /** Whether a host is this one, or {@code no_proxy} names it or a domain that it is in. */
    private boolean isDirect(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (Loopback.isHost(name)) {
            return true;
        }
        return variable("no_proxy", true)
                .map(list -> Arrays.stream(list.toLowerCase(Locale.ROOT).split("[,\\s]+"))
                        .map(entry -> entry.startsWith(".") ? entry.substring(1) : entry)
                        .anyMatch(entry -> entry.equals("*") || name.equals(entry) || name.endsWith("." + entry)))
                .orElse(false);
    }

    @Override
    public void connectFailed(URI location, SocketAddress proxy, IOException cause) {
        LoggerFactory.getLogger(HostNetwork.class).debug("The proxy {} can't be reached", proxy, cause);
    }
}
