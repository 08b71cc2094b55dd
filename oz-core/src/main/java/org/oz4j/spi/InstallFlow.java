package org.oz4j.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How an install goes from the start of the machine to its end.
 *
 * @param reboots how often the installer reboots before the install is over; each is a stop of the machine and a start
 *     from its disk
 * @param timeLimit for the whole install, on a host with KVM; the engine allows ten times as much without
 * @param inactivityLimit for a guest that neither uses its disk nor its network nor prints anything, likewise
 * @param success how the installer says that it succeeded
 * @param trouble what it looks like on the console when the installer can't go on
 * @param marks what it looks like on the console when the installer has come that far
 * @param keys what is pressed at the start, for media that boot only then
 * @param prompts questions on the console that are answered there
 */
public record InstallFlow(
        int reboots,
        Duration timeLimit,
        Duration inactivityLimit,
        SuccessSignal success,
        List<Trouble> trouble,
        List<Mark> marks,
        Optional<Keys> keys,
        List<Prompt> prompts) {

    /** Copies the lists. */
    public InstallFlow {
        trouble = List.copyOf(trouble);
        marks = List.copyOf(marks);
        prompts = List.copyOf(prompts);
    }

    /** With nothing to answer. */
    public InstallFlow(
            int reboots,
            Duration timeLimit,
            Duration inactivityLimit,
            SuccessSignal success,
            List<Trouble> trouble,
            List<Mark> marks,
            Optional<Keys> keys) {
        this(reboots, timeLimit, inactivityLimit, success, trouble, marks, keys, List.of());
    }

    /** With no keys to press, and nothing to answer. */
    public InstallFlow(
            int reboots,
            Duration timeLimit,
            Duration inactivityLimit,
            SuccessSignal success,
            List<Trouble> trouble,
            List<Mark> marks) {
        this(reboots, timeLimit, inactivityLimit, success, trouble, marks, Optional.empty());
    }

    /** With answers to those questions. */
    public InstallFlow withPrompts(List<Prompt> answered) {
        return new InstallFlow(reboots, timeLimit, inactivityLimit, success, trouble, marks, keys, answered);
    }

    /** How an installer says that it succeeded, before the machine powers off. */
    public sealed interface SuccessSignal {
        /**
         * It writes the token to the second serial port ({@code /dev/ttyS1}, {@code COM2}), as a line of its own. What
         * else it writes there is taken for its log, and is told and kept where the install fails.
         */
        record SerialToken() implements SuccessSignal {}

        /**
         * It writes the token to {@code /dev/virtio-ports/} and this name, as a line of its own, and its log if it likes, as
         * with {@link SerialToken}. The machine has no second serial port then.
         */
        record VirtioToken(String port) implements SuccessSignal {}

        /** It has no way to; the engine looks at the disk instead: boot sector, partitions, a file system. */
        record ImageCheck() implements SuccessSignal {}
    }

    /**
     * A line on the console that means that the install can't go on.
     *
     * @param kind what it means
     * @param line found in one line, without control sequences
     * @param settled how long to wait before giving up, so that the rest of the message is seen; a question is taken
     *     back where the installer goes on in that time
     * @param advice what the user can do about it; may be empty
     */
    public record Trouble(Kind kind, Pattern line, Duration settled, String advice) {
        /** Linux gives up (its {@code kernel/panic.c}). */
        public static Trouble kernelPanic(String advice) {
            return new Trouble(
                    Kind.PANIC, Pattern.compile("Kernel panic - not syncing"), Duration.ofSeconds(1), advice);
        }

        /** What trouble means. */
        public enum Kind {
            /** The installer failed. */
            ERROR,
            /** The installer waits for an answer. */
            QUESTION,
            /** The kernel gave up. */
            PANIC
        }
    }

    /**
     * A line on the console that tells how far the install is; percentages that are printed later, as in {@code 40%},
     * are taken for the way from there to the next mark.
     *
     * @param line found in one line, without control sequences
     * @param text what is being done, for people
     * @param fraction how far the install is then, 0 to 1
     */
    public record Mark(Pattern line, String text, double fraction) {
        /** With the line as a regular expression. */
        public Mark(String line, String text, double fraction) {
            this(Pattern.compile(line), text, fraction);
        }
    }

    /**
     * A question on the console, and what is typed there in reply. A machine whose flow has any has a console that can be
     * written to, the first serial port.
     *
     * @param line found in the unfinished line at the end of what the console shows, without control sequences and spaces
     *     at its end, since a question leaves the cursor behind it; end it with {@code $}, or half a question is answered
     * @param reply what is typed; Enter follows
     * @param times how often it is answered at most; an installer may ask anew
     */
    public record Prompt(Pattern line, String reply, int times) {
        /** One that is answered once. */
        public Prompt(String line, String reply) {
            this(Pattern.compile(line), reply, 1);
        }
    }

    /**
     * Keys that are pressed each second, together, from the machine's first start on; not after its reboots.
     *
     * @param codes codes of {@code linux/input-event-codes.h}, such as 28 for Enter
     * @param during for how long, on a host with KVM; the engine goes on ten times as long without
     */
    public record Keys(List<Integer> codes, Duration during) {
        /** Copies the list. */
        public Keys {
            codes = List.copyOf(codes);
        }
    }
}
