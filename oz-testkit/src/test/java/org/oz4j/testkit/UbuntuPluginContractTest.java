package org.oz4j.testkit;

import org.oz4j.os.ubuntu.UbuntuPlugin;
import org.oz4j.spi.OsPlugin;

class UbuntuPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new UbuntuPlugin();
    }
}
