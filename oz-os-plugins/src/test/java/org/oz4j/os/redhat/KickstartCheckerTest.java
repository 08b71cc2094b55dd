package org.oz4j.os.redhat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** That the checker finds what it is there for. */
class KickstartCheckerTest {
    private static final String GOOD =
            """
            cmdline
            poweroff
            cdrom
            lang en_US.UTF-8
            keyboard --xlayouts=us
            timezone --utc Etc/UTC
            network --bootproto=dhcp
            rootpw --iscrypted '$6$a$b'
            zerombr
            clearpart --all
            autopart --type=plain
            bootloader --location=mbr
            %packages
            @core
            %end
            """;

    private static List<String> problems(String text, int level) {
        return KickstartChecker.check(text, level, false).problems();
    }

    @Test
    void findsNothingInAGoodFile() {
        assertThat(problems(GOOD, 40)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cdrom | install%cdrom | deprecated command install",
                "cmdline | cmdline%auth --useshadow | deprecated command auth",
                "cmdline | cmdline%partclone | command partclone",
                "cmdline | cmdline%langsupport en | command langsupport",
                "cmdline | cmdline%key --skip | command key",
                "cmdline | cmdline%lang de_DE | a second lang",
                "--type=plain | --typ=plain | option --typ",
                "--type=plain | --type= | empty value",
                "--type=plain | --type | no value",
                "--utc | --isUtc | option --isUtc",
                "--xlayouts=us | us | neither",
                "zerombr | zerombr yes | deprecated since",
                "lang en_US.UTF-8 | # none | needs one of [lang]",
                "cdrom | cdrom%url --url=http://x | needs one of [url",
                "$a$b' | $a$b | no closing quotation",
                "@core%\\%end | @core | no \\%end",
                "\\%packages | \\%packages --nobase | option --nobase",
                "\\%packages | \\%packets | unknown section",
                "@core%\\%end | @core%\\%end%\\%packages%\\%end | a second \\%packages"
            })
    void findsWhatIsWrong(String there, String instead, String problem) {
        String text = GOOD.replace(lines(there), lines(instead));

        assertThat(text).isNotEqualTo(GOOD);
        assertThat(String.join("\n", problems(text, 40))).contains(lines(problem));
    }

    private static String lines(String text) {
        return text.replace("\\%", "\0").replace("%", "\n").replace("\0", "%");
    }

    @Test
    void knowsThatOlderInstallersKnowLess() {
        assertThat(String.join("\n", problems(GOOD, 6)))
                .contains("--xlayouts", "--type", "zerombr", "ends nothing", "[auth]");
    }
}
