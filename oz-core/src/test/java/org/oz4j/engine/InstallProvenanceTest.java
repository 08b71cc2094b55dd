package org.oz4j.engine;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;

class InstallProvenanceTest {
    @ParameterizedTest
    @CsvSource({
        "http://ann:secret@mirror.example.org:8080/debian/a%20b.iso?token=secret#x,"
                + " http://mirror.example.org:8080/debian/a%20b.iso",
        "ftp://mirror.example.org, ftp://mirror.example.org",
        "file:///home/secret/debian.iso, debian.iso"
    })
    void anAddressIsToldWithoutAccountTokenAndTheHostsFolders(URI location, String told) {
        assertThat(InstallProvenance.shown(location)).isEqualTo(told);
    }

    @Test
    void ofATemplateNothingIsSummedThatMayBeASecret() {
        Template template = Template.parse(
                """
                <template version="1.1">
                  <name>web</name>
                  <os>
                    <name>Debian</name><version>13</version><arch>x86_64</arch>
                    <install type="url"><url>http://ann:secret1@mirror.example.org/debian</url></install>
                    <rootpw>secret2</rootpw>
                    <key>secret3</key>
                    <kernelparam>passwd/root-password=secret4</kernelparam>
                    <icicle><extra_command>echo secret5</extra_command></icicle>
                    <users><user name="ann"><password>secret6</password></user></users>
                  </os>
                  <auto><append>password secret7</append></auto>
                  <repositories><repository name="r"><url>http://bob:secret8@e.org/</url></repository></repositories>
                  <packages><package name="nginx"/></packages>
                  <files><file name="/etc/key">secret9</file></files>
                  <precommands><command name="a">echo secret10</command></precommands>
                  <commands><command name="b">echo secret11</command></commands>
                </template>
                """);

        assertThat(InstallProvenance.masked(template))
                .doesNotContain("secret")
                .contains(
                        "mirror.example.org/debian",
                        "<rootpw>",
                        "<user name=\"ann\"",
                        "nginx",
                        "http://********@e.org/");
    }
}
