package org.oz4j.testkit;

import org.oz4j.os.alpine.AlpinePlugin;
import org.oz4j.spi.OsPlugin;

class AlpinePluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new AlpinePlugin();
    }
}
