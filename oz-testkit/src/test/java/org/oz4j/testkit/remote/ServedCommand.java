package org.oz4j.testkit.remote;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/** A command that an ssh server of the tests runs: its streams, and how it ends. */
public abstract class ServedCommand implements Command {
    /** What the client sends. */
    protected InputStream in = InputStream.nullInputStream();
    /** What the command prints. */
    protected OutputStream out = OutputStream.nullOutputStream();
    /** What it prints on its standard error. */
    protected OutputStream err = OutputStream.nullOutputStream();
    /** Takes its status. */
    protected ExitCallback exit = (status, message, close) -> {};

    @Override
    public final void setInputStream(InputStream given) {
        in = given;
    }

    @Override
    public final void setOutputStream(OutputStream given) {
        out = given;
    }

    @Override
    public final void setErrorStream(OutputStream given) {
        err = given;
    }

    @Override
    public final void setExitCallback(ExitCallback given) {
        exit = given;
    }

    @Override
    public void destroy(ChannelSession channel) {}

    /** A server's own key, out of the text of its file. */
    public static KeyPairProvider hostKey(String openSshPrivateKey) throws IOException, GeneralSecurityException {
        return KeyPairProvider.wrap(SecurityUtils.loadKeyPairIdentities(
                null,
                () -> "host",
                new ByteArrayInputStream(openSshPrivateKey.getBytes(StandardCharsets.US_ASCII)),
                null));
    }
}
