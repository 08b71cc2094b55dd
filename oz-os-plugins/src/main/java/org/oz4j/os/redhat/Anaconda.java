package org.oz4j.os.redhat;

import java.util.List;
import java.util.Optional;

import org.oz4j.os.packages.Dnf;
import org.oz4j.os.packages.Yum;
import org.oz4j.spi.AccessRecipe;
import org.oz4j.spi.AccessRecipe.Keys;
import org.oz4j.spi.MachineHints.DiskBus;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.PackageManager;

/**
 * An installer, and what the system that it installs can do.
 *
 * @param level the Fedora whose kickstart commands and boot options it has. What came before Fedora: -3 is Red Hat Linux 7.0,
 *     -2 is 7.1, -1 is 7.2 and 7.3, 0 is 8 and 9
 * @param nic the network card that its kernel drives best
 * @param disk the disk bus that its kernel drives best
 * @param sha512 whether the system checks passwords against hashes of the form {@code $6$}
 * @param way how to get into the system
 * @param packages its package manager, where it is told by ours
 */
record Anaconda(int level, NicModel nic, DiskBus disk, boolean sha512, Way way, Optional<PackageManager> packages) {

    /** From it on, dracut starts the installer, and its boot options begin with {@code inst.}. */
    static final int DRACUT = 17;

    /** How to get into an installed system. */
    enum Way {
        /** By none: it has package tools that we do not use. */
        NONE,
        /** By the options of its init script, as it has no systemd. */
        SCRIPT,
        /** By files put into the image, with keys for an OpenSSH before 6.5. */
        OLD_KEYS,
        /** By files put into the image. */
        EDIT,
        /** By credentials, as it has systemd 256 or later. */
        CREDENTIALS
    }

    private static final String SSHD = "sshd.service";
    private static final int CRYPTO_POLICY = 26;
    private static final int CRYPTO_POLICY_IN_CONFIG = 33;

    /** One of the time before Enterprise Linux 5, whose package tools we do not use. */
    static Anaconda old(int level, NicModel nic) {
        return new Anaconda(level, nic, DiskBus.IDE, false, Way.NONE, Optional.empty());
    }

    /** One with neither yum nor virtio, whose ssh server we can enter. */
    static Anaconda up2date(int level, NicModel nic) {
        return new Anaconda(level, nic, DiskBus.IDE, false, Way.SCRIPT, Optional.empty());
    }

    /** One with yum, for a machine without virtio. */
    static Anaconda yum(int level, boolean sha512) {
        return new Anaconda(level, NicModel.RTL8139, DiskBus.IDE, sha512, Way.SCRIPT, Optional.of(new Yum()));
    }

    /** One with yum, for a machine with virtio. */
    static Anaconda yum(int level, Way way) {
        return new Anaconda(level, NicModel.VIRTIO, DiskBus.VIRTIO, true, way, Optional.of(new Yum()));
    }

    /** One with dnf. */
    static Anaconda dnf(int level, Way way) {
        return new Anaconda(level, NicModel.VIRTIO, DiskBus.VIRTIO, true, way, Optional.of(new Dnf()));
    }

    /** The same on a machine with virtio. */
    Anaconda withVirtio() {
        return new Anaconda(level, NicModel.VIRTIO, DiskBus.VIRTIO, sha512, way, packages);
    }

    /**
     * Whether a stand-in of such an installer has gone through our tests: CentOS 5.3's, CentOS 6's for Fedora 12 to 15,
     * Enterprise Linux 8's for all later ones, which are told the same.
     */
    boolean hasStandIn() {
        return level >= 28 || (level >= 12 && level <= 15) || (level == 6 && sha512 && nic == NicModel.RTL8139);
    }

    /** The bus that is used where the caller wishes for one: old kernels drive parallel ATA alone. */
    DiskBus disk(Optional<DiskBus> wished) {
        return wished.filter(bus -> switch (bus) {
                    case IDE -> true;
                    case SATA, SCSI -> level >= 6;
                    case VIRTIO -> disk == DiskBus.VIRTIO;
                })
                .orElse(disk);
    }

    /** The first disk's name; Fedora 7 was the first to drive parallel ATA by libata (its release notes). */
    String device(DiskBus bus) {
        return bus == DiskBus.IDE && level >= 7 ? "sda" : bus.prefix() + "a";
    }

    /**
     * Ways into the system. Where the crypto policy is handed to the ssh server by its unit, in a variable that is unset
     * elsewhere, its command names that too.
     */
    List<AccessRecipe> access() {
        String command = "/usr/sbin/sshd -D $OPTIONS"
                + (level >= CRYPTO_POLICY && level < CRYPTO_POLICY_IN_CONFIG ? " $CRYPTO_POLICY" : "");
        AccessRecipe edit = new AccessRecipe.OfflineEdit(SSHD, command, way == Way.OLD_KEYS ? Keys.RSA : Keys.ED25519);
        return switch (way) {
            case NONE -> List.of();
            // its package openssh-server: the init script reads /etc/sysconfig/sshd; runlevel 3 is what boots
            case SCRIPT -> List.of(new AccessRecipe.InitScript("sshd", "/etc/sysconfig/sshd", "OPTIONS", "/etc/rc3.d"));
            case OLD_KEYS, EDIT -> List.of(edit);
            // what is put into /etc has a label that SELinux lets sshd read; of /run we do not know
            case CREDENTIALS -> List.of(edit, new AccessRecipe.SystemdCredentials(SSHD, command));
        };
    }

    /**
     * The least memory it runs in, in MiB; source: the system requirements in the release notes and install guides of Fedora
     * and Enterprise Linux, for an install over the network, where the installer's file system is in memory.
     */
    int memoryMiB() {
        if (level >= 28) {
            return 3072;
        }
        if (level >= 17) {
            return 2048;
        }
        return level >= 12 ? 1024 : level >= 6 ? 512 : 256;
    }
}
