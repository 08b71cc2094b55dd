package org.oz4j.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

import org.oz4j.Firmware;
import org.oz4j.ImageFormat;

/** Everything that can be configured by oz.cfg or by a variable: the one table that reading and messages go by. */
@SuppressWarnings("ImmutableEnumChecker") // the setters are lambdas that hold nothing
enum Setting {
    OUTPUT_DIR("paths", "output_dir", "OZ_OUTPUT_DIR", (b, v) -> b.outputDir(Values.path(b, v)), c -> c.outputDir()),
    DATA_DIR("paths", "data_dir", "OZ_DATA_DIR", (b, v) -> b.dataDir(Values.path(b, v)), c -> c.dataDir()),
    SCREENSHOT_DIR(
            "paths",
            "screenshot_dir",
            "OZ_SCREENSHOT_DIR",
            (b, v) -> b.evidenceDir(Values.path(b, v)),
            c -> c.evidenceDir()),
    SSH_KEY("paths", "sshprivkey", "OZ_SSHPRIVKEY", (b, v) -> b.sshKey(Values.path(b, v)), c -> c.sshKey()),
    URI("libvirt", "uri", "OZ_LIBVIRT_URI", (b, v) -> b.hypervisorUri(Values.uri(v)), c -> c.hypervisorUri()),
    IMAGE_TYPE("libvirt", "image_type", "OZ_IMAGE_TYPE", (b, v) -> b.imageFormat(Values.format(v)), c -> c.imageFormat()
            .label()),
    VIRT_TYPE("libvirt", "type", "OZ_VIRT_TYPE", (b, v) -> b.virtType(Values.virtType(v)), c -> c.virtType()
            .map(t -> t.name().toLowerCase(Locale.ROOT))),
    NETWORK("libvirt", "network", "OZ_NETWORK", Values::network, c -> c.network()
            .label()),
    BRIDGE_NAME(
            "libvirt",
            "bridge_name",
            "",
            (b, v) -> b.bridgeName(Values.device(v)),
            c -> c.network() instanceof OzConfig.Network.Bridge b ? b.name() : ""),
    NETWORK_NAME(
            "libvirt",
            "network_name",
            "",
            (b, v) -> b.networkName(Values.device(v)),
            c -> c.network() instanceof OzConfig.Network.Libvirt n ? n.name() : ""),
    CPUS("libvirt", "cpus", "OZ_CPUS", (b, v) -> b.cpus(Values.number(v, 1, 512)), c -> c.cpus()),
    MEMORY("libvirt", "memory", "OZ_MEMORY", (b, v) -> b.memoryMiB(Values.number(v, 64, 16 << 20)), c -> c.memoryMiB()),
    IMAGE_MODE("libvirt", "image_mode", "OZ_IMAGE_MODE", (b, v) -> b.imageMode(Values.mode(v)), c -> c.imageMode()),
    FIRMWARE("libvirt", "firmware", "OZ_FIRMWARE", (b, v) -> b.firmware(Values.firmware(v)), c -> c.firmware()),
    PARALLEL(
            "libvirt", "parallel", "OZ_PARALLEL", (b, v) -> b.parallel(Values.number(v, 0, 10_000)), c -> c.parallel()),
    ORIGINAL_MEDIA(
            "cache",
            "original_media",
            "OZ_CACHE_ORIGINAL_MEDIA",
            (b, v) -> b.useCache(Values.yes(v)),
            c -> c.useCache()),
    MODIFIED_MEDIA(
            "cache",
            "modified_media",
            "OZ_CACHE_MODIFIED_MEDIA",
            (b, v) -> b.cacheModifiedMedia(Values.yes(v)),
            c -> c.cacheModifiedMedia()),
    JEOS("cache", "jeos", "OZ_CACHE_JEOS", (b, v) -> b.cacheJeos(Values.yes(v)), c -> c.cacheJeos()),
    PACKAGES(
            "cache", "packages", "OZ_CACHE_PACKAGES", (b, v) -> b.cachePackages(Values.yes(v)), c -> c.cachePackages()),
    CACHE_SIZE("cache", "size", "OZ_CACHE_SIZE", (b, v) -> b.cacheSize(Values.gib(v)), c -> c.cacheSize()),
    SAFE_GENERATION(
            "icicle",
            "safe_generation",
            "OZ_SAFE_GENERATION",
            (b, v) -> b.safeIcicle(Values.yes(v)),
            c -> c.safeIcicle()),
    INSTALL("timeouts", "install", "OZ_INSTALL_TIMEOUT", (b, v) -> b.installLimit(Values.seconds(v)), c -> c.limits()
            .install()),
    INACTIVITY(
            "timeouts",
            "inactivity",
            "OZ_INACTIVITY_TIMEOUT",
            (b, v) -> b.inactivityLimit(Values.seconds(v)),
            c -> c.limits().inactivity()),
    BOOT("timeouts", "boot", "OZ_BOOT_TIMEOUT", (b, v) -> b.bootLimit(Values.seconds(v)), c -> c.limits()
            .boot()),
    SHUTDOWN(
            "timeouts", "shutdown", "OZ_SHUTDOWN_TIMEOUT", (b, v) -> b.shutdownLimit(Values.seconds(v)), c -> c.limits()
                    .shutdown());

