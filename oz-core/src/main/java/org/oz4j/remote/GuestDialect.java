package org.oz4j.remote;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * How a kind of system is told what to do through its ssh server: text for the shell that the server hands commands to.
 * Whatever is given as a word, a path or a value arrives as it is.
 */
public interface GuestDialect {
    /** The account that may do all. */
    String administrator();

    /**
     * A command.
     *
     * @param variables what it finds in its environment
     * @param words what it is called, and what it is told
     */
    String command(Map<String, String> variables, List<String> words);

    /**
     * Shell text of the guest's own kind, as a template has it.
     *
     * @throws org.oz4j.GuestUnreachableException where it is longer than the guest takes
     */
    String text(String text);

    /**
     * What writes its standard input to a file, in place of one that is there, and makes the folders on the way. A file that is
     * there keeps its owner and permissions.
     *
     * @param path absolute
     * @param mode octal, as in {@code 0644}, of a new file, where the system has such
     */
    String write(String path, String mode);

    /** What writes a file to its standard output. */
    String read(String path);

    /** What removes files, of which some may not be there. */
    String remove(Collection<String> paths);

    /** Where a script is put that is run once: a file in a folder of its own, whose name holds that token. */
    String scriptFile(String token);

    /** What runs such a script, takes away its folder, and ends with its status. */
    String runScript(String file);

    /** What has all that was written be on the disk. */
    String sync();

    /** What waits for the services that start with the system, and fails where one has failed, which it names. */
    String settle();

    /** What prints something that differs after each start of the system. */
    String bootIdentity();

    /** Whether a script's last line restarts the system. */
    boolean restarts(String script);

    /** What powers the system off. */
    String powerOff();

    /** A text of this kind as people want to see it. */
    String shown(String text);
}
