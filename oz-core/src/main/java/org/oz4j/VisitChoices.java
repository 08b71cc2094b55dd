package org.oz4j;

import java.util.Locale;
import java.util.Optional;

/**
 * What a caller chooses for visits to an installed image, to customise it or to list what is inside.
 *
 * @param access the way in, by its label, such as {@code offline edit}; empty for the cheapest that the OS has
 * @param offline whether a list of what is inside is read from the image's files, without booting it
 * @param seal whether a customised image loses, in the end, what one machine has of its own: its machine-id, the keys of its
 *     ssh server, leases, logs, cloud-init's state and random seeds
 * @param verify whether a customised image is booted before it takes the old one's place: it must let us in, and no
 *     service of it may fail
 */
public record VisitChoices(Optional<String> access, boolean offline, boolean seal, boolean verify) {
    /** Nothing chosen. */
    public static final VisitChoices NONE = new VisitChoices(Optional.empty(), false, false, false);

    /** Has labels in small letters, with spaces in place of hyphens. */
    public VisitChoices {
        access = access.map(text -> text.toLowerCase(Locale.ROOT).replace('-', ' '));
    }

    /** These choices with that way in. */
    public VisitChoices withAccess(String label) {
        return new VisitChoices(Optional.of(label), offline, seal, verify);
    }

    /** These choices, listing without booting. */
    public VisitChoices withOffline(boolean wanted) {
        return new VisitChoices(access, wanted, seal, verify);
    }

    /** These choices, sealing. */
    public VisitChoices withSeal(boolean wanted) {
        return new VisitChoices(access, offline, wanted, verify);
    }

    /** These choices, verifying. */
    public VisitChoices withVerify(boolean wanted) {
        return new VisitChoices(access, offline, seal, wanted);
    }
}
