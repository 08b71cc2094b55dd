package org.oz4j.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import org.oz4j.CancellationToken;
import org.oz4j.TimeSource;
import picocli.AutoComplete;
import picocli.CommandLine;

/** The program {@code oz}. */
public final class Main {
    private Main() {}

    /** Runs a command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        Logging.useShortFormat();
        CancellationToken token = CancellationToken.create();
        EndOnSignal ending = EndOnSignal.install(token);
        Context context = new Context(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                Terminal.detect(),
                TimeSource.system(),
                Host.real(),
                new LibraryBackend(),
                token);
        int status = ExitCode.FAILED;
        try {
            status = run(context, args);
        } finally {
            // after an Error too: the hook would take the end for a signal
            ending.done(status);
        }
        System.exit(status);
    }

    /** Runs a command and returns its exit code. */
    static int run(Context context, String... args) {
        Optional<OldCommands.Old> old = args.length == 0 ? Optional.empty() : OldCommands.named(args[0], context);
        if (old.isPresent()) {
            // as getopt takes them
            CommandLine commandLine = new CommandLine(old.get()).setAbbreviatedOptionsAllowed(true);
            return execute(context, commandLine, old.get()::debug, Arrays.copyOfRange(args, 1, args.length));
        }
        OzCommand oz = new OzCommand();
        CommandLine commandLine = program(oz, context);
        commandLine.setExecutionStrategy(parsed -> {
            Logging.set(oz.debug());
            return new CommandLine.RunLast().execute(parsed);
        });
        return execute(context, commandLine, oz::debug, args);
    }

    /** The program with all its commands. */
    static CommandLine program(OzCommand oz, Context context) {
        return new CommandLine(oz)
                .addSubcommand(new InstallCommand(context))
                .addSubcommand(new CustomizeCommand(context))
                .addSubcommand(new IcicleCommand(context))
                .addSubcommand(new ValidateCommand(context))
                .addSubcommand(new PlanCommand(context))
                .addSubcommand(new IdentifyCommand(context))
                .addSubcommand(new CleanupCacheCommand(context))
                .addSubcommand(new ListCommand(context))
                .addSubcommand(new ConfigCommand(context))
                .addSubcommand(new DoctorCommand(context))
                .addSubcommand(new QuickstartCommand(context))
                .addSubcommand(new AutoComplete.GenerateCompletion())
                .addSubcommand(new CommandLine.HelpCommand());
    }

    private static int execute(Context context, CommandLine commandLine, BooleanSupplier debug, String... args) {
        commandLine.setOut(context.out()).setErr(context.err());
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
            ErrorPrinter.print(context.err(), failure, debug.getAsBoolean());
            return context.token().isCancelled() ? ExitCode.INTERRUPTED : ExitCode.of(failure);
        });
        int status = commandLine.execute(args);
        context.out().flush();
        context.err().flush();
        return status;
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        // JSON is UTF-8 whatever the locale says
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }
}
