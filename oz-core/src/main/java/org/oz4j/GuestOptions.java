package org.oz4j;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a caller may say about one guest beside its template.
 *
 * @param answerFile an answer file to use in place of the one that the OS's plugin writes. Oz can't know what it does
 *     at its end, so such an install is judged by looking at the image
 * @param image where to put the image; by default the configured output folder and the template's name
 * @param overwrite whether an image that is there already is replaced, once the new one is complete
 * @param keepEvidence whether the evidence of a successful install (console log, machine description) is kept too
 * @param machine what is chosen for the machine in place of what suits the OS
 * @param visit what is chosen for visits to the installed image
 */
public record GuestOptions(
        Optional<Path> answerFile,
        Optional<Path> image,
        boolean overwrite,
        boolean keepEvidence,
        MachineChoices machine,
        VisitChoices visit) {
    /** Options with nothing chosen for the machine. */
    public GuestOptions(Optional<Path> answerFile, Optional<Path> image, boolean overwrite, boolean keepEvidence) {
        this(answerFile, image, overwrite, keepEvidence, MachineChoices.NONE, VisitChoices.NONE);
    }

    /** The defaults: the plugin's answer file, the configured place, nothing replaced. */
    public static GuestOptions defaults() {
        return new GuestOptions(Optional.empty(), Optional.empty(), false, false);
    }

    /** These options with that answer file. */
    public GuestOptions withAnswerFile(Path file) {
        return new GuestOptions(Optional.of(file), image, overwrite, keepEvidence, machine, visit);
    }

    /** These options with that place for the image. */
    public GuestOptions withImage(Path file) {
        return new GuestOptions(answerFile, Optional.of(file), overwrite, keepEvidence, machine, visit);
    }

    /** These options, replacing an image that is there already. */
    public GuestOptions withOverwrite(boolean allowed) {
        return new GuestOptions(answerFile, image, allowed, keepEvidence, machine, visit);
    }

    /** These options, keeping the evidence of a success too. */
    public GuestOptions withKeepEvidence(boolean keep) {
        return new GuestOptions(answerFile, image, overwrite, keep, machine, visit);
    }

    /** These options with those choices for visits. */
    public GuestOptions withVisit(VisitChoices choices) {
        return new GuestOptions(answerFile, image, overwrite, keepEvidence, machine, choices);
    }

    /** These options with those choices for the machine. */
    public GuestOptions withMachine(MachineChoices choices) {
        return new GuestOptions(answerFile, image, overwrite, keepEvidence, choices, visit);
    }
}
