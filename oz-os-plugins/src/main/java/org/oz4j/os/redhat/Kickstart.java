package org.oz4j.os.redhat;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.os.answers.SerialPorts;
import org.oz4j.spi.InstallFlow.SuccessSignal;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.User;

/**
 * Writes the kickstart file.
 *
 * <p>Accounts and keys are made by the script at its end, for all releases alike: the commands for them came late, and
 * {@code sshkey} warns of a second key of the same user, which {@code inst.ksstrict} makes an error of.
 */
final class Kickstart {
    private static final Pattern BUILT_IN = Pattern.compile("(C|POSIX)(\\..*)?");
    private static final Pattern LANGUAGE = Pattern.compile("([a-z]{2,3})(_.*|\\..*|@.*)?");
    private static final int LANGPACKS = 24;
    private static final int PROXY = 13;
    private static final Set<String> OLD_SCHEMES = Set.of("http", "ftp");
    private static final Set<String> SCHEMES = Set.of("http", "https", "ftp");

    private final ProfileRequest request;
    private final Anaconda anaconda;
    private final int level;

    private Kickstart(ProfileRequest request, Anaconda anaconda) {
        this.request = request;
        this.anaconda = anaconda;
        this.level = anaconda.level();
    }

    /**
     * The file.
     *
     * @param signal how the installer says that it succeeded
     * @param console the kernel's console besides the screen, as in {@code ttyS0,115200}
     * @throws UnsupportedOsException where a value of the template can't be told in it
     */
    static String write(ProfileRequest request, Anaconda anaconda, SuccessSignal signal, String console) {
        return new Kickstart(request, anaconda).write(signal, console);
    }

    private String write(SuccessSignal signal, String console) {
        Template template = request.template();
        Setup setup = template.os().setup();
        boolean uefi = request.startsByUefi();
        Map<String, Object> values = new HashMap<>();
        values.put("level", level);
        values.put("title", request.release().title());
        values.put("secret", anaconda.sha512() ? "password hashes" : "passwords in clear");
        key().ifPresent(key -> values.put("key", key));
        if (template.os().install().type() == InstallType.URL) {
            values.put("url", tree());
            request.proxy().filter(proxy -> level >= PROXY).ifPresent(proxy -> values.put("proxy", proxy.toString()));
        }
        Optional<String> builtIn =
                setup.locale().filter(locale -> BUILT_IN.matcher(locale).matches());
        String lang = setup.locale()
                .filter(locale -> builtIn.isEmpty())
                .orElse(level < 0 ? "en_US" : "en_US.UTF-8"); // UTF-8 came with Red Hat Linux 8
        values.put("lang", lang);
        builtIn.ifPresent(locale -> values.put("locale", locale));
        langpack(lang).ifPresent(name -> values.put("langpack", name));
        values.put("keyboard", setup.keyboard().orElse("us"));
        values.put("timezone", setup.timezone().orElse("Etc/UTC"));
        values.put("hostname", HostName.of(template, "localhost").full());
        values.put("sha512", anaconda.sha512());
        values.put(
                "password",
                anaconda.sha512()
                        ? request.rootPassword().sha512Crypt()
                        : word(request.rootPassword().clearText()));
        String disk = anaconda.device(anaconda.disk(request.diskBus()));
        values.put("disk", disk);
        values.put(
                "partitions",
                Partitions.write(
                        level,
                        template.disks().stream().findFirst().flatMap(Template.Disk::layout),
                        disk,
                        template.os().arch(),
                        uefi));
        values.put("console", console);
        values.put("accounts", accounts(setup));
        values.put("serial", signal instanceof SuccessSignal.SerialToken);
        if (!(signal instanceof SuccessSignal.ImageCheck)) {
            values.put("port", "/dev/" + SerialPorts.log(signal));
        }
        values.put("token", request.successToken());
        return AnswerTemplate.fill(Kickstart.class, "ks.cfg.ftl", values);
    }

    /** Red Hat Enterprise Linux 5 asks for an installation number where none is told, nor that there is none. */
    private Optional<String> key() {
        if (!request.release().os().equals("RHEL-5")) {
            return Optional.empty();
        }
        return Optional.of(request.template().os().key().map(this::word).orElse("--skip"));
    }

    private String tree() {
        URI location = request.location();
        Set<String> schemes = level >= Anaconda.DRACUT ? SCHEMES : OLD_SCHEMES;
        if (location.getScheme() == null || !schemes.contains(location.getScheme())) {
            throw unsupported(
                    "can't install from " + location,
                    "Give an address that begins with "
                            + String.join(
                                    " or ",
                                    schemes.stream()
                                            .sorted()
                                            .map(one -> one + "://")
                                            .toList()));
        }
        return RedHatPlugin.treeAddress(location);
    }

    /** Since Fedora 24 and Enterprise Linux 8, the C library's locales but English and C are packages of their own. */
    private Optional<String> langpack(String lang) {
        return Optional.of(LANGUAGE.matcher(lang))
                .filter(found -> level >= LANGPACKS && found.matches())
                .map(found -> "glibc-langpack-" + found.group(1));
    }

    private List<Map<String, Object>> accounts(Setup setup) {
        List<Map<String, Object>> accounts = new ArrayList<>();
        accounts.add(Map.of("name", "root", "home", "/root", "groups", List.of(), "keys", setup.sshKeys()));
        for (User user : setup.users()) {
            Map<String, Object> account = new HashMap<>();
            account.put("name", user.name());
            account.put("home", "/home/" + user.name());
            user.fullName().ifPresent(name -> account.put("fullName", name));
            account.put("groups", user.groups());
            account.put("keys", user.sshKeys());
            RootPassword password = request.userPasswords().get(user.name());
            if (password != null) {
                account.put(
                        anaconda.sha512() ? "hash" : "clear",
                        anaconda.sha512() ? password.sha512Crypt() : password.clearText());
            }
            accounts.add(account);
        }
        return accounts;
    }

    /**
     * A word of a command, so that popt, which reads it until Fedora Core 2, and Python's shlex, which does so since, take
     * it alike: they differ in what a backslash means between quotes, so it stands outside of them.
     */
    private String word(String text) {
        if (text.isEmpty() || text.startsWith("-") || text.chars().anyMatch(Character::isISOControl)) {
            throw unsupported(
                    "can't be told a password or key that is empty, begins with '-' or has control characters",
                    "Change it in the template");
        }
        return "'" + text.replaceAll("['\\\\]", "'\\\\$0'") + "'";
    }

    private UnsupportedOsException unsupported(String what, String remedy) {
        String title = request.release().title();
        Arch arch = request.template().os().arch();
        return new UnsupportedOsException(title + " " + arch, "The installer of " + title + " " + what, remedy);
    }
}
