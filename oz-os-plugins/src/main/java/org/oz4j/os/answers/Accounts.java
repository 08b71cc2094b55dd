package org.oz4j.os.answers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template.Setup;

/** A template's accounts, as the templates of scripts take them; it has no line breaks in them, nor colons in names. */
public final class Accounts {
    private Accounts() {}

    /** The users: {@code name}, {@code full}, {@code password} (a hash; empty for none), {@code groups}, {@code keys}. */
    public static List<Map<String, Object>> users(ProfileRequest request) {
        return request.template().os().setup().users().stream()
                .map(user -> {
                    RootPassword password = request.userPasswords().get(user.name());
                    return Map.<String, Object>of(
                            "name",
                            user.name(),
                            "full",
                            user.fullName().orElse(user.name()),
                            "password",
                            password == null ? "" : password.sha512Crypt(),
                            "groups",
                            user.groups(),
                            "keys",
                            user.sshKeys());
                })
                .toList();
    }

    /** Whose keys go where, of those that have any: {@code user}, {@code home}, {@code keys}. */
    public static List<Map<String, Object>> keys(ProfileRequest request) {
        Setup setup = request.template().os().setup();
        List<Map<String, Object>> all = new ArrayList<>();
        add(all, "root", "/root", setup.sshKeys());
        setup.users().forEach(user -> add(all, user.name(), "/home/" + user.name(), user.sshKeys()));
        return all;
    }

    private static void add(List<Map<String, Object>> all, String user, String home, List<String> keys) {
        if (!keys.isEmpty()) {
            all.add(Map.of("user", user, "home", home, "keys", keys));
        }
    }
}
