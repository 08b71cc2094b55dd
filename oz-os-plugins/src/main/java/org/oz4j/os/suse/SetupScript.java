package org.oz4j.os.suse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.oz4j.os.answers.Accounts;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template.User;

/** Writes the shell script that is the last step of an install, in the new system. */
final class SetupScript {
    private SetupScript() {}

    /**
     * The script.
     *
     * @param signal how it says that it succeeded
     * @param systemd whether the system has systemd
     * @param network whether it writes the network's settings too
     * @param sha512 whether the system's crypt(3) knows {@code $6$} hashes
     */
    static String write(
            ProfileRequest request, SuccessSignal signal, boolean systemd, boolean network, boolean sha512) {
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
                        users(request, sha512),
                        "keys",
                        Accounts.keys(request),
                        "token",
                        request.successToken(),
                        "port",
                        SerialPorts.log(signal)));
    }

    /**
     * The accounts beside root.
     *
     * @param sha512 whether the system's crypt(3) knows {@code $6$} hashes; others get the password itself
     */
    private static List<Map<String, Object>> users(ProfileRequest request, boolean sha512) {
        List<Map<String, Object>> users = new ArrayList<>();
        for (User user : request.template().os().setup().users()) {
            Map<String, Object> values = new HashMap<>(Map.of("name", user.name(), "groups", user.groups()));
            user.fullName().ifPresent(name -> values.put("fullname", name));
            RootPassword password = request.userPasswords().get(user.name());
            if (password != null) {
                values.put(sha512 ? "hash" : "password", sha512 ? password.sha512Crypt() : password.clearText());
            }
            users.add(values);
        }
        return users;
    }
}
