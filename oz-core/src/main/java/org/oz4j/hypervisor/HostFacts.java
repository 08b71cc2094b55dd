package org.oz4j.hypervisor;

import java.util.Map;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.config.OzConfig.VirtType;

/**
 * What a hypervisor's host offers.
 *
 * @param version the hypervisor's version, for people
 * @param arch the host's own architecture
 * @param virtType what machines of the host's architecture are run by, chosen or overridden
 * @param virtTypeReason why, for people
 * @param guests the architectures that machines can have
 * @param firmware what machines of the host's architecture can start with
 * @param unavailable why something is not offered, for people, by its name
 */
public record HostFacts(
        String version,
        Arch arch,
        VirtType virtType,
        String virtTypeReason,
        Set<Arch> guests,
        Set<Firmware> firmware,
        Map<String, String> unavailable) {
    /** Copies the collections. */
    public HostFacts {
        guests = Set.copyOf(guests);
        firmware = Set.copyOf(firmware);
        unavailable = Map.copyOf(unavailable);
    }

    /** What machines of that architecture are run by. */
    public VirtType virtType(Arch guest) {
        return runBy(guest, arch, virtType);
    }

    /** What runs a guest's architecture on a host of another or the same, which runs its own by that. */
    public static VirtType runBy(Arch guest, Arch host, VirtType own) {
        boolean native32 = guest == Arch.I386 && host == Arch.X86_64;
        return guest == host || native32 ? own : VirtType.TCG;
    }
}
