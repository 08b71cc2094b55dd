package org.oz4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.oz4j.hypervisor.MachineSpec;

/**
 * What a machine has left in the files that it writes to. Where it leaves no more, it may be started as if it were for the
 * first time.
 *
 * @param spec the machine
 * @param files of its disks, when they were last written to, in nanoseconds; of its ports, how many bytes they have said
 */
record Traces(MachineSpec spec, Map<Path, Long> files) {
    /** What there is now. */
    static Traces of(MachineSpec spec) throws IOException {
        Map<Path, Long> files = new HashMap<>();
        for (Path disk : existing(
                spec.disks().stream().filter(MachineSpec.Disk::isHardDisk).map(MachineSpec.Disk::path))) {
            files.put(disk, Files.getLastModifiedTime(disk).to(TimeUnit.NANOSECONDS));
        }
        for (Path log : existing(Stream.concat(
                spec.serials().stream(), spec.virtioPorts().stream().map(MachineSpec.VirtioPort::log)))) {
            long size = Files.size(log);
            if (size > 0) { // an empty one is made at the start
                files.put(log, size);
            }
        }
        return new Traces(spec, Map.copyOf(files));
    }

    private static List<Path> existing(Stream<Path> files) {
        return files.filter(Files::exists).toList();
    }

    /** Whether the machine has left nothing since. */
    boolean areStillAll() throws IOException {
        return equals(of(spec));
    }
}
