package org.oz4j.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import org.oz4j.ConfigException;
import org.oz4j.Firmware;
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
 * @param safeIcicle whether the manifest is generated on a copy of the image; it always is
 * @param firmware what guests start with where neither template nor OS says otherwise
 * @param parallel how many builds of one {@link org.oz4j.Oz} run at once, the others waiting; 0 for any number
 * @param cachePackages whether what guests on the user mode network download is kept, for the next guest
 * @param cacheSize what the cache may hold, in bytes; empty for any amount
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
        boolean safeIcicle,
        Optional<Firmware> firmware,
        int parallel,
        boolean cachePackages,
        OptionalLong cacheSize) {

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
     * where that is absent, which goes before the defaults. Warnings are logged.
     *
     * @throws ConfigException where a value is wrong; lists all of them
     */
    public static OzConfig load() {
        return LoadedConfig.read(Optional.empty()).logged();
    }

    /**
     * The configuration of that file and environment. Warnings are logged.
     *
     * @param file an oz.cfg, which must be there
     * @param environment variables, which go before the file
     * @param home what {@code ~} stands for, and where the defaults lie
     * @throws ConfigException where a value is wrong; lists all of them
     */
    public static OzConfig load(Path file, Map<String, String> environment, Path home) {
        return LoadedConfig.read(Optional.of(file), environment, defaults(home), home)
                .logged();
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
        Path data = home.resolve(".oz");
        return defaults(data, data.resolve("images"));
    }

    /** The configuration where nothing is configured, for root: what belongs to all users lies in {@code /var/lib}. */
    static OzConfig rootDefaults() {
        return defaults(Path.of("/var/lib/oz"), Path.of("/var/lib/libvirt/images"));
    }

    private static OzConfig defaults(Path data, Path images) {
        return new OzConfig(
                images,
                data,
                data.resolve("screenshots"),
                Optional.empty(),
                Optional.empty(),
                new Network.User(),
                ImageFormat.RAW,
                "rw-------",
                2,
                2048,
                true,
                new Limits(Optional.empty(), Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(90)),
                Optional.empty(),
                false,
                false,
                true,
                Optional.empty(),
                0,
                false,
                OptionalLong.empty());
    }
}
