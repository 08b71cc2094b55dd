package org.oz4j.template;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Problem;
import org.oz4j.Problem.Severity;
import org.oz4j.TemplateException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Templates with one fact each: what is accepted, and beside {@link BrokenTemplatesTest} what is refused in version 1.1.
 * In each, line 1 is the template, line 2 its name, line 3 the rest of {@code os}, line 4 what is looked at.
 */
class TemplateVerdictsTest {
    private static final String OS = "<os><name>Debian</name><version>13</version><arch>x86_64</arch>%s\n%s</os>";
    private static final String URL = "<install type='url'><url>http://e.org/</url></install>";

    private record Case(String xml, String place, String message) {
        @Override
        public String toString() {
            return message.isEmpty() ? xml.replaceAll("\\s+", " ") : message;
        }
    }

    private static String template(String version, String inOs, String rest) {
        return "<template version='" + version + "'>\n<name>n</name>\n" + OS.formatted(URL, inOs) + rest
                + "</template>";
    }

    private static String iso(String version, String inInstall) {
        return "<template version='" + version + "'>\n<name>n</name>\n"
                + OS.formatted("<install type='iso'><iso>http://e.org/x.iso</iso>\n" + inInstall + "</install>", "")
                + "</template>";
    }

    static Stream<String> accepted() {
        List<String> all = new ArrayList<>();
        for (String arch : List.of("i386", "x86_64", "ppc64", "ppc64le", "aarch64", "armv7l", "s390x", "riscv64")) {
            all.add(template("1.0", "", "").replace("x86_64", arch));
        }
        for (String name : List.of("a", "a b", "a.b-c_d", "0", "gr\u00fc\u00df", "a+b", "n".repeat(128), "it's")) {
            all.add(template("1.0", "", "").replace("<name>n<", "<name>" + name + "<"));
        }
        for (String size : List.of("1", "10G", "10 GiB", "500 MB", "1T", "2 tb", "1048576 b", "1 YiB", "3K", "4 m")) {
            all.add(template("1.0", "", "<disk><size>" + size + "</size></disk>"));
        }
        for (String flag : List.of("yes", "no", "true", "False", " YES ")) {
            all.add(template(
                    "1.0",
                    "",
                    "<repositories><repository name='r'><url>http://e.org</url><signed>" + flag
                            + "</signed></repository></repositories>"));
        }
        for (String sum : List.of("md5sum", "sha1sum", "sha256sum")) {
            all.add(iso("1.0", "<" + sum + ">http://e.org/SUMS</" + sum + ">"));
        }
        all.addAll(List.of(
                template("1.0", "", "").replace(" version='1.0'", ""),
                template("1.0", "", "<packages/><files/><commands/><precommands/><repositories/>"),
                template("1.0", "", "<packages><package name='-rf'/><package name=\"it's $(id)\"/></packages>"),
                template("1.0", "", "<packages><package name='a'/><package name='a'/></packages>"),
                template("1.0", "", "<files><file name='/a' type='base64'/></files>"),
                template("1.0", "", "<files><file name='/a'/><file name='C:\\b\\c'>x</file></files>")
                        .replace("<name>Debian", "<name>Windows"),
                template("1.0", "", "<files><file name='/a' type='url'>file:///etc/motd</file></files>"),
                template("1.0", "", "<commands><command name='c'>x</command><command name='c'>y</command></commands>"),
                template(
                        "1.0",
                        "",
                        "<commands><command name='c' position='2'>x</command>"
                                + "<command name='d' position='1'>y</command></commands>"),
                template("1.0", "", "<commands><command name='c' type='base64'>eA==</command></commands>"),
                template("1.0", "", "<commands><command name='c'>echo ${HOME}</command></commands>"),
                template("1.0", "<kernelparam/>", ""),
                template("1.0", "<rootpw> a b </rootpw><key>K</key>", ""),
                template("1.0", "<icicle><extra_command>id</extra_command></icicle>", ""),
                template("1.0", "", "<!-- c --><?pi x?>").replace("<name>n", "<name><!-- c -->n"),
                template("1.0", "", "").replace("http://e.org/", "http://localhost:8080/tree"),
                iso("1.0", "<extras><file source='file:///a' destination='a/b'/></extras>"),
                iso("1.0", "<extras><directory source='ftp://e.org/d' destination='d'/></extras>"),
                iso("1.0", "<extras/>"),
                iso("1.0", "<extras><file source='file://localhost/a' destination='a'/></extras>"),
                iso(
                        "1.0",
                        "<extras><file source='file:///a' destination='a'/>"
                                + "<file source='file:///b' destination='a'/></extras>"),
                "<?xml version='1.0' encoding='ISO-8859-1'?>" + template("1.0", "", ""),
                // Version 1.1
                template("1.1", "", ""),
                template("1.1", "<firmware>bios</firmware>", ""),
                template("1.1", "<firmware>uefi</firmware><secureboot>yes</secureboot><tpm>2.0</tpm>", ""),
                template("1.1", "<secureboot>no</secureboot><tpm>no</tpm>", ""),
                template("1.1", "<users><user name='ann'/></users>", ""),
                template("1.1", "<ssh-keys>ssh-ed25519 AAAA ann@example\nssh-rsa AAAAB3Nz=</ssh-keys>", ""),
                template("1.1", "<locale>C.UTF-8</locale><keyboard>de</keyboard>", ""),
                template("1.1", "<timezone>Europe/Vienna</timezone><hostname>a.example.org</hostname>", ""),
                template("1.1", "", "<disk format='qcow2'><size>10</size></disk><disk><size>1T</size></disk>"),
                template("1.1", "", "<disk format='vhdx'/>"),
                template(
                        "1.1",
                        "",
                        "<disk><size>20</size><layout><partition mount='/' filesystem='ext4' size='5'/>"
                                + "<volume-group name='vg'><volume name='a' mount='/srv' filesystem='xfs'/>"
                                + "</volume-group></layout></disk>"),
                template("1.1", "", "<machine><cpus>4</cpus><memory>4096</memory><network>user</network></machine>"),
                template("1.1", "", "<machine><memory>4 GiB</memory><network>bridge:br0</network></machine>"),
                template("1.1", "", "<auto src='http://e.org/ks'/>"),
                template("1.1", "", "<auto><append>d-i a/b string c</append></auto>"),
                template(
                        "1.1",
                        "",
                        "<parameters><parameter name='v' default='x'/></parameters>"
                                + "<description>${v} $${w} $x</description>"),
                template("1.1", "", "<parameters><parameter name='unused'/></parameters>"),
                iso("1.1", "<sha512sum>http://e.org/S</sha512sum>"),
                iso("1.1", "<sha256>" + "0f".repeat(32) + "</sha256>"),
                iso("1.1", "<sha1>" + "0F".repeat(20) + "</sha1>"),
                iso("1.1", "<sha256sum>http://e.org/S</sha256sum><signature key='" + "AB".repeat(20) + "'/>"),
                iso("1.1", "<signature>https://e.org/x.iso.sig</signature>"),
                iso("1.1", "<mirror>ftp://e.org/x.iso</mirror><mirror>file:///srv/x.iso</mirror>"),
                iso("1.1", "<signature key='https://e.org/key.asc'>https://e.org/x.iso.sig</signature>")));
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource
    void accepted(String xml) {
        assertThat(new TdlReader(ParseOptions.defaults()).read(xml).problems())
                .as(xml)
                .noneMatch(problem -> problem.severity() == Severity.ERROR);
        Template template = Template.parse(xml);
        assertThat(Template.parse(template.toXml())).isEqualTo(template);
    }

    private static Case inOs(String xml, String place, String message) {
        return new Case(template("1.1", xml, ""), place, message);
    }

    private static Case rest(String xml, String place, String message) {
        return new Case(template("1.1", "", "\n" + xml), place, message);
    }

    private static Case inIso(String xml, String place, String message) {
        return new Case(iso("1.1", xml), place, message);
    }

    static Stream<Case> refused() {
        return Stream.of(
                inOs("<firmware>coreboot</firmware>", "4:1", "firmware \"coreboot\" is not known"),
                inOs("<firmware>bios</firmware><secureboot>yes</secureboot>", "4:26", "a BIOS has no Secure Boot"),
                inOs("<secureboot>maybe</secureboot>", "4:1", "secureboot \"maybe\" is neither yes nor no"),
                inOs("<tpm>3</tpm>", "4:1", "tpm \"3\" is not known"),
                inOs("<users><user/></users>", "4:8", "<user> lacks its attribute name"),
                inOs("<users><user name='root'/></users>", "4:8", "user \"root\" is there anyway"),
                inOs("<users><user name='a b'/></users>", "4:8", "user name \"a b\" won't do"),
                inOs("<users><user name='a'/><user name='a'/></users>", "4:24", "user name \"a\" is used twice"),
                inOs("<users><user name='a'><groups>a:b</groups></user></users>", "4:23", "group \"a:b\""),
                inOs("<users><user name='a'><password/></user></users>", "4:23", "<password> is empty"),
                inOs("<ssh-keys>not a key</ssh-keys>", "4:1", "ssh key \"not a key\" won't do"),
                inOs("<locale>de-AT</locale>", "4:1", "locale \"de-AT\" won't do"),
                inOs("<keyboard>d e</keyboard>", "4:1", "keyboard \"d e\" won't do"),
                inOs("<timezone>Europe/Atlantis</timezone>", "4:1", "timezone \"Europe/Atlantis\" is not known"),
                inOs("<hostname>-a</hostname>", "4:1", "hostname \"-a\" won't do"),
                inOs("<hostname>a_b</hostname>", "4:1", "hostname \"a_b\" won't do"),
                inOs("<colour/>", "4:1", "element \"colour\" not allowed"),
                rest("<disk format='iso'><size>1</size></disk>", "5:1", "disk format \"iso\" is not known"),
                rest("<disk/>", "5:1", "<size> is missing here"),
                rest("<disk><size>1</size></disk><disk format='raw'/>", "5:28", "<size> is missing here"),
                rest(
                        "<disk><size>9</size><layout><partition mount='/' filesystem='zfs'/></layout></disk>",
                        "5:29",
                        "filesystem \"zfs\" is not known"),
                rest(
                        "<disk><size>9</size><layout><partition mount='/a' filesystem='ext4'/></layout></disk>",
                        "5:21",
                        "nothing that is mounted at /"),
                rest(
                        "<disk><size>9</size><layout><partition mount='/' filesystem='ext4'/>"
                                + "<partition mount='/a' filesystem='ext4'/></layout></disk>",
                        "5:21",
                        "has 2 parts without a size"),
                rest(
                        "<disk><size>1</size><layout><partition mount='/' size='2' filesystem='ext4'/></layout></disk>",
                        "5:21",
                        "of a disk that has"),
                rest(
                        "<disk><size>9</size><layout><partition mount='/' filesystem='ext4'/>"
                                + "<partition mount='/' size='1' filesystem='ext4'/></layout></disk>",
                        "5:69",
                        "mount \"/\" is used twice"),
                rest(
                        "<disk><size>9</size><layout><partition mount='/' filesystem='ext4'/>"
                                + "<partition size='1' mount='/s' filesystem='swap'/></layout></disk>",
                        "5:69",
                        "swap is not mounted"),
                rest(
                        "<disk><size>9</size><layout><partition mount='a' filesystem='ext4'/></layout></disk>",
                        "5:29",
                        "mount \"a\" is no absolute path"),
                rest("<machine><cpus>0</cpus></machine>", "5:10", "cpus \"0\" is not a whole number"),
                rest("<machine><cpus>600</cpus></machine>", "5:10", "cpus \"600\""),
                rest("<machine><memory>1</memory></machine>", "5:10", "memory \"1\" won't do"),
                rest("<machine><memory>lots</memory></machine>", "5:10", "memory \"lots\" won't do"),
                rest("<machine><network>wifi</network></machine>", "5:10", "network \"wifi\" is not known"),
                rest("<machine><network>bridge:</network></machine>", "5:10", "network \"bridge:\" is not known"),
                rest("<auto/>", "5:1", "<auto> says nothing"),
                rest("<auto src='own.cfg'/>", "5:1", "the template does not come from a file"),
                rest("<auto><append> </append></auto>", "5:7", "<append> is empty"),
                rest("<include src='a.tdl'/>", "5:1", "a template that does not come from a file includes nothing"),
                rest("<description>${v}</description>", "5:1", "${v} names no parameter of this template"),
                rest(
                        "<parameters><parameter name='v'/></parameters>\n<description>${v}</description>",
                        "6:1",
                        "parameter \"v\" has no value"),
                rest(
                        "<parameters><parameter name='v' default='1'/><parameter name='v'/></parameters>",
                        "5:46",
                        "parameter name \"v\" is used twice"),
                rest("<parameters><parameter name='1v'/></parameters>", "5:13", "parameter name \"1v\" won't do"),
                rest("<commands><command name='c'>echo ${HOME}</command></commands>", "5:11", "write $${HOME}"),
                rest(
                        "<machine><network>bridge:br0</network></machine><repositories><repository name='r'>"
                                + "<url>http://localhost/r</url></repository></repositories>",
                        "5:84",
                        "http://localhost is the guest itself"),
                inIso("<sha256>0f</sha256>", "4:1", "it has 64 hexadecimal digits"),
                inIso("<md5sum>http://e.org:65536/S</md5sum>", "4:1", "has a port beyond 65535"),
                inIso("<md5sum>file://e.org/S</md5sum>", "4:1", "is no file of this host"),
                rest(
                        "<disk><layout><partition mount='/../x' filesystem='ext4'/></layout></disk>",
                        "5:15",
                        "mount \"/../x\" is no absolute path"),
                rest(
                        "<disk><layout><partition mount='" + "/a".repeat(20_000)
                                + "' filesystem='ext4'/></layout></disk>",
                        "5:15",
                        "is no absolute path of at most 4095"),
                rest("<disk><size>20P</size></disk>", "5:7", "disk size \"20P\" is no size"),
                rest("<files><file name='C:\\a'>x</file></files>", "5:8", "is not the absolute path of a file"),
                rest(
                        "<repositories><repository name='r'><url>http://[::1]/r</url></repository></repositories>",
                        "5:36",
                        "http://[::1] is the guest itself"),
                rest(
                        "<machine><network>bridge:br0</network></machine><repositories><repository name='r'>"
                                + "<url>http://mirror.localhost/r</url></repository></repositories>",
                        "5:84",
                        "http://mirror.localhost is the guest itself"),
                inIso("<sha512>" + "g".repeat(128) + "</sha512>", "4:1", "it has 128 hexadecimal digits"),
                inIso(
                        "<sha256sum>http://e.org/S</sha256sum>\n<sha256>" + "0f".repeat(32) + "</sha256>",
                        "5:1",
                        "<install> has 2 checksums"),
                inIso("<signature key='bob'>http://e.org/s</signature>", "4:1", "key \"bob\" is neither"),
                inIso("<signature key='" + "AB".repeat(20) + "'/>", "4:1", "<signature> is empty"),
                inIso("<extras><file source='file:///a' destination='/a'/></extras>", "4:9", "inside the medium"),
                inIso("<extras><file source='file:///a' destination='a//b'/></extras>", "4:9", "inside the medium"),
                new Case(template("1.0", "<locale>C</locale>", ""), "4:1", "(<locale> goes with"),
                new Case(
                        "<template version='1.1'><name>n</name>" + "<a>".repeat(70) + "</template>",
                        "1:225",
                        "nested more than 64 deep"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(Case broken) {
        TemplateException thrown = catchThrowableOfType(TemplateException.class, () -> Template.parse(broken.xml));

        assertThat(thrown).as(broken.xml).isNotNull();
        assertThat(thrown.problems()).as(broken.xml).anySatisfy(problem -> {
            assertThat(problem.message()).contains(broken.message);
            assertThat(problem.line() + ":" + problem.column())
                    .as(problem.message())
                    .isEqualTo(broken.place);
        });
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void aStrangersTemplateSeesNothingOfThisHost(String xml) {
        assertThat(new TdlReader(ParseOptions.untrusted()).read(xml).problems())
                .extracting(Problem::message)
                .anySatisfy(message -> assertThat(message).contains("may name no file of this host"));
    }

    static Stream<String> hostile() {
        return Stream.of(
                template("1.0", "", "<files><file name='/a' type='url'>file:///etc/shadow</file></files>"),
                template("1.0", "", "").replace("http://e.org/", "file:///etc/"),
                iso("1.0", "<extras><file source='file:///etc/shadow' destination='a'/></extras>"),
                template("1.1", "", "<auto src='file:///etc/shadow'/>"));
    }
}
