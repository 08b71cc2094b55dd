package org.oz4j.testkit;

import org.oz4j.os.redhat.RedHatPlugin;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;

class RedHatPluginContractTest extends OsPluginContract {
    @Override
    protected OsPlugin plugin() {
        return new RedHatPlugin();
    }

    // glibc's crypt(3) before 2.7; the plugin's own test tells the updates of Enterprise Linux 5 apart
    @Override
    protected boolean needsClearText(OsRelease release) {
        return release.os().matches("RedHatLinux|FedoraCore|.+-(2\\.1|[345])")
                || release.title().equals("Fedora 7");
    }
}
