package org.oz4j.testkit;

import org.oz4j.os.suse.SusePlugin;
import org.oz4j.spi.OsPlugin;

class SusePluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new SusePlugin();
    }
}
