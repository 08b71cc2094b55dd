package org.oz4j.testkit.tiny;

import org.oz4j.spi.OsPlugin;
import org.oz4j.testkit.OsPluginContract;

class TinyLinuxPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new TinyLinuxPlugin();
    }
}
