package org.oz4j.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.oz4j.ConfigException;
import org.oz4j.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configuration, and where each of its values came from.
 *
 * @param config the configuration
 * @param values each setting, in the order of the documentation
 * @param warnings keys of oz.cfg that are not known
 */
public record LoadedConfig(OzConfig config, List<Value> values, List<Problem> warnings) {
    private static final Logger LOG = LoggerFactory.getLogger(LoadedConfig.class);

    /**
     * A setting.
     *
     * @param section its section in oz.cfg
     * @param key its key there
     * @param variable the environment variable that sets it; empty where there is none
     * @param value its value, in the form that oz.cfg takes; empty where the choice is Oz's own
     * @param source {@code default}, {@code environment}, or the file and line
     */
    public record Value(String section, String key, String variable, String value, String source) {}

    /** Copies the lists. */
    public LoadedConfig {
        values = List.copyOf(values);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the configuration of this user and of this program's environment.
     *
     * @param file an oz.cfg to read in place of {@code ~/.oz/oz.cfg} or {@code /etc/oz/oz.cfg}
     * @throws ConfigException where a value is wrong; lists all of them
     */
    public static LoadedConfig read(Optional<Path> file) {
        Path home = Path.of(System.getProperty("user.home"));
        Optional<Path> found = file.or(() -> Stream.of(home.resolve(".oz/oz.cfg"), Path.of("/etc/oz/oz.cfg"))
                .filter(Files::exists)
                .findFirst());
        boolean root = "root".equals(System.getProperty("user.name"));
        return read(found, System.getenv(), root ? OzConfig.rootDefaults() : OzConfig.defaults(home), home);
    }

    static LoadedConfig read(Optional<Path> file, Map<String, String> environment, OzConfig defaults, Path home) {
        return new ConfigLoader(new OzConfigBuilder(defaults, home)).load(file, environment);
    }

    /** The configuration, once its warnings are in the log. */
    OzConfig logged() {
        warnings.forEach(warning -> LOG.warn("{}", warning));
        return config;
    }
}
