package org.oz4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.oz4j.CancellationToken;
import org.oz4j.TimeSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes the man pages' source (AsciiDoc) from the same descriptions as {@code --help}; {@code mvn -Pman} runs it. */
final class Manual {
    private Manual() {}

    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]));
    }

    /** Every command, those within {@code oz} too. */
    static List<CommandSpec> commands() {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Context context = new Context(
                nowhere,
                nowhere,
                new Terminal(false, 80),
                TimeSource.system(),
                Host.real(),
                new LibraryBackend(),
                CancellationToken.create());
        CommandLine oz = Main.program(new OzCommand(), context);
        List<CommandSpec> all = new ArrayList<>();
        all.add(oz.getCommandSpec());
        oz.getSubcommands().values().forEach(command -> all.add(command.getCommandSpec()));
        OldCommands.NAMES.forEach(
                name -> all.add(new CommandLine(OldCommands.named(name, context).orElseThrow()).getCommandSpec()));
        return all;
    }

    /**
     * What a command's page is called. The commands within {@code oz} have a section of their own, as OpenSSL's: three of
     * them would else have the names of launchers.
     */
    static String page(CommandSpec command) {
        return command.qualifiedName("-") + (command.parent() == null ? ".1" : ".1oz");
    }

    /** Writes a page for each command into a folder. */
    static void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (CommandSpec command : commands()) {
            StringWriter text = new StringWriter();
            ManPageGenerator.writeSingleManPage(new PrintWriter(text), command);
            String section = command.parent() == null ? "(1)" : "(1oz)";
            Files.writeString(
                    folder.resolve(page(command) + ".adoc"), text.toString().replaceFirst("\\(1\\)", section));
        }
    }
}
