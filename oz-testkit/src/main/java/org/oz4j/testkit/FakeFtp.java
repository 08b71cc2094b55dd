package org.oz4j.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.apache.ftpserver.ConnectionConfigFactory;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.ftplet.Authentication;
import org.apache.ftpserver.ftplet.AuthenticationFailedException;
import org.apache.ftpserver.ftplet.FileSystemView;
import org.apache.ftpserver.ftplet.FtpException;
import org.apache.ftpserver.ftplet.FtpFile;
import org.apache.ftpserver.ftplet.User;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.UsernamePasswordAuthentication;
import org.apache.ftpserver.usermanager.impl.AbstractUserManager;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.ftpserver.usermanager.impl.ConcurrentLoginPermission;
import org.apache.ftpserver.usermanager.impl.TransferRatePermission;

/** The files of a mirror by FTP, to be read only. */
final class FakeFtp implements AutoCloseable {
    private static final String ANYBODY = "anonymous";

    /** What the mirror has. */
    interface Files {
        /** The paths of all files, as in {@code /a/b}. */
        Set<String> paths();

        /** Whether somebody who logged in so may read a file; the account is empty, or {@code user:password}. */
        boolean mayRead(String path, String account);

        /** Whether there is such an account. */
        boolean isAccount(String account);

        /** The length that is told, in bytes. */
        long length(String path);

        /** When it changed, in milliseconds since 1970. */
        long changed(String path);

        /** Its content from there on, as far as it comes. */
        InputStream open(String path, long from) throws IOException;
    }

    private final Files files;
    private final FtpServer server;
    private final int port;

    FakeFtp(Files files) {
        this.files = files;
        ListenerFactory listener = new ListenerFactory();
        listener.setServerAddress("127.0.0.1");
        listener.setPort(0);
        ConnectionConfigFactory limits = new ConnectionConfigFactory();
        limits.setLoginFailureDelay(0);
        FtpServerFactory factory = new FtpServerFactory();
        var door = listener.createListener();
        factory.addListener("default", door);
        factory.setConnectionConfig(limits.createConnectionConfig());
        factory.setUserManager(new Accounts());
        factory.setFileSystem(View::new);
        server = factory.createServer();
        try {
            server.start();
        } catch (FtpException e) {
            throw new IllegalStateException("The FTP server does not start", e);
        }
        port = door.getPort();
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        server.stop();
    }

    /** Anybody, and those whom files are kept for; a user's name is the whole account. */
    private final class Accounts extends AbstractUserManager {
        @Override
        public User authenticate(Authentication given) throws AuthenticationFailedException {
            String account = "";
            if (given instanceof UsernamePasswordAuthentication login) {
                account = login.getUsername() + ":" + login.getPassword();
                if (!files.isAccount(account)) {
                    throw new AuthenticationFailedException("no such account");
                }
            }
            return user(account.isEmpty() ? ANYBODY : account);
        }

        @Override
        public User getUserByName(String name) {
            return user(name);
        }

        private User user(String name) {
            BaseUser user = new BaseUser();
            user.setName(name);
            user.setHomeDirectory("/");
            user.setAuthorities(List.of(new ConcurrentLoginPermission(0, 0), new TransferRatePermission(0, 0)));
            return user;
        }

        @Override
        public String[] getAllUserNames() {
            return new String[] {ANYBODY};
        }

        @Override
        public void delete(String name) {
            throw new UnsupportedOperationException("users are the test's");
        }

        @Override
        public void save(User user) {
            throw new UnsupportedOperationException("users are the test's");
        }

        @Override
        public boolean doesExist(String name) {
            return true;
        }
    }

    /** What one user sees. */
    private final class View implements FileSystemView {
        private final String account;
        private String here = "/";

        View(User user) {
            account = user.getName().equals(ANYBODY) ? "" : user.getName();
        }

        @Override
        public FtpFile getHomeDirectory() {
            return new Entry("/", account);
        }

        @Override
        public FtpFile getWorkingDirectory() {
            return new Entry(here, account);
        }

        @Override
        public boolean changeWorkingDirectory(String folder) {
            Entry entry = new Entry(resolve(folder), account);
            if (entry.isDirectory()) {
                here = entry.path;
            }
            return entry.isDirectory();
        }

        @Override
        public FtpFile getFile(String path) {
            return new Entry(resolve(path), account);
        }

        private String resolve(String path) {
            String whole = path.startsWith("/") ? path : here + "/" + path;
            return Path.of(whole).normalize().toString();
        }

        @Override
        public boolean isRandomAccessible() {
            return true;
        }

        @Override
        public void dispose() {}
    }

    /** A file of the mirror, or a folder that some are in. */
    private final class Entry implements FtpFile {
        private final String path;
        private final String account;

        Entry(String path, String account) {
            this.path = path;
            this.account = account;
        }

        @Override
        public String getAbsolutePath() {
            return path;
        }

        @Override
        public String getName() {
            return path.equals("/") ? "/" : path.substring(path.lastIndexOf('/') + 1);
        }

        @Override
        public boolean isHidden() {
            return false;
        }

        private String below() {
            return path.equals("/") ? "/" : path + "/";
        }

        @Override
        public boolean isDirectory() {
            return path.equals("/") || files.paths().stream().anyMatch(each -> each.startsWith(below()));
        }

        @Override
        public boolean isFile() {
            return files.paths().contains(path);
        }

        @Override
        public boolean doesExist() {
            return isFile() || isDirectory();
        }

        @Override
        public boolean isReadable() {
            return isDirectory() || files.mayRead(path, account);
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public boolean isRemovable() {
            return false;
        }

        @Override
        public String getOwnerName() {
            return "mirror";
        }

        @Override
        public String getGroupName() {
            return "mirror";
        }

        @Override
        public int getLinkCount() {
            return 1;
        }

        @Override
        public long getLastModified() {
            return isFile() ? files.changed(path) : 0;
        }

        @Override
        public boolean setLastModified(long time) {
            return false;
        }

        @Override
        public long getSize() {
            return isFile() ? files.length(path) : 0;
        }

        @Override
        public Object getPhysicalFile() {
            return path;
        }

        @Override
        public boolean mkdir() {
            return false;
        }

        @Override
        public boolean delete() {
            return false;
        }

        @Override
        public boolean move(FtpFile target) {
            return false;
        }

        @Override
        public List<FtpFile> listFiles() {
            Set<String> names = new TreeSet<>();
            for (String each : files.paths()) {
                if (each.startsWith(below())) {
                    names.add(each.substring(below().length()).split("/", 2)[0]);
                }
            }
            return names.stream()
                    .<FtpFile>map(name -> new Entry(below() + name, account))
                    .toList();
        }

        @Override
        public OutputStream createOutputStream(long offset) throws IOException {
            throw new IOException("the mirror is to be read only");
        }

        @Override
        public InputStream createInputStream(long offset) throws IOException {
            return files.open(path, offset);
        }
    }
}
