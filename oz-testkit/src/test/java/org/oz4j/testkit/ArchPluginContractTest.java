package org.oz4j.testkit;

import org.oz4j.os.arch.ArchPlugin;
import org.oz4j.spi.OsPlugin;

class ArchPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new ArchPlugin();
    }
}
