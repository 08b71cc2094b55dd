package org.oz4j.spi;

import java.util.List;
import java.util.Optional;

/**
 * All that the engine needs to know to install one guest; data, no behaviour.
 *
 * @param machine the machine it runs well on
 * @param answers the answer file
 * @param media ways to start the installer and to hand it the answers, cheapest first
 * @param flow how the install goes
 * @param access ways into the installed system, cheapest first; empty where none is known
 * @param packages its package manager, where it has one
 */
public record GuestProfile(
        MachineHints machine,
        AnswerFile answers,
        List<MediaRecipe> media,
        InstallFlow flow,
        List<AccessRecipe> access,
        Optional<PackageManager> packages) {

    /** Copies the list, which must not be empty. */
    public GuestProfile {
        media = List.copyOf(media);
        access = List.copyOf(access);
        if (media.isEmpty()) {
            throw new IllegalArgumentException("a profile needs one media recipe at least");
        }
    }
}