    /** Sets a value. */
    interface Setter {
        /** Sets it, or throws IllegalArgumentException that says what is allowed. */
        void set(OzConfigBuilder builder, String value);
    }

    final String section;
    final String key;
    /** Its variable; empty where it has none. */
    final String variable;

    private final Setter setter;
    private final Function<OzConfig, Object> getter;

    Setting(String section, String key, String variable, Setter setter, Function<OzConfig, Object> getter) {
        this.getter = getter;
        this.section = section;
        this.key = key;
        this.variable = variable;
        this.setter = setter;
    }

    void set(OzConfigBuilder builder, String value) {
        setter.set(builder, value);
    }

    /** The value in a configuration, in the form that oz.cfg takes; empty where the choice is Oz's own. */
    String valueIn(OzConfig config) {
        return text(getter.apply(config));
    }

    /** Why the value in a configuration does nothing, where it does nothing. */
    Optional<String> idle(OzConfig config) {
        return switch (this) {
            case SSH_KEY -> config.sshKey().map(key -> "a key is made for each build");
            default -> Optional.empty();
        };
    }

    private static String text(Object value) {
        if (value instanceof Optional<?> maybe) {
            return maybe.map(Setting::text).orElse("");
        }
        if (value instanceof OptionalLong bytes) {
            return bytes.isPresent() ? bytes.getAsLong() + " b" : "";
        }
        if (value instanceof Duration time) {
            return Long.toString(time.toSeconds());
        }
        if (value instanceof Boolean flag) {
            return flag ? "yes" : "no";
        }
        return value instanceof Enum<?> label ? label.name().toLowerCase(Locale.ROOT) : value.toString();
    }

    static Optional<Setting> of(String section, String key) {
        return Arrays.stream(values())
                .filter(one -> one.section.equals(section) && one.key.equals(key))
                .findFirst();
    }

    /** Reads values; each throws IllegalArgumentException that says what is allowed. */
    private static final class Values {
        private Values() {}

        static java.nio.file.Path path(OzConfigBuilder builder, String value) {
            String expanded = expand(value, builder.home().toString());
            if (expanded.isEmpty() || expanded.startsWith("~") || expanded.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("a path; ~ and $HOME stand for the home folder");
            }
            return java.nio.file.Path.of(expanded).toAbsolutePath().normalize();
        }

        private static String expand(String value, String home) {
            String expanded = value.equals("~") || value.startsWith("~/") ? home + value.substring(1) : value;
            return expanded.replace("${HOME}", home).replaceAll("\\$HOME(?![A-Za-z0-9_])", quote(home));
        }

