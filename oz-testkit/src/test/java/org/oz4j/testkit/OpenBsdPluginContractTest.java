package org.oz4j.testkit;

import org.oz4j.os.bsd.OpenBsdPlugin;
import org.oz4j.spi.OsPlugin;

class OpenBsdPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new OpenBsdPlugin();
    }
}
