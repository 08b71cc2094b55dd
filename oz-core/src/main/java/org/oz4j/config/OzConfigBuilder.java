package org.oz4j.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;
import org.oz4j.Firmware;
import org.oz4j.ImageFormat;
import org.oz4j.config.OzConfig.Limits;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.OzConfig.VirtType;

/** Makes an {@link OzConfig} in code. */
public final class OzConfigBuilder {
    private final Path home;
    private Path outputDir;
    private Path dataDir;
    private Path evidenceDir;
    private Optional<String> hypervisorUri;
    private Optional<VirtType> virtType;
    private Network network;
    private ImageFormat imageFormat;
    private String imageMode;
    private int cpus;
    private int memoryMiB;
    private boolean useCache;
    private Limits limits;
    private Optional<Path> sshKey;
    private boolean cacheModifiedMedia;
    private boolean cacheJeos;
    private boolean safeIcicle;
    private Optional<Firmware> firmware;
    private int parallel;
    private boolean cachePackages;
    private OptionalLong cacheSize;

    // What [libvirt] says of the network in up to three keys, until all of it is read.
    private @Nullable String networkKind;
    private @Nullable String bridgeName;
    private @Nullable String networkName;
    private boolean outputDirGiven;
    private boolean evidenceDirGiven;

    OzConfigBuilder(OzConfig from, Path home) {
        this.home = home;
        outputDir = from.outputDir();
        dataDir = from.dataDir();
        evidenceDir = from.evidenceDir();
        hypervisorUri = from.hypervisorUri();
        virtType = from.virtType();
        network = from.network();
        imageFormat = from.imageFormat();
        imageMode = from.imageMode();
        cpus = from.cpus();
        memoryMiB = from.memoryMiB();
        useCache = from.useCache();
        limits = from.limits();
        sshKey = from.sshKey();
        cacheModifiedMedia = from.cacheModifiedMedia();
        cacheJeos = from.cacheJeos();
        safeIcicle = from.safeIcicle();
        firmware = from.firmware();
        parallel = from.parallel();
        cachePackages = from.cachePackages();
        cacheSize = from.cacheSize();
    }

    Path home() {
        return home;
    }

    /** Puts images there. */
    public OzConfigBuilder outputDir(Path folder) {
        outputDir = folder;
        outputDirGiven = true;
        return this;
    }

    /** Keeps the cache, the locks and, unless they are set, images and evidence there. */
    public OzConfigBuilder dataDir(Path folder) {
        // Folders that were not set on their own stay where they are in relation to this one.
        if (!outputDirGiven && outputDir.startsWith(dataDir)) {
            outputDir = folder.resolve(dataDir.relativize(outputDir));
        }
        if (!evidenceDirGiven && evidenceDir.startsWith(dataDir)) {
            evidenceDir = folder.resolve(dataDir.relativize(evidenceDir));
        }
        dataDir = folder;
        return this;
    }

    /** Puts the evidence of failed installs there. */
    public OzConfigBuilder evidenceDir(Path folder) {
        evidenceDir = folder;
        evidenceDirGiven = true;
        return this;
    }

    /** Reaches libvirt at that address. */
    public OzConfigBuilder hypervisorUri(String uri) {
        hypervisorUri = Optional.of(uri);
        return this;
    }

    /** Runs guests that way, whatever else would work. */
    public OzConfigBuilder virtType(VirtType type) {
        virtType = Optional.of(type);
        return this;
    }

    /** Connects guests that way while they are built. */
    public OzConfigBuilder network(Network given) {
        network = given;
        networkKind = null;
        bridgeName = null;
        networkName = null;
        return this;
    }

    /** Makes images of that format. */
    public OzConfigBuilder imageFormat(ImageFormat format) {
        imageFormat = format;
        return this;
    }

    /** Gives images those permissions, as in {@code rw-r-----}. */
    public OzConfigBuilder imageMode(String permissions) {
        imageMode = permissions;
        return this;
    }

    /** Builds with so many virtual processors. */
    public OzConfigBuilder cpus(int count) {
        cpus = count;
        return this;
    }

