package org.oz4j.engine;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.oz4j.Oz;
import org.oz4j.TimeSource;
import org.oz4j.config.OzConfig;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.spi.OsPlugin;

/** Puts the parts together behind the front door. */
public final class OzEngine {
    private OzEngine() {}

    /** Opens Oz; what is null comes from its usual place. */
    public static Oz open(
            @Nullable OzConfig config,
            List<OsPlugin> plugins,
            boolean discover,
            @Nullable Hypervisor hypervisor,
            TimeSource time) {
        return java.util.Objects.requireNonNull(null);
    }
}
