package org.oz4j;

import org.jspecify.annotations.Nullable;

/** An OS plugin is broken, clashes with another, or made a profile that can't be carried out. */
public final class PluginException extends OzException {
    private static final long serialVersionUID = 1L;

    private final String plugin;

    /** Makes an exception about the plugin of that id (or class name, where it has no id to give). */
    public PluginException(String plugin, String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(problem, remedy, cause);
        this.plugin = plugin;
    }

    /** The plugin's id, or its class name. */
    public String plugin() {
        return plugin;
    }
}
