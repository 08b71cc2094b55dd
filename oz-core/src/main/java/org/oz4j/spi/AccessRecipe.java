package org.oz4j.spi;

import java.util.List;
import java.util.Optional;

import org.oz4j.remote.GuestDialect;
import org.oz4j.remote.PosixDialect;
import org.oz4j.remote.PowerShellDialect;

/** A way into an installed system by ssh, as its administrator, that leaves nothing behind on its disk in the end. */
public sealed interface AccessRecipe {
    /** The name of those that edit the image. */
    String OFFLINE_EDIT = "offline edit";

    /** Its name for people. */
    String label();

    /** Whether it edits the image before it boots. */
    default boolean edits() {
        return false;
    }

    /** The kind of keys that the guest's ssh server knows. */
    default Keys keys() {
        return Keys.ED25519;
    }

    /** How the system is told what to do. */
    default GuestDialect dialect() {
        return new PosixDialect();
    }

    /** What to see to where no ssh server answers, beside the console. */
    default Optional<String> whereSilent() {
        return Optional.empty();
    }

    /** Whether it is a way into an image too that was left as a power cut leaves one, as an unfinished customising is. */
    default boolean takesCutOff() {
        return true;
    }

    /** What to do in place of sealing, where Oz can't seal such a system. */
    default Optional<String> insteadOfSealing() {
        return Optional.empty();
    }

    /**
     * systemd 256 or later takes files and a unit's settings as credentials from the machine: a key for root and a host
     * key to {@code /run} out of QEMU's fw_cfg, and the ssh server's command line out of SMBIOS.
     *
     * <p>Source: systemd.system-credentials(7), {@code tmpfiles.extra} and {@code systemd.unit-dropin.*}.
     *
     * @param unit the ssh server's unit, such as {@code ssh.service}
     * @param command what its ExecStart says
     */
    record SystemdCredentials(String unit, String command) implements AccessRecipe {
        @Override
        public String label() {
            return "systemd credentials";
        }
    }

    /** One that edits the image before it boots, and undoes that when it is off again. */
    sealed interface ImageEdit extends AccessRecipe permits OfflineEdit, InitScript, ServerConfig, WindowsOpenSsh {
        @Override
        default String label() {
            return OFFLINE_EDIT;
        }

        @Override
        default boolean edits() {
            return true;
        }
    }

    /**
     * Files that are put into the image before it boots, and are taken out when it is off again: a key for root, a host key,
     * and settings of the ssh server's unit that name them. For systems with systemd whose credentials can't do that.
     *
     * <p>Source: systemd.unit(5), drop-ins; sshd_config(5).
     *
     * @param unit the ssh server's unit, such as {@code ssh.service}
     * @param command what its ExecStart says
     * @param keys what its OpenSSH knows
     */
    record OfflineEdit(String unit, String command, Keys keys) implements ImageEdit {
        /** For OpenSSH 6.5 and later. */
        public OfflineEdit(String unit, String command) {
            this(unit, command, Keys.ED25519);
        }
    }

    /**
     * The same for systems without systemd, whose ssh server an init script starts: its options go to the file that the script
     * reads them from. The keys are RSA's, which OpenSSH of those days knows.
     *
     * <p>Source: each system's init script of its package of OpenSSH; sshd(8), option {@code -o}.
     *
     * @param name the init script's name, such as {@code sshd}
     * @param options the file that it reads, such as {@code /etc/sysconfig/sshd}
     * @param variable what the file calls the options, such as {@code OPTIONS}
     * @param runlevel the folder of links of the runlevel that it boots into, such as {@code /etc/rc3.d}
     */
    record InitScript(String name, String options, String variable, String runlevel) implements ImageEdit {
        @Override
        public Keys keys() {
            return Keys.RSA;
        }
    }

    /**
     * The same whoever starts the ssh server: the settings go to the beginning of its own file, where the first value
     * counts. For Upstart, whose jobs have no place for options, and for systems of the time between two starters. The keys
     * are RSA's.
     *
     * <p>Source: sshd_config(5); for what starts it Upstart's init(5) and systemd.unit(5).
     *
     * @param starters what may start the server: paths of which one must be in the image, such as {@code /etc/init/ssh.conf}
     */
    record ServerConfig(List<String> starters) implements ImageEdit {
        /** Copies the list. */
        public ServerConfig {
            starters = List.copyOf(starters);
        }

        @Override
        public Keys keys() {
            return Keys.RSA;
        }
    }

    /** The kind of keys of a visit. */
    enum Keys {
        /** OpenSSH knows them since 6.5. */
        ED25519,
        /** Each OpenSSH knows them. */
        RSA
    }

    /**
     * Keys for the OpenSSH server of Windows, which are put into the image before it boots, and are taken out when it is off
     * again: a line of {@code administrators_authorized_keys}, and a host key, in {@code C:\\ProgramData\\ssh}. The server must
     * be in the image and start by itself, as Administrator must be able to log in.
     *
     * <p>Source: Microsoft, "Get started with OpenSSH for Windows", "OpenSSH Server configuration for Windows" and
     * "Key-based authentication in OpenSSH for Windows".
     */
    record WindowsOpenSsh() implements ImageEdit {
        @Override
        public GuestDialect dialect() {
            return new PowerShellDialect();
        }

        /** ntfs-3g would empty the journal of such an image, in place of going by it. */
        @Override
        public boolean takesCutOff() {
            return false;
        }

        @Override
        public Optional<String> whereSilent() {
            return Optional.of(
                    "In Windows the service sshd must start by itself (Set-Service sshd -StartupType Automatic),"
                            + " and the firewall must let port 22 in, on networks that it takes for public too");
        }

        @Override
        public Optional<String> insteadOfSealing() {
            return Optional.of("Have the guest's last command be"
                    + " C:\\Windows\\System32\\Sysprep\\sysprep.exe /generalize /oobe /quit, as Microsoft wants it");
        }
    }

    /**
     * A CD labelled {@code cidata} with {@code meta-data} and {@code user-data} that hold the keys.
     *
     * <p>Source: cloud-init's documentation, "NoCloud" datasource and modules ssh and ssh_authorized_keys. Beside these
     * files the CD has, for systems without cloud-init, {@code dropbear_host_key}, the host key in dropbear's form, and on
     * networks that may not know the guest {@code announce}, a shell script that tells its address.
     */
    record NoCloud() implements AccessRecipe {
        @Override
        public String label() {
            return "nocloud volume";
        }
    }
}
