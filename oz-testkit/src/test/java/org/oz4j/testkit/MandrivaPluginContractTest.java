package org.oz4j.testkit;

import org.oz4j.os.mandriva.MandrivaPlugin;
import org.oz4j.spi.OsPlugin;

class MandrivaPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new MandrivaPlugin();
    }
}
