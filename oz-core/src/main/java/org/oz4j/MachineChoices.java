package org.oz4j;

import java.util.Optional;

import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;

/**
 * What a caller chooses for the machine in place of what suits the OS.
 *
 * @param diskBus how disks are attached
 * @param nic the model of the network card
 * @param mac the network card's address, six pairs of hex digits with colons between
 */
public record MachineChoices(Optional<DiskBus> diskBus, Optional<NicModel> nic, Optional<String> mac) {
    /** Nothing chosen. */
    public static final MachineChoices NONE = new MachineChoices(Optional.empty(), Optional.empty(), Optional.empty());

    /** Checks the address. */
    public MachineChoices {
        mac.filter(text -> !text.matches("(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}")).ifPresent(text -> {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no address of a network card, such as 52:54:00:12:34:56");
        });
    }
}
