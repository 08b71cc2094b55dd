package org.oz4j.testkit.linux;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which module needs which, as {@code modules.dep} tells; see depmod(8) and modules.dep(5). */
final class KernelModules {
    private final Map<String, String> pathByName = new HashMap<>();
    private final Map<String, List<String>> neededByPath = new HashMap<>();

    /** Reads the text of {@code modules.dep}: lines {@code MODULE: NEEDED...}, all paths. */
    KernelModules(String modulesDep) {
        for (String line : modulesDep.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String path = line.substring(0, colon);
                pathByName.put(nameOf(path), path);
                String needed = line.substring(colon + 1).strip();
                neededByPath.put(path, needed.isEmpty() ? List.of() : List.of(needed.split(" +")));
            }
        }
    }

    /**
     * The paths of those modules and of all that they need, each after what it needs itself.
     *
     * <p>A name that is not a module is left out: it may be built into the kernel.
     */
    List<String> inLoadOrder(Collection<String> names) {
        Set<String> ordered = new LinkedHashSet<>();
        for (String name : names) {
            String path = pathByName.get(canonical(name));
            if (path != null) {
                add(path, ordered);
            }
        }
        return new ArrayList<>(ordered);
    }

    private void add(String path, Set<String> ordered) {
        if (!ordered.contains(path)) {
            for (String needed : neededByPath.getOrDefault(path, List.of())) {
                add(needed, ordered);
            }
            ordered.add(path);
        }
    }

    /** A module's name, from its path. */
    static String nameOf(String path) {
        String file = path.substring(path.lastIndexOf('/') + 1);
        int dot = file.indexOf(".ko");
        return canonical(dot < 0 ? file : file.substring(0, dot));
    }

    // A module may be named with a hyphen or an underscore; the kernel takes both as the same.
    private static String canonical(String name) {
        return name.replace('-', '_');
    }
}
