package org.oz4j.cli;

import java.util.concurrent.CountDownLatch;

import org.oz4j.CancellationToken;

/** Builds until it is told to end; run as a process by {@link EndOnSignalTest}. */
final class SignalledProgram {
    private SignalledProgram() {}

    public static void main(String[] args) throws InterruptedException {
        CancellationToken token = CancellationToken.create();
        EndOnSignal ending = EndOnSignal.install(token);
        if (args.length > 0 && !args[0].equals("late")) {
            ending.done(Integer.parseInt(args[0]));
            System.exit(Integer.parseInt(args[0]));
        }
        CountDownLatch cancelled = new CountDownLatch(1);
        try (var registration = token.onCancel(cancelled::countDown)) {
            System.out.println("building");
            cancelled.await();
        }
        System.out.println("cleaned up");
        ending.done(args.length == 0 ? ExitCode.INTERRUPTED : ExitCode.OK);
        // what main does too: it waits for the hooks, which must not wait for it
        System.exit(1);
    }
}