        private static String quote(String text) {
            return java.util.regex.Matcher.quoteReplacement(text);
        }

        static String uri(String value) {
            if (!value.matches("[a-z][a-z0-9+.-]*:\\S*")) {
                throw new IllegalArgumentException("an address of libvirt, such as qemu:///system");
            }
            return value;
        }

        static ImageFormat format(String value) {
            return Arrays.stream(ImageFormat.values())
                    .filter(one -> one.label().equals(value))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("raw, qcow2, vmdk, vhdx, vdi"));
        }

        static Firmware firmware(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "bios" -> Firmware.BIOS;
                case "uefi" -> Firmware.UEFI;
                default -> throw new IllegalArgumentException("bios, uefi");
            };
        }

        static long gib(String value) {
            return Sizes.parse(value)
                    .orElseThrow(
                            () -> new IllegalArgumentException("a size, of GiB or with a unit such as MiB, GB or GiB"));
        }

        static OzConfig.VirtType virtType(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "kvm" -> OzConfig.VirtType.KVM;
                case "qemu", "tcg" -> OzConfig.VirtType.TCG;
                default -> throw new IllegalArgumentException("kvm, tcg, qemu (the same as tcg)");
            };
        }

        static void network(OzConfigBuilder builder, String value) {
            int colon = value.indexOf(':');
            String kind =
                    (colon < 0 ? value : value.substring(0, colon)).strip().toLowerCase(Locale.ROOT);
            if (colon >= 0 && !kind.equals("user")) {
                String name = device(value.substring(colon + 1).strip());
                switch (kind) {
                    case "network", "libvirt" -> builder.network(new OzConfig.Network.Libvirt(name));
                    case "bridge" -> builder.network(new OzConfig.Network.Bridge(name));
                    default -> throw networkForm();
                }
            } else if (colon < 0) {
                switch (kind) {
                    case "user", "network", "libvirt", "bridge" -> builder.networkKind(kind);
                    default -> throw networkForm();
                }
            } else {
                throw networkForm();
            }
        }

        private static IllegalArgumentException networkForm() {
            return new IllegalArgumentException("user, network:NAME, bridge:NAME; in oz.cfg also libvirt (with"
                    + " network_name) and bridge (with bridge_name)");
        }

        static String device(String value) {
            if (!value.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                throw new IllegalArgumentException("a name of letters, digits, '.', '_' and '-'");
            }
            return value;
        }

        static int number(String value, int from, int to) {
            if (value.matches("[0-9]{1,9}")) {
                int number = Integer.parseInt(value);
                if (number >= from && number <= to) {
                    return number;
                }
            }
            throw new IllegalArgumentException("a whole number from " + from + " to " + to);
        }

        static Duration seconds(String value) {
            if (value.matches("[0-9]{1,9}") && Integer.parseInt(value) > 0) {
                return Duration.ofSeconds(Integer.parseInt(value));
            }
            throw new IllegalArgumentException("a whole number of seconds from 1 to 999999999");
        }

        static boolean yes(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "yes", "true", "on", "1" -> true;
                case "no", "false", "off", "0" -> false;
                default -> throw new IllegalArgumentException("yes, no (or true, false, on, off, 1, 0)");
            };
        }

        static String mode(String value) {
            if (value.matches("0?[0-7]{3}")) {
                StringBuilder symbols = new StringBuilder();
                for (char digit : value.substring(value.length() - 3).toCharArray()) {
                    int bits = digit - '0';
                    symbols.append((bits & 4) != 0 ? 'r' : '-');
                    symbols.append((bits & 2) != 0 ? 'w' : '-');
                    symbols.append((bits & 1) != 0 ? 'x' : '-');
                }
                return mode(symbols.toString());
            }
            if (!value.matches("rw[x-]([r-][w-][x-]){2}")) {
                throw new IllegalArgumentException(
                        "permissions as 0640 or rw-r-----, in which the owner may read and write");
            }
            return value;
        }
    }
}
