package org.oz4j;

import java.util.Optional;

/**
 * Why an install failed, as far as what the guest printed tells.
 *
 * @param cause the class of cause
 * @param words the line in which the guest told of it, its own words; empty where no line did
 * @param remedy what to do about that cause; empty where nothing is known
 */
public record Diagnosis(Cause cause, Optional<String> words, Optional<String> remedy) {
    /** Classes of causes. */
    public enum Cause {
        /** The host or the hypervisor ended, paused or lost the machine. */
        HOST_TROUBLE("trouble of the host"),
        /** The guest's kernel gave up. */
        KERNEL_PANIC("a kernel panic"),
        /** The firmware or a boot loader found nothing to start. */
        NO_BOOT_DEVICE("nothing to boot from"),
        /** The disk, or the memory that the installer works in, is too small. */
        OUT_OF_SPACE("no space left"),
        /** The disk that the answers name, or any, is not there. */
        NO_DISK("no disk"),
        /** An answer file can't be read, or says what the installer does not take. */
        BAD_ANSWERS("the answer file"),
        /** A product key, or the licence's terms. */
        LICENCE_KEY("the licence key"),
        /** The medium is of another release, or is not found once the installer runs. */
        WRONG_MEDIUM("the install medium"),
        /** No card, no address, or no names. */
        NO_NETWORK("no network"),
        /** A server of packages can't be reached, or has not what the installer wants. */
        MIRROR("the mirror"),
        /** The installer waits for an answer that the answer file has not. */
        QUESTION("a question left open"),
        /** It took too long, or nothing happened any more. */
        TIME_LIMIT("a time limit"),
        /** Nothing that is known. */
        UNKNOWN("an unknown cause");

        private final String label;

        Cause(String label) {
            this.label = label;
        }

        /** For people, within a sentence. */
        public String label() {
            return label;
        }
    }
}
