package org.oz4j.testkit;

import org.oz4j.os.bsd.FreeBsdPlugin;
import org.oz4j.spi.OsPlugin;

class FreeBsdPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new FreeBsdPlugin();
    }
}
