package org.oz4j.hypervisor.libvirt;

import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What libvirt says a host can give to domains of one architecture and type; source: libvirt's page
 * {@code formatdomaincaps}.
 *
 * @param loaders firmware files that libvirt found on that host
 * @param cpuModes the modes of processors that are supported, as in {@code maximum}
 */
record DomainCapabilities(Set<Path> loaders, Set<String> cpuModes) {
    /** Reads libvirt's domain capabilities XML. */
    static DomainCapabilities parse(String xml) {
        Xml root = Xml.parse(xml);
        Set<Path> loaders = root.all("loader").stream()
                .flatMap(loader -> loader.all("value").stream())
                .map(value -> value.text().strip())
                .filter(text -> text.startsWith("/")) // the other values are of its enumerations
                .map(Path::of)
                .collect(Collectors.toUnmodifiableSet());
        Set<String> modes = root.all("cpu").stream()
                .flatMap(cpu -> cpu.all("mode").stream())
                .filter(mode -> mode.attribute("supported").equals("yes"))
                .map(mode -> mode.attribute("name"))
                .collect(Collectors.toUnmodifiableSet());
        return new DomainCapabilities(loaders, modes);
    }
}
