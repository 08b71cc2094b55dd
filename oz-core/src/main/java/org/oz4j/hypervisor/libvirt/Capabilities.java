package org.oz4j.hypervisor.libvirt;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

import org.oz4j.Arch;

/**
 * What libvirt says about a host.
 *
 * @param hostArch the host's architecture
 * @param guests the architectures of guests it can run
 * @param kvm those of them that KVM runs
 */
record Capabilities(Arch hostArch, Set<Arch> guests, Set<Arch> kvm) {
    /** Reads libvirt's capabilities XML. */
    static Capabilities parse(String xml) {
        Xml root = Xml.parse(xml);
        Set<Arch> guests = EnumSet.noneOf(Arch.class);
        Set<Arch> kvm = EnumSet.noneOf(Arch.class);
        for (Xml guest : root.all("guest")) {
            for (Xml element : guest.all("arch")) {
                arch(element.attribute("name")).ifPresent(arch -> {
                    guests.add(arch);
                    if (element.all("domain").stream()
                            .anyMatch(domain -> domain.attribute("type").equals("kvm"))) {
                        kvm.add(arch);
                    }
                });
            }
        }
        Arch host = root.all("host").stream()
                .flatMap(element -> element.all("arch").stream())
                .flatMap(element -> arch(element.text().strip()).stream())
                .findFirst()
                .orElse(Arch.X86_64);
        return new Capabilities(host, Set.copyOf(guests), Set.copyOf(kvm));
    }

    private static Optional<Arch> arch(String libvirtName) {
        return libvirtName.equals("i686") ? Optional.of(Arch.I386) : Arch.of(libvirtName);
    }
}
