package org.oz4j.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.oz4j.ConfigException;
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
 * @param sshKey the private key to reach guests with; empty for one that is made for each build
 * @param cacheModifiedMedia whether install media that were made of fetched ones are kept
 * @param cacheJeos whether a copy of each freshly installed image is kept
 * @param safeIcicle whether the manifest is generated on a copy of the image
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
        Limits limits,
        Optional<Path> sshKey,
        boolean cacheModifiedMedia,
        boolean cacheJeos,
        boolean safeIcicle) {

    /** A configuration in which the settings that are seldom used have their defaults. */
    public OzConfig(
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
        this(
                outputDir,
                dataDir,
                evidenceDir,
                hypervisorUri,
                virtType,
                network,
                imageFormat,
                imageMode,
                cpus,
                memoryMiB,
                useCache,
                limits,
                Optional.empty(),
                false,
                false,
                true);
    }

    /** How a guest's instructions are run. */
    public enum VirtType {
        /** By the host's processor. */
        KVM,
        /** By QEMU in software, about ten times slower. */
        TCG
    }

    /** The guest's network while it is built. */
    public sealed interface Network {
        /** As configuration and templates write it: {@code user}, {@code network:NAME} or {@code bridge:NAME}. */
        String label();

        /** QEMU's user mode network: needs no rights; the guest sees the host as 10.0.2.2. */
        record User() implements Network {
            @Override
            public String label() {
                return "user";
            }
        }

        /** A network that libvirt knows by that name. */
        record Libvirt(String name) implements Network {
            @Override
            public String label() {
                return "network:" + name;
            }
        }

        /** A bridge of the host. */
        record Bridge(String name) implements Network {
            @Override
            public String label() {
                return "bridge:" + name;
            }
        }
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

    /**
     * The configuration of this user: the environment goes before {@code ~/.oz/oz.cfg}, or {@code /etc/oz/oz.cfg}
     * where that is absent, which goes before the defaults.
     *
     * @throws ConfigException where a value or key is wrong; lists all of them
     */
    public static OzConfig load() {
        Path home = Path.of(System.getProperty("user.home"));
        Optional<Path> file = Stream.of(home.resolve(".oz/oz.cfg"), Path.of("/etc/oz/oz.cfg"))
                .filter(Files::exists)
                .findFirst();
        return new ConfigLoader(home).load(file, System.getenv());
    }

    /**
     * The configuration of that file and environment.
     *
     * @param file an oz.cfg, which must be there
     * @param environment variables, which go before the file
     * @param home what {@code ~} stands for, and where the defaults lie
     * @throws ConfigException where a value or key is wrong; lists all of them
     */
    public static OzConfig load(Path file, Map<String, String> environment, Path home) {
        return new ConfigLoader(home).load(Optional.of(file), environment);
    }

    /** Starts from the defaults for a user with that home folder. */
    public static OzConfigBuilder builder(Path home) {
        return new OzConfigBuilder(defaults(home), home);
    }

    /** Starts from this configuration. */
    public OzConfigBuilder toBuilder() {
        return new OzConfigBuilder(this, Path.of(System.getProperty("user.home")));
    }

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
