package org.oz4j.media;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.commons.net.ftp.FTPFile;
import org.apache.commons.net.ftp.FTPReply;
import org.jspecify.annotations.Nullable;
import org.oz4j.MediaException;
import org.oz4j.MediaException.Kind;

/**
 * Files on FTP servers, in passive mode, by an account or anonymously. Proxies are not used.
 *
 * <p>Source: RFC 959, and RFC 3659 for SIZE, MDTM and REST.
 */
final class FtpFiles implements Remote {
    private static final Duration CONNECT = Duration.ofSeconds(20);
    private static final String SIZE = "size";
    private static final int NOT_LOGGED_IN = 530;
    private static final int NO_SUCH_FILE = 550;

    private final HostNetwork network;
    private final Duration patience;

    FtpFiles(HostNetwork network, Duration patience) {
        this.network = network;
        this.patience = patience;
    }

    @Override
    public Call call(URI location) {
        return new FtpCall(location);
    }

    private final class FtpCall implements Call {
        private final URI location;
        private final FTPClient client = new FTPClient();
        private volatile @Nullable InputStream body;

        FtpCall(URI location) {
            this.location = location;
        }

        @Override
        public Optional<Answer> open(long have, Properties before) throws IOException {
            String path = connect();
            Properties now = version(path);
            // without a time, a file of the same size may be another one
            boolean resumed = have > 0 && isSame(now, before) && client.hasFeature("REST", "STREAM");
            client.setRestartOffset(resumed ? have : 0);
            InputStream stream = client.retrieveFileStream(path);
            if (stream == null) {
                if (client.getReplyCode() == NO_SUCH_FILE) {
                    return Optional.empty();
                }
                throw new IOException(
                        "the server says: " + client.getReplyString().strip());
            }
            body = stream;
            long total = Long.parseLong(now.getProperty(SIZE, "-1"));
            return Optional.of(new Answer(stream, resumed ? have : 0, total, now));
        }

        @Override
        public boolean isStill(Properties version) throws IOException {
            Properties now = version(connect());
            return isSame(now, version);
        }

        private static boolean isSame(Properties now, Properties before) {
            return now.containsKey(MODIFIED)
                    && now.getProperty(MODIFIED).equals(before.getProperty(MODIFIED))
                    && Objects.equals(now.getProperty(SIZE), before.getProperty(SIZE));
        }

        private Properties version(String path) throws IOException {
            Properties version = new Properties();
            String size = client.getSize(path);
            if (size != null && size.matches("\\d{1,18}")) {
                version.setProperty(SIZE, size);
            }
            String modified = client.getModificationTime(path);
            if (modified != null) {
                version.setProperty(MODIFIED, modified);
            }
            return version;
        }

        @Override
        public List<String> list() throws IOException {
            String path = connect();
            if (!client.changeWorkingDirectory(path)) {
                throw new MediaException(
                        Kind.NOT_FOUND,
                        Fetcher.shown(location),
                        "There is no folder at " + Fetcher.shown(location),
                        "Check its address in the template",
                        null);
            }
            List<String> names = new ArrayList<>();
            for (FTPFile file : client.listFiles()) {
                String name = file.getName();
                if (name.equals(".") || name.equals("..")) {
                    continue;
                }
                if (name.isEmpty() || name.matches("(?s).*[/\\\\\\p{Cntrl}].*")) {
                    throw new MediaException(
                            Kind.BAD_FORMAT,
                            Fetcher.shown(location),
                            "The server of " + Fetcher.shown(location) + " lists a file that leads out of the folder",
                            "Do not trust that server",
                            null);
                }
                if (file.isFile() || file.isDirectory()) {
                    names.add(file.isDirectory() ? name + "/" : name);
                }
            }
            return names;
        }

        /** Logs in, and tells the file's path. */
        private String connect() throws IOException {
            client.setConnectTimeout((int) CONNECT.toMillis());
            client.setDefaultTimeout((int) patience.toMillis());
            client.setDataTimeout(patience);
            client.setControlEncoding("UTF-8");
            client.connect(location.getHost(), location.getPort() < 0 ? FTP.DEFAULT_PORT : location.getPort());
            if (!FTPReply.isPositiveCompletion(client.getReplyCode())) {
                throw new IOException(
                        "the server greets with: " + client.getReplyString().strip());
            }
            HostNetwork.Account account = network.login(location).orElse(new HostNetwork.Account("anonymous", "oz4j@"));
            if (!client.login(account.user(), account.password())) {
                if (client.getReplyCode() == NOT_LOGGED_IN) {
                    throw new MediaException(
                            Kind.NOT_FOUND,
                            Fetcher.shown(location),
                            "The server of " + Fetcher.shown(location) + " does not let us in: "
                                    + client.getReplyString().strip(),
                            "Give an account in the address (ftp://user:password@...) or in ~/.netrc",
                            null);
                }
                throw new IOException("the server answers the login with: "
                        + client.getReplyString().strip());
            }
            client.enterLocalPassiveMode();
            client.setFileType(FTP.BINARY_FILE_TYPE);
            // RFC 1738, 3.2.2: the path is relative to where the login leads
            String path = String.valueOf(location.getPath());
            if (path.chars().anyMatch(Character::isISOControl)) {
                throw new MediaException(
                        Kind.NOT_FOUND,
                        Fetcher.shown(location),
                        "No FTP server can be asked for " + Fetcher.shown(location),
                        "Take the control characters out of the address",
                        null);
            }
            return path.startsWith("/") ? path.substring(1) : path;
        }

        @Override
        public void abort() {
            try {
                InputStream stream = body;
                if (stream != null) {
                    stream.close();
                }
                client.disconnect();
            } catch (IOException e) {
                // the connection is gone, which is what is wanted
            }
        }

        @Override
        public void close() {
            abort();
        }
    }
}
