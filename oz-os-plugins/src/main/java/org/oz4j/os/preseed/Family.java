package org.oz4j.os.preseed;

import java.net.URI;
import java.util.List;

/** The two that have this installer. */
public enum Family {
    /** Debian. */
    DEBIAN("http://deb.debian.org/debian/", "http://archive.debian.org/debian/"),
    /** Ubuntu. */
    UBUNTU("http://archive.ubuntu.com/ubuntu/", "http://old-releases.ubuntu.com/ubuntu/");

    private final URI mirror;
    private final URI archive;

    Family(String mirror, String archive) {
        this.mirror = URI.create(mirror);
        this.archive = URI.create(archive);
    }

    /** Its own mirror, where the installer is given no other; of releases that are gone, the archive. */
    URI mirror(boolean archived) {
        return archived ? archive : mirror;
    }

    /** Whether it is one of its own mirrors, which has updates. */
    boolean owns(URI address) {
        return String.valueOf(address.getHost()).endsWith(this == DEBIAN ? "debian.org" : "ubuntu.com");
    }

    /** Its name in paths. */
    String lowerCase() {
        return this == DEBIAN ? "debian" : "ubuntu";
    }

    /** The package sources of a new system that was installed without any. */
    List<String> sources(Installer installer) {
        String line = "deb " + mirror(installer.archived()) + " " + installer.codename();
        if (this == UBUNTU) {
            String components = " main restricted universe";
            return List.of(
                    line + components,
                    line + "-updates" + components,
                    installer.archived()
                            ? line + "-security" + components
                            : "deb http://security.ubuntu.com/ubuntu/ " + installer.codename() + "-security"
                                    + components);
        }
        return installer.archived()
                ? List.of(line + " main")
                : List.of(
                        line + " main",
                        line + "-updates main",
                        "deb http://security.debian.org/debian-security/ " + installer.codename() + "-security main");
    }
}
