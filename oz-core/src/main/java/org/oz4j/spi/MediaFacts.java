package org.oz4j.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the engine saw on the install medium.
 *
 * @param volumeLabel an ISO image's volume identifier; empty for a tree
 * @param paths every path on an ISO image, without a leading slash; for a tree, the probed paths that are there
 * @param texts the content of the release's probed paths that are there, by path
 * @param editions the editions on an ISO image, by the names that an answer file chooses them by; empty where it does
 *     not tell
 */
public record MediaFacts(
        Optional<String> volumeLabel, Set<String> paths, Map<String, String> texts, List<String> editions) {
    /** Copies the collections. */
    public MediaFacts {
        paths = Set.copyOf(paths);
        texts = Map.copyOf(texts);
        editions = List.copyOf(editions);
    }

    /** Of a medium that tells of no editions. */
    public MediaFacts(Optional<String> volumeLabel, Set<String> paths, Map<String, String> texts) {
        this(volumeLabel, paths, texts, List.of());
    }

    /** Nothing known. */
    public static MediaFacts none() {
        return new MediaFacts(Optional.empty(), Set.of(), Map.of());
    }
}