    /** Builds with so much memory, in MiB. */
    public OzConfigBuilder memoryMiB(int size) {
        memoryMiB = size;
        return this;
    }

    /** Keeps fetched media, or not. */
    public OzConfigBuilder useCache(boolean kept) {
        useCache = kept;
        return this;
    }

    /** Keeps media made of fetched ones, or not. */
    public OzConfigBuilder cacheModifiedMedia(boolean kept) {
        cacheModifiedMedia = kept;
        return this;
    }

    /** Keeps a copy of each freshly installed image, or not. */
    public OzConfigBuilder cacheJeos(boolean kept) {
        cacheJeos = kept;
        return this;
    }

    /** Keeps what guests on the user mode network download, or not. */
    public OzConfigBuilder cachePackages(boolean kept) {
        cachePackages = kept;
        return this;
    }

    /** Generates the manifest on a copy of the image, or not. */
    public OzConfigBuilder safeIcicle(boolean safe) {
        safeIcicle = safe;
        return this;
    }

    /** Starts guests with that firmware, where neither template nor OS says otherwise. */
    public OzConfigBuilder firmware(Firmware wanted) {
        firmware = Optional.of(wanted);
        return this;
    }

    /** Runs so many builds at once; 0 for any number. */
    public OzConfigBuilder parallel(int builds) {
        parallel = builds;
        return this;
    }

    /** Keeps no more than so many bytes in the cache. */
    public OzConfigBuilder cacheSize(long bytes) {
        cacheSize = OptionalLong.of(bytes);
        return this;
    }

    /** Reaches guests with that private key. */
    public OzConfigBuilder sshKey(Path file) {
        sshKey = Optional.of(file);
        return this;
    }

    /** Gives up an install after that time. */
    public OzConfigBuilder installLimit(Duration limit) {
        limits = new Limits(Optional.of(limit), limits.inactivity(), limits.boot(), limits.shutdown());
        return this;
    }

    /** Gives up a guest that does nothing for that time. */
    public OzConfigBuilder inactivityLimit(Duration limit) {
        limits = new Limits(limits.install(), Optional.of(limit), limits.boot(), limits.shutdown());
        return this;
    }

    /** Gives up a guest that can't be reached that long after its start. */
    public OzConfigBuilder bootLimit(Duration limit) {
        limits = new Limits(limits.install(), limits.inactivity(), limit, limits.shutdown());
        return this;
    }

    /** Cuts the power of a guest that is not off that long after it was asked. */
    public OzConfigBuilder shutdownLimit(Duration limit) {
        limits = new Limits(limits.install(), limits.inactivity(), limits.boot(), limit);
        return this;
    }

    void networkKind(String kind) {
        networkKind = kind;
    }

    void bridgeName(String name) {
        bridgeName = name;
    }

    void networkName(String name) {
        networkName = name;
    }

    /** Makes a network of the keys that say it together; empty, or what they lack. */
    Optional<String> settleNetwork() {
        String kind = networkKind;
        if (kind == null) {
            if (bridgeName != null && networkName != null) {
                return Optional.of("bridge_name and network_name are both set; set network to bridge or libvirt");
            }
            kind = bridgeName != null ? "bridge" : networkName != null ? "libvirt" : "";
        }
        if (kind.equals("user")) {
            network(new Network.User());
            return Optional.empty();
        }
        String name = kind.equals("bridge") ? bridgeName : networkName;
        if (!kind.isEmpty() && name == null) {
            return Optional.of("network = " + kind + " needs "
                    + (kind.equals("bridge") ? "bridge_name" : "network_name") + "; in the environment write it as "
                    + (kind.equals("bridge") ? "bridge" : "network") + ":NAME");
        }
        if (name != null && !kind.isEmpty()) {
            network(kind.equals("bridge") ? new Network.Bridge(name) : new Network.Libvirt(name));
        }
        return Optional.empty();
    }

    /** The configuration. */
    public OzConfig build() {
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
                limits,
                sshKey,
                cacheModifiedMedia,
                cacheJeos,
                safeIcicle,
                firmware,
                parallel,
                cachePackages,
                cacheSize);
    }
}
