package org.oz4j.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.ConfigException;
import org.oz4j.ImageFormat;
import org.oz4j.Problem;
import org.oz4j.config.OzConfig.Limits;
import org.oz4j.config.OzConfig.Network;
import org.oz4j.config.OzConfig.VirtType;

/** Reads {@code oz.cfg} and the environment; every mistake is collected. */
final class ConfigLoader {
    private static final Pattern SECTION = Pattern.compile("\\[([^\\]]*)]");
    private static final Pattern SETTING = Pattern.compile("([^=:]+?)\\s*[=:]\\s*(.*)");

    /** What a setting does to a configuration; throws IllegalArgumentException that says what is allowed. */
    private interface Setter extends BiFunction<OzConfig, String, OzConfig> {}

    private final Path home;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Setter> settings = new TreeMap<>();
    private final Map<String, String> variables = new LinkedHashMap<>();

    private ConfigLoader(Path home) {
        this.home = home;
        setting("paths.output_dir", "OZ_OUTPUT_DIR", (c, v) -> c.withOutputDir(path(v)));
        setting("paths.data_dir", "OZ_DATA_DIR", (c, v) -> c.withDataDir(path(v)));
        setting("paths.screenshot_dir", "OZ_SCREENSHOT_DIR", (c, v) -> c.withEvidenceDir(path(v)));
        setting("libvirt.uri", "OZ_LIBVIRT_URI", (c, v) -> c.withHypervisorUri(v));
        setting("libvirt.image_type", "OZ_IMAGE_TYPE", (c, v) -> c.withImageFormat(format(v)));
        setting("libvirt.type", "OZ_VIRT_TYPE", (c, v) -> c.withVirtType(virtType(v)));
        setting("libvirt.bridge_name", "", (c, v) -> c.withNetwork(new Network.Bridge(v)));
        setting("libvirt.network", "OZ_NETWORK", (c, v) -> c.withNetwork(network(v)));
        setting("libvirt.cpus", "OZ_CPUS", (c, v) -> c.withCpus(number(v, 1, 1024)));
        setting("libvirt.memory", "OZ_MEMORY", (c, v) -> c.withMemoryMiB(number(v, 64, 1 << 24)));
        setting("cache.original_media", "OZ_CACHE", (c, v) -> c.withUseCache(yes(v)));
        setting(
                "timeouts.install",
                "OZ_INSTALL_TIMEOUT",
                (c, v) -> c.withLimits(new Limits(
                        Optional.of(seconds(v)),
                        c.limits().inactivity(),
                        c.limits().boot(),
                        c.limits().shutdown())));
        setting(
                "timeouts.inactivity",
                "OZ_INACTIVITY_TIMEOUT",
                (c, v) -> c.withLimits(new Limits(
                        c.limits().install(),
                        Optional.of(seconds(v)),
                        c.limits().boot(),
                        c.limits().shutdown())));
        setting(
                "timeouts.boot",
                "OZ_BOOT_TIMEOUT",
                (c, v) -> c.withLimits(new Limits(
                        c.limits().install(),
                        c.limits().inactivity(),
                        seconds(v),
                        c.limits().shutdown())));
        setting(
                "timeouts.shutdown",
                "OZ_SHUTDOWN_TIMEOUT",
                (c, v) -> c.withLimits(new Limits(
                        c.limits().install(),
                        c.limits().inactivity(),
                        c.limits().boot(),
                        seconds(v))));
        setting("images.mode", "OZ_IMAGE_MODE", (c, v) -> c.withImageMode(mode(v)));
        // Settings of the Python tool that mean nothing here, or not yet: taken, so that its files go on working.
        for (String known :
                List.of("paths.sshprivkey", "cache.modified_media", "cache.jeos", "icicle.safe_generation")) {
            setting(known, "", (c, v) -> c);
        }
    }

    private void setting(String key, String variable, Setter setter) {
        settings.put(key, setter);
        if (!variable.isEmpty()) {
            variables.put(variable, key);
        }
    }

