package org.oz4j.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import org.oz4j.ImageFormat;

/**
 * The configuration: where things lie on the host, and limits.
 *
 * @param outputDir where images go
 * @param dataDir where the cache, the locks and the hypervisor's own files live
 * @param evidenceDir where the evidence of failed installs goes ({@code screenshot_dir} in oz.cfg)
 * @param hypervisorUri libvirt's address, such as {@code qemu:///system}; empty to choose by what answers
 * @param virtType {@code kvm} or {@code tcg}, to override the choice; empty to choose by what works
 * @param network the guest's network while it is built
 * @param imageFormat the format of new images
 * @param imageMode the permissions of new images, as in {@code rw-------}
 * @param cpus virtual processors while building
 * @param memoryMiB memory while building, in MiB
 * @param useCache whether fetched media are kept
 * @param limits time limits
 */
public record OzConfig(
        Path outputDir,
        Path dataDir,
        Path evidenceDir,
        Optional<String> hypervisorUri,
        Optional<VirtType> virtType,
        Network network,
        ImageFormat imageFormat,
        String imageMode,
        int cpus,
        int memoryMiB,
        boolean useCache,
        Limits limits) {

    /** How a guest's instructions are run. */
    public enum VirtType {
        /** By the host's processor. */
        KVM,
        /** By QEMU in software, about ten times slower. */
        TCG
    }

    /** The guest's network while it is built. */
    public sealed interface Network {
        /** QEMU's user mode network: needs no rights; the guest sees the host as 10.0.2.2. */
        record User() implements Network {}

        /** A network that libvirt knows by that name. */
        record Libvirt(String name) implements Network {}

        /** A bridge of the host. */
        record Bridge(String name) implements Network {}
    }

    /**
     * Time limits.
     *
     * @param install for one install; empty for what the OS's plugin says
     * @param inactivity for a guest that does nothing; empty for what the OS's plugin says
     * @param boot for a guest to be reached after its start
     * @param shutdown for a guest to power off when asked
     */
    public record Limits(Optional<Duration> install, Optional<Duration> inactivity, Duration boot, Duration shutdown) {}

    /** The configuration where nothing is configured, for a user with that home folder. */
    public static OzConfig defaults(Path home) {
        Path data = home.resolve(".local/share/oz");
        return new OzConfig(
                data.resolve("images"),
                data,
                data.resolve("evidence"),
                Optional.empty(),
                Optional.empty(),
                new Network.User(),
                ImageFormat.RAW,
                "rw-------",
                2,
                2048,
                true,
                new Limits(Optional.empty(), Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(90)));
    }
}
