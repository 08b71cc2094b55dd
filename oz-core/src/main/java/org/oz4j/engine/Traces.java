package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.oz4j.hypervisor.MachineSpec;

/**
 * What a machine leaves in the files that it writes to. Where it has left none, it may be started as if it were for the
 * first time.
 *
 * @param files of its disks, when they were last written to, in nanoseconds; of its ports, how many bytes they have said
 */
record Traces(Map<Path, Long> files) {
    /** What there is now. */
    static Traces of(MachineSpec spec) throws IOException {
        Map<Path, Long> files = new HashMap<>();
        for (MachineSpec.Disk disk : spec.disks()) {
            if (disk.isHardDisk()) {
                files.put(disk.path(), Files.getLastModifiedTime(disk.path()).to(TimeUnit.NANOSECONDS));
            }
        }
        Stream<Path> virtio = spec.virtioPorts().stream().map(MachineSpec.VirtioPort::log);
        for (Path log : Stream.concat(spec.serials().stream(), virtio)
                .filter(Files::exists)
                .toList()) {
            long size = Files.size(log);
            if (size > 0) { // an empty one is made at the start
                files.put(log, size);
            }
        }
        return new Traces(Map.copyOf(files));
    }
}
