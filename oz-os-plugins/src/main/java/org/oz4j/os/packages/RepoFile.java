package org.oz4j.os.packages;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

import org.oz4j.template.Template.Repository;

/** The file of a repository that yum, dnf and zypper take: a section of an INI file; source: yum.conf(5), dnf.conf(5). */
final class RepoFile {
    private RepoFile() {}

    /**
     * One that is in a folder.
     *
     * @param folder where it goes
     * @param url its address; a comma would end it, as it may be one of several
     * @param options what else is said of it
     */
    static Map<String, String> in(String folder, Repository repository, String url, String... options) {
        String id = Values.id(repository.name());
        return Map.of(
                folder + "/" + id + ".repo",
                "[" + id + "]\nname="
                        + repository.name().replaceAll("[\\s\\p{Cntrl}]+", " ").strip() + "\nbaseurl="
                        + url.replace(",", "%2C") + "\nenabled=1\ngpgcheck=" + flag(repository.signed()) + "\n"
                        + Arrays.stream(options).map(option -> option + "\n").collect(Collectors.joining()));
    }

    /** One of yum or dnf. */
    static Map<String, String> ofYum(Repository repository) {
        return in("/etc/yum.repos.d", repository, Values.url(repository), "sslverify=" + flag(repository.sslVerify()));
    }

    private static String flag(boolean set) {
        return set ? "1" : "0";
    }
}