    static OzConfig load(Optional<Path> file, Map<String, String> environment, Path home) {
        ConfigLoader loader = new ConfigLoader(home);
        OzConfig config = OzConfig.defaults(home);
        if (file.isPresent()) {
            config = loader.read(file.get(), config);
        }
        for (Map.Entry<String, String> variable : loader.variables.entrySet()) {
            String value = environment.get(variable.getKey());
            if (value != null && !value.isBlank()) {
                Problem place = new Problem(variable.getKey(), 0, 0, "");
                config = loader.set(config, variable.getValue(), value.strip(), place);
            }
        }
        if (!loader.problems.isEmpty()) {
            throw new ConfigException(loader.problems);
        }
        return config;
    }

    private OzConfig read(Path file, OzConfig before) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new ConfigException(
                    List.of(new Problem(file.toString(), 0, 0, "the configuration can't be read: " + e)));
        }
        OzConfig config = before;
        String section = "";
        for (int i = 0; i < lines.size(); i++) {
            Problem place = new Problem(file.toString(), i + 1, 1, "");
            String line = lines.get(i).strip();
            Matcher header = SECTION.matcher(line);
            Matcher setting = SETTING.matcher(line);
            if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
                continue;
            }
            if (header.matches()) {
                section = header.group(1).strip();
            } else if (setting.matches()) {
                config = set(
                        config,
                        section + "." + setting.group(1).strip(),
                        setting.group(2).strip(),
                        place);
            } else {
                problem(place, "the line '" + line + "' is neither a [section] nor a setting = value");
            }
        }
        return config;
    }

    private void problem(Problem place, String message) {
        problems.add(new Problem(place.source(), place.line(), place.column(), message));
    }

    private OzConfig set(OzConfig config, String key, String value, Problem place) {
        Setter setter = settings.get(key.toLowerCase(Locale.ROOT));
        if (setter == null) {
            problem(place, "the setting '" + key + "' is not known; known are " + String.join(", ", settings.keySet()));
            return config;
        }
        if (value.isEmpty()) {
            return config; // the Python tool's files leave settings empty for "the default"
        }
        try {
            return setter.apply(config, value);
        } catch (IllegalArgumentException e) {
            problem(place, key + " is '" + value + "': " + e.getMessage());
            return config;
        }
    }

    private Path path(String value) {
        String expanded = value;
        if (value.equals("~") || value.startsWith("~/")) {
            expanded = home + value.substring(1);
        }
        Path path = Path.of(expanded.replace("$HOME", home.toString()));
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("give an absolute path");
        }
        return path;
    }

    private static ImageFormat format(String value) {
        for (ImageFormat format : ImageFormat.values()) {
            if (format.label().equals(value)) {
                return format;
            }
        }
        throw new IllegalArgumentException("use raw or qcow2");
    }

    private static VirtType virtType(String value) {
        return switch (value) {
            case "kvm" -> VirtType.KVM;
            case "tcg", "qemu" -> VirtType.TCG;
            default -> throw new IllegalArgumentException("use kvm or tcg");
        };
    }

    private static Network network(String value) {
        int colon = value.indexOf(':');
        String name = value.substring(colon + 1).strip();
        if (value.equals("user")) {
            return new Network.User();
        } else if (value.startsWith("network:") && !name.isEmpty()) {
            return new Network.Libvirt(name);
        } else if (value.startsWith("bridge:") && !name.isEmpty()) {
            return new Network.Bridge(name);
        }
        throw new IllegalArgumentException("use user, network:NAME or bridge:NAME");
    }

    private static int number(String value, int least, int most) {
        if (value.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new IllegalArgumentException("use a number from " + least + " to " + most);
    }

    private static Duration seconds(String value) {
        return Duration.ofSeconds(number(value, 1, 999_999_999));
    }

    private static boolean yes(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on", "1" -> true;
            case "no", "false", "off", "0" -> false;
            default -> throw new IllegalArgumentException("use yes or no");
        };
    }

    private static String mode(String value) {
        if (!value.matches("([r-][w-][x-]){3}")) {
            throw new IllegalArgumentException("use permissions such as rw-r-----");
        }
        return value;
    }
}
