package org.oz4j.template;

import java.util.Optional;
import java.util.Set;

import org.oz4j.template.Template.Os;

/** The operating systems that can be installed, as the reader of templates needs to know them. */
public interface OsCatalog {
    /**
     * What can be done with one of them.
     *
     * @param title its name for people
     * @param features what a template may ask of it
     */
    record Entry(String title, Set<Feature> features) {
        /** Copies the set. */
        public Entry {
            features = Set.copyOf(features);
        }
    }

    /** The system that is asked for, with this architecture and kind of medium; empty where there is none. */
    Optional<Entry> find(Os os);
}
