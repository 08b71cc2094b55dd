package org.oz4j.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.oz4j.Arch;
import org.oz4j.PluginException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.template.Feature;
import org.oz4j.template.OsCatalog;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;

/** The plugins, and which release a template means. A plugin that can't be used is set aside with the reason. */
final class PluginRegistry implements OsCatalog {
    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]*");

    /** A release, and the plugin that installs it. */
    record Match(OsPlugin plugin, OsRelease release) {}

    /** What a template must say to mean a release. */
    private record Key(String os, String version, Arch arch, InstallType type) {
        static Key of(String os, String version, Arch arch, InstallType type) {
            return new Key(os.toLowerCase(Locale.ROOT), version.toLowerCase(Locale.ROOT), arch, type);
        }
    }

    private final Map<String, OsPlugin> plugins = new HashMap<>();
    private final Map<Key, Match> matches = new HashMap<>();
    private final List<OsRelease> releases = new ArrayList<>();
    private final List<PluginException> broken = new ArrayList<>();

    private PluginRegistry() {}

    /** The given plugins, and behind them those that {@link ServiceLoader} finds. */
    static PluginRegistry of(List<OsPlugin> given, boolean discover) {
        PluginRegistry registry = new PluginRegistry();
        given.forEach(plugin -> registry.add(plugin, true));
        if (discover) {
            Set<String> overridden = Set.copyOf(registry.plugins.keySet());
            Iterator<OsPlugin> found = ServiceLoader.load(OsPlugin.class).iterator();
            int failuresInARow = 0;
            while (failuresInARow < 1000) {
                try {
                    if (!found.hasNext()) {
                        break;
                    }
                    OsPlugin plugin = found.next();
                    failuresInARow = 0;
                    registry.add(plugin, overridden);
                } catch (ServiceConfigurationError | LinkageError e) {
                    failuresInARow++;
                    registry.broken.add(new PluginException(
                            providerName(e),
                            "An OS plugin can't be loaded: " + e.getMessage(),
                            "Mend or remove the jar that provides it",
                            e));
                }
            }
        }
        registry.releases.sort(Comparator.comparing(OsRelease::os, String.CASE_INSENSITIVE_ORDER)
                .thenComparing(OsRelease::version, VERSIONS));
        return registry;
    }

    private static final Comparator<String> VERSIONS = (a, b) -> {
        String[] left = a.split("\\.");
        String[] right = b.split("\\.");
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            boolean numbers = left[i].matches("\\d{1,9}") && right[i].matches("\\d{1,9}");
            int order = numbers
                    ? Integer.compare(Integer.parseInt(left[i]), Integer.parseInt(right[i]))
                    : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.length, right.length);
    };

    private static String providerName(Throwable e) {
        // "org.oz4j.spi.OsPlugin: Provider com.example.Broken could not be instantiated"
        String message = String.valueOf(e.getMessage());
        return Stream.of(message.split("\\s+"))
                .filter(word -> word.contains(".") && !word.startsWith(OsPlugin.class.getName()))
                .findFirst()
                .orElse("unknown");
    }

    private void add(OsPlugin plugin, Set<String> overridden) {
        if (!overridden.contains(idOf(plugin))) {
            add(plugin, false);
        }
    }

    private static String idOf(OsPlugin plugin) {
        try {
            return String.valueOf(plugin.id());
        } catch (RuntimeException e) {
            return plugin.getClass().getName();
        }
    }

    private void add(OsPlugin plugin, boolean given) {
        String type = plugin.getClass().getName();
        try {
            String id = plugin.id();
            if (id == null || !ID.matcher(id).matches()) {
                throw new PluginException(
                        type,
                        "The OS plugin " + type + " has the id '" + id + "'",
                        "An id is lower-case letters, digits and hyphens",
                        null);
            }
            OsPlugin twin = plugins.get(id);
            if (twin != null) {
                throw new PluginException(
                        id,
                        "Two OS plugins have the id '" + id + "': "
                                + twin.getClass().getName() + " and " + type + "; the second is not used",
                        "Remove one of their jars",
                        null);
            }
            Map<Key, Match> own = keys(plugin, id);
            plugins.put(id, plugin);
            matches.putAll(own);
            own.values().stream().map(Match::release).distinct().forEach(releases::add);
        } catch (PluginException e) {
            broken.add(e);
        } catch (RuntimeException | LinkageError e) {
            broken.add(new PluginException(
                    type,
                    "The OS plugin " + type + (given ? " (given)" : "") + " is broken: " + e,
                    "Mend or remove it",
                    e));
        }
    }

    private Map<Key, Match> keys(OsPlugin plugin, String id) {
        Map<Key, Match> own = new HashMap<>();
        for (OsRelease release : plugin.releases()) {
            for (Key key : keys(release)) {
                Match taken = matches.get(key);
                Match same = own.putIfAbsent(key, new Match(plugin, release));
                if (taken != null || same != null) {
                    String other = taken == null ? id : taken.plugin().id();
                    throw new PluginException(
                            id,
                            "The OS plugins '" + other + "' and '" + id + "' both install " + key.os() + " "
                                    + key.version() + " " + key.arch() + "; '" + id + "' is not used",
                            "Remove one of their jars",
                            null);
                }
            }
        }
        return own;
    }

    /** All that templates may say to mean a release. */
    private static Set<Key> keys(OsRelease release) {
        Set<Key> keys = new HashSet<>();
        for (String name : with(release.names(), release.os())) {
            for (String version : with(release.aliases(), release.version())) {
                for (Arch arch : release.arches()) {
                    for (InstallType type : release.installTypes()) {
                        keys.add(Key.of(name, version, arch, type));
                    }
                }
            }
        }
        return keys;
    }

    private static Set<String> with(List<String> more, String one) {
        Set<String> all = new HashSet<>(more);
        all.add(one);
        return all;
    }

    private static void checkFeatures(OsRelease release, Template template) {
        Set<Feature> refused = Feature.askedBy(template);
        refused.removeAll(release.features());
        if (!refused.isEmpty()) {
            String elements =
                    refused.stream().map(one -> "<" + one.element() + ">").collect(Collectors.joining(", "));
            throw new UnsupportedOsException(
                    release.title(),
                    release.title() + " can't honour " + elements + " of the template '" + template.name() + "'",
                    "Take that out of the template");
        }
    }

    List<OsRelease> releases() {
        return List.copyOf(releases);
    }

    List<PluginException> broken() {
        return List.copyOf(broken);
    }

    @Override
    public Optional<Entry> find(Template.Os os) {
        return Optional.ofNullable(matches.get(key(os)))
                .map(match -> new Entry(match.release().title(), match.release().features()));
    }

    private static Key key(Template.Os os) {
        return Key.of(os.name(), os.version(), os.arch(), os.install().type());
    }

    /**
     * The release that a template means.
     *
     * @throws UnsupportedOsException where there is none, or where it can't give all that the template asks for
     */
    Match find(Template template) {
        Template.Os os = template.os();
        Match match = matches.get(key(os));
        if (match != null) {
            checkFeatures(match.release(), template);
            return match;
        }
        String wanted = os.name() + " " + os.version() + " " + os.arch();
        String type = os.install().type().name().toLowerCase(Locale.ROOT);
        List<OsRelease> family = releases.stream()
                .filter(each -> with(each.names(), each.os()).stream().anyMatch(os.name()::equalsIgnoreCase))
                .toList();
        String offer = family.isEmpty()
                ? "Known are " + releases.stream().map(OsRelease::os).distinct().collect(Collectors.joining(", "))
                : "Known are "
                        + family.stream()
                                .map(each -> each.title() + " ("
                                        + each.arches().stream()
                                                .map(Arch::toString)
                                                .sorted()
                                                .collect(Collectors.joining(", "))
                                        + "; "
                                        + each.installTypes().stream()
                                                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                                                .sorted()
                                                .collect(Collectors.joining(", "))
                                        + ")")
                                .collect(Collectors.joining(", "));
        throw new UnsupportedOsException(wanted, "No plugin installs " + wanted + " from " + type, offer);
    }
}
