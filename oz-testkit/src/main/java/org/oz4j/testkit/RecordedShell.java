package org.oz4j.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.GuestUnreachableException;
import org.oz4j.remote.GuestDialect;
import org.oz4j.remote.GuestShell;

/** A talk with a guest that is told to a {@link Traffic}; a file that is sent or fetched is a command too. */
final class RecordedShell implements GuestShell {
    static final String LOGIN = "login";
    static final String RUN = "run";

    private final GuestShell real;
    private final Traffic traffic;
    private final int machine;

    RecordedShell(GuestShell real, Traffic traffic) {
        this.real = real;
        this.traffic = traffic;
        this.machine = traffic.lastMachine();
        traffic.tell(machine, LOGIN, line -> {});
    }

    @Override
    public GuestDialect dialect() {
        return real.dialect();
    }

    @Override
    public Result run(String command, Duration limit, Consumer<String> lines) throws InterruptedException {
        Result result;
        try {
            result = real.run(command, limit, lines);
        } catch (GuestUnreachableException e) {
            tell(command, line -> line.put("broken", true));
            throw e;
        }
        tell(command, line -> line.put("status", result.status())
                .put("output", result.output())
                .put("errors", result.errors()));
        return result;
    }

    @Override
    public void upload(InputStream content, String path, String mode, Duration limit, LongConsumer sent)
            throws IOException, InterruptedException {
        String command = real.dialect().write(path, mode);
        MessageDigest sum = DigestUtils.getSha256Digest();
        moving(command, () -> real.upload(new DigestInputStream(content, sum), path, mode, limit, sent));
        tell(command, line -> line.put("status", 0).put("input", HexFormat.of().formatHex(sum.digest())));
    }

    @Override
    public void download(String path, OutputStream target, Duration limit, LongConsumer received)
            throws IOException, InterruptedException {
        String command = real.dialect().read(path);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        moving(command, () -> real.download(path, content, limit, received));
        content.writeTo(target);
        tell(command, line -> line.put("status", 0).put("bytes", content.toByteArray()));
    }

    private interface Move {
        void run() throws IOException, InterruptedException;
    }

    private void moving(String command, Move move) throws IOException, InterruptedException {
        try {
            move.run();
        } catch (GuestUnreachableException e) {
            tell(command, line -> line.put("broken", true));
            throw e;
        }
    }

    private void tell(String command, Consumer<ObjectNode> result) {
        traffic.tell(machine, RUN, line -> result.accept(line.put("command", command)));
    }

    @Override
    public void close() {
        real.close();
    }
}
