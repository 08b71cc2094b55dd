package org.oz4j.testkit;

import org.oz4j.os.debian.DebianPlugin;
import org.oz4j.spi.OsPlugin;

class DebianPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new DebianPlugin();
    }
}
