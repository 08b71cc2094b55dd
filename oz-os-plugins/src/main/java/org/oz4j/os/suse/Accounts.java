package org.oz4j.os.suse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template.User;

/** The accounts of a template as the setup script's template names them. */
final class Accounts {
    private Accounts() {}

    /**
     * The accounts beside root.
     *
     * @param sha512 whether the system's crypt(3) knows {@code $6$} hashes; others get the password itself
     */
    static List<Map<String, Object>> users(ProfileRequest request, boolean sha512) {
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

    /** Whose keys go where. */
    static List<Map<String, Object>> keys(ProfileRequest request) {
        List<Map<String, Object>> all = new ArrayList<>();
        add(all, "root", "/root", request.template().os().setup().sshKeys());
        for (User user : request.template().os().setup().users()) {
            add(all, user.name(), "/home/" + user.name(), user.sshKeys());
        }
        return all;
    }

    private static void add(List<Map<String, Object>> all, String user, String home, List<String> keys) {
        if (!keys.isEmpty()) {
            all.add(Map.of("user", user, "home", home, "keys", keys));
        }
    }
}
