package org.oz4j.os.mandriva;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import org.oz4j.os.answers.Accounts;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.mandriva.DrakxRow.Trait;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.User;

/**
 * Writes an {@code auto_inst.cfg}: a Perl hash that DrakX evaluates.
 *
 * <p>Source: Mageia's wiki, "Auto inst"; {@code install2.pm}, {@code any.pm} and {@code steps.pm} of DrakX.
 */
final class AutoInst {
    private static final long SECTOR = 512;
    private static final long GIB = 1L << 30;
    /** Types of partitions before DrakX named file systems; the third digit tells ext3 from ext2. */
    private static final Map<String, String> OLD_TYPES = Map.of("swap", "0x82", "ext2", "0x83", "ext3", "0x483");

    private AutoInst() {}

    /**
     * The file.
     *
     * @param token what the last step writes to the second serial port, where it does
     */
    static String write(ProfileRequest request, DrakxRow row, Optional<String> token) {
        Setup setup = request.template().os().setup();
        boolean hash = !row.has(Trait.OLD_CRYPT);
        List<Map<String, Object>> users = new ArrayList<>();
        for (User user : setup.users()) {
            Map<String, Object> values = new HashMap<>(Map.of(
                    "name",
                    quoted(user.name()),
                    "fullname",
                    quoted(user.fullName().orElse(user.name())),
                    "home",
                    quoted("/home/" + user.name())));
            RootPassword password = request.userPasswords().get(user.name());
            if (password != null) {
                values.put("password", secret(password, hash));
            }
            users.add(values);
        }
        return AnswerTemplate.fill(
                AutoInst.class,
                "auto_inst.cfg.ftl",
                Map.ofEntries(
                        Map.entry("title", request.release().title()),
                        Map.entry("timezone", quoted(setup.timezone().orElse("UTC"))),
                        Map.entry("partitions", partitions(request, row)),
                        Map.entry("packages", row.packages()),
                        Map.entry("md5", !hash),
                        Map.entry("secret", hash ? "'pw'" : "'password'"),
                        Map.entry("password", secret(request.rootPassword(), hash)),
                        Map.entry("users", users),
                        Map.entry("script", quoted(script(request, token)))));
    }

    private static String secret(RootPassword password, boolean hash) {
        return quoted(hash ? password.sha512Crypt() : password.clearText());
    }

    private static List<Map<String, Object>> partitions(ProfileRequest request, DrakxRow row) {
        Layout layout = request.template().disks().stream()
                .findFirst()
                .flatMap(Template.Disk::layout)
                .orElseGet(() -> new Layout(
                        List.of(
                                new Partition("", Optional.of("/"), OptionalLong.empty(), row.filesystem()),
                                new Partition("", Optional.empty(), OptionalLong.of(GIB / 2), "swap")),
                        List.of()));
        return layout.partitions().stream()
                .map(one -> Map.<String, Object>of(
                        "mount",
                        quoted(one.mount().orElse("swap")),
                        "type",
                        row.has(Trait.OLD_TYPES)
                                ? "'type' => " + OLD_TYPES.get(one.filesystem())
                                : "'fs_type' => " + quoted(one.filesystem()),
                        "sectors",
                        (one.size().orElse(GIB) + SECTOR - 1) / SECTOR,
                        "grows",
                        one.size().isEmpty()))
                .toList();
    }

    private static String script(ProfileRequest request, Optional<String> token) {
        Setup setup = request.template().os().setup();
        Map<String, Object> values = new HashMap<>(Map.of(
                "hostname",
                HostName.of(request.template(), "mandriva").full(),
                "users",
                setup.users().stream()
                        .map(user -> Map.of("name", user.name(), "groups", user.groups()))
                        .toList(),
                "keys",
                Accounts.keys(request)));
        token.ifPresent(text -> values.put("token", text));
        return AnswerTemplate.fill(AutoInst.class, "setup.sh.ftl", values);
    }

    /** A string in single quotes, in which Perl knows two escapes (perlop). */
    static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
