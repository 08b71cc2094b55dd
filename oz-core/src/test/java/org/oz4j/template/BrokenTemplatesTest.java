package org.oz4j.template;

import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.TemplateException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class BrokenTemplatesTest {
    private static final String OS =
            "<os><name>Debian</name><version>13</version><arch>x86_64</arch>\nINSTALL\nMORE</os>\n";
    private static final String URL = "<install type='url'><url>http://example.org/</url></install>";

    /** A template with one mistake, where it is, and what is said of it. */
    private record Case(String xml, String place, String message) {
        @Override
        public String toString() {
            return message;
        }
    }

    // Line 1 is <template>, line 2 <name>, line 3 <os>, line 4 <install>, line 5 more of <os>, line 6 the rest.
    private static Case rest(String xml, String place, String message) {
        return whole("1.0", "<name>n</name>", URL, "", xml, place, message);
    }

    private static Case install(String xml, String place, String message) {
        return whole("1.0", "<name>n</name>", xml, "", "", place, message);
    }

    private static Case inOs(String xml, String place, String message) {
        return whole("1.0", "<name>n</name>", URL, xml, "", place, message);
    }

    private static Case name(String xml, String place, String message) {
        return whole("1.0", xml, URL, "", "", place, message);
    }

    private static Case whole(
            String version, String name, String install, String more, String rest, String place, String message) {
        String os = OS.replace("INSTALL", install).replace("MORE", more);
        return new Case(
                "<template version='" + version + "'>\n" + name + "\n" + os + rest + "\n</template>", place, message);
    }

    private static Case iso(String xml, String place, String message) {
        return install("<install type='iso'><iso>http://e.org/x.iso</iso>\n" + xml + "</install>", place, message);
    }

    static Stream<Case> cases() {
        return Stream.of(
                // The whole
                whole(
                        "2.0",
                        "<name>n</name>",
                        URL,
                        "",
                        "",
                        "1:1",
                        "version \"2.0\" is not known; this reads versions 1.0 and 1.1"),
                new Case("<templates/>", "1:1", "element \"templates\" not allowed anywhere"),
                new Case("", "1:1", "not well-formed XML"),
                new Case("\n  hello", "2:3", "not well-formed XML"),
                new Case("<template version='1.0'>\n<name>n</nam></template>", "2:8", "\"name\" must be terminated"),
                new Case("<template version='1.0'>\n<name>n</name>\n</template>", "1:1", "<template> lacks <os>"),
                rest("<nonsense/>", "6:1", "element \"nonsense\" not allowed anywhere"),
                rest("stray", "1:1", "text not allowed here"),
                rest(" <disk bus='ide'><size>1</size></disk>", "6:2", "attribute \"bus\""),
                // The name
                name("", "1:1", "<name> is missing here"),
                name("<name> </name>", "2:1", "<name> is empty"),
                name("<name>a/b</name>", "2:1", "name \"a/b\" can't name a file and a guest"),
                name(" <name>.hidden</name>", "2:2", "name \".hidden\""),
                name("<name>-x</name>", "2:1", "not beginning with '.' or '-'"),
                name("<name>n</name><name>m</name>", "2:15", "element \"name\" not allowed"),
                name("<name>" + "n".repeat(129) + "</name>", "2:1", "1 to 128"),
                name("<name>a..b</name>", "2:1", "name \"a..b\""),
                name("<name>a\\b</name>", "2:1", "name \"a\\b\""),
                // The operating system
                inOs("<rootpw/>", "5:1", "<rootpw> is empty"),
                inOs("<rootpw>a\nb</rootpw>", "5:1", "<rootpw> holds a line break"),
                inOs("<key> </key>", "5:1", "<key> is empty"),
                inOs("<icicle/>", "5:1", "<extra_command> is missing here"),
                inOs("<arch>i386</arch>", "5:1", "element \"arch\" not allowed"),
                new Case(
                        rest("", "", "").xml.replace("x86_64", "sparc"),
                        "3:45",
                        "arch \"sparc\" is not known; allowed are i386, x86_64, ppc64, ppc64le, aarch64, armv7l, s390x, riscv64"),
                new Case(rest("", "", "").xml.replace("<version>13</version>", ""), "3:1", "<version> is missing here"),
                // Where it is installed from
                install("", "3:1", "<os> lacks <install>"),
                install("<install><url>http://e.org/</url></install>", "4:1", "lacks its attribute type"),
                install("<install type='nfs'/>", "4:1", "install type \"nfs\" is not known; allowed are url and iso"),
                install("<install type='url'/>", "4:1", "<url> is missing here"),
                install("<install type='url'><url>file:///srv/tree</url></install>", "4:21", "which a guest can't see"),
                install(
                        "<install type='url'><url>http://e.org/</url>\n<iso>http://e.org/x</iso></install>",
                        "5:1",
                        "go with type=\"iso\""),
                install(
                        "<install type='iso'><iso>http://e.org/x</iso>\n<url>http://e.org/</url></install>",
                        "5:1",
                        "<url> goes with type=\"url\""),
                install(
                        "<install type='url'><url>http://e.org/</url><md5sum>http://e.org/</md5sum></install>",
                        "4:45",
                        "<install type=\"url\"> takes <url> alone"),
                install("<install type='iso'><iso>/x.iso</iso></install>", "4:21", "such as file:///x.iso"),
                install("<install type='iso'><iso>gopher://e.org/x</iso></install>", "4:21", "http, https, ftp, file"),
                install("<install type='iso'><iso>http:///x</iso></install>", "4:21", "names no server"),
                install("<install type='iso'><iso>file://x/y</iso></install>", "4:21", "is no file of this host"),
                install("<install type='iso'><iso>http://e.org/a b</iso></install>", "4:21", "at its character 15"),
                install("<install type='iso'><iso>nfs://u:pw@e/x</iso></install>", "4:21", "\"nfs://***@e/x\""),
                iso(
                        "<md5sum>http://e.org/</md5sum><sha1sum>http://e.org/</sha1sum>",
                        "5:31",
                        "has 2 checksums; give one"),
                iso("<sha256sum>d41d8cd9</sha256sum>", "5:1", "sha256sum \"d41d8cd9\" is no address"),
                iso(
                        "<extras><directory source='http://e.org/d' destination='d'/></extras>",
                        "5:9",
                        "a web server has no way to list a folder"),
                iso("<extras><file source='http://e.org/d'/></extras>", "5:9", "lacks its attribute destination"),
                iso("<extras><file destination='d'/></extras>", "5:9", "lacks its attribute source"),
                iso(
                        "<extras><file source='file:///d' destination='a/../../d'/></extras>",
                        "5:9",
                        "is no path inside the medium"),
                // Disk
                rest("<disk><size>10 potatoes</size></disk>", "6:7", "disk size \"10 potatoes\""),
                rest("<disk><size>0</size></disk>", "6:7", "disk size \"0\" is no size of 1 b or more"),
                rest("<disk/>", "6:1", "<size> is missing here"),
                // Repositories and packages
                rest("<repositories><repository name='r'/></repositories>", "6:15", "<url> is missing here"),
                rest(
                        "<repositories><repository name='../r'><url>u</url></repository></repositories>",
                        "6:15",
                        "repository name \"../r\""),
                rest(
                        "<repositories><repository name='r'><url>u</url><signed>maybe</signed></repository></repositories>",
                        "6:48",
                        "signed \"maybe\" is neither yes nor no"),
                rest("<packages><package/></packages>", "6:11", "<package> lacks its attribute name"),
                // Files and commands
                rest(
                        "<files><file name='etc/motd'/></files>",
                        "6:8",
                        "file name \"etc/motd\" is not the absolute path"),
                rest("<files><file name='/a/../b'/></files>", "6:8", "without \"..\""),
                rest("<files><file name='/a' type='hex'>00</file></files>", "6:8", "allowed are raw, base64 and url"),
                rest(
                        "<files><file name='/a' type='base64'>?</file></files>",
                        "6:8",
                        "<file> is not base64 (RFC 4648): it holds '?'"),
                rest("<files><file name='/a' type='base64'>eA=</file></files>", "6:8", "lacks a '=' at its end"),
                rest("<files><file name='/a' type='url'/></files>", "6:8", "<file> is empty"),
                rest("<files><file name='/a' position='1'/></files>", "6:8", "\"position\" not allowed"),
                rest("<commands><command name='c'> </command></commands>", "6:11", "<command> is empty"),
                rest("<commands><command>x</command></commands>", "6:11", "<command> lacks its attribute name"),
                rest("<commands><command name='c' position='0'>x</command></commands>", "6:11", "position \"0\""),
                rest("<commands><command name='c' position='2'>x</command></commands>", "6:11", "from 1 to 1"),
                rest(
                        "<precommands><command name='c' position='1'>x</command>\n<command name='d'>x</command></precommands>",
                        "7:1",
                        "command \"d\" has no position while others have"),
                rest(
                        "<commands><command name='c' position='1'>x</command>\n"
                                + "<command name='d' position='1'>x</command></commands>",
                        "7:1",
                        "which another command has too"),
                rest("<files><file name='/a//b'/></files>", "6:8", "without \"..\""),
                rest("<sha512sum/>", "6:1", "element \"sha512sum\" not allowed"),
                rest("<machine/>", "6:1", "(<machine> goes with <template version=\"1.1\">)"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void namesThePlaceTheValueAndWhatIsAllowed(Case broken) {
        TemplateException thrown = catchThrowableOfType(TemplateException.class, () -> Template.parse(broken.xml));

        assertThat(thrown).as(broken.xml).isNotNull();
        assertThat(thrown.problems()).as(broken.xml).singleElement().satisfies(problem -> {
            assertThat(problem.message()).contains(broken.message);
            assertThat(problem.line() + ":" + problem.column())
                    .as(problem.message())
                    .isEqualTo(broken.place);
        });
    }
}
