package org.oz4j.testkit;

import org.oz4j.os.mandriva.MandrivaPlugin;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;

class MandrivaPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new MandrivaPlugin();
    }

    // their crypt(3) is older than glibc 2.7
    @Override
    protected boolean needsClearText(OsRelease release) {
        return !release.os().equals("Mageia");
    }
}
