package org.oz4j.testkit;

import org.oz4j.os.windows.WindowsPlugin;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;

class WindowsPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new WindowsPlugin();
    }

    // Setup takes no hash
    @Override
    protected boolean needsClearText(OsRelease release) {
        return true;
    }
}
