package org.oz4j.os.suse;

import java.util.Map;

import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.spi.ProfileRequest;

/** Writes the shell script that is the last step of an install, in the new system. */
final class SetupScript {
    private SetupScript() {}

    /**
     * The script.
     *
     * @param systemd whether the system has systemd
     * @param network whether it writes the network's settings too
     * @param sha512 whether the system's crypt(3) knows {@code $6$} hashes
     */
    static String write(ProfileRequest request, boolean systemd, boolean network, boolean sha512) {
        return AnswerTemplate.fill(
                SetupScript.class,
                "setup.sh.ftl",
                Map.of(
                        "systemd",
                        systemd,
                        "network",
                        network,
                        "proxied",
                        request.proxy().isPresent(),
                        "hostname",
                        HostName.of(request.template(), "suse").full(),
                        "users",
                        Accounts.users(request, sha512),
                        "keys",
                        Accounts.keys(request),
                        "token",
                        request.successToken()));
    }
}
