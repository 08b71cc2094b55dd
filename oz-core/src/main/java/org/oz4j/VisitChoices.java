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
 * @param resume whether customising keeps, where it fails, what was done until then, and goes on after what an earlier
 *     such run has kept: up to the first repository, package, file or command that the template asks for otherwise now
 */
public record VisitChoices(Optional<String> access, boolean offline, boolean seal, boolean verify, boolean resume) {
    /** Nothing chosen. */
    public static final VisitChoices NONE = new VisitChoices(Optional.empty(), false, false, false, false);

    /** Has labels in small letters, with spaces in place of hyphens. */
    public VisitChoices {
        access = access.map(text -> text.toLowerCase(Locale.ROOT).replace('-', ' '));
    }

    /** These choices with that way in. */
    public VisitChoices withAccess(String label) {
        return new VisitChoices(Optional.of(label), offline, seal, verify, resume);
    }

    /** These choices, listing without booting. */
    public VisitChoices withOffline(boolean wanted) {
        return new VisitChoices(access, wanted, seal, verify, resume);
    }

    /** These choices, sealing. */
    public VisitChoices withSeal(boolean wanted) {
        return new VisitChoices(access, offline, wanted, verify, resume);
    }

    /** These choices, verifying. */
    public VisitChoices withVerify(boolean wanted) {
        return new VisitChoices(access, offline, seal, wanted, resume);
    }

    /** These choices, keeping what was done, and going on there. */
    public VisitChoices withResume(boolean wanted) {
        return new VisitChoices(access, offline, seal, verify, wanted);
    }
}
