package org.oz4j.testkit;

import org.oz4j.os.suse.SusePlugin;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;

class SusePluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new SusePlugin();
    }

    // its crypt(3) is older than glibc 2.7
    @Override
    protected boolean needsClearText(OsRelease release) {
        return release.title().equals("OpenSUSE 10.3");
    }
}
