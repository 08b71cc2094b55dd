package org.oz4j.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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

    /**
     * The configuration of the user who runs this program: environment variables, then {@code ~/.oz/oz.cfg} or else
     * {@code /etc/oz/oz.cfg}, then defaults.
     *
     * @throws org.oz4j.ConfigException that lists every mistake
     */
    public static OzConfig load() {
        Path home = Path.of(System.getProperty("user.home"));
        Optional<Path> file = Stream.of(home.resolve(".oz/oz.cfg"), Path.of("/etc/oz/oz.cfg"))
                .filter(Files::exists)
                .findFirst();
        return load(file, System.getenv(), home);
    }

    /**
     * A configuration from that file, those variables and that home folder.
     *
     * @throws org.oz4j.ConfigException that lists every mistake
     */
    public static OzConfig load(Optional<Path> file, Map<String, String> environment, Path home) {
        return ConfigLoader.load(file, environment, home);
    }

    /** This configuration with another outputDir. */
    public OzConfig withOutputDir(Path value) {
        return new OzConfig(
                value,
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
                limits);
    }

    /** This configuration with another dataDir. */
    public OzConfig withDataDir(Path value) {
        return new OzConfig(
                outputDir,
                value,
                evidenceDir,
                hypervisorUri,
                virtType,
                network,
                imageFormat,
                imageMode,
                cpus,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another evidenceDir. */
    public OzConfig withEvidenceDir(Path value) {
        return new OzConfig(
                outputDir,
                dataDir,
                value,
                hypervisorUri,
                virtType,
                network,
                imageFormat,
                imageMode,
                cpus,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another hypervisorUri. */
    public OzConfig withHypervisorUri(String value) {
        return new OzConfig(
                outputDir,
                dataDir,
                evidenceDir,
                Optional.of(value),
                virtType,
                network,
                imageFormat,
                imageMode,
                cpus,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another virtType. */
    public OzConfig withVirtType(VirtType value) {
        return new OzConfig(
                outputDir,
                dataDir,
                evidenceDir,
                hypervisorUri,
                Optional.of(value),
                network,
                imageFormat,
                imageMode,
                cpus,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another network. */
    public OzConfig withNetwork(Network value) {
        return new OzConfig(
                outputDir,
                dataDir,
                evidenceDir,
                hypervisorUri,
                virtType,
                value,
                imageFormat,
                imageMode,
                cpus,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another imageFormat. */
    public OzConfig withImageFormat(ImageFormat value) {
        return new OzConfig(
                outputDir,
                dataDir,
                evidenceDir,
                hypervisorUri,
                virtType,
                network,
                value,
                imageMode,
                cpus,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another imageMode. */
    public OzConfig withImageMode(String value) {
        return new OzConfig(
                outputDir,
                dataDir,
                evidenceDir,
                hypervisorUri,
                virtType,
                network,
                imageFormat,
                value,
                cpus,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another cpus. */
    public OzConfig withCpus(int value) {
        return new OzConfig(
                outputDir,
                dataDir,
                evidenceDir,
                hypervisorUri,
                virtType,
                network,
                imageFormat,
                imageMode,
                value,
                memoryMiB,
                useCache,
                limits);
    }

    /** This configuration with another memoryMiB. */
    public OzConfig withMemoryMiB(int value) {
        return new OzConfig(
                outputDir,
                dataDir,
                evidenceDir,
                hypervisorUri,
                virtType,
                network,
                imageFormat,
                imageMode,
                cpus,
                value,
                useCache,
                limits);
    }

    /** This configuration with another useCache. */
    public OzConfig withUseCache(boolean value) {
        return new OzConfig(
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
                value,
                limits);
    }

    /** This configuration with another limits. */
    public OzConfig withLimits(Limits value) {
        return new OzConfig(
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
                value);
    }
}
