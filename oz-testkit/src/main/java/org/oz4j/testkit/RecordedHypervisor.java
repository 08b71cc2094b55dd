package org.oz4j.testkit;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.oz4j.ImageFormat;
import org.oz4j.hypervisor.HostFacts;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.Machine;
import org.oz4j.hypervisor.MachineSpec;

/** A hypervisor whose machines are told to a {@link Traffic}. */
record RecordedHypervisor(Hypervisor real, Traffic traffic) implements Hypervisor {
    static final String HOST = "host";
    static final String START = "start";

    @Override
    public String uri() {
        return real.uri();
    }

    @Override
    public HostFacts host() throws InterruptedException {
        HostFacts facts = real.host();
        traffic.tell(0, HOST, line -> {
            line.put("virt", facts.virtType().name());
            ArrayNode arches = line.putArray("arches");
            facts.guests().stream().map(Enum::name).sorted().forEach(arches::add);
            ArrayNode firmware = line.putArray("firmware");
            facts.firmware().stream().map(Enum::name).sorted().forEach(firmware::add);
        });
        return facts;
    }

    @Override
    public Machine start(MachineSpec spec) throws InterruptedException {
        Machine machine = real.start(spec);
        int number = traffic.newMachine();
        traffic.tell(number, START, line -> describe(spec, line));
        return new RecordedMachine(machine, spec, traffic, number);
    }

    /** What of a machine is the same each time. */
    private static void describe(MachineSpec spec, ObjectNode line) {
        line.put("name", spec.name())
                .put("arch", spec.arch().toString())
                .put("cpus", spec.cpus())
                .put("memoryMiB", spec.memoryMiB())
                .put("firmware", spec.firmware().name())
                .put("boot", spec.boot().getClass().getSimpleName());
        ArrayNode disks = line.putArray("disks");
        spec.disks().forEach(disk -> disks.add(disk.kind() + " " + disk.format() + " " + disk.bus()));
        line.put("nic", spec.nic().map(nic -> nic.model().name()).orElse("none"))
                .put("serials", spec.serials().size());
    }

    @Override
    public Optional<Machine> find(UUID uuid) throws InterruptedException {
        return real.find(uuid);
    }

    @Override
    public String describe(MachineSpec spec) throws InterruptedException {
        return real.describe(spec);
    }

    @Override
    public String sketch(MachineSpec spec) throws InterruptedException {
        return real.sketch(spec);
    }

    @Override
    public void createOverlay(Path overlay, Path image, ImageFormat format) throws InterruptedException {
        real.createOverlay(overlay, image, format);
    }

    @Override
    public void convert(Path from, ImageFormat fromFormat, Path to, ImageFormat toFormat, String mode)
            throws InterruptedException {
        real.convert(from, fromFormat, to, toFormat, mode);
    }

    @Override
    public void close() {
        real.close();
    }
}
