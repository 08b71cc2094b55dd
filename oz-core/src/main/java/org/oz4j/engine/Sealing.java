package org.oz4j.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.oz4j.disk.Attributes;
import org.oz4j.disk.FileStat;
import org.oz4j.disk.FileType;
import org.oz4j.disk.GuestFilesystem;

/**
 * Takes out of an image what one machine has of its own, so that each copy of it becomes a machine of its own.
 *
 * <p>Sources: machine-id(5); virt-sysprep(1), its operations machine-id, ssh-hostkeys, dhcp-client-state, logfiles,
 * random-seed and udev-persistent-net; cloud-init's documentation of {@code cloud-init clean}.
 */
final class Sealing {
    private static final Pattern HOST_KEYS =
            Pattern.compile("/etc/ssh/ssh_host_(.*_)?key(\\.pub)?|/etc/dropbear/dropbear_.*host_key");
    private static final Pattern LEASES = Pattern.compile(".*\\.leases?(-.*)?");
    private static final Pattern OLD_LOG =
            Pattern.compile(".*(\\.\\d+|\\.old|-\\d{8}|\\.gz|\\.xz|\\.bz2|\\.zst|\\.journal~?)");

    private static final List<String> LEASE_FOLDERS = List.of(
            "/var/lib/dhcp", "/var/lib/dhcp3", "/var/lib/dhclient", "/var/lib/dhcpcd", "/var/lib/NetworkManager");
    private static final List<String> RANDOM_SEEDS = List.of(
            "/var/lib/systemd/random-seed",
            "/var/lib/random-seed",
            "/var/lib/urandom/random-seed",
            "/var/lib/misc/random-seed",
            "/boot/efi/loader/random-seed");
    private static final String NET_RULES = "/etc/udev/rules.d/70-persistent-net.rules";

    private final GuestFilesystem files;
    private int hostKeys;

    private Sealing(GuestFilesystem files) {
        this.files = files;
    }

    /**
     * Seals an image.
     *
     * @return what its user should know of it
     */
    static List<String> seal(GuestFilesystem files) throws InterruptedException {
        return new Sealing(files).seal();
    }

    private List<String> seal() throws InterruptedException {
        empty("/etc/machine-id"); // systemd makes another where it is empty
        remove("/var/lib/dbus/machine-id"); // a link to the other stays
        removeIn("/etc/ssh", this::isHostKey);
        removeIn("/etc/dropbear", this::isHostKey);
        for (String folder : LEASE_FOLDERS) {
            removeIn(folder, path -> LEASES.matcher(path).matches());
        }
        removeIn("/var/lib/cloud", path -> !path.startsWith("/var/lib/cloud/seed/"));
        emptyLogs("/var/log");
        for (String seed : RANDOM_SEEDS) {
            remove(seed);
        }
        remove(NET_RULES);
        return hostKeys == 0
                ? List.of()
                : List.of(
                        "The sealed image has no host keys for ssh. Where its system makes none when it boots, as Debian,"
                                + " cloud-init or ssh-keygen -A has to");
    }

    private boolean isHostKey(String path) {
        boolean key = HOST_KEYS.matcher(path).matches();
        hostKeys += key ? 1 : 0;
        return key;
    }

    private boolean is(String path, FileType type) throws InterruptedException {
        return files.stat(path).filter(stat -> stat.type() == type).isPresent();
    }

    private void remove(String path) throws InterruptedException {
        if (is(path, FileType.FILE)) {
            files.remove(path);
        }
    }

    private void empty(String path) throws InterruptedException {
        Optional<FileStat> stat = files.stat(path).filter(found -> found.type() == FileType.FILE);
        if (stat.isPresent() && stat.get().size() > 0) {
            FileStat known = stat.get();
            files.write(
                    path,
                    new byte[0],
                    new Attributes(known.mode(), known.uid(), known.gid(), files.xattrs(path), Optional.empty()));
        }
    }

    private List<String> in(String folder) throws InterruptedException {
        List<String> paths = new ArrayList<>();
        if (is(folder, FileType.FOLDER)) {
            for (String name : files.list(folder)) {
                paths.add(GuestFilesystem.child(folder, name));
            }
        }
        return paths;
    }

    /** Removes what is in a folder and those below that has such a path; folders stay. */
    private void removeIn(String folder, Predicate<String> which) throws InterruptedException {
        for (String path : in(folder)) {
            if (is(path, FileType.FOLDER)) {
                removeIn(path, which);
            } else if (which.test(path)) {
                files.remove(path);
            }
        }
    }

    private void emptyLogs(String folder) throws InterruptedException {
        for (String path : in(folder)) {
            if (is(path, FileType.FOLDER)) {
                emptyLogs(path);
            } else if (OLD_LOG.matcher(path).matches()) {
                remove(path);
            } else {
                empty(path);
            }
        }
    }
}
