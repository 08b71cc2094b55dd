package org.oz4j.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.config.OzConfig.Network;
import org.oz4j.hypervisor.MachineSpec.VirtioPort;

/**
 * How a guest tells its addresses over a port of its machine: the second serial port of a PC, which every system drives, or
 * else a virtio-serial port. A false one leads nowhere, as who answers there must have the host key of the visit.
 *
 * @param serial whether it is the serial port
 * @param log the file with what the guest has written there
 */
record Announcement(boolean serial, Path log) {
    private static final String PORT = "org.oz4j.address";
    // numbers alone: nothing that Java would look up as a name
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    private static final Pattern LINE =
            Pattern.compile("oz-address ((?:" + OCTET + "\\.){3}" + OCTET + "|[0-9a-f]*:[0-9a-f:]+)");

    /**
     * Runs in the background, in any shell and with busybox, as long as guests may take to get an address: 40 minutes. Both
     * forms of ifconfig (net-tools before and since 1.60) and that of ip are read; addresses of IPv6 from ip alone.
     */
    private static final String SCRIPT =
            """
            (
                count=0
                while [ $count -lt 2400 ]; do
                    { ip -o addr || ifconfig; } 2>/dev/null |
                        sed -n -e 's/^.*inet \\(addr:\\)*\\([0-9][0-9.]*\\).*$/oz-address \\2/p' \\
                            -e 's/^.*inet6 \\([0-9a-f:]*\\)\\/[0-9]* scope global.*$/oz-address \\1/p' |
                        grep -v ' 127[.]' >%s
                    count=$((count + 1))
                    sleep 1
                done
            ) </dev/null >/dev/null 2>&1 &
            """;

    /** The one of a visit; none on QEMU's user network, which forwards ports. */
    static Optional<Announcement> of(GuestBuild build) {
        if (build.network() instanceof Network.User) {
            return Optional.empty();
        }
        boolean serial = build.template.os().arch().isX86()
                && InstallSteps.serials(build).size() > 1;
        return Optional.of(new Announcement(serial, build.file(serial ? InstallWatch.LOG : "addresses.log")));
    }

    /** What the guest runs, as a POSIX shell does. */
    String script() {
        return SCRIPT.formatted(serial ? "/dev/ttyS1" : "/dev/virtio-ports/" + PORT);
    }

    /** The virtio-serial ports that it takes. */
    List<VirtioPort> ports() {
        return serial ? List.of() : List.of(new VirtioPort(PORT, log));
    }

    /** Reads what a guest has told so far. */
    static final class Reader {
        private final ConsoleReader lines;
        private final Set<InetAddress> known = new LinkedHashSet<>();

        /** Of one guest. */
        Reader(Announcement announcement) {
            lines = new ConsoleReader(announcement.log());
        }

        /** Where a port of the guest can be reached, after all that it told. */
        List<InetSocketAddress> endpoints(int port) throws IOException {
            for (String line : lines.poll()) {
                Matcher told = LINE.matcher(line);
                if (told.matches()) {
                    address(told.group(1)).ifPresent(known::add);
                }
            }
            return known.stream()
                    .map(address -> new InetSocketAddress(address, port))
                    .toList();
        }

        /** Empty where others than the guest itself can't reach it. */
        private static Optional<InetAddress> address(String text) {
            try {
                InetAddress address = InetAddress.getByName(text);
                return address.isLoopbackAddress()
                                || address.isLinkLocalAddress()
                                || address.isAnyLocalAddress()
                                || address.isMulticastAddress()
                        ? Optional.empty()
                        : Optional.of(address);
            } catch (UnknownHostException e) {
                return Optional.empty();
            }
        }
    }
}
