package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.SystemDefaultRoutePlanner;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

/**
 * Files on web servers.
 *
 * <p>Source: RFC 9110, sections 13 (conditional requests), 14 (range requests) and 15.4 (redirections).
 */
final class HttpFiles implements Remote {
    private static final Duration CONNECT = Duration.ofSeconds(20);
    private static final int MOST_REDIRECTS = 10;
    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int MOST_CONNECTIONS = 64;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

    private final HostNetwork network;
    private final Duration patience;
    private @Nullable CloseableHttpClient client;

    /**
     * Makes the client.
     *
     * @param patience how long a server may be silent
     */
    HttpFiles(HostNetwork network, Duration patience) {
        this.network = network;
        this.patience = patience;
    }

    private synchronized CloseableHttpClient client() {
        if (client == null) {
            client = client(network, patience);
        }
        return client;
    }

    /** A client that does what it is told and nothing by itself. */
    static CloseableHttpClient client(HostNetwork network, Duration patience) {
        Timeout silence = Timeout.of(patience);
        return HttpClientBuilder.create()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnPerRoute(MOST_CONNECTIONS)
                        .setMaxConnTotal(MOST_CONNECTIONS)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(CONNECT))
                                .setSocketTimeout(silence)
                                .build())
                        .setDefaultSocketConfig(SocketConfig.custom()
                                .setRcvBufSize(RECEIVE_BUFFER)
                                .setSoTimeout(silence)
                                .build())
                        .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom().setResponseTimeout(silence).build())
                .setDefaultCredentialsProvider(network.proxyCredentials())
                .setRoutePlanner(new SystemDefaultRoutePlanner(network))
                .setUserAgent("oz4j")
                // retries, redirects and accounts follow our own rules; a medium is wanted as it is
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableContentCompression()
                .disableCookieManagement()
                .build();
    }

    @Override
    public Call call(URI location) {
        return new HttpCall(location);
    }

    private final class HttpCall implements Call {
        private final URI location;
        private volatile @Nullable HttpUriRequestBase request;
        private volatile boolean aborted;
        private @Nullable ClassicHttpResponse response;

        HttpCall(URI location) {
            this.location = location;
        }

        @Override
        public Optional<Answer> open(long have, Properties version) throws IOException {
            String tag = version.getProperty(ETAG, version.getProperty(MODIFIED));
            boolean resumable = have > 0 && tag != null && !tag.startsWith("W/");
            ClassicHttpResponse answer = send("GET", sent -> {
                if (resumable) {
                    sent.setHeader("Range", "bytes=" + have + "-");
                    sent.setHeader("If-Range", tag);
                }
            });
            int status = answer.getCode();
            if (status == 404 || status == 410) {
                return Optional.empty();
            }
            Properties now = version(answer);
            boolean resumed = status == 206;
            boolean usable = status == 200 || (resumed && continues(answer, have, version, now));
            if (!usable && resumable && (resumed || status == 416)) {
                hangUp();
                return open(0, new Properties()); // another file than the one that was begun
            }
            if (!usable) {
                throw refused(status);
            }
            HttpEntity entity = answer.getEntity();
            long length = entity == null ? 0 : entity.getContentLength();
            long from = resumed ? have : 0;
            return Optional.of(new Answer(
                    entity == null ? InputStream.nullInputStream() : entity.getContent(),
                    from,
                    length < 0 ? -1 : from + length,
                    now));
        }

        @Override
        public List<String> list() {
            URI shown = Fetcher.shown(location);
            throw new MediaException(
                    Kind.NOT_FOUND,
                    shown,
                    "Can't fetch the folder " + shown + ": a web server has no way to list it",
                    "Name its files one by one, or serve it by ftp",
                    null);
        }

        /** Whether a partial answer goes on where we stopped, in the same version. */
        private boolean continues(ClassicHttpResponse answer, long have, Properties before, Properties now) {
            Matcher range =
                    CONTENT_RANGE.matcher(header(answer, "Content-Range").orElse(""));
            String tag = now.getProperty(ETAG);
            return range.matches()
                    && range.group(1).equals(Long.toString(have))
                    && (tag == null || tag.equals(before.getProperty(ETAG)));
        }

        @Override
        public boolean isStill(Properties version) throws IOException {
            String tag = version.getProperty(ETAG);
            String modified = version.getProperty(MODIFIED);
            if (tag == null && modified == null) {
                return false;
            }
            ClassicHttpResponse answer = send("HEAD", sent -> {
                if (tag != null) {
                    sent.setHeader("If-None-Match", tag);
                } else {
                    sent.setHeader("If-Modified-Since", modified);
                }
            });
            return answer.getCode() == 304;
        }

        /**
         * Sends a request, and follows where the server sends it. An account is for its own server alone, and nothing
         * that was asked for by https is fetched by http.
         */
        private ClassicHttpResponse send(String method, Consumer<HttpUriRequestBase> more) throws IOException {
            URI at = location;
            Optional<String> account = network.account(at);
            for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
                closeResponse();
                HttpUriRequestBase sent = new HttpUriRequestBase(method, Fetcher.shown(at));
                account.ifPresent(value -> sent.setHeader("Authorization", value));
                network.proxyAccount(at).ifPresent(value -> sent.setHeader("Proxy-Authorization", value));
                more.accept(sent);
                request = sent;
                if (aborted) {
                    throw new IOException("ended by us");
                }
                ClassicHttpResponse answer = client().executeOpen(null, sent, null);
                response = answer;
                Optional<String> elsewhere =
                        REDIRECTS.contains(answer.getCode()) ? header(answer, "Location") : Optional.empty();
                if (elsewhere.isEmpty()) {
                    return answer;
                }
                URI to = redirected(at, elsewhere.get())
                        .orElseThrow(() -> astray("to " + elsewhere.get().replaceAll("//[^/@]*@", "//")));
                if (!server(to).equals(server(at))) {
                    account = network.account(to);
                }
                at = to;
            }
            throw astray("more than " + MOST_REDIRECTS + " times");
        }

        private MediaException astray(String where) {
            URI shown = Fetcher.shown(location);
            return new MediaException(
                    Kind.NOT_FOUND,
                    shown,
                    "The server of " + shown + " sends us on " + where + ", where we do not follow",
                    "Check the address in the template",
                    null);
        }

        private MediaException refused(int status) {
            URI shown = Fetcher.shown(location);
            String problem = "The server answers " + status + " for " + shown;
            if (status >= 500 || status == 429) {
                return new MediaException(
                        Kind.SERVER_ERROR, shown, problem, "Try again later, or use another mirror", null);
            }
            String remedy = "Check the address in the template";
            if (status == 401) {
                remedy = "Give an account in the address (http://user:password@...) or in ~/.netrc";
            } else if (status == 407) {
                remedy = "Give an account in the proxy's variable (http_proxy=http://user:password@...)";
            }
            return new MediaException(Kind.NOT_FOUND, shown, problem, remedy, null);
        }

        @Override
        public void abort() {
            aborted = true;
            HttpUriRequestBase sent = request;
            if (sent != null) {
                sent.cancel();
            }
        }

        /** Ends an answer that is not wanted without reading it. */
        private void hangUp() {
            HttpUriRequestBase sent = request;
            if (sent != null) {
                sent.cancel();
            }
            closeResponse();
        }

        @Override
        public void close() {
            abort(); // reading to the end of a body of gigabytes would be the polite way
            closeResponse();
        }

        private void closeResponse() {
            try {
                if (response != null) {
                    response.close();
                    response = null;
                }
            } catch (IOException e) {
                // the connection is gone, which is what is wanted
            }
        }
    }

    private static Optional<String> header(ClassicHttpResponse answer, String name) {
        return Optional.ofNullable(answer.getFirstHeader(name)).map(Header::getValue);
    }

    private static Properties version(ClassicHttpResponse answer) {
        Properties version = new Properties();
        header(answer, "ETag").ifPresent(value -> version.setProperty(ETAG, value));
        header(answer, "Last-Modified").ifPresent(value -> version.setProperty(MODIFIED, value));
        return version;
    }

    private static Optional<URI> redirected(URI from, String elsewhere) {
        try {
            URI to = from.resolve(new URI(elsewhere));
            boolean weaker = scheme(from).equals("https") && !scheme(to).equals("https");
            return to.getHost() != null && scheme(to).matches("https?") && !weaker ? Optional.of(to) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String scheme(URI location) {
        return String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
    }

    private static String server(URI location) {
        return new HttpHost(scheme(location), location.getHost(), location.getPort()).toURI();
    }
}
